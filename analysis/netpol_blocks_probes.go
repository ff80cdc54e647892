package analysis

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

var netpolBlocksProbes = Check{
	Code: "NETPOL_BLOCKS_PROBES", Severity: Warning, Class: Risk,
	Subject: "owner workload, with the NetworkPolicies in evidence",
	Title:   "NetworkPolicies do not admit the kubelet's probes",
	Explanation: "istio-cni lets probes of the kubelet reach captured pods from the address 169.254.7.127 (fd16:9254:7127:1337:ffff:ffff:ffff:ffff), so that they are told from calls. Network plugins that admit probes by the node's address do not know that one, and the pod never becomes ready. " +
		"Admit it on the probes' ports.",
	Fires:  "A captured pod is isolated for ingress, has httpGet, tcpSocket or grpc probes, and no rule admits the address on the port of one of them.",
	Silent: "Probes are exec, or there are none; a rule without peers, or one whose block holds the address, admits the port; no policy isolates the pod.",
	Doubt:  "Some network plugins always admit what comes from the node, whatever its address.",
	Needs:  []string{mesh.ResourceNetworkPolicies, mesh.ResourcePods}, Uses: []string{mesh.ResourceDaemonSets},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, o := range in.isolated(sh, false, (*mesh.Workload).Captured) {
			if port, from := in.unadmittedProbe(o); port != 0 {
				out = append(out, probesBlocked(o, port, from))
			}
		}
		return out
	},
}

// unadmittedProbe is the port of a probe that no policy admits, and the address
// it comes from; 0 where all are admitted.
func (in *Input) unadmittedProbe(o isolatedPods) (uint16, netip.Addr) {
	from := in.probeAddress(o.first())
	end := path.NetworkEnd{Pod: o.first(), PeerIP: from}
	for _, port := range probePorts(o.first()) {
		if !end.Admits(in.Snap, o.policies, port) {
			return port, from
		}
	}
	return 0, from
}

// probePorts are the ports that the kubelet connects to.
func probePorts(w *mesh.Workload) []uint16 {
	var out []uint16
	for i := range w.Containers {
		c := &w.Containers[i]
		for _, p := range c.Probes {
			if p.Kind == "exec" {
				continue
			}
			n, err := strconv.ParseUint(p.Port, 10, 16)
			if at := slices.IndexFunc(c.Ports, func(cp mesh.ContainerPort) bool { return cp.Name == p.Port }); err != nil && at >= 0 {
				n, err = uint64(c.Ports[at].Port), nil
			}
			if err == nil && n != 0 {
				out = append(out, uint16(n))
			}
		}
	}
	return out
}

// Addresses that probes come from, unless istio-cni is told others.
var (
	probeIPv4 = netip.MustParseAddr("169.254.7.127")
	probeIPv6 = netip.MustParseAddr("fd16:9254:7127:1337:ffff:ffff:ffff:ffff")
)

func (in *Input) probeAddress(w *mesh.Workload) netip.Addr {
	variable, address := "HOST_PROBE_SNAT_IP", probeIPv4
	if ip := firstAddress(w); ip.Is6() && !ip.Is4In6() {
		variable, address = "HOST_PROBE_SNAT_IPV6", probeIPv6
	}
	for _, p := range in.Snap.CNINodes(w.Node) {
		for i := range p.Containers {
			if set, err := netip.ParseAddr(p.Containers[i].Env[variable]); err == nil {
				return set
			}
		}
	}
	return address
}

func probesBlocked(o isolatedPods, port uint16, from netip.Addr) Finding {
	f := Finding{Subject: o.Owner, Affects: refs(o.Pods)}
	f.Summary = fmt.Sprintf("NetworkPolicies of %s do not admit the kubelet's probes of port %d.", o.Owner, port)
	f.Detail = fmt.Sprintf("Probes of captured pods come from %s. Where the network plugin does not let them in, the pods never become ready.", from)
	f.Evidence = append(isolationEvidence(o.policies, fmt.Sprintf("no rule admits %s on TCP %d", from, port)), fieldEvidence(o.first().Ref(), "spec.containers[].probes", fmt.Sprintf("port %d", port)))
	f.Fix = isolateFix(fmt.Sprintf("Admit the address %s on the probes' ports. It is link-local and reaches the pod from its own node only.", from), o.policies)
	return f
}
