package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// guest is a namespace that asks for the waypoint of infra.
func guest(opts ...mt.Option) mt.Part {
	return mt.Parts(mt.Namespace("shop", append(opts, mt.UseWaypointIn("infra", "waypoint"))...), mt.Service("shop", "web"))
}

func TestWaypointAttachmentDenied(t *testing.T) {
	testCheck(t, "WAYPOINT_ATTACHMENT_DENIED", []checkCase{
		{name: "allowedRoutes absent means the Gateway's own namespace", parts: []mt.Part{guest(), mt.Waypoint("infra", "waypoint", mt.From(""))}, want: []string{"critical Namespace shop"}},
		{name: "from: Same refuses another namespace", parts: []mt.Part{guest(), mt.Waypoint("infra", "waypoint")}, want: []string{"critical Namespace shop"}},
		{name: "from: None refuses another namespace", parts: []mt.Part{guest(), mt.Waypoint("infra", "waypoint", mt.From("None"))}, want: []string{"critical Namespace shop"}},
		{name: "a Gateway without HBONE listener takes its own namespace only", parts: []mt.Part{guest(), mt.Gateway("infra", "waypoint")}, want: []string{"critical Namespace shop"}},
		{name: "a selector that does not match refuses", parts: []mt.Part{guest(), mt.Namespace("infra"), mt.Waypoint("infra", "waypoint", mt.FromNamespaces("team", "shop"))}, want: []string{"critical Namespace shop"}},
		{
			name:  "a Service's own label is the Service's",
			parts: []mt.Part{mt.Namespace("shop"), mt.Waypoint("infra", "waypoint"), mt.Service("shop", "web", mt.UseWaypointIn("infra", "waypoint"))},
			want:  []string{"critical Service shop/web"},
		},
		{
			name:  "a pod, which never gets a condition, is judged all the same",
			parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Waypoint("infra", "waypoint", mt.WaypointFor("workload")), mt.Deployment("shop", "web", mt.UseWaypointIn("infra", "waypoint"))},
			want:  []string{"critical Deployment shop/web"},
		},
		{name: "silent: from: All admits", parts: []mt.Part{guest(), mt.Waypoint("infra", "waypoint", mt.From("All"))}},
		{name: "silent: a selector that matches admits", parts: []mt.Part{guest(mt.Label("team", "shop")), mt.Waypoint("infra", "waypoint", mt.FromNamespaces("team", "shop"))}},
		{name: "silent: without an address the Gateway is not looked at further", parts: []mt.Part{guest(), mt.Waypoint("infra", "waypoint", mt.NeverProgrammed())}},
		{name: "silent: from: None does not keep istiod from binding its own namespace", parts: []mt.Part{mt.Namespace("shop", mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.From("None")), mt.Service("shop", "web")}},
		{name: "silent: a Gateway without HBONE listener is bound in its own namespace", parts: []mt.Part{mt.Namespace("shop", mt.UseWaypoint("edge")), mt.Gateway("shop", "edge"), mt.Service("shop", "web")}},
		{name: "silent: the namespace's labels may not be read", parts: []mt.Part{mt.Waypoint("infra", "waypoint", mt.FromNamespaces("team", "shop")), mt.Service("shop", "web", mt.UseWaypointIn("infra", "waypoint")), mt.Forbidden(mesh.ResourceNamespaces)}},
	})
}

func TestWaypointAttachmentDeniedOpensToOneNamespaceOnly(t *testing.T) {
	read := []string{"kubectl -n infra get gateways.gateway.networking.k8s.io/waypoint -o yaml", "kubectl get namespace/shop --show-labels"}
	patch := func(values string) string {
		return `kubectl -n infra patch gateways.gateway.networking.k8s.io/waypoint --type=json -p '[{"op":"add","path":"/spec/listeners/0/allowedRoutes",` +
			`"value":{"namespaces":{"from":"Selector","selector":{"matchExpressions":[{"key":"kubernetes.io/metadata.name","operator":"In","values":` + values + `}]}}}}]'`
	}
	tests := []struct {
		name     string
		waypoint mt.Option
		want     string
	}{
		{"its own namespace stays admitted", mt.From("Same"), patch(`["infra","shop"]`)},
		{"a label selector is met by a label", mt.FromNamespaces("team", "shop"), "kubectl label namespace/shop team=shop --overwrite"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := only(t, assess(guest(), mt.Waypoint("infra", "waypoint", tt.waypoint)), "WAYPOINT_ATTACHMENT_DENIED")
			diffText(t, append(read, tt.want), f.Fix.Commands)
		})
	}
}
