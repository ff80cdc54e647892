package analysis_test

import (
	"testing"

	mt "github.com/waylight/waylight/mesh/meshtest"
)

// behindWaypoint is what lives at a waypoint: policies for a Service and for the
// Gateway, and routes of both kinds.
const behindWaypoint = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: orders, namespace: shop}
spec:
  targetRefs: [{kind: Service, name: orders}]
  rules: [{to: [{operation: {methods: [GET]}}]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: everything, namespace: shop}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: waypoint}]
  rules: [{from: [{source: {principals: ["*"]}}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: web}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
status:
  parents:
  - parentRef: {group: "", kind: Service, name: web}
    controllerName: istio.io/gateway-controller
    conditions:
    - {type: ResolvedWaypoints, status: "True", reason: ResolvedWaypoints, lastTransitionTime: "2026-11-22T08:00:00Z", message: "istio.io/use-waypoint label missing from parent and parent namespace; in ambient mode, route will not be respected"}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: orders, namespace: shop}
spec: {hosts: [orders], http: [{timeout: 5s, route: [{destination: {host: orders}}]}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: orders, namespace: shop}
spec: {host: orders, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}}
`

func TestOneCauseIsOneFinding(t *testing.T) {
	apps := mt.Parts(app("shop", "web"), app("shop", "orders"), mt.Objects(waypointClass()))
	ambient := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	tellStories(t, []story{{
		name: "everything is in its place", parts: bookshop(), yaml: behindWaypoint,
		twins: []twin{{name: "the pods are not served, and none is ready", parts: []mt.Part{app("shop", "cart", mt.RedirectionPending, mt.NotReady)}, want: []string{"REDIRECTION_PENDING Deployment shop/cart"}}},
	}})
	for _, tt := range []struct {
		name  string
		parts []mt.Part
		want  string
	}{
		{"the waypoint is not there", []mt.Part{ambient}, "WAYPOINT_NOT_FOUND Namespace shop"},
		{"the waypoint was never ready", []mt.Part{ambient, mt.Waypoint("shop", "waypoint", mt.NeverProgrammed())}, "WAYPOINT_NOT_PROGRAMMED Gateway shop/waypoint"},
		{"the waypoint lost its pods", []mt.Part{ambient, mt.Waypoint("shop", "waypoint", mt.Replicas(0))}, "WAYPOINT_NO_ENDPOINTS Gateway shop/waypoint"},
		{"the waypoint is for pods", []mt.Part{ambient, mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload"))}, "WAYPOINT_TRAFFIC_TYPE_MISMATCH Namespace shop"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := grave(assess(append(tt.parts, apps, applied(t, behindWaypoint))...))
			if len(got) != 1 || got[0] != tt.want {
				t.Errorf("causes %q, want %s alone", got, tt.want)
			}
		})
	}
}
