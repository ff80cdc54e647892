package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var netpolOpenOnHBONE = Check{
	Code: "NETPOL_OPEN_ON_HBONE", Severity: Info, Class: Risk,
	Subject: "owner workload, with the NetworkPolicies in evidence",
	Title:   "NetworkPolicies limit the application's port and leave HBONE open",
	Explanation: "HBONE carries calls to every port of a pod over port 15008. A NetworkPolicy that limits who reaches the application's port and admits 15008 from everybody limits nothing for callers in the mesh: there policies of Istio decide alone. " +
		"That may be meant. Else limit 15008 as well, and write who may call by identity.",
	Fires:  "A captured pod is isolated for ingress, a rule admits TCP 15008 from everywhere, and every other rule with ports names peers.",
	Silent: "Another rule admits an application's port from everywhere too; 15008 is limited to peers; no policy isolates the pod.",
	Doubt:  "AuthorizationPolicies may limit the callers by identity.",
	Needs:  []string{mesh.ResourceNetworkPolicies, mesh.ResourcePods},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, o := range in.isolated(sh, false, (*mesh.Workload).Captured) {
			if open, limited := openHBONE(o.policies); open != nil && limited != nil {
				f := Finding{Subject: o.Owner, Affects: refs(o.Pods)}
				f.Summary = fmt.Sprintf("NetworkPolicies of %s limit its ports and leave 15008 open to all.", o.Owner)
				f.Detail = "Callers in the mesh reach every port of the pods through it, as far as policies of Istio let them."
				f.Evidence = []Evidence{fieldEvidence(open.Ref(), "spec.ingress", "TCP 15008 from everywhere"), fieldEvidence(limited.Ref(), "spec.ingress", "ports for some peers only")}
				f.Fix = isolateFix("Name the peers for 15008 too, the waypoint's pods among them: other callers are refused from then on. Or limit callers by AuthorizationPolicies.", o.policies)
				out = append(out, f)
			}
		}
		return out
	},
}

// openHBONE finds the policy that admits 15008 from everywhere, and one that
// admits a port to some peers only; the second is nil where an application's
// port is open to all as well.
func openHBONE(policies []*mesh.NetworkPolicy) (open, limited *mesh.NetworkPolicy) {
	for _, p := range policies {
		for i := range p.Ingress {
			r := &p.Ingress[i]
			hbone := slices.ContainsFunc(r.Ports, func(x mesh.NetworkPort) bool { return x.Port == mesh.PortHBONE })
			switch {
			case len(r.Peers) > 0:
				if !hbone || len(r.Ports) > 1 {
					limited = p
				}
			case hbone && len(r.Ports) == 1:
				open = p
			default:
				return nil, nil // everything, or some other port, is open to all
			}
		}
	}
	return open, limited
}
