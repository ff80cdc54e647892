package analysis_test

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestServicePortUnresolved(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient)
	named := mt.Service("shop", "orders", mt.TargetPort(80, "http", "web"))
	has := mt.ContainerPort(8080, "web")
	init := mt.With(func(w *mesh.Workload) {
		w.Containers = append(w.Containers, mesh.Container{Name: "proxy", Init: true, Ports: []mesh.ContainerPort{{Name: "web", Port: 8080, Protocol: "TCP"}}})
	})
	udp := mt.With(func(s *mesh.Service) { s.Ports[0].Protocol = "UDP" })
	testCheck(t, "SERVICE_PORT_UNRESOLVED", []checkCase{
		{name: "no pod has a port of that name", parts: []mt.Part{ns, named, mt.Deployment("shop", "orders", mt.Replicas(2), mt.ContainerPort(8080, "http"))}, want: []string{"error Service shop/orders"}},
		{name: "one of two pods lacks it: a warning", parts: []mt.Part{ns, named, mt.Deployment("shop", "orders", mt.Replicas(2), mt.OnPod(1, has))}, want: []string{"warning Service shop/orders"}},
		{name: "silent: every pod has it", parts: []mt.Part{ns, named, mt.Deployment("shop", "orders", mt.Replicas(2), has)}},
		{name: "silent: a restartable init container has it", parts: []mt.Part{ns, named, mt.Deployment("shop", "orders", init)}},
		{name: "silent: a number needs no declaration", parts: []mt.Part{ns, mt.Service("shop", "orders", mt.TargetPort(80, "http", "8080")), mt.Deployment("shop", "orders")}},
		{name: "silent: headless", parts: []mt.Part{ns, mt.Service("shop", "orders", mt.TargetPort(80, "http", "web"), mt.Headless), mt.Deployment("shop", "orders")}},
		{name: "silent: UDP", parts: []mt.Part{ns, mt.Service("shop", "orders", mt.TargetPort(53, "dns", "web"), udp), mt.Deployment("shop", "orders")}},
		{name: "silent: it selects no pod, which is another finding", parts: []mt.Part{ns, named}},
	})
}

func TestServicePortUnresolvedShowsBothNames(t *testing.T) {
	f := only(t, assess(mt.Namespace("shop", mt.Ambient), mt.Service("shop", "orders", mt.TargetPort(80, "http", "web")), mt.Deployment("shop", "orders", mt.ContainerPort(8080, "http"))), "SERVICE_PORT_UNRESOLVED")
	for _, want := range []string{"spec.ports[80].targetPort: web", "spec.containers[].ports[].name: http"} {
		if !strings.Contains(evidenceText(f), want) {
			t.Errorf("evidence lacks %q:\n%s", want, evidenceText(f))
		}
	}
}
