package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// cut is a number of connections in plaintext from a workload to orders that
// its ztunnel refused.
func cut(namespace, from string, count float64) mesh.ConnectionFlow {
	f := link("destination", from, "orders", "orders", "DENY", count)
	f.Source = mesh.TrafficPeer{Workload: from, Namespace: namespace}
	f.Security = "unknown"
	return f
}

func TestPlaintextToStrict(t *testing.T) {
	strict := mt.Objects(&mesh.PeerAuthentication{Meta: mesh.Meta{Kind: "PeerAuthentication", Namespace: mt.SystemNamespace, Name: "default"}, Mode: "STRICT"})
	portOpen := mt.Objects(&mesh.PeerAuthentication{
		Meta: mesh.Meta{Kind: "PeerAuthentication", Namespace: "shop", Name: "orders"}, Mode: "STRICT",
		Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "orders"}}, PortModes: map[uint16]string{9090: "PERMISSIVE"},
	})
	legacy := mt.Parts(mt.Namespace("legacy"), mt.Deployment("legacy", "batch"))
	authenticated := cut("legacy", "batch", 12)
	authenticated.Security, authenticated.Source.Principal = "mutual_tls", "spiffe://cluster.local/ns/legacy/sa/batch"
	testCheck(t, "PLAINTEXT_TO_STRICT", []checkCase{
		{name: "a pod outside the mesh is refused", parts: shop(strict, legacy, links(cut("legacy", "batch", 12))), want: []string{"error Deployment legacy/batch"}},
		{name: "silent: the mode is permissive, so that a policy decided", parts: shop(legacy, links(cut("legacy", "batch", 12)))},
		{name: "silent: a port admits plaintext, and metrics have no port", parts: shop(strict, portOpen, legacy, links(cut("legacy", "batch", 12)))},
		{name: "silent: the source is captured", parts: shop(strict, links(cut("shop", "web", 12)))},
		{name: "silent: the caller was authenticated and a policy refused it", parts: shop(strict, legacy, links(authenticated))},
		{name: "silent: nobody knows who called", parts: shop(strict, legacy, links(cut("", "", 12)))},
		{name: "silent: one refusal, as of somebody's try", parts: shop(strict, legacy, links(cut("legacy", "batch", 1)))},
		{name: "silent: no refusal in the window", parts: shop(strict, legacy, links(cut("legacy", "batch", 0)))},
		{name: "silent: nothing was counted", parts: shop(strict, legacy)},
	})
}
