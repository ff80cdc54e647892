package analysis_test

import (
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// ingress is a NetworkPolicy of shop for an app with these rules; without any
// it admits nothing.
func ingress(app string, rules ...mesh.NetworkRule) mt.Part {
	return mt.Objects(&mesh.NetworkPolicy{
		Meta: mesh.Meta{Kind: "NetworkPolicy", Namespace: "shop", Name: app + "-in"}, IsolatesIngress: true, Ingress: rules,
		PodSelector: mesh.LabelSelector{MatchLabels: map[string]string{"app": app}},
	})
}

func egress(app string, rules ...mesh.NetworkRule) mt.Part {
	return mt.Objects(&mesh.NetworkPolicy{
		Meta: mesh.Meta{Kind: "NetworkPolicy", Namespace: "shop", Name: app + "-out"}, IsolatesEgress: true, Egress: rules,
		PodSelector: mesh.LabelSelector{MatchLabels: map[string]string{"app": app}},
	})
}

func onTCP(ports ...uint16) mesh.NetworkRule {
	var r mesh.NetworkRule
	for _, p := range ports {
		r.Ports = append(r.Ports, mesh.NetworkPort{Protocol: "TCP", Port: p})
	}
	return r
}

// peers limits a rule to pods of the policy's namespace with one label.
func peers(r mesh.NetworkRule, key, value string) mesh.NetworkRule {
	r.Peers = append(r.Peers, mesh.NetworkPeer{PodSelector: &mesh.LabelSelector{MatchLabels: map[string]string{key: value}}})
	return r
}

func block(r mesh.NetworkRule, cidr string) mesh.NetworkRule {
	r.Peers = append(r.Peers, mesh.NetworkPeer{CIDR: cidr})
	return r
}
