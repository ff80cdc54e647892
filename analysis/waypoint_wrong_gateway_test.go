package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointWrongGateway(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("ingress"))
	web := mt.Service("shop", "web")
	hbone := mt.With(func(g *mesh.Gateway) {
		g.Listeners = append(g.Listeners, mesh.Listener{Name: "mesh", Protocol: "HBONE", Port: mesh.PortHBONE})
	})
	noAddress := mt.With(func(g *mesh.Gateway) { g.Addresses = nil })
	testCheck(t, "WAYPOINT_WRONG_GATEWAY", []checkCase{
		{name: "a namespace names an ingress", parts: []mt.Part{ns, web, mt.Gateway("shop", "ingress")}, want: []string{"critical Namespace shop"}},
		{name: "a Service names an ingress", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Service("shop", "web", mt.UseWaypoint("ingress")), mt.Gateway("shop", "ingress")}, want: []string{"critical Service shop/web"}},
		{name: "silent: a waypoint", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), web, mt.Waypoint("shop", "waypoint")}},
		{name: "silent: a foreign class that listens for HBONE", parts: []mt.Part{ns, web, mt.Gateway("shop", "ingress", hbone)}},
		{name: "silent: a Gateway without an address, which istiod does not bind", parts: []mt.Part{ns, web, mt.Gateway("shop", "ingress", noAddress)}},
		{name: "silent: nobody inherits the label", parts: []mt.Part{ns, mt.Gateway("shop", "ingress")}},
	})
}
