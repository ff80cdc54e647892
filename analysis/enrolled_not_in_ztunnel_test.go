package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// local changes what a ztunnel says of a pod; an empty state takes it away.
func local(pod, state string) mt.Option {
	return mt.With(func(e *mesh.ZtunnelEvidence) {
		e.Local["uid-Pod-shop-"+pod] = state
		if state == "" {
			delete(e.Local, "uid-Pod-shop-"+pod)
		}
	})
}

// statusBy says who wrote the pod's status 30 s ago.
func statusBy(manager string) mt.Option {
	return mt.With(func(w *mesh.Workload) {
		w.StatusChange = mesh.Change{Manager: manager, Time: mt.Now.Add(-30 * time.Second)}
	})
}

func TestEnrolledNotInZtunnel(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient)
	web := mt.Deployment("shop", "web", mt.Replicas(2), mt.OnNode("node-a"))
	lost := mt.ZtunnelSaid("node-a", local("web-1", ""))
	fires := []string{"critical Deployment shop/web"}
	testCheck(t, "ENROLLED_NOT_IN_ZTUNNEL", []checkCase{
		{name: "ztunnel does not have the pod", parts: []mt.Part{ns, web, lost}, want: fires},
		{name: "ztunnel waits for the pod", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a", local("web-2", "Pending"))}, want: fires},
		{name: "two pods of one owner on two nodes", parts: []mt.Part{
			ns, mt.Deployment("shop", "web", mt.Replicas(2), mt.OnNode("node-a", "node-b")), lost, mt.ZtunnelSaid("node-b", local("web-2", "")),
		}, want: fires},
		{name: "silent: ztunnel serves them", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a")}},
		{name: "silent: that dump was not read", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-b")}},
		{name: "silent: the dump does not say whom it serves", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a", mt.With(func(e *mesh.ZtunnelEvidence) { e.Local = nil }))}},
		{name: "silent: the pod claims nothing", parts: []mt.Part{ns, mt.Pod("shop", "web-1", mt.OnNode("node-a"), mt.NotCaptured), lost}},
		{name: "silent: the pod is younger than a minute", parts: []mt.Part{ns, mt.Pod("shop", "web-1", mt.OnNode("node-a"), mt.Age(30*time.Second)), lost}},
		{name: "silent: the pod was enrolled just before the dump", parts: []mt.Part{ns, mt.Pod("shop", "web-1", mt.OnNode("node-a"), mt.ChangedBy("install-cni", 30*time.Second)), lost}},
		{name: "silent: istio-cni wrote its annotation just before the dump", parts: []mt.Part{ns, mt.Pod("shop", "web-1", mt.OnNode("node-a"), statusBy("install-cni")), lost}},
		{name: "the kubelet's reports say nothing of enrolment", parts: []mt.Part{ns, mt.Pod("shop", "web-1", mt.OnNode("node-a"), statusBy("kubelet")), lost}, want: []string{"critical Pod shop/web-1"}},
		{name: "silent: the pod came after the dump was read", parts: []mt.Part{
			ns, mt.Pod("shop", "web-1", mt.OnNode("node-a"), mt.Age(2*time.Minute)),
			mt.ZtunnelSaid("node-a", local("web-1", ""), mt.With(func(e *mesh.ZtunnelEvidence) { e.At = mt.Now.Add(-10 * time.Minute) })),
		}},
		{name: "silent: the pod has finished", parts: []mt.Part{ns, mt.Pod("shop", "web-1", mt.OnNode("node-a"), mt.Captured, mt.Phase("Succeeded")), lost}},
		{name: "silent: the ztunnel that said so is gone", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a", local("web-1", ""), mt.With(func(e *mesh.ZtunnelEvidence) { e.Pod.Name = "ztunnel-old" }))}},
		{name: "silent: a second ztunnel runs on the node", parts: []mt.Part{ns, web, lost, ztunnelPod("node-a", "", mt.With(func(w *mesh.Workload) { w.Name = "ztunnel-new" }))}},
	})
}

func TestEvidenceThatWasNotReadHoldsChecksBack(t *testing.T) {
	shop := mt.Parts(mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web", mt.OnNode("node-a")), mt.Pod("shop", "db", mt.OnNode("node-b")))
	tests := []struct {
		name  string
		parts []mt.Part
		want  []analysis.HeldBack
	}{
		{"all was read", []mt.Part{shop, mt.ProxiesRead()}, nil},
		{"there is nothing to read", []mt.Part{mt.Namespace("shop")}, nil},
		{
			"nothing was read: it does not judge",
			[]mt.Part{shop},
			[]analysis.HeldBack{{Source: "ztunnel/*", State: mesh.SourceDown, Detail: "2 of 2 were not read."}},
		},
		{
			"one node was not read: it judges the other",
			[]mt.Part{shop, mt.Source("ztunnel/node-b", mesh.SourceForbidden, "create pods/portforward in istio-system"), mt.ProxiesRead()},
			[]analysis.HeldBack{{Source: "ztunnel/node-b", State: mesh.SourceForbidden, Detail: "create pods/portforward in istio-system", Partly: true}},
		},
		{
			"no right to any of them: the first one's words are kept",
			[]mt.Part{
				shop, mt.Source("ztunnel/node-a", mesh.SourceForbidden, "create pods/portforward in istio-system"), mt.Source("ztunnel/node-b", mesh.SourceForbidden, "create pods/portforward in istio-system"),
			},
			[]analysis.HeldBack{{Source: "ztunnel/*", State: mesh.SourceForbidden, Detail: "2 of 2 were not read. Of ztunnel/node-a: create pods/portforward in istio-system"}},
		},
		{
			"what was read is of a ztunnel that is gone",
			[]mt.Part{shop, mt.ProxiesRead(), mt.ZtunnelSaid("node-a", mt.With(func(e *mesh.ZtunnelEvidence) { e.Pod.Name = "ztunnel-old" }))},
			[]analysis.HeldBack{{Source: "ztunnel/node-a", State: mesh.SourceStale, Detail: "What was read of it is of a pod that is gone.", Partly: true}},
		},
		{
			"ztunnels of a namespace that is not watched",
			[]mt.Part{mt.Scope("shop"), shop},
			[]analysis.HeldBack{{Source: "ztunnel/*", State: mesh.SourceDown, Detail: "2 of 2 were not read."}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []analysis.HeldBack
			for _, h := range assess(tt.parts...).HeldBack {
				if h.Code == "ENROLLED_NOT_IN_ZTUNNEL" {
					h.Code = ""
					got = append(got, h)
				}
			}
			if len(got) != len(tt.want) || len(got) > 0 && got[0] != tt.want[0] {
				t.Errorf("held back %+v, want %+v", got, tt.want)
			}
		})
	}
}
