package analysis

import (
	"fmt"
	"maps"
	"slices"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

var netpolBlocksHBONE = Check{
	Code: "NETPOL_BLOCKS_HBONE", Severity: Critical, Class: Breaks,
	Subject: "owner workload, with the NetworkPolicies in evidence",
	Title:   "NetworkPolicies admit the application's port and not HBONE",
	Explanation: "Between captured pods and waypoints every call travels in a tunnel to port 15008, whatever port it is for. NetworkPolicies see that port and no other: one that admits only the application's port stops the calls, which time out after ten seconds. " +
		"Admit TCP 15008 beside it. Policies at ztunnel and waypoints then decide who may call which port.",
	Fires:  "Ingress: the policies of a captured pod admit a TCP port from pods of the mesh and not 15008 from them; those of a pod behind a waypoint do not admit 15008 from the waypoint's pods; those of a waypoint admit 15008 from no pod of the mesh. Egress: they permit a TCP port to captured pods or waypoints and not 15008 to them, or not to the waypoint before them; those of a waypoint do not permit 15008 to a pod behind it.",
	Silent: "No policy isolates the pod in that direction; a rule without ports, or a range that holds 15008, admits the peers; TCP 53 alone, which is for DNS; a way out to a block of addresses by a port that no pod of the mesh has, as for the Internet; NetworkPolicies are not readable.",
	Doubt:  "Not every network plugin enforces NetworkPolicies; other kinds of policies (of Cilium, Calico) are not seen.",
	Needs:  []string{mesh.ResourceNetworkPolicies, mesh.ResourcePods},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceServices, mesh.ResourceGateways},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, o := range in.isolated(sh, false, (*mesh.Workload).Captured) {
			out = append(out, in.ingressBlocked(o)...)
		}
		for _, o := range in.isolated(sh, false, (*mesh.Workload).IsWaypoint) {
			out = append(out, in.waypointWalled(o)...)
		}
		for _, o := range in.isolated(sh, true, func(w *mesh.Workload) bool { return w.Captured() || w.IsWaypoint() }) {
			out = append(out, in.egressBlocked(o)...)
		}
		return out
	},
}

// ingressBlocked judges what enters captured pods.
func (in *Input) ingressBlocked(o isolatedPods) []Finding {
	for _, wp := range in.waypointsBefore(o.first()) {
		if len(wp.Pods) == 0 {
			continue
		}
		end := path.NetworkEnd{Pod: o.first(), Peer: wp.Pods[0]}
		if !end.Admits(in.Snap, o.policies, mesh.PortHBONE) {
			return []Finding{blockedHBONE(o, wp.Pods[0], "from waypoint "+wp.Ref().NamespacedName(), "through the waypoint")}
		}
	}
	if peer := in.forgotten(o, false); peer != nil {
		return []Finding{blockedHBONE(o, peer, "from "+in.Snap.ControllerOf(peer).String(), "from captured pods")}
	}
	return nil
}

// waypointWalled judges what enters a waypoint: clients that it takes nothing
// from are none, so only one that takes nothing from anybody is in trouble.
func (in *Input) waypointWalled(o isolatedPods) []Finding {
	var client *mesh.Workload
	for _, peer := range in.shared.peers() {
		if !peer.Captured() {
			continue
		}
		client = peer
		end := path.NetworkEnd{Pod: o.first(), Peer: peer}
		if end.Admits(in.Snap, o.policies, mesh.PortHBONE) {
			return nil
		}
	}
	if client == nil {
		return nil
	}
	return []Finding{blockedHBONE(o, client, "from any pod of the mesh", "to the waypoint")}
}

// egressBlocked judges what leaves pods.
func (in *Input) egressBlocked(o isolatedPods) []Finding {
	if peer := in.forgotten(o, true); peer != nil {
		f := blockedHBONE(o, peer, "to "+in.Snap.ControllerOf(peer).String(), "to it")
		f.Summary = fmt.Sprintf("NetworkPolicies of %s let a port out to %s, and not port 15008.", o.Owner, in.Snap.ControllerOf(peer))
		return []Finding{f}
	}
	if o.first().IsWaypoint() {
		return in.waypointFenced(o)
	}
	return in.wayThere(o)
}

// waypointFenced judges what leaves a waypoint: it is there to reach the pods
// behind it.
func (in *Input) waypointFenced(o isolatedPods) []Finding {
	w := in.Snap.Waypoint(o.first().Namespace, o.first().GatewayName())
	if w == nil {
		return nil
	}
	for _, dependent := range w.Dependents {
		for _, peer := range in.podsBehind(dependent) {
			end := path.NetworkEnd{Pod: o.first(), Peer: peer, Egress: true}
			if peer.Captured() && peer.Running() && !end.Admits(in.Snap, o.policies, mesh.PortHBONE) {
				f := blockedHBONE(o, peer, "to "+in.Snap.ControllerOf(peer).String(), "from the waypoint to it")
				f.Summary = fmt.Sprintf("NetworkPolicies of %s do not let port 15008 out to %s, which is behind the waypoint.", o.Owner, in.Snap.ControllerOf(peer))
				return []Finding{f}
			}
		}
	}
	return nil
}

// wayThere finds pods that a rule lets calls out to, by whatever port, and whose
// waypoint, which the calls go to instead, no rule admits.
func (in *Input) wayThere(o isolatedPods) []Finding {
	for _, p := range o.policies {
		for i := range p.Egress {
			for _, peer := range in.shared.peers() {
				end := path.NetworkEnd{Pod: o.first(), Peer: peer, Egress: true}
				if peer == o.first() || !carriesTCP(&p.Egress[i]) || !in.meant(&p.Egress[i], peer) || !end.Includes(in.Snap, p, p.Egress[i].Peers) {
					continue
				}
				if wp := in.unadmittedWaypoint(o, peer); wp != nil {
					return []Finding{in.pastWaypoint(o, peer, wp)}
				}
			}
		}
	}
	return nil
}

// unadmittedWaypoint is a pod of a waypoint before a peer that the way out is
// closed to; nil where there is none.
func (in *Input) unadmittedWaypoint(o isolatedPods, peer *mesh.Workload) *mesh.Workload {
	for _, wp := range in.waypointsBefore(peer) {
		if len(wp.Pods) == 0 {
			continue
		}
		if end := (path.NetworkEnd{Pod: o.first(), Peer: wp.Pods[0], Egress: true}); !end.Admits(in.Snap, o.policies, mesh.PortHBONE) {
			return wp.Pods[0]
		}
	}
	return nil
}

func (in *Input) pastWaypoint(o isolatedPods, peer, waypoint *mesh.Workload) Finding {
	to := in.Snap.ControllerOf(peer)
	gateway := waypoint.Namespace + "/" + waypoint.GatewayName()
	f := blockedHBONE(o, waypoint, "to waypoint "+gateway, "for "+to.Name+" go to the waypoint instead,")
	f.Summary = fmt.Sprintf("NetworkPolicies of %s let calls out to %s, and not to its waypoint %s.", o.Owner, to, gateway)
	f.Doubt = "Calls to the pods' own addresses do not pass the waypoint."
	return f
}

// forgotten finds a peer to which a rule admits some TCP port, and no rule
// admits 15008.
func (in *Input) forgotten(o isolatedPods, egress bool) *mesh.Workload {
	for _, p := range o.policies {
		rules := rulesOf(p, egress)
		for i := range rules {
			if tcpPort(&rules[i]) == 0 {
				continue
			}
			for _, peer := range in.shared.peers() {
				end := path.NetworkEnd{Pod: o.first(), Peer: peer, Egress: egress}
				if peer != o.first() && (!egress || in.meant(&rules[i], peer)) && end.Includes(in.Snap, p, rules[i].Peers) && !end.Admits(in.Snap, o.policies, mesh.PortHBONE) {
					return peer
				}
			}
		}
	}
	return nil
}

// meant tells that a rule for the way out can be about a peer: it names pods, or
// a port the peer has. One for 443 everywhere is about the Internet.
func (in *Input) meant(r *mesh.NetworkRule, peer *mesh.Workload) bool {
	if len(r.Peers) > 0 && slices.ContainsFunc(r.Peers, func(p mesh.NetworkPeer) bool { return p.CIDR == "" }) {
		return true
	}
	ports := in.portsOf([]*mesh.Workload{peer}).arrives
	return slices.ContainsFunc(r.Ports, func(p mesh.NetworkPort) bool {
		return p.Name != "" || ports[p.Port] || p.EndPort != 0 && slices.ContainsFunc(slices.Collect(maps.Keys(ports)), func(n uint16) bool { return p.Port <= n && n <= p.EndPort })
	})
}

func blockedHBONE(o isolatedPods, peer *mesh.Workload, from, which string) Finding {
	f := Finding{Subject: o.Owner, Affects: refs(o.Pods)}
	f.Summary = fmt.Sprintf("NetworkPolicies of %s do not admit port 15008 %s.", o.Owner, from)
	f.Detail = fmt.Sprintf("Calls %s travel to port 15008 and time out after ten seconds.", which)
	f.Evidence = isolationEvidence(o.policies, "isolates "+o.first().Name+", and no rule admits TCP 15008 "+from)
	f.Evidence = append(f.Evidence, fieldEvidence(peer.Ref(), "metadata.labels", selectorWords(&mesh.LabelSelector{MatchLabels: peer.Labels})))
	peers := "for the same peers"
	if peer.IsWaypoint() {
		peers = fmt.Sprintf("%s, whose pods have the label %s: %s", from, mesh.LabelGatewayName, peer.GatewayName())
	}
	f.Fix = isolateFix(fmt.Sprintf("Admit TCP 15008 %s, beside the application's port. HBONE carries every port: from then on policies of Istio alone decide which port they may call.", peers), o.policies)
	return f
}
