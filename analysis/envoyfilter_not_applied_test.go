package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestEnvoyfilterNotApplied(t *testing.T) {
	ns, wp := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint")
	filter := func(change func(*mesh.EnvoyFilter)) mt.Part {
		e := &mesh.EnvoyFilter{Meta: mesh.Meta{Kind: "EnvoyFilter", Namespace: "shop", Name: "limits"}, Contexts: []string{"SIDECAR_INBOUND"}}
		change(e)
		return mt.Objects(e)
	}
	selects := func(key, value string) func(*mesh.EnvoyFilter) {
		return func(e *mesh.EnvoyFilter) {
			e.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{key: value}}
		}
	}
	targets := func(kind, name string, contexts ...string) func(*mesh.EnvoyFilter) {
		return func(e *mesh.EnvoyFilter) {
			e.TargetRefs, e.Contexts = []mesh.TargetRef{{Kind: kind, Namespace: "shop", Name: name}}, contexts
		}
	}
	nothing := func(*mesh.EnvoyFilter) {}
	warning := []string{"warning EnvoyFilter shop/limits"}
	testCheck(t, "ENVOYFILTER_NOT_APPLIED", []checkCase{
		{name: "its selector matches only the waypoint's pods", parts: []mt.Part{ns, wp, filter(selects(mesh.LabelGatewayName, "waypoint"))}, want: warning},
		{name: "it targets a Service", parts: []mt.Part{ns, wp, mt.Service("shop", "web"), filter(targets("Service", "web", "SIDECAR_INBOUND"))}, want: warning},
		{name: "it targets the waypoint in context GATEWAY", parts: []mt.Part{ns, wp, filter(targets("Gateway", "waypoint", "GATEWAY", "GATEWAY"))}, want: warning},
		{name: "it has neither selector nor target, and a waypoint is the only proxy there", parts: []mt.Part{ns, wp, filter(nothing)}, want: warning},
		{name: "what acts at the waypoint is news", parts: []mt.Part{ns, wp, filter(targets("Gateway", "waypoint", "SIDECAR_INBOUND"))}, want: []string{"info EnvoyFilter shop/limits"}},
		{name: "silent: a sidecar is in its reach", parts: []mt.Part{ns, wp, mt.Deployment("shop", "old", mt.Sidecar), filter(nothing)}},
		{name: "silent: its selector matches nothing of the mesh", parts: []mt.Part{ns, wp, filter(selects("app", "edge"))}},
		{name: "silent: it targets an ingress", parts: []mt.Part{ns, wp, mt.Gateway("shop", "ingress"), filter(targets("Gateway", "ingress", "GATEWAY"))}},
		{name: "silent: a namespace without any proxy", parts: []mt.Part{ns, filter(nothing)}},
	})
}
