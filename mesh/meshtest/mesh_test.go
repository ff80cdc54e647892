package meshtest_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestMeshIsHealthyWhereNothingIsSaid(t *testing.T) {
	s := meshtest.Mesh(
		meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("waypoint")),
		meshtest.Waypoint("shop", "waypoint", meshtest.Replicas(2)),
		meshtest.Deployment("shop", "orders", meshtest.Replicas(3)),
		meshtest.Service("shop", "orders"),
	)
	if got := len(s.Nodes); got != 2 {
		t.Errorf("%d nodes, want the 2 that pods name", got)
	}
	for _, n := range s.Nodes {
		if mesh.ReadyPod(s.Ztunnels(n.Name)) == nil || mesh.ReadyPod(s.CNINodes(n.Name)) == nil {
			t.Errorf("%s lacks a ready ztunnel or istio-cni", n.Name)
		}
	}
	if w := s.Workload("shop", "orders-2"); w == nil || !w.Captured() {
		t.Errorf("orders-2 = %+v, want it captured", w)
	}
	if w := s.Workload("shop", "waypoint-1"); w == nil || w.Captured() || !w.IsWaypoint() {
		t.Errorf("waypoint-1 = %+v, want an uncaptured waypoint pod", w)
	}
	if ready, all := s.Shard("shop").CountEndpoints("orders"); ready != 3 || all != 3 {
		t.Errorf("orders has %d of %d endpoints ready, want 3 of 3", ready, all)
	}
	svc := s.Service("shop", "orders")
	if b := s.ServiceBinding(svc); !b.Bound() || b.Agrees() != mesh.FactYes {
		t.Errorf("binding = %+v, want bound and istiod agreeing", b)
	}
	if wp := s.Waypoint("shop", "waypoint"); wp.ReadyEndpoints != 2 || len(wp.Dependents) != 1 {
		t.Errorf("waypoint has %d endpoints and dependents %v", wp.ReadyEndpoints, wp.Dependents)
	}
	if got := len(s.Istiods()); got != 1 {
		t.Errorf("%d istiods, want 1", got)
	}
}

func TestMeshOptionsBreakOneThing(t *testing.T) {
	s := meshtest.Mesh(
		meshtest.Namespace("shop", meshtest.Ambient),
		meshtest.Node("node-a", meshtest.NoZtunnel()),
		meshtest.Node("node-b", meshtest.CNI(meshtest.NotReady)),
		meshtest.Waypoint("shop", "cold", meshtest.NeverProgrammed()),
		meshtest.Deployment("shop", "web", meshtest.Replicas(2), meshtest.OnPod(2, meshtest.RedirectionPending)),
		meshtest.Deployment("shop", "job", meshtest.NotCaptured, meshtest.OnController(meshtest.UseWaypoint("cold"))),
		meshtest.Service("shop", "web", meshtest.UseWaypoint("typo")),
	)
	if got := s.Ztunnels("node-a"); got != nil {
		t.Errorf("node-a has ztunnels %v", got)
	}
	if p := s.CNINodes("node-b"); len(p) != 1 || p[0].Ready {
		t.Errorf("istio-cni of node-b = %v, want one that is not ready", p)
	}
	if s.Workload("shop", "web-1").Annotations[mesh.AnnotationRedirection] != "enabled" || s.Workload("shop", "web-2").Annotations[mesh.AnnotationRedirection] != "pending" {
		t.Error("web-1 should be enabled and web-2 pending")
	}
	if _, ok := s.Workload("shop", "job-1").Annotations[mesh.AnnotationRedirection]; ok {
		t.Error("job-1 should have no redirection annotation")
	}
	c := s.Shard("shop").ControllerNamed("Deployment", "job")
	if c.Labels[mesh.LabelUseWaypoint] != "cold" || c.TemplateLabels[mesh.LabelUseWaypoint] != "" {
		t.Errorf("controller labels %v, template %v", c.Labels, c.TemplateLabels)
	}
	if b := s.ServiceBinding(s.Service("shop", "web")); b.State != mesh.BindingNotFound || b.Agrees() != mesh.FactYes {
		t.Errorf("binding = %+v", b)
	}
	if wp := s.Waypoint("shop", "cold"); wp.HasAddress() || wp.ReadyEndpoints != 0 || wp.AllEndpoints != 1 {
		t.Errorf("cold waypoint = %+v", wp)
	}
}

func TestProxiesSayWhatIsHealthy(t *testing.T) {
	parts := []meshtest.Part{
		meshtest.Namespace("shop", meshtest.Ambient), meshtest.Waypoint("shop", "waypoint", meshtest.OnNode("node-a")),
		meshtest.Pod("shop", "web", meshtest.OnNode("node-a")), meshtest.Pod("shop", "db", meshtest.OnNode("node-b")),
	}
	if s := meshtest.Mesh(parts...); len(s.ZtunnelEvidences())+len(s.SyncEvidences()) > 0 || s.Enrolment(s.Workload("shop", "web")).Seen != mesh.FactUnknown {
		t.Error("a mesh of which no proxy was read knows what they said")
	}
	s := meshtest.Mesh(append(parts, meshtest.ProxiesRead(), meshtest.Source("ztunnel/node-b", mesh.SourceDown, "refused"))...)
	if s.Enrolment(s.Workload("shop", "web")).Seen != mesh.FactYes || s.Enrolment(s.Workload("shop", "db")).Seen != mesh.FactUnknown {
		t.Error("web should be seen by its ztunnel; that of db was not read")
	}
	if e := s.ZtunnelEvidence("node-a"); e == nil || len(e.Certificates) != 1 || s.EnvoyEvidence("shop", "waypoint-1") == nil {
		t.Errorf("node-a said %+v", e)
	}
	if e := s.SyncEvidence("istiod-1"); e == nil || len(e.Proxies) != 3 {
		t.Errorf("istiod said %+v, want two ztunnels and a waypoint", e)
	}
}

func TestLargeHasTheSizeAskedFor(t *testing.T) {
	s := meshtest.Large(10, 40, 201, 7)
	var services, pods int
	for _, sh := range s.Shards {
		for _, w := range sh.Workloads {
			if w.Captured() {
				pods++
			}
		}
		for _, svc := range sh.Services {
			if s.ServiceBinding(svc).Bound() {
				services++
			}
		}
	}
	if services != 40 || pods != 201 || len(s.Nodes) != 7 || len(s.Waypoints()) != 10 {
		t.Errorf("%d services, %d pods, %d nodes, %d waypoints", services, pods, len(s.Nodes), len(s.Waypoints()))
	}
}

func BenchmarkLarge(b *testing.B) {
	for b.Loop() {
		meshtest.Large(200, 4000, 20000, 200)
	}
}
