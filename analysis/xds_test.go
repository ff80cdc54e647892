package analysis_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// forget takes a proxy from what an istiod lists.
func forget(name string) mt.Option {
	return mt.With(func(e *mesh.SyncEvidence) {
		e.Proxies = slices.DeleteFunc(e.Proxies, func(p mesh.ProxySync) bool { return p.Proxy.Name == name })
	})
}

// resource changes what an istiod says of a proxy's first type.
func resource(name string, change func(*mesh.TypeSync)) mt.Option {
	return mt.With(func(e *mesh.SyncEvidence) {
		for i := range e.Proxies {
			if e.Proxies[i].Proxy.Name == name {
				e.Proxies[i].Types = slices.Clone(e.Proxies[i].Types)
				change(&e.Proxies[i].Types[0])
			}
		}
	})
}

func TestXDSDisconnected(t *testing.T) {
	ns, web := mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web", mt.OnNode("node-a"))
	cut := mt.IstiodSaid("istiod-1", forget("ztunnel-node-a"))
	second := istiodPod("istiod-2", "")
	fires := []string{"critical Pod istio-system/ztunnel-node-a"}
	testCheck(t, "XDS_DISCONNECTED", []checkCase{
		{name: "the only istiod does not list a ztunnel", parts: []mt.Part{ns, web, cut}, want: fires},
		{name: "no istiod of two lists it", parts: []mt.Part{ns, web, second, cut, mt.IstiodSaid("istiod-2", forget("ztunnel-node-a"))}, want: fires},
		{name: "a waypoint", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint"), mt.IstiodSaid("istiod-1", forget("waypoint-1"))}, want: []string{"critical Pod shop/waypoint-1"}},
		{name: "silent: another istiod lists it", parts: []mt.Part{ns, web, second, cut, mt.IstiodSaid("istiod-2")}},
		{name: "silent: another istiod was not read", parts: []mt.Part{ns, web, second, cut}},
		{name: "silent: an istiod that is not ready need not be read", parts: []mt.Part{ns, web, istiodPod("istiod-2", "", mt.NotReady), mt.IstiodSaid("istiod-1")}},
		{name: "silent: an istiod has just started", parts: []mt.Part{ns, web, cut, istiodPod("istiod-2", "", mt.Age(20*time.Second)), mt.IstiodSaid("istiod-2", forget("ztunnel-node-a"))}},
		{name: "silent: an istiod is going away", parts: []mt.Part{ns, web, cut, istiodPod("istiod-2", "", mt.Terminating())}},
		{name: "silent: part of the answer could not be decoded", parts: []mt.Part{ns, web, mt.IstiodSaid("istiod-1", forget("ztunnel-node-a"), mt.With(func(e *mesh.SyncEvidence) { e.Skipped = 1 }))}},
		{name: "silent: the control plane is outside the cluster", parts: []mt.Part{mt.Bare(), ns, web, ztunnelPod("node-a", "")}},
		{name: "silent: the ztunnel is not ready", parts: []mt.Part{ns, web, mt.Node("node-a", mt.Ztunnel(mt.NotReady)), cut}},
		{name: "silent: the ztunnel has just started", parts: []mt.Part{ns, web, mt.Node("node-a", mt.Ztunnel(mt.Age(20*time.Second))), cut}},
		{name: "silent: it came after istiod was asked", parts: []mt.Part{
			ns, web, mt.Node("node-a", mt.Ztunnel(mt.Age(5*time.Minute))),
			mt.IstiodSaid("istiod-1", forget("ztunnel-node-a"), mt.With(func(e *mesh.SyncEvidence) { e.At = mt.Now.Add(-10 * time.Minute) })),
		}},
	})
}

func TestXDSDisconnectedIsHeldBackByOneUnreadIstiod(t *testing.T) {
	r := assess(shop(istiodPod("istiod-2", ""), mt.Source("istiod/istiod-2", mesh.SourceDown, "refused"), mt.ProxiesRead())...)
	for _, h := range r.HeldBack {
		if concludes := h.Code == "XDS_DISCONNECTED"; h.Source != "istiod/istiod-2" || h.Partly == concludes {
			t.Errorf("held back %+v; what istiod-1 says can be judged, what nobody says cannot", h)
		}
	}
	if len(r.HeldBack) != 3 {
		t.Errorf("held back %+v, want the three checks that ask istiod", r.HeldBack)
	}
}

func TestXDSDisconnectedTellsWhoDependsOnIt(t *testing.T) {
	f := only(t, assess(shop(mt.IstiodSaid("istiod-1", forget("waypoint-1")))...), "XDS_DISCONNECTED")
	for _, want := range []mesh.Ref{ref("Gateway", "shop", "waypoint"), ref("Service", "shop", "web")} {
		if !slices.Contains(f.Affects, want) {
			t.Errorf("affects %v, want %s among it", f.Affects, want)
		}
	}
}

func TestXDSRejected(t *testing.T) {
	ns, web := mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web", mt.OnNode("node-a"))
	refuse := func(s *mesh.TypeSync) { s.LastError, s.Acked = "unknown field", "" }
	testCheck(t, "XDS_REJECTED", []checkCase{
		{name: "a ztunnel refuses", parts: []mt.Part{ns, web, mt.IstiodSaid("istiod-1", resource("ztunnel-node-a", refuse))}, want: []string{"error Pod istio-system/ztunnel-node-a"}},
		{name: "a waypoint refuses", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint"), mt.IstiodSaid("istiod-1", resource("waypoint-1", refuse))}, want: []string{"error Pod shop/waypoint-1"}},
		{name: "silent: all was taken", parts: []mt.Part{ns, web, mt.ProxiesRead()}},
		{name: "silent: a proxy of another cluster", parts: []mt.Part{ns, web, mt.IstiodSaid("istiod-1", resource("ztunnel-node-a", refuse), mt.With(func(e *mesh.SyncEvidence) {
			for i := range e.Proxies {
				e.Proxies[i].Proxy.Name += "-elsewhere"
			}
		}))}},
		{name: "silent: no istiod was read", parts: []mt.Part{ns, web}},
	})
}

func TestXDSNotSynced(t *testing.T) {
	ns, web := mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web", mt.OnNode("node-a"))
	sent := func(ago time.Duration) mt.Part {
		return mt.IstiodSaid("istiod-1", resource("ztunnel-node-a", func(s *mesh.TypeSync) { s.Sent, s.SentAt = "nonce-9", mt.Now.Add(-ago) }))
	}
	change := func(f func(*mesh.TypeSync)) mt.Part { return mt.IstiodSaid("istiod-1", resource("ztunnel-node-a", f)) }
	fires := []string{"warning Pod istio-system/ztunnel-node-a"}
	testCheck(t, "XDS_NOT_SYNCED", []checkCase{
		{name: "31 s without an answer", parts: []mt.Part{ns, web, sent(31 * time.Second)}, want: fires},
		{name: "never an answer", parts: []mt.Part{ns, web, change(func(s *mesh.TypeSync) { s.Acked = "" })}, want: fires},
		{name: "silent: 30 s without an answer", parts: []mt.Part{ns, web, sent(30 * time.Second)}},
		{name: "silent: it was refused, which is another finding", parts: []mt.Part{ns, web, change(func(s *mesh.TypeSync) { s.Acked, s.LastError = "", "no" })}},
		{name: "silent: nothing was ever sent", parts: []mt.Part{ns, web, change(func(s *mesh.TypeSync) { s.Sent = "" })}},
		{name: "silent: istiod does not tell when", parts: []mt.Part{ns, web, change(func(s *mesh.TypeSync) { s.Acked, s.SentAt = "", time.Time{} })}},
		{name: "silent: no istiod was read", parts: []mt.Part{ns, web}},
	})
}

func TestConfigDrift(t *testing.T) {
	ns, web := mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web", mt.OnNode("node-a"))
	list := []mesh.Difference{{Object: ref("Service", "shop", "web"), Field: "waypoint", Expected: "shop/waypoint"}}
	ztunnel := mt.ZtunnelSaid("node-a", mt.With(func(e *mesh.ZtunnelEvidence) { e.Differences, e.DifferenceCount = list, 1 }))
	envoy := mt.WaypointSaid("shop", "waypoint-1", mt.With(func(e *mesh.EnvoyEvidence) { e.Differences, e.DifferenceCount = list, 1 }))
	testCheck(t, "CONFIG_DRIFT", []checkCase{
		{name: "a ztunnel", parts: []mt.Part{ns, web, ztunnel}, want: []string{"error Node node-a"}},
		{name: "a waypoint", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint"), mt.ZtunnelSaid("node-a"), envoy}, want: []string{"error Pod shop/waypoint-1"}},
		{name: "a waypoint, where no ztunnel was read", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint"), envoy}, want: []string{"error Pod shop/waypoint-1"}},
		{name: "silent: no difference", parts: []mt.Part{ns, web, mt.ProxiesRead()}},
		{name: "silent: nothing was read", parts: []mt.Part{ns, web}},
	})
}

func TestConfigDriftBetweenNodes(t *testing.T) {
	has := func(node, services string, since time.Duration) mt.Part {
		return mt.Parts(mt.Node(node), mt.ZtunnelSaid(node, mt.With(func(e *mesh.ZtunnelEvidence) {
			e.Digest.Services = mesh.PartDigest{Sum: services, Since: mt.Now.Add(-since)}
		})))
	}
	version := func(node string) mt.Part {
		return mt.ZtunnelSaid(node, mt.With(func(e *mesh.ZtunnelEvidence) { e.Version.Version = "1.30.0" }))
	}
	long := 5 * time.Minute
	most := mt.Parts(has("node-b", "new", long), has("node-c", "new", long))
	testCheck(t, "CONFIG_DRIFT", []checkCase{
		{name: "a node has other Services than most", parts: []mt.Part{most, has("node-a", "old", long)}, want: []string{"error Node node-a"}},
		{name: "silent: all have the same", parts: []mt.Part{most, has("node-a", "new", long)}},
		{name: "silent: it has been so for less than a minute", parts: []mt.Part{most, has("node-a", "old", 30*time.Second)}},
		{name: "silent: the others have been so for less than a minute", parts: []mt.Part{has("node-b", "new", 30*time.Second), has("node-c", "new", 30*time.Second), has("node-a", "old", long)}},
		{name: "silent: of two nodes nobody is odd", parts: []mt.Part{has("node-a", "old", long), has("node-b", "new", long)}},
		{name: "silent: there is no majority", parts: []mt.Part{has("node-a", "old", long), has("node-b", "new", long), has("node-c", "newer", long)}},
		{name: "silent: its ztunnel is of another release", parts: []mt.Part{most, has("node-a", "old", long), version("node-a")}},
		{name: "silent: its dump was not complete", parts: []mt.Part{most, has("node-a", "", long)}},
	})
	f := only(t, assess(most, has("node-a", "old", long)), "CONFIG_DRIFT")
	if text := evidenceText(f); !strings.Contains(text, "services: other than on node-b and node-c, which agree") {
		t.Errorf("evidence is\n%s", text)
	}
}

func TestConfigDriftIsFoldedUnderALostConnection(t *testing.T) {
	list := make([]mesh.Difference, 12)
	for i := range list {
		list[i] = mesh.Difference{Object: ref("Service", "shop", "web"), Field: "waypoint", Expected: "shop/waypoint"}
	}
	f := only(t, assess(
		mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web", mt.OnNode("node-a")), mt.IstiodSaid("istiod-1", forget("ztunnel-node-a")),
		mt.ZtunnelSaid("node-a", mt.With(func(e *mesh.ZtunnelEvidence) { e.Differences, e.DifferenceCount = list, 500 })),
	), "CONFIG_DRIFT")
	if f.CausedBy == nil || f.CausedBy.Code != "XDS_DISCONNECTED" {
		t.Errorf("caused by %v", f.CausedBy)
	}
	text := evidenceText(f)
	for _, want := range []string{"Service shop/web waypoint: shop/waypoint by the API, nothing in the proxy", "and 490 more"} {
		if !strings.Contains(text, want) {
			t.Errorf("evidence lacks %q:\n%s", want, text)
		}
	}
}

func TestOutlierEjecting(t *testing.T) {
	ns, waypoint, web := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.Replicas(2)), mt.Service("shop", "web")
	out := func(pod, host string, n int) mt.Part {
		return mt.WaypointSaid("shop", pod, mt.With(func(e *mesh.EnvoyEvidence) { e.Ejected = map[string]int{host: n} }))
	}
	fires := []string{"warning Service shop/web"}
	testCheck(t, "OUTLIER_EJECTING", []checkCase{
		{name: "one waypoint pod ejects", parts: []mt.Part{ns, waypoint, web, out("waypoint-1", "web.shop.svc.cluster.local", 1)}, want: fires},
		{name: "both do, which is one finding", parts: []mt.Part{ns, waypoint, web, out("waypoint-1", "web.shop.svc.cluster.local", 1), out("waypoint-2", "web.shop.svc.cluster.local", 2)}, want: fires},
		{name: "a ServiceEntry", parts: []mt.Part{ns, waypoint, mt.ServiceEntry("shop", "bank", "bank.example"), out("waypoint-1", "bank.example", 1)}, want: []string{"warning ServiceEntry shop/bank"}},
		{name: "silent: none is out", parts: []mt.Part{ns, waypoint, web, out("waypoint-1", "web.shop.svc.cluster.local", 0)}},
		{name: "silent: a host that nothing declares", parts: []mt.Part{ns, waypoint, web, out("waypoint-1", "gone.shop.svc.cluster.local", 1)}},
		{name: "silent: the waypoint's Envoy was not read", parts: []mt.Part{ns, waypoint, web}},
	})
}
