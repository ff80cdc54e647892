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
