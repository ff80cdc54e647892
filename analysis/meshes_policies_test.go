package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestPoliciesThatLookSuspiciousAndAreFine(t *testing.T) {
	tellStories(t, []story{
		{
			name:  "nothing is allowed in a namespace but what its waypoint sends",
			parts: bookshop(),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: waypoint-may, namespace: shop}
spec:
  rules:
  - from:
    - source:
        principals: [cluster.local/ns/shop/sa/waypoint]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web-reads-orders, namespace: shop}
spec:
  targetRefs:
  - {group: "", kind: Service, name: orders}
  rules:
  - from:
    - source: {principals: [cluster.local/ns/shop/sa/web]}
    to:
    - operation: {methods: [GET]}
`,
			twins: []twin{
				{name: "the waypoint's account is misspelt", old: "sa/waypoint]", new: "sa/waypoints]", want: []string{
					"AUTHZ_WAYPOINT_IDENTITY_DENIED Service shop/orders", "AUTHZ_WAYPOINT_IDENTITY_DENIED Service shop/web",
				}},
				{name: "the target is misspelt", old: "name: orders}", new: "name: order}", want: []string{"AUTHZ_TARGET_NOT_FOUND AuthorizationPolicy shop/web-reads-orders"}},
				{name: "the HTTP rule selects the pods instead", old: "targetRefs:\n  - {group: \"\", kind: Service, name: orders}", new: "selector: {matchLabels: {app: orders}}", want: nil},
			},
		},
		{
			name:  "a DENY refuses everybody but the waypoint and the ingress",
			parts: bookshop(),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: only-by-waypoint, namespace: shop}
spec:
  action: DENY
  rules:
  - from:
    - source:
        notPrincipals:
        - cluster.local/ns/shop/sa/waypoint
        - cluster.local/ns/ingress/sa/gateway
`,
			twins: []twin{{name: "the waypoint is forgotten", old: "        - cluster.local/ns/shop/sa/waypoint\n", want: []string{
				"AUTHZ_DENY_HITS_WAYPOINT Service shop/orders", "AUTHZ_DENY_HITS_WAYPOINT Service shop/web",
			}}},
		},
		{
			name:  "a headless database is protected by a policy for its pods",
			parts: bookshop(mt.StatefulSet("shop", "db", mt.ContainerPort(5432, "pg")), mt.Service("shop", "db", mt.Headless, mt.Port(5432, "tcp-pg"))),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  rules:
  - from:
    - source: {principals: [cluster.local/ns/shop/sa/orders]}
    to:
    - operation: {ports: ["5432"]}
`,
			twins: []twin{{
				name: "the policy targets the Service", old: "selector: {matchLabels: {app: db}}", new: "targetRefs: [{kind: Service, name: db}]",
				want: []string{"WAYPOINT_BYPASSED_POD_ADDRESSED Service shop/db"},
			}},
		},
		{
			name:  "a policy of the mesh is for all waypoints by their class",
			parts: bookshop(mt.Objects(waypointClass())),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: identities-only, namespace: istio-system}
spec:
  targetRefs:
  - {group: gateway.networking.k8s.io, kind: GatewayClass, name: istio-waypoint}
  rules:
  - from:
    - source: {principals: ["*"]}
`,
			twins: []twin{{name: "it is in another namespace", old: "namespace: istio-system", new: "namespace: shop", want: []string{"AUTHZ_GATEWAYCLASS_IGNORED AuthorizationPolicy shop/identities-only"}}},
		},
		{
			name:  "a token is required for the API and not for the health page",
			parts: bookshop(),
			yaml: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: shop}
spec:
  targetRefs: [{kind: Service, name: web}]
  jwtRules:
  - {issuer: https://id.example, jwksUri: https://id.example/keys}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec:
  targetRefs: [{kind: Service, name: web}]
  rules:
  - from:
    - source: {requestPrincipals: ["https://id.example/*"]}
    to:
    - operation: {paths: [/api, /api/*]}
  - to:
    - operation: {paths: [/healthz]}
`,
			twins: []twin{
				{name: "the open rule is for everything", old: "paths: [/healthz]", new: "methods: [GET]", want: []string{"AUTHZ_ALLOW_WIDENS Service shop/web"}},
				{name: "the token rule selects pods", old: "  targetRefs: [{kind: Service, name: web}]\n  jwtRules", new: "  selector: {matchLabels: {app: web}}\n  jwtRules", want: []string{"NEVER_AT_WAYPOINT RequestAuthentication shop/tokens"}},
			},
		},
		{
			name: "HTTP rules are for the HTTP port of a Service that has a TCP port too",
			parts: bookshop(mt.Deployment("shop", "cache", mt.ContainerPort(8080, "http"), mt.ContainerPort(6379, "redis")),
				mt.Service("shop", "cache", mt.TargetPort(80, "http", "http"), mt.TargetPort(6379, "redis", "redis"))),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cache, namespace: shop}
spec:
  targetRefs: [{kind: Service, name: cache}]
  rules:
  - from:
    - source: {namespaces: [shop]}
    to:
    - operation: {methods: [GET], ports: ["80"]}
  - from:
    - source: {namespaces: [shop]}
    to:
    - operation: {ports: ["6379"]}
`,
			twins: []twin{
				{name: "no rule is for the TCP port", old: `methods: [GET], ports: ["80"]}
  - from:
    - source: {namespaces: [shop]}
    to:
    - operation: {ports: ["6379"]}`, new: "methods: [GET]}", want: []string{"AUTHZ_HTTP_ON_TCP_PORT AuthorizationPolicy shop/cache"}},
				{name: "the Service leads to a port nobody has", parts: []mt.Part{mt.Service("shop", "cache-ui", mt.Selects("app", "cache"), mt.TargetPort(80, "http", "ui"))}, want: []string{"SERVICE_PORT_UNRESOLVED Service shop/cache-ui"}},
			},
		},
		{
			name:  "one policy says for HTTP and another for TCP who may call",
			parts: bookshop(mt.Deployment("shop", "cache", mt.ContainerPort(8080, "http")), mt.Service("shop", "cache", mt.Port(80, "http"), mt.Port(6379, "redis"))),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cache-http, namespace: shop}
spec:
  targetRefs: [{kind: Service, name: cache}]
  rules:
  - to:
    - operation: {methods: [GET]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cache-tcp, namespace: shop}
spec:
  targetRefs: [{kind: Service, name: cache}]
  rules:
  - from:
    - source: {namespaces: [shop]}
    to:
    - operation: {ports: ["6379"]}
`,
		},
		{
			name:  "a DENY names the port of the Service and that of the pods, to be safe",
			parts: bookshop(),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-strangers, namespace: shop}
spec:
  selector: {matchLabels: {app: orders}}
  action: DENY
  rules:
  - from:
    - source: {notNamespaces: [shop]}
    to:
    - operation: {ports: ["80", "8080"]}
`,
			twins: []twin{{name: "that of the pods is missing", old: `"80", "8080"`, new: `"80"`, want: []string{"AUTHZ_PORT_MISMATCH AuthorizationPolicy shop/no-strangers"}}},
		},
		{
			name:  "HTTP policies are for the pods of an ingress and of a namespace with sidecars",
			parts: bookshop(mt.Namespace("old", mt.Label("istio-injection", "enabled")), app("old", "crm", mt.Sidecar, mt.NotCaptured), mt.Namespace("ingress"), mt.Gateway("ingress", "gateway")),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-deletes, namespace: old}
spec:
  action: DENY
  rules:
  - to:
    - operation: {methods: [DELETE]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: crm, namespace: old}
spec:
  selector: {matchLabels: {app: crm}}
  rules:
  - to:
    - operation: {paths: [/api/*]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: old}
spec:
  jwtRules:
  - {issuer: https://id.example, jwksUri: https://id.example/keys}
`,
			twins: []twin{
				{name: "the pods are in ambient now", parts: []mt.Part{app("old", "erp", mt.Label("app", "crm"), mt.Captured, mt.Ambient)}, want: []string{
					"AUTHZ_DENY_NO_EFFECT AuthorizationPolicy old/no-deletes", "AUTHZ_L7_DENIES_ALL AuthorizationPolicy old/crm",
				}},
				{name: "a DENY there is for ambient", old: "metadata: {name: no-deletes, namespace: old}", new: "metadata: {name: no-deletes, namespace: shop}", want: []string{"AUTHZ_DENY_NO_EFFECT AuthorizationPolicy shop/no-deletes"}},
			},
		},
		{
			name:  "a policy with HTTP rules for pods is a dry run",
			parts: bookshop(),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: trial, namespace: shop, annotations: {istio.io/dry-run: "true"}}
spec:
  rules:
  - to:
    - operation: {methods: [GET]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: trial-deny, namespace: shop, annotations: {istio.io/dry-run: "true"}}
spec:
  action: DENY
  rules:
  - to:
    - operation: {methods: [GET], ports: ["8080"]}
`,
			twins: []twin{{name: "the ALLOW is enforced", old: `{name: trial, namespace: shop, annotations: {istio.io/dry-run: "true"}}`, new: "{name: trial, namespace: shop}", want: []string{"AUTHZ_L7_DENIES_ALL AuthorizationPolicy shop/trial"}}},
		},
		{
			name:  "STRICT has an exception for a port, by both its numbers",
			parts: bookshop(mt.Deployment("shop", "exporter", mt.ContainerPort(9100, "metrics")), mt.Service("shop", "exporter", mt.TargetPort(80, "http", "9100"))),
			yaml: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: exporter, namespace: shop}
spec:
  selector: {matchLabels: {app: exporter}}
  mtls: {mode: STRICT}
  portLevelMtls:
    "9100": {mode: PERMISSIVE}
    "80": {mode: PERMISSIVE}
`,
			twins: []twin{{name: "only the Service's is written", old: "    \"9100\": {mode: PERMISSIVE}\n", want: []string{"PEERAUTH_NOT_APPLIED PeerAuthentication shop/exporter"}}},
		},
		{
			name:  "a canary waypoint takes a tenth, and both are admitted",
			parts: canaryShop("10"),
			yaml:  admits("cluster.local/ns/shop/sa/waypoint, cluster.local/ns/shop/sa/waypoint-new"),
			twins: []twin{{name: "only the first is admitted", old: ", cluster.local/ns/shop/sa/waypoint-new", want: []string{"AUTHZ_WAYPOINT_IDENTITY_DENIED Service shop/orders", "AUTHZ_WAYPOINT_IDENTITY_DENIED Service shop/web"}}},
		},
		{
			name:  "a canary waypoint takes nothing yet, is not admitted yet, and has no pods yet",
			parts: canaryShop("0", mt.Replicas(0)),
			yaml:  admits("cluster.local/ns/shop/sa/waypoint"),
		},
		{
			name:  "a new waypoint takes a tenth",
			parts: canaryShop("10"),
			yaml:  admits("cluster.local/ns/shop/sa/waypoint, cluster.local/ns/shop/sa/waypoint-new, cluster.local/ns/shop/sa/waypoint-next"),
			twins: []twin{{
				name: "a Service sends its tenth to one without pods",
				parts: []mt.Part{
					mt.Waypoint("shop", "waypoint-next", mt.Replicas(0)), mt.Deployment("shop", "cart"),
					mt.Service("shop", "cart", mt.UseWaypoint("waypoint"), mt.Label("istio.io/use-waypoint-canary", "waypoint-next"), mt.Annotation("istio.io/use-waypoint-canary-weight", "10")),
				},
				want: []string{"WAYPOINT_NO_ENDPOINTS Gateway shop/waypoint-next"},
			}},
		},
		{
			name:  "a DENY is for callers of one version, and leaves the waypoint alone",
			parts: bookshop(version("shop", "cart", "v1"), version("shop", "cart", "v2"), mt.Service("shop", "cart", mt.TargetPort(80, "http", "9080"))),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: not-for-web, namespace: shop}
spec:
  selector: {matchLabels: {version: v2}}
  action: DENY
  rules:
  - from:
    - source: {principals: [cluster.local/ns/shop/sa/web]}
`,
			twins: []twin{
				{name: "it is for a namespace, which is the waypoint's too", old: "{principals: [cluster.local/ns/shop/sa/web]}", new: "{namespaces: [shop]}", want: []string{"AUTHZ_DENY_HITS_WAYPOINT Service shop/cart"}},
				{name: "it asks for a method", old: "sa/web]}\n", new: "sa/web]}\n    to:\n    - operation: {methods: [POST], ports: [\"9080\"]}\n", want: []string{"AUTHZ_DENY_BROADER AuthorizationPolicy shop/not-for-web"}},
				{name: "it refuses the namespace by a method", old: "{principals: [cluster.local/ns/shop/sa/web]}\n", new: "{namespaces: [shop]}\n    to:\n    - operation: {methods: [POST], ports: [\"9080\"]}\n", want: []string{"AUTHZ_DENY_BROADER AuthorizationPolicy shop/not-for-web"}},
			},
		},
		{
			name:  "a mesh has another trust domain, and policies name accounts by both",
			parts: bookshop(meshConfig(func(c *mesh.MeshConfig) { c.TrustDomain = "prod.example" })),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: by-waypoint, namespace: shop}
spec:
  rules:
  - from:
    - source: {principals: [cluster.local/ns/shop/sa/waypoint, prod.example/ns/shop/sa/waypoint]}
`,
			twins: []twin{{name: "they name them by the old one alone", old: ", prod.example/ns/shop/sa/waypoint", want: []string{
				"AUTHZ_PRINCIPAL_UNKNOWN AuthorizationPolicy shop/by-waypoint", "AUTHZ_WAYPOINT_IDENTITY_DENIED Service shop/orders", "AUTHZ_WAYPOINT_IDENTITY_DENIED Service shop/web",
			}}},
		},
		{
			name:  "a rule without a token stands beside one with, and a DENY refuses calls without",
			parts: bookshop(),
			yaml: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: shop}
spec:
  targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}]
  jwtRules:
  - {issuer: https://id.example, jwksUri: https://id.example/keys}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: tokens, namespace: shop}
spec:
  targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}]
  action: DENY
  rules:
  - from:
    - source: {notRequestPrincipals: ["*"]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec:
  targetRefs: [{kind: Service, name: orders}]
  rules:
  - from:
    - source: {requestPrincipals: ["https://id.example/*"]}
  - to:
    - operation: {methods: [GET]}
`,
			twins: []twin{{name: "the DENY is a dry run", old: "metadata: {name: tokens, namespace: shop}\nspec:\n  targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}]\n  action", new: "metadata: {name: tokens, namespace: shop, annotations: {istio.io/dry-run: \"true\"}}\nspec:\n  targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}]\n  action", want: []string{"AUTHZ_ALLOW_WIDENS Service shop/orders"}}},
		},
		{
			name:  "two revisions of istiod run, and a policy is for the second",
			parts: bookshop(mt.Deployment("istio-system", "istiod-canary", mt.Label("app", "istiod"), mt.Label("istio.io/rev", "canary"), mt.NotCaptured)),
			yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop, labels: {istio.io/rev: canary}}
spec:
  rules:
  - from:
    - source: {namespaces: [shop]}
`,
			twins: []twin{{name: "its revision is gone", old: "istio.io/rev: canary", new: "istio.io/rev: 1-20-0", want: []string{"OTHER_REVISION AuthorizationPolicy shop/web"}}, {
				// istiod compares labels of policies literally and knows no tags there.
				name: "it names a tag", old: "istio.io/rev: canary", new: "istio.io/rev: stable", want: []string{"OTHER_REVISION AuthorizationPolicy shop/web"},
			}},
		},
	})
}

// admits is an ALLOW of namespace shop for these principals.
func admits(principals string) string {
	return `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: by-waypoint, namespace: shop}
spec:
  rules:
  - from:
    - source: {principals: [` + principals + `]}
`
}

// canaryShop sends a share of the calls through a second waypoint.
func canaryShop(weight string, opts ...mt.Option) []mt.Part {
	return []mt.Part{
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"), mt.Label("istio.io/use-waypoint-canary", "waypoint-new"), mt.Annotation("istio.io/use-waypoint-canary-weight", weight)),
		mt.Waypoint("shop", "waypoint", mt.Replicas(2)), mt.Waypoint("shop", "waypoint-new", append([]mt.Option{mt.Replicas(2)}, opts...)...),
		app("shop", "web"), app("shop", "orders"),
	}
}

func waypointClass() *mesh.GatewayClass {
	return &mesh.GatewayClass{Meta: mesh.Meta{Kind: "GatewayClass", Name: mesh.ClassWaypoint}}
}
