package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestAccessLogOff(t *testing.T) {
	ns, wp := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint")
	second := mt.Waypoint("payments", "waypoint")
	off, on := meshConfig(func(*mesh.MeshConfig) {}), meshConfig(func(c *mesh.MeshConfig) { c.AccessLogFile = "/dev/stdout" })
	telemetry := func(namespace string, change func(*mesh.Telemetry)) mt.Part {
		x := &mesh.Telemetry{Meta: mesh.Meta{Kind: "Telemetry", Namespace: namespace, Name: "logs"}, AccessLogging: []mesh.AccessLogging{{Providers: []string{"envoy"}}}}
		change(x)
		return mt.Objects(x)
	}
	asIs := func(*mesh.Telemetry) {}
	disabled := func(x *mesh.Telemetry) { x.AccessLogging = []mesh.AccessLogging{{Disabled: true}} }
	named := func(x *mesh.Telemetry) {
		x.TargetRefs = []mesh.TargetRef{{Kind: "Gateway", Namespace: "shop", Name: "waypoint"}}
	}
	selected := func(x *mesh.Telemetry) {
		x.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}}
	}
	testCheck(t, "ACCESS_LOG_OFF", []checkCase{
		{name: "nothing asks for a log anywhere", parts: []mt.Part{off, ns, wp, second}, want: []string{"info Mesh"}},
		{name: "one of two waypoints is silent", parts: []mt.Part{off, ns, wp, second, telemetry("payments", asIs)}, want: []string{"info Gateway shop/waypoint"}},
		{name: "the namespace of one disables it", parts: []mt.Part{on, ns, wp, second, telemetry("shop", disabled)}, want: []string{"info Gateway shop/waypoint"}},
		{name: "a Telemetry with a selector does not reach a waypoint", parts: []mt.Part{off, ns, wp, telemetry("shop", selected)}, want: []string{"info Mesh"}},
		{name: "silent: the mesh configuration asks", parts: []mt.Part{on, ns, wp}},
		{name: "silent: a Telemetry of the root namespace asks", parts: []mt.Part{off, ns, wp, telemetry(mt.SystemNamespace, asIs)}},
		{name: "silent: one that names the Gateway asks", parts: []mt.Part{off, ns, wp, telemetry("shop", named)}},
		{name: "silent: no waypoint", parts: []mt.Part{off, ns}},
		{name: "silent: Telemetries may not be read", parts: []mt.Part{off, ns, wp, mt.Forbidden(mesh.ResourceTelemetries)}},
		{name: "silent: the mesh configuration was not found", parts: []mt.Part{ns, wp}},
	})
}
