package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestNeverAtWaypoint(t *testing.T) {
	plugin := mt.Objects(&mesh.WasmPlugin{Meta: mesh.Meta{Kind: "WasmPlugin", Namespace: "shop", Name: "limits"}})
	testCheck(t, "NEVER_AT_WAYPOINT", []checkCase{
		{name: "a token rule for a namespace of captured pods", parts: shop(tokens()), want: []string{"critical RequestAuthentication shop/jwt"}},
		{name: "a plugin", parts: shop(plugin), want: []string{"critical WasmPlugin shop/limits"}},
		{name: "sidecars are in its reach too: a warning", parts: shop(tokens(), mt.Deployment("shop", "old", mt.Sidecar)), want: []string{"warning RequestAuthentication shop/jwt"}},
		{name: "silent: it has a target", parts: shop(tokens(mesh.TargetRef{Kind: "Service", Namespace: "shop", Name: "orders"}))},
		{name: "silent: sidecars only", parts: withSidecars(tokens())},
	})
}
