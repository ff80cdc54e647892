package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRedirectionClaimedNoTraffic(t *testing.T) {
	again := mt.With(func(w *mesh.Workload) {
		for i := range w.Containers {
			w.Containers[i].RestartCount = 1
		}
	})
	rebooted := func(opts ...mt.Option) mt.Part {
		return mt.Parts(mt.Namespace("shop", mt.Ambient), mt.Service("shop", "orders"), mt.Deployment("shop", "orders", mt.OnNode("node-b")),
			mt.Deployment("shop", "web", append([]mt.Option{mt.OnNode("node-a"), again}, opts...)...))
	}
	plain := link("destination", "web", "orders", "orders", "-", 40)
	plain.Security, plain.Source.Principal = "unknown", ""
	encrypted := link("destination", "web", "orders", "orders", "-", 40)
	onNodeA := func(change func(*mesh.ProxyTraffic)) mt.Part {
		return mt.Counted(func(c *mesh.Traffic) { change(c.Proxy(ref("Pod", mt.SystemNamespace, "ztunnel-node-a"))) })
	}
	testCheck(t, "REDIRECTION_CLAIMED_NO_TRAFFIC", []checkCase{
		{name: "plaintext from pods that are marked as captured, past an idle ztunnel", parts: []mt.Part{rebooted(), links(plain)}, want: []string{"error Node node-a"}},
		{name: "silent: the node's ztunnel handled connections", parts: []mt.Part{rebooted(), links(plain), onNodeA(func(p *mesh.ProxyTraffic) { p.Opened = 1 })}},
		{name: "silent: its counters began anew", parts: []mt.Part{rebooted(), links(plain), onNodeA(func(p *mesh.ProxyTraffic) { p.Restarted = true })}},
		{name: "silent: it was read once", parts: []mt.Part{rebooted(), links(plain), mt.Counted(func(c *mesh.Traffic) {
			c.Unread = []mesh.TrafficGap{{Proxy: ref("Pod", mt.SystemNamespace, "ztunnel-node-a"), Reason: "read once"}}
		})}},
		{name: "silent: what came from there was mTLS", parts: []mt.Part{rebooted(), links(encrypted)}},
		{name: "silent: no other ztunnel saw anything", parts: []mt.Part{rebooted(), links()}},
		{name: "silent: the workload has pods on another node, which may have called", parts: []mt.Part{rebooted(mt.Replicas(2), mt.OnNode("node-a", "node-b")), links(plain)}},
		{name: "silent: the containers never restarted", parts: []mt.Part{rebooted(mt.With(func(w *mesh.Workload) { w.Containers[0].RestartCount = 0 })), links(plain)}},
		{name: "silent: nothing was counted", parts: []mt.Part{rebooted()}},
	})
}
