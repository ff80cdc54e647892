package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// bookinfo has a waypoint, and reviews in two versions, each with a Service of
// its own too.
func bookinfo(more ...mt.Part) []mt.Part {
	reviews := func(v string) mt.Part {
		return mt.Parts(version("bookinfo", "reviews", v), mt.Service("bookinfo", "reviews-"+v, mt.Selects("version", v), mt.TargetPort(9080, "http", "9080")))
	}
	return append([]mt.Part{
		mt.Namespace("bookinfo", mt.Ambient, mt.UseWaypoint("waypoint")),
		mt.Waypoint("bookinfo", "waypoint", mt.Replicas(2)),
		app("bookinfo", "productpage"),
		mt.Service("bookinfo", "reviews", mt.TargetPort(9080, "http", "9080")),
		reviews("v1"), reviews("v2"),
	}, more...)
}

// entrance is a namespace with a Gateway for calls from outside.
func entrance() mt.Part {
	return mt.Parts(mt.Namespace("ingress"), mt.Gateway("ingress", "gateway"), mt.Deployment("ingress", "gateway-istio", mt.Label("gateway.networking.k8s.io/gateway-name", "gateway"), mt.OptedOut))
}

func TestRoutesThatLookSuspiciousAndAreFine(t *testing.T) {
	tellStories(t, []story{
		{
			name:  "reviews are split over the Services of their versions, and one policy is for all three",
			parts: bookinfo(),
			yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: reviews, namespace: bookinfo}
spec:
  parentRefs: [{group: "", kind: Service, name: reviews, port: 9080}]
  rules:
  - backendRefs:
    - {name: reviews-v1, port: 9080, weight: 90}
    - {name: reviews-v2, port: 9080, weight: 10}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: reviews-viewer, namespace: bookinfo}
spec:
  targetRefs:
  - {group: "", kind: Service, name: reviews}
  - {group: "", kind: Service, name: reviews-v1}
  - {group: "", kind: Service, name: reviews-v2}
  rules:
  - from:
    - source: {principals: [cluster.local/ns/bookinfo/sa/productpage]}
    to:
    - operation: {methods: [GET]}
`,
			twins: []twin{
				{name: "a version is not there", old: "{name: reviews-v2, port: 9080, weight: 10}", new: "{name: reviews-v3, port: 9080, weight: 10}", want: []string{"ROUTE_BACKEND_MISSING HTTPRoute bookinfo/reviews"}},
				{name: "the policy is for a version alone", old: "  - {group: \"\", kind: Service, name: reviews}\n  - {group: \"\", kind: Service, name: reviews-v1}\n", want: []string{"ROUTE_SKIPS_BACKEND_POLICY HTTPRoute bookinfo/reviews"}},
				{name: "it leads to a port nobody has", old: "{name: reviews-v1, port: 9080,", new: "{name: reviews-v1, port: 80,", want: []string{"ROUTE_BACKEND_MISSING HTTPRoute bookinfo/reviews"}},
			},
		},
		{
			name:  "versions that are scaled to zero are subsets without a share",
			parts: bookinfo(version("bookinfo", "reviews", "v3", mt.Replicas(0))),
			yaml: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: bookinfo}
spec:
  host: reviews
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
  - {name: v3, labels: {version: v3}}
  - {name: v4, labels: {version: v4}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: bookinfo}
spec:
  hosts: [reviews]
  http:
  - route:
    - {destination: {host: reviews, subset: v1}, weight: 80}
    - {destination: {host: reviews, subset: v2}, weight: 20}
    - {destination: {host: reviews, subset: v3}, weight: 0}
`,
			twins: []twin{
				{name: "the version has a share", old: "subset: v3}, weight: 0", new: "subset: v3}, weight: 10", want: []string{"SUBSET_EMPTY DestinationRule bookinfo/reviews"}},
				{name: "a subset is not defined", old: "subset: v2}, weight: 20", new: "subset: v9}, weight: 20", want: []string{"SUBSET_UNDEFINED VirtualService bookinfo/reviews"}},
			},
		},
		{
			name:  "one object is for the ingress and for the mesh, the particular before the general",
			parts: bookinfo(entrance()),
			yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: bookinfo}
spec:
  hosts: [reviews.bookinfo.svc.cluster.local, reviews.example]
  gateways: [mesh, ingress/gateway]
  http:
  - match: [{uri: {prefix: /admin}}]
    route: [{destination: {host: reviews-v1.bookinfo.svc.cluster.local}}]
  - route: [{destination: {host: reviews.bookinfo.svc.cluster.local}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: productpage, namespace: bookinfo}
spec:
  hosts: [productpage]
  http:
  - match: [{uri: {prefix: /old}}]
    redirect: {uri: /new}
  - route: [{destination: {host: productpage}}]
`,
			twins: []twin{{
				name: "the general comes first", old: "  - match: [{uri: {prefix: /admin}}]\n    route:", new: "  - route: [{destination: {host: reviews.bookinfo.svc.cluster.local}}]\n  - match: [{uri: {prefix: /admin}}]\n    route:",
				want: []string{"ROUTE_SHADOWED VirtualService bookinfo/reviews"},
			}},
		},
		{
			name:  "two teams have a route each for one Service, and neither hides the other",
			parts: bookinfo(),
			yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: all, namespace: bookinfo, creationTimestamp: "2026-11-20T08:00:00Z"}
spec:
  parentRefs: [{group: "", kind: Service, name: reviews}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /}}]
    backendRefs: [{name: reviews, port: 9080}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: admin, namespace: bookinfo, creationTimestamp: "2026-11-21T08:00:00Z"}
spec:
  parentRefs: [{group: "", kind: Service, name: reviews}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /admin}}]
    backendRefs: [{name: reviews, port: 9080}]
`,
			twins: []twin{{name: "both are for the same", old: "value: /admin", new: "value: /", want: []string{"ROUTE_SHADOWED HTTPRoute bookinfo/admin"}}},
		},
		{
			name:  "the ingress uses the waypoint",
			parts: append(bookinfo(entrance()), mt.Service("bookinfo", "front", mt.Selects("app", "productpage"), mt.Label("istio.io/ingress-use-waypoint", "true"))),
			yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: front, namespace: bookinfo}
spec:
  parentRefs: [{name: gateway, namespace: ingress}]
  hostnames: [books.example]
  rules:
  - matches: [{path: {type: PathPrefix, value: /}}]
    backendRefs: [{name: front, port: 80}]
status:
  parents:
  - parentRef: {group: gateway.networking.k8s.io, kind: Gateway, name: gateway, namespace: ingress}
    controllerName: istio.io/gateway-controller
    conditions:
    - {type: Accepted, status: "True", reason: Accepted, message: Route was valid, lastTransitionTime: "2026-11-22T08:00:00Z"}
    - {type: ResolvedRefs, status: "True", reason: ResolvedRefs, message: All references resolved, lastTransitionTime: "2026-11-22T08:00:00Z"}
`,
			twins: []twin{
				{name: "the Service is misspelt", old: "[{name: front, port: 80}]", new: "[{name: frnt, port: 80}]", want: []string{"ROUTE_BACKEND_MISSING HTTPRoute bookinfo/front"}},
				{name: "Istio refuses the route", old: `{type: Accepted, status: "True", reason: Accepted, message: Route was valid`, new: `{type: Accepted, status: "False", reason: NotAllowedByListeners, message: namespace bookinfo is not allowed`, want: []string{"ROUTE_NOT_ACCEPTED HTTPRoute bookinfo/front"}},
			},
		},
		{
			name:  "routes for gateways only are in an ambient namespace without a waypoint",
			parts: []mt.Part{entrance(), mt.Namespace("shop", mt.Ambient), app("shop", "web")},
			yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: gateway, namespace: ingress}]
  rules:
  - backendRefs: [{name: web, port: 80}]
`,
			twins: []twin{{name: "the parent is the Service", old: "{name: gateway, namespace: ingress}", new: `{group: "", kind: Service, name: web}`, want: []string{"ROUTE_NO_WAYPOINT HTTPRoute shop/web"}}},
		},
		{
			name:  "a namespace with sidecars routes by a Service, and istiod says that ambient would not heed it",
			parts: []mt.Part{mt.Namespace("old", mt.Label("istio-injection", "enabled")), app("old", "crm", mt.Sidecar, mt.NotCaptured), app("old", "crm-next", mt.Sidecar, mt.NotCaptured), mt.Namespace("shop", mt.Ambient), app("shop", "web")},
			yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: crm, namespace: old}
spec:
  parentRefs: [{group: "", kind: Service, name: crm}]
  rules:
  - backendRefs: [{name: crm, port: 80, weight: 9}, {name: crm-next, port: 80, weight: 1}]
status:
  parents:
  - parentRef: {group: "", kind: Service, name: crm}
    controllerName: istio.io/gateway-controller
    conditions:
    - {type: Accepted, status: "True", reason: Accepted, message: Route was valid, lastTransitionTime: "2026-11-22T08:00:00Z"}
    - {type: ResolvedWaypoints, status: "True", reason: ResolvedWaypoints, lastTransitionTime: "2026-11-22T08:00:00Z", message: "istio.io/use-waypoint label missing from parent and parent namespace; in ambient mode, route will not be respected"}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: crm-next, namespace: old}
spec:
  hosts: [crm-next]
  http:
  - timeout: 5s
    route: [{destination: {host: crm-next}}]
`,
			twins: []twin{{name: "a client there is in ambient", parts: []mt.Part{mt.Deployment("old", "batch", mt.Ambient, mt.Captured)}, want: []string{
				"ROUTE_NO_WAYPOINT HTTPRoute old/crm", "ROUTE_NO_WAYPOINT VirtualService old/crm-next",
			}}},
		},
		{
			name: "an ExternalName and a ServiceEntry are in a namespace with a waypoint for egress",
			parts: []mt.Part{
				mt.Namespace("egress", mt.Ambient), mt.Waypoint("egress", "out", mt.Replicas(2)), mt.Deployment("egress", "crawler"),
			},
			yaml: `
apiVersion: v1
kind: Service
metadata: {name: legacy, namespace: egress, labels: {istio.io/use-waypoint: nowhere}}
spec: {type: ExternalName, externalName: legacy.example}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: pay, namespace: egress, labels: {istio.io/use-waypoint: out}}
spec:
  hosts: [pay.example]
  resolution: DNS
  ports:
  - {number: 80, name: http, protocol: HTTP, targetPort: 443}
status:
  addresses: [{value: 240.240.0.7, host: pay.example}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: pay, namespace: egress}
spec:
  host: pay.example
  trafficPolicy: {tls: {mode: SIMPLE}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: pay, namespace: egress}
spec:
  targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: pay}]
  rules:
  - to:
    - operation: {methods: [POST]}
`,
			twins: []twin{
				{name: "the entry's label is misspelt", old: "{istio.io/use-waypoint: out}", new: "{istio.io/use-waypoint: outt}", want: []string{"WAYPOINT_NOT_FOUND ServiceEntry egress/pay"}},
				{name: "the policy is for the ExternalName", old: "{group: networking.istio.io, kind: ServiceEntry, name: pay}", new: `{group: "", kind: Service, name: legacy}`, want: []string{"AUTHZ_TARGET_NOT_BOUND AuthorizationPolicy egress/pay"}},
			},
		},
		{
			name:  "one Service wants no waypoint and is protected by a policy for its pods",
			parts: bookinfo(app("bookinfo", "ratings"), mt.Service("bookinfo", "ratings-direct", mt.Selects("app", "ratings"), mt.UseWaypoint("none"))),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ratings, namespace: bookinfo}
spec:
  selector: {matchLabels: {app: ratings}}
  rules:
  - from:
    - source: {serviceAccounts: [bookinfo/waypoint, bookinfo/reviews-v1]}
`,
			twins: []twin{{name: "it has a route", parts: []mt.Part{routeTo("bookinfo", "ratings-direct")}, want: []string{"ROUTE_NO_WAYPOINT HTTPRoute bookinfo/ratings-direct"}}},
		},
		{
			name:  "TLS is passed through a gateway to a Service that ends it",
			parts: bookinfo(entrance(), mt.Deployment("bookinfo", "vault", mt.ContainerPort(8200, "https")), mt.Service("bookinfo", "vault", mt.TargetPort(443, "https", "8200"))),
			yaml: `
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TLSRoute
metadata: {name: vault, namespace: bookinfo}
spec:
  parentRefs: [{name: gateway, namespace: ingress}]
  hostnames: [vault.example]
  rules:
  - backendRefs: [{name: vault, port: 443}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: vault, namespace: bookinfo}
spec:
  targetRefs: [{group: "", kind: Service, name: vault}]
  rules:
  - from:
    - source: {principals: [cluster.local/ns/bookinfo/sa/productpage]}
    to:
    - operation: {ports: ["443"]}
`,
			twins: []twin{{name: "the policy asks for a path", old: `{ports: ["443"]}`, new: `{ports: ["443"], paths: [/v1/*]}`, want: []string{"AUTHZ_HTTP_ON_TCP_PORT AuthorizationPolicy bookinfo/vault"}}},
		},
		{
			name: "a namespace's waypoint is in another one, which admits it by a label",
			parts: []mt.Part{
				mt.Namespace("infra"), mt.Waypoint("infra", "shared", mt.Replicas(2), mt.FromNamespaces("team", "books")),
				mt.Namespace("books", mt.Ambient, mt.UseWaypointIn("infra", "shared"), mt.Label("team", "books")), app("books", "web"),
			},
			yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: infra}
spec:
  hosts: [web.books.svc.cluster.local]
  http:
  - route: [{destination: {host: web.books.svc.cluster.local}}]
    retries: {attempts: 2}
`,
			twins: []twin{
				{name: "another team asks for it too", parts: []mt.Part{mt.Namespace("toys", mt.Ambient, mt.UseWaypointIn("infra", "shared"), mt.Label("team", "toys")), app("toys", "web")}, want: []string{"WAYPOINT_ATTACHMENT_DENIED Namespace toys"}},
				{name: "the route is in a third namespace", old: "namespace: infra}", new: "namespace: default}", want: []string{"ROUTE_WRONG_NAMESPACE VirtualService default/web"}},
			},
		},
	})
}

// routeTo is an HTTPRoute with a Service as parent and backend.
func routeTo(namespace, service string) mt.Part {
	ref := mesh.Ref{Kind: "Service", Namespace: namespace, Name: service}
	return mt.Objects(&mesh.Route{
		Meta:    mesh.Meta{Kind: "HTTPRoute", Namespace: namespace, Name: service},
		Parents: []mesh.RouteParent{{Ref: ref}},
		Rules:   []mesh.RouteRule{{Protocol: "http", Backends: []mesh.Backend{{Ref: ref, Port: 80, Weight: 1}}}},
	})
}
