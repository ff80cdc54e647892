package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestGatewayAPICRDsMissing(t *testing.T) {
	absent := mt.Source(mesh.KubernetesSource+"/"+mesh.ResourceGateways, mesh.SourceAbsent, "")
	crd := func(names ...string) mt.Part {
		var out []mesh.Object
		for _, n := range names {
			out = append(out, &mesh.CustomResourceDefinition{Meta: mesh.Meta{Kind: "CustomResourceDefinition", Name: n}})
		}
		return mt.Objects(out...)
	}
	labelled := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	missing := []string{"critical Mesh"}
	testCheck(t, "GATEWAY_API_CRDS_MISSING", []checkCase{
		{name: "a namespace names a waypoint, and the API server has no Gateways", parts: []mt.Part{labelled, absent}, want: missing},
		{name: "a Service names one", parts: []mt.Part{mt.Namespace("shop"), mt.Service("shop", "web", mt.UseWaypoint("waypoint")), absent}, want: missing},
		{name: "other definitions are there and this one is not", parts: []mt.Part{labelled, crd("authorizationpolicies.security.istio.io")}, want: missing},
		{name: "silent: it is installed", parts: []mt.Part{labelled, crd("authorizationpolicies.security.istio.io", mesh.ResourceGateways)}},
		{name: "silent: no definition was read at all", parts: []mt.Part{labelled}},
		{name: "silent: definitions may not be read", parts: []mt.Part{labelled, crd("authorizationpolicies.security.istio.io"), mt.Forbidden(mesh.ResourceCRDs)}},
		{name: "silent: nothing names a waypoint", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), absent}},
		{name: "silent: the label says none", parts: []mt.Part{mt.Namespace("shop", mt.UseWaypoint("none")), absent}},
	})
}

func TestMissingGatewayAPIExplainsMissingWaypoints(t *testing.T) {
	r := assess(mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Service("shop", "web"), mt.Source(mesh.KubernetesSource+"/"+mesh.ResourceGateways, mesh.SourceAbsent, ""))
	f := only(t, r, "WAYPOINT_NOT_FOUND")
	if f.CausedBy == nil || f.CausedBy.Code != "GATEWAY_API_CRDS_MISSING" {
		t.Errorf("caused by %v", f.CausedBy)
	}
}
