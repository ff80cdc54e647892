package analysis

import (
	"fmt"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var mtlsNotStrict = Check{
	Code: "MTLS_NOT_STRICT", Severity: Warning, Class: Risk,
	Subject: "mesh, affects = namespaces",
	Title:   "Captured pods take plaintext",
	Explanation: "Being in the mesh makes calls between captured pods encrypted. It does not refuse the others: without a PeerAuthentication of mode STRICT a pod takes plaintext from anybody who reaches its address, without an identity. " +
		"One PeerAuthentication in the root namespace sets STRICT for the whole mesh.",
	Fires:  "The effective mode of some captured pod is PERMISSIVE, unset or DISABLE, for the pod or for a port that it takes calls on.",
	Silent: "Every captured pod is STRICT on the ports it takes calls on; PeerAuthentications are not readable; nothing is captured.",
	Doubt:  "Policies that ask for an identity refuse plaintext as well, and a NetworkPolicy may.",
	Needs:  []string{mesh.ResourcePeerAuthentications, mesh.ResourcePods}, Uses: []string{mesh.ResourceConfigMaps, mesh.ResourceServices},
	Mesh: func(in *Input) []Finding {
		f := Finding{Subject: mesh.MeshRef}
		total := 0
		for _, sh := range in.Snap.Shards {
			p := remember(in, sh, SightNamespace, "plaintext", func() plaintextPods { return in.takesPlaintext(sh) })
			if p.open == 0 {
				continue
			}
			total += p.open
			f.Affects = append(f.Affects, mesh.Ref{Kind: "Namespace", Name: sh.Namespace})
			if len(f.Evidence) < namedAtMost {
				f.Evidence = append(f.Evidence, plaintextEvidence(in, sh, p.open, p.first))
			}
		}
		if total == 0 {
			return nil
		}
		f.Summary = fmt.Sprintf("%s may be called in plaintext, in %s.", countPods(total), countNamespaces(f.Affects))
		f.Detail = "Callers outside the mesh reach them without mTLS and without an identity."
		f.Fix = advise("See who still calls in plaintext, then set STRICT, namespace by namespace or in the root namespace: ztunnel refuses plaintext from then on, also that of callers outside the mesh.").
			read("get", "peerauthentications.security.istio.io", "-A")
		return []Finding{f}
	},
}

// countNamespaces names few namespaces and counts many.
func countNamespaces(list []mesh.Ref) string {
	if len(list) > namedAtMost {
		return fmt.Sprintf("%d namespaces", len(list))
	}
	return names(list)
}

// plaintextPods counts the pods of a namespace that take plaintext.
type plaintextPods struct {
	open  int
	first *mesh.Workload
}

// takesPlaintext counts the captured pods of a namespace that are not strict,
// and gives the first. Without selectors all pods of a namespace are alike.
func (in *Input) takesPlaintext(sh *mesh.Shard) plaintextPods {
	var out plaintextPods
	alike := true
	for _, p := range sh.PeerAuths {
		alike = alike && !p.Selects()
	}
	asked, strict := false, false
	for _, w := range sh.Workloads {
		if !w.Captured() || w.Finished() || !w.Deleting.IsZero() {
			continue
		}
		if !alike || !asked {
			asked, strict = true, in.strictEverywhere(w)
		}
		if strict {
			continue
		}
		if out.open++; out.first == nil {
			out.first = w
		}
	}
	return out
}

// strictEverywhere tells that a pod refuses plaintext on every port that calls
// arrive on: an exception for a port nobody calls opens nothing.
func (in *Input) strictEverywhere(w *mesh.Workload) bool {
	mode := authz.PeerModeOf(in.Snap, w)
	if !mode.Strict || len(mode.Exceptions) == 0 {
		return mode.Strict
	}
	arrives := in.portsOf([]*mesh.Workload{w}).arrives
	for port := range mode.Exceptions {
		if arrives[port] {
			return false
		}
	}
	return true
}

func plaintextEvidence(in *Input, sh *mesh.Shard, open int, first *mesh.Workload) Evidence {
	mode := authz.PeerModeOf(in.Snap, first)
	by, field := mode.By, "spec.mtls.mode"
	if mode.Strict {
		by, field = mode.PortsBy, "spec.portLevelMtls"
	}
	if by.IsZero() {
		return fieldEvidence(mesh.Ref{Kind: "Namespace", Name: sh.Namespace}, "PeerAuthentication", fmt.Sprintf("none in effect, so PERMISSIVE for %s", countPods(open)))
	}
	return fieldEvidence(by, field, fmt.Sprintf("%s for %s", mode.Effect(), countPods(open)))
}
