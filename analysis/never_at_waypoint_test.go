package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestNeverAtWaypoint(t *testing.T) {
	plugin := mt.Objects(&mesh.WasmPlugin{Meta: mesh.Meta{Kind: "WasmPlugin", Namespace: "shop", Name: "limits"}})
	extension := func(selector *mesh.LabelSelector, targets ...mesh.TargetRef) mt.Part {
		return mt.Objects(&mesh.TrafficExtension{Meta: mesh.Meta{Kind: "TrafficExtension", Namespace: "shop", Name: "lua"}, Selector: selector, TargetRefs: targets})
	}
	testCheck(t, "NEVER_AT_WAYPOINT", []checkCase{
		{name: "a token rule for a namespace of captured pods", parts: shop(tokens()), want: []string{"critical RequestAuthentication shop/jwt"}},
		{name: "a plugin", parts: shop(plugin), want: []string{"critical WasmPlugin shop/limits"}},
		{name: "an extension", parts: shop(extension(nil)), want: []string{"critical TrafficExtension shop/lua"}},
		{name: "a selector for the pods of the waypoint", parts: shop(extension(&mesh.LabelSelector{MatchLabels: map[string]string{mesh.LabelGatewayName: "waypoint"}})), want: []string{"critical TrafficExtension shop/lua"}},
		{name: "silent: an extension with a target", parts: shop(extension(nil, mesh.TargetRef{Kind: "Gateway", Namespace: "shop", Name: "waypoint"}))},
		{name: "silent: it selects no pod at all", parts: shop(extension(&mesh.LabelSelector{MatchLabels: map[string]string{"app": "gone"}}))},
		{name: "sidecars are in its reach too: a warning", parts: shop(tokens(), mt.Deployment("shop", "old", mt.Sidecar)), want: []string{"warning RequestAuthentication shop/jwt"}},
		{name: "silent: it has a target", parts: shop(tokens(mesh.TargetRef{Kind: "Service", Namespace: "shop", Name: "orders"}))},
		{name: "silent: sidecars only", parts: withSidecars(tokens())},
	})
}
