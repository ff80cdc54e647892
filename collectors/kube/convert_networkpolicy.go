package kube

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/waylight/waylight/mesh"
)

// convertNetworkPolicy defaults policyTypes as the API server does: always
// Ingress, and Egress where egress rules are given.
func convertNetworkPolicy(o *networkingv1.NetworkPolicy, c *checker) mesh.Object {
	p := &mesh.NetworkPolicy{
		Meta:        metaOf(networkingv1.GroupName, "NetworkPolicy", o),
		PodSelector: *selectorOf(&o.Spec.PodSelector),
	}
	types := o.Spec.PolicyTypes
	p.IsolatesIngress = len(types) == 0 || slices.Contains(types, networkingv1.PolicyTypeIngress)
	p.IsolatesEgress = slices.Contains(types, networkingv1.PolicyTypeEgress) || len(types) == 0 && len(o.Spec.Egress) > 0
	for i, r := range o.Spec.Ingress {
		p.Ingress = append(p.Ingress, mesh.NetworkRule{Peers: networkPeers(r.From), Ports: networkPorts(r.Ports, "spec.ingress[].ports[]", i, c)})
	}
	for i, r := range o.Spec.Egress {
		p.Egress = append(p.Egress, mesh.NetworkRule{Peers: networkPeers(r.To), Ports: networkPorts(r.Ports, "spec.egress[].ports[]", i, c)})
	}
	return p
}

func networkPeers(list []networkingv1.NetworkPolicyPeer) []mesh.NetworkPeer {
	var out []mesh.NetworkPeer
	for _, p := range list {
		peer := mesh.NetworkPeer{PodSelector: selectorOf(p.PodSelector), NamespaceSelector: selectorOf(p.NamespaceSelector)}
		if p.IPBlock != nil {
			peer.CIDR, peer.Except = p.IPBlock.CIDR, p.IPBlock.Except
		}
		out = append(out, peer)
	}
	return out
}

func networkPorts(list []networkingv1.NetworkPolicyPort, field string, rule int, c *checker) []mesh.NetworkPort {
	var out []mesh.NetworkPort
	for i, p := range list {
		port := mesh.NetworkPort{
			Protocol: protocolOf(deref(p.Protocol, "")),
			EndPort:  c.port(int64(deref(p.EndPort, 0)), field+".endPort", rule, i),
		}
		switch {
		case p.Port == nil:
		case p.Port.Type == intstr.String:
			port.Name = share(p.Port.StrVal)
		default:
			port.Port = c.port(int64(p.Port.IntVal), field+".port", rule, i)
		}
		out = append(out, port)
	}
	return out
}
