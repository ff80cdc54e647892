package analysis

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/waylight/waylight/mesh"
)

var peerauthNotApplied = Check{
	Code: "PEERAUTH_NOT_APPLIED", Severity: Warning, Class: Unprotected,
	Subject:     "PeerAuthentication",
	Title:       "A PeerAuthentication, or its ports, are ignored",
	Explanation: "portLevelMtls counts only beside a selector, and its ports are those of the pods, not of a Service. In the root namespace only a PeerAuthentication without a selector counts: one with a selector is ignored altogether.",
	Fires:       "portLevelMtls without a selector; a key that is a Service's port and on no selected pod (an error); a selector in the root namespace (an error). Only where captured pods are concerned.",
	Silent:      "A selected pod declares the port, or a Service leads to it; the pods' port has the same mode beside it; nothing captured is in its reach.",
	Doubt:       "A container may listen on a port it does not declare.",
	Needs:       []string{mesh.ResourcePeerAuthentications, mesh.ResourcePods}, Uses: []string{mesh.ResourceServices, mesh.ResourceConfigMaps},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.PeerAuths {
			if f, ok := in.peerAuthIgnored(p); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

func (in *Input) peerAuthIgnored(p *mesh.PeerAuthentication) (Finding, bool) {
	selects := p.Selects()
	selector := p.Selector
	if !selects {
		selector = nil
	}
	pods := in.reachOf(p.Namespace, selector).captured
	if len(pods) == 0 {
		return Finding{}, false
	}
	f := Finding{Subject: p.Ref(), Affects: in.ownersAndServices(pods)}
	f.Fix = advise("Write it where it counts. Under STRICT, ztunnel refuses plaintext to the pods from then on.").get(p.Ref())
	switch {
	case selects && p.Namespace == in.Snap.RootNamespace():
		f.Severity = Error
		f.Summary = fmt.Sprintf("%s has a selector in the root namespace, and is ignored altogether.", p.Ref())
		f.Detail = "The mode of the namespaces and of the mesh holds for the pods it was meant for."
		f.Evidence = []Evidence{fieldEvidence(p.Ref(), "spec.selector", selectorWords(p.Selector)), fieldEvidence(p.Ref(), "metadata.namespace", p.Namespace+", the root namespace")}
		return f, true
	case len(p.PortModes) == 0:
		return Finding{}, false
	case !selects:
		f.Summary = fmt.Sprintf("%s sets modes for ports without a selector, which are ignored.", p.Ref())
		f.Detail = "The mode of the namespace or the mesh holds on those ports."
		f.Evidence = []Evidence{fieldEvidence(p.Ref(), "spec.portLevelMtls", portModes(p)), fieldEvidence(p.Ref(), "spec.selector", "absent")}
		return f, true
	}
	ignored := in.portsIgnored(&f, p, pods)
	return f, ignored
}

// portsIgnored looks for ports that are a Service's and no pod's.
func (in *Input) portsIgnored(f *Finding, p *mesh.PeerAuthentication, pods []*mesh.Workload) bool {
	ports := in.portsOf(pods)
	for _, n := range slices.Sorted(maps.Keys(p.PortModes)) {
		sp, service := ports.service[n]
		if ports.arrives[n] || !service || ports.covered(n, samePorts(p, p.PortModes[n])) {
			continue
		}
		f.Severity = Error
		f.Summary = fmt.Sprintf("%s sets a mode for port %d, which is that of %s and not of its pods.", p.Ref(), n, sp.service)
		f.Detail = fmt.Sprintf("The pods listen on %s: the mode set for the port holds nowhere.", orWord(sp.port.TargetPort, "another port"))
		f.Evidence = append(f.Evidence, fieldEvidence(p.Ref(), fmt.Sprintf("spec.portLevelMtls[%d]", n), p.PortModes[n]), fieldEvidence(sp.service, fmt.Sprintf("spec.ports[%d].targetPort", n), sp.port.TargetPort))
	}
	return len(f.Evidence) > 0
}

// samePorts are the ports for which the same mode is written.
func samePorts(p *mesh.PeerAuthentication, mode string) []string {
	var out []string
	for n, m := range p.PortModes {
		if m == mode {
			out = append(out, strconv.Itoa(int(n)))
		}
	}
	return out
}

// portModes lists modes by port: "8080 STRICT, 9090 DISABLE".
func portModes(p *mesh.PeerAuthentication) string {
	var out []string
	for _, n := range slices.Sorted(maps.Keys(p.PortModes)) {
		out = append(out, fmt.Sprintf("%d %s", n, p.PortModes[n]))
	}
	return listWords(out)
}
