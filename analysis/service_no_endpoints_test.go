package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestServiceNoEndpoints(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient)
	orders := mt.Service("shop", "orders")
	testCheck(t, "SERVICE_NO_ENDPOINTS", []checkCase{
		{name: "its only pod is not ready", parts: []mt.Part{ns, orders, mt.Deployment("shop", "orders", mt.Ready(0))}, want: []string{"error Service shop/orders"}},
		{name: "no pod has its labels", parts: []mt.Part{ns, orders, mt.Deployment("shop", "order")}, want: []string{"error Service shop/orders"}},
		{name: "headless", parts: []mt.Part{ns, mt.Service("shop", "orders", mt.Headless), mt.StatefulSet("shop", "orders", mt.Ready(0))}, want: []string{"error Service shop/orders"}},
		{name: "scaled to zero: a warning", parts: []mt.Part{ns, orders, mt.Deployment("shop", "orders", mt.Replicas(0))}, want: []string{"warning Service shop/orders"}},
		{name: "silent: one of two is ready", parts: []mt.Part{ns, orders, mt.Deployment("shop", "orders", mt.Replicas(2), mt.Ready(1))}},
		{name: "silent: the namespace does not ask for ambient", parts: []mt.Part{mt.Namespace("shop"), orders, mt.Deployment("shop", "orders", mt.Ready(0))}},
		{name: "silent: addresses are published before they are ready", parts: []mt.Part{ns, mt.Service("shop", "orders", mt.With(func(s *mesh.Service) { s.PublishNotReadyAddresses = true })), mt.Deployment("shop", "orders", mt.Ready(0))}},
		{name: "silent: ExternalName", parts: []mt.Part{ns, mt.Service("shop", "orders", mt.With(func(s *mesh.Service) { s.Type = "ExternalName" }))}},
		{name: "silent: without a selector somebody else writes the endpoints", parts: []mt.Part{ns, mt.Service("shop", "orders", mt.Selects("", ""))}},
		{name: "silent: a waypoint's own Service", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.Replicas(0))}},
		{name: "silent: made a moment ago", parts: []mt.Part{ns, mt.Service("shop", "orders", mt.Age(20*time.Second))}},
		{name: "silent: slices may not be read", parts: []mt.Part{ns, orders, mt.Deployment("shop", "orders", mt.Ready(0)), mt.Forbidden(mesh.ResourceEndpointSlices)}},
	})
}

func TestServiceNoEndpointsFollowsFromTheNodeItsPodsWereOn(t *testing.T) {
	ns, orders := mt.Namespace("shop", mt.Ambient), mt.Service("shop", "orders")
	nodes := mt.Parts(mt.Node("node-a"), mt.Node("node-b", mt.Ztunnel(mt.NotReady)))
	f := only(t, assess(ns, orders, nodes, mt.Deployment("shop", "orders", mt.OnNode("node-b"), mt.Ready(0))), "SERVICE_NO_ENDPOINTS")
	if f.CausedBy == nil || f.CausedBy.Code != "ZTUNNEL_MISSING_ON_NODE" {
		t.Errorf("caused by %v, want the node without a ztunnel", f.CausedBy)
	}
	both := mt.Deployment("shop", "orders", mt.Replicas(2), mt.OnNode("node-a", "node-b"), mt.Ready(0))
	if f := only(t, assess(ns, orders, nodes, both), "SERVICE_NO_ENDPOINTS"); f.CausedBy != nil {
		t.Errorf("caused by %v, though pods of a sound node are not ready either", f.CausedBy)
	}
}

func TestServiceNoEndpointsFollowsFromAPortThatReadyPodsLack(t *testing.T) {
	ns, service := mt.Namespace("shop", mt.Ambient), mt.Service("shop", "orders", mt.TargetPort(80, "http", "web"))
	slice := mt.Objects(&mesh.EndpointSlice{Meta: mesh.Meta{Kind: "EndpointSlice", Namespace: "shop", Name: "orders-none"}, Service: "orders"})
	f := only(t, assess(ns, service, slice, mt.Deployment("shop", "orders", mt.ContainerPort(8080, "http"))), "SERVICE_NO_ENDPOINTS")
	if f.CausedBy == nil || f.CausedBy.Code != "SERVICE_PORT_UNRESOLVED" {
		t.Errorf("caused by %v, want the port", f.CausedBy)
	}
	unready := mt.Deployment("shop", "orders", mt.ContainerPort(8080, "http"), mt.Ready(0))
	if f := only(t, assess(ns, service, slice, unready), "SERVICE_NO_ENDPOINTS"); f.CausedBy != nil {
		t.Errorf("caused by %v, though no pod is ready", f.CausedBy)
	}
}
