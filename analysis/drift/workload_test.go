package drift_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestStatusOfPods(t *testing.T) {
	base := []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web")}
	sick := func(d *mesh.ZtunnelDump) { workload(d, "web").Status = "Unhealthy" }
	turned := mt.With(func(w *mesh.Workload) {
		w.Conditions = mesh.Conditions{{Type: "Ready", Status: mesh.ConditionTrue, Since: mt.Now.Add(-30 * time.Second)}}
	})
	testDrift(t, base, []driftCase{
		{name: "no calls are sent to a ready pod", broken: sick, want: []string{"Pod shop/web status: Healthy | Unhealthy"}},
		{name: "calls are sent to a pod that is not ready", parts: []mt.Part{mt.Pod("shop", "slow", mt.With(func(w *mesh.Workload) { w.Ready = false }))}, broken: func(d *mesh.ZtunnelDump) {
			workload(d, "slow").Status = "Healthy"
		}, want: []string{"Pod shop/slow status: Unhealthy | Healthy"}},
		{name: "silent: it became ready 30 s ago", parts: []mt.Part{mt.Pod("shop", "new", turned)}, broken: func(d *mesh.ZtunnelDump) { workload(d, "new").Status = "Unhealthy" }},
		{name: "silent: a status of a later release", broken: func(d *mesh.ZtunnelDump) { workload(d, "web").Status = "Warm" }},
		{name: "silent: a pod that is about to run", parts: []mt.Part{mt.Pod("shop", "new", mt.Phase("Pending"))}, broken: func(d *mesh.ZtunnelDump) { workload(d, "new").Status = "Unhealthy" }},
	})
}

func TestWorkloadEntries(t *testing.T) {
	base := []mt.Part{mt.Namespace("shop", mt.Ambient), mt.WorkloadEntry("shop", "vm", "192.0.2.7")}
	testDrift(t, base, []driftCase{
		{name: "it has what it was told"},
		{name: "one is missing", broken: lacks("vm"), want: []string{"WorkloadEntry shop/vm workload: Kubernetes/networking.istio.io/WorkloadEntry/shop/vm | "}},
		{name: "one is there that nobody knows", broken: func(d *mesh.ZtunnelDump) { workload(d, "vm").UID += "-old" }, want: []string{
			"WorkloadEntry shop/vm workload: Kubernetes/networking.istio.io/WorkloadEntry/shop/vm | ",
			"WorkloadEntry shop/vm-old workload:  | Kubernetes/networking.istio.io/WorkloadEntry/shop/vm-old",
		}},
		{name: "one has another address", broken: func(d *mesh.ZtunnelDump) { workload(d, "vm").IPs = []string{"192.0.2.8"} }, want: []string{"WorkloadEntry shop/vm address: 192.0.2.7 | 192.0.2.8"}},
		{name: "one has a waypoint that nothing asks for", broken: func(d *mesh.ZtunnelDump) { workload(d, "vm").Waypoint = &mesh.ZtunnelDestination{Address: "10.0.0.1"} }, want: []string{
			"WorkloadEntry shop/vm waypoint:  | /10.0.0.1",
		}},
		{name: "silent: one that came 30 s ago", parts: []mt.Part{mt.WorkloadEntry("shop", "new", "192.0.2.9", mt.Age(30*time.Second))}, broken: lacks("new")},
		{name: "silent: one with a host name", parts: []mt.Part{mt.WorkloadEntry("shop", "named", "vm.example")}, broken: lacks("named")},
		{name: "silent: one for another revision of istiod", parts: []mt.Part{mt.WorkloadEntry("shop", "canary", "192.0.2.9", mt.Label(mesh.LabelRevision, "canary"))}, broken: lacks("canary")},
		{name: "silent: one of another cluster", broken: func(d *mesh.ZtunnelDump) {
			d.Workloads = append(d.Workloads, &mesh.ZtunnelWorkload{UID: "east/networking.istio.io/WorkloadEntry/shop/far", ClusterID: "east"})
		}},
		{name: "silent: entries of the dump could not be decoded", broken: func(d *mesh.ZtunnelDump) { lacks("vm")(d); d.Skipped = 1 }},
		{name: "silent: WorkloadEntries may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourceWorkloadEntries)}, broken: func(d *mesh.ZtunnelDump) { workload(d, "vm").IPs = []string{"192.0.2.8"} }},
	})
}

func TestServiceEntries(t *testing.T) {
	static := mt.With(func(s *mesh.ServiceEntry) {
		s.Resolution, s.Endpoints = "STATIC", []mesh.ServiceEntryEndpoint{{Address: "192.0.2.20"}}
	})
	base := []mt.Part{mt.Namespace("shop", mt.Ambient), mt.ServiceEntry("shop", "bank", "bank.example", static)}
	const inline = "Kubernetes/networking.istio.io/ServiceEntry/shop/bank/"
	testDrift(t, base, []driftCase{
		{name: "it has what it was told"},
		{name: "host and endpoint are missing", broken: lacks("bank"), want: []string{
			"ServiceEntry shop/bank service: bank.example | ", "ServiceEntry shop/bank workload: " + inline + "192.0.2.20 | ",
		}},
		{name: "an endpoint is there that nobody declares", broken: func(d *mesh.ZtunnelDump) {
			d.Workloads = append(d.Workloads, &mesh.ZtunnelWorkload{UID: inline + "192.0.2.21", ClusterID: "Kubernetes"})
		}, want: []string{"ServiceEntry shop/bank workload:  | " + inline + "192.0.2.21"}},
		{name: "silent: it changed 30 s ago", parts: []mt.Part{mt.ServiceEntry("shop", "new", "new.example", static, mt.ChangedBy("kubectl", 30*time.Second))}, broken: lacks("new")},
		{name: "silent: wildcards are sent by some releases only", parts: []mt.Part{mt.ServiceEntry("shop", "any", "*.example")}, broken: lacks("any")},
		{name: "silent: without resolution they are sent by some releases only", parts: []mt.Part{mt.ServiceEntry("shop", "none", "none.example", mt.With(func(s *mesh.ServiceEntry) { s.Resolution = "NONE" }))}, broken: lacks("none")},
		{name: "silent: a namespace that istiod leaves out", parts: []mt.Part{discovery("legacy")}, broken: lacks("bank")},
	})
}

// What could not be judged is not taken for confirmed.
func TestWhatWasNotJudgedIsSaid(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web"), mt.Pod("shop", "new", mt.Age(30*time.Second)), mt.Pod("shop", "same", mt.Age(30*time.Second)))
	d := told(s)
	lacks("new")(d)
	want := mesh.Comparison{Compared: true, Unjudged: []mesh.Ref{{Kind: "Pod", Namespace: "shop", Name: "new"}}, UnjudgedCount: 1}
	if diff := cmp.Diff(want, drift.Ztunnel(s, d, s.At)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s = mt.Mesh(mt.Forbidden(mesh.ResourceConfigMaps))
	if c := drift.Ztunnel(s, told(s), s.At); c.Compared || c.Why == "" {
		t.Errorf("without the mesh configuration: %+v", c)
	}
}
