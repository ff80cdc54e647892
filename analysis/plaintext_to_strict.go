package analysis

import (
	"fmt"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
)

var plaintextToStrict = Check{
	Code: "PLAINTEXT_TO_STRICT", Severity: Error, Class: Breaks,
	Subject: "source owner workload, destinations in affects",
	Title:   "Somebody calls in plaintext where mTLS is required",
	Explanation: "A pod outside the mesh calls captured pods whose mode is STRICT: their ztunnel cuts each connection. " +
		"Bring the caller into the mesh, or admit plaintext on that port by a PeerAuthentication.",
	Fires:         "Over the window counters of a destination's ztunnel show at least 5 plaintext connections with the flag DENY to pods whose mode is STRICT on every port, from a workload of which no pod is in the mesh, or that has pods outside it.",
	Silent:        "All pods of the source are in the mesh; the source is not known; plaintext is admitted on some port, so that a policy may have decided; fewer refusals, as of a probe or somebody's try.",
	Doubt:         "The source is known by its address only, and addresses are used again. Only counters are read for it, not the log.",
	Needs:         []string{mesh.ResourcePods, mesh.ResourcePeerAuthentications, countedTraffic},
	Uses:          []string{mesh.ResourceServices, mesh.ResourceConfigMaps},
	ConsequenceOf: []string{"POD_NOT_CAPTURED", "ZTUNNEL_MISSING_ON_NODE", "CNI_NOT_READY_ON_NODE", "LABEL_ON_CONTROLLER", "NAMESPACE_EXCLUDED"},
	AboutToo:      endObjects,
	Mesh: func(in *Input) []Finding {
		var out []Finding
		for _, r := range in.counts().PlaintextRefused() {
			if r.Count >= traffic.FailingCount && in.outsideMesh(r.Source) && in.alwaysStrict(r.Destination) {
				out = append(out, in.plaintextRefused(r))
			}
		}
		return out
	},
}

// outsideMesh tells that pods of an owner run outside the mesh.
func (in *Input) outsideMesh(owner mesh.Ref) bool {
	for _, w := range traffic.OwnedBy(in.Snap, owner) {
		if w.Running() && !w.Captured() && !w.HasSidecar() && w.GatewayName() == "" {
			return true
		}
	}
	return false
}

// alwaysStrict tells that all pods of an owner refuse plaintext whatever the
// port: counters do not carry one.
func (in *Input) alwaysStrict(owner mesh.Ref) bool {
	pods := traffic.OwnedBy(in.Snap, owner)
	for _, w := range pods {
		if m := authz.PeerModeOf(in.Snap, w); !m.Strict || len(m.Exceptions) > 0 || len(m.Unread) > 0 {
			return false
		}
	}
	return len(pods) > 0
}

func (in *Input) plaintextRefused(r traffic.Refused) Finding {
	f := Finding{Subject: r.Source, Affects: r.Services}
	if len(f.Affects) == 0 {
		f.Affects = []mesh.Ref{r.Destination}
	}
	f.Summary = fmt.Sprintf("%s calls %s in plaintext, and mTLS is required there.", r.Source, names(f.Affects))
	f.Detail = "ztunnel before the destination cuts each of these connections: the caller sees a reset."
	f.Evidence = []Evidence{in.countedEvidence(r.Destination, `istio_tcp_connections_closed_total{reporter="destination",response_flags="DENY",connection_security_policy="unknown"}`,
		fmt.Sprintf("%.0f connections from %s refused", r.Count, r.Source.NamespacedName()))}
	if pods := traffic.OwnedBy(in.Snap, r.Destination); len(pods) > 0 {
		if m := authz.PeerModeOf(in.Snap, pods[0]); !m.By.IsZero() {
			f.Evidence = append(f.Evidence, fieldEvidence(m.By, "spec.mtls.mode", "STRICT"))
		}
	}
	f.Fix = advise("Bring the caller into the mesh by the label "+mesh.LabelDataplaneMode+"="+mesh.DataplaneAmbient+" on its namespace or pods, and look for policies that then apply to it. A PERMISSIVE PeerAuthentication would admit plaintext from everybody.").
		read("-n", r.Source.Namespace, "get", "pods", "--show-labels").
		get(r.Source)
	return f
}
