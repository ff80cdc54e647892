package analysis_test

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointNotFound(t *testing.T) {
	typo := mt.UseWaypoint("wayponit")
	testCheck(t, "WAYPOINT_NOT_FOUND", []checkCase{
		{
			name:  "a namespace's label is one finding however many Services inherit it",
			parts: []mt.Part{mt.Namespace("shop", typo), mt.Service("shop", "web"), mt.Service("shop", "orders")},
			want:  []string{"critical Namespace shop"},
		},
		{
			name:  "a Service's own label is the Service's, beside a namespace whose waypoint works",
			parts: shop(mt.Service("shop", "catalog", typo)),
			want:  []string{"critical Service shop/catalog"},
		},
		{
			name:  "a ServiceEntry and a WorkloadEntry can carry it",
			parts: []mt.Part{mt.Namespace("shop"), mt.ServiceEntry("shop", "bank", "api.bank.example", typo), mt.WorkloadEntry("shop", "vm", "192.0.2.7", typo)},
			want:  []string{"critical ServiceEntry shop/bank", "critical WorkloadEntry shop/vm"},
		},
		{
			name:  "a label in a pod template is one finding on the Deployment",
			parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.Replicas(3), typo)},
			want:  []string{"critical Deployment shop/web"},
		},
		{
			name:  "a label put on one pod by hand is the pod's",
			parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.Replicas(3), mt.OnPod(2, typo))},
			want:  []string{"critical Pod shop/web-2"},
		},
		{
			name:  "an empty value names nothing and hides the namespace's waypoint",
			parts: shop(mt.Service("shop", "catalog", mt.UseWaypoint(""))),
			want:  []string{"critical Service shop/catalog"},
		},
		{
			name:  "the Gateway is looked for in the namespace the second label names",
			parts: shop(mt.Namespace("payments", mt.UseWaypointIn("infra", "waypoint")), mt.Service("payments", "ledger")),
			want:  []string{"critical Namespace payments"},
		},
		{
			name:  "no Gateway exists where the Gateway API is not installed",
			parts: []mt.Part{mt.Namespace("shop", typo), mt.Source("kubernetes/"+mesh.ResourceGateways, mesh.SourceAbsent, "")},
			want:  []string{"critical Namespace shop"},
		},
		{name: "silent on the value none, which opts out", parts: shop(mt.Service("shop", "catalog", mt.UseWaypoint("none")))},
		{name: "silent on a Gateway that exists without an address", parts: []mt.Part{mt.Namespace("shop", mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.NeverProgrammed()), mt.Service("shop", "web")}},
		{name: "silent on ExternalName Services, which no waypoint can serve", parts: shop(mt.Service("shop", "old", typo, mt.With(func(s *mesh.Service) { s.Type = "ExternalName" })))},
		{name: "silent on the Service of a gateway", parts: shop(mt.Service("shop", "edge", typo, mt.Label(mesh.LabelGatewayManaged, mesh.ManagedWaypoint)))},
		{name: "silent on a finished pod", parts: shop(mt.Pod("shop", "migrate", typo, mt.Phase("Succeeded")))},
		{name: "silent on a terminating pod", parts: shop(mt.Pod("shop", "old", typo, mt.Terminating()))},
		{name: "silent where Gateways may not be read", parts: []mt.Part{mt.Namespace("shop", typo), mt.Service("shop", "web"), mt.Forbidden(mesh.ResourceGateways)}},
		{name: "silent where the Gateway's namespace is not watched", parts: []mt.Part{mt.Scope("shop"), mt.Namespace("shop", mt.UseWaypointIn("infra", "waypoint")), mt.Service("shop", "web")}},
	})
}

func TestWaypointNotFoundSaysWhatBecomesOfCalls(t *testing.T) {
	typo := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("wayponit"))
	onlyWaypoint := &mesh.AuthorizationPolicy{
		Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "only-via-waypoint"}, Action: "ALLOW",
		Rules: []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/waypoint"}}}}},
	}
	onlyWeb := &mesh.AuthorizationPolicy{
		Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "only-web"}, Action: "ALLOW",
		Rules: []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/web"}}}}},
	}
	base := mt.Parts(mt.Waypoint("shop", "waypoint"), mt.Deployment("shop", "web"), mt.Deployment("shop", "orders"), mt.Service("shop", "orders"))
	tests := []struct {
		name  string
		parts []mt.Part
		want  []string
		class analysis.Class
	}{
		{"nothing at ztunnel refuses: fail-open", []mt.Part{typo, base}, []string{"Calls to orders go direct", "not applied", "fail-open"}, analysis.Unprotected},
		{"policies at ztunnel admit the waypoint only: every call is cut", []mt.Part{typo, base, mt.Objects(onlyWaypoint)}, []string{"shop/only-via-waypoint admits no caller", "Calls are cut"}, analysis.Breaks},
		{"some callers are admitted without the waypoint", []mt.Part{typo, base, mt.Objects(onlyWeb)}, []string{"fail-open", "still refuse some callers"}, analysis.Unprotected},
		{"the pods are not captured, so nothing asks the callers", []mt.Part{mt.Namespace("shop", mt.UseWaypoint("wayponit")), base, mt.Objects(onlyWaypoint)}, []string{"fail-open"}, analysis.Unprotected},
		{"policies could not be read", []mt.Part{typo, base, mt.Forbidden(mesh.ResourceAuthorizationPolicies)}, []string{"fail-open", "not certain"}, analysis.Unprotected},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := only(t, assess(tt.parts...), "WAYPOINT_NOT_FOUND")
			for _, want := range tt.want {
				if !strings.Contains(f.Detail, want) {
					t.Errorf("detail %q lacks %q", f.Detail, want)
				}
			}
			if f.Class != tt.class {
				t.Errorf("class %s, want %s", f.Class, tt.class)
			}
		})
	}
}

func TestWaypointNotFoundOffersTheNameThatIsMeant(t *testing.T) {
	tests := []struct {
		name  string
		parts []mt.Part
		want  []string
	}{
		{
			name:  "the namespace gets the name that is one slip away",
			parts: []mt.Part{mt.Namespace("shop", mt.UseWaypoint("wayponit")), mt.Waypoint("shop", "waypoint")},
			want:  []string{"kubectl -n shop get gateways.gateway.networking.k8s.io", "kubectl label namespace/shop istio.io/use-waypoint=waypoint --overwrite"},
		},
		{
			name:  "a Deployment gets it in its template",
			parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "waypoint"), mt.Deployment("shop", "web", mt.UseWaypoint("waypont"))},
			want: []string{
				"kubectl -n shop get gateways.gateway.networking.k8s.io",
				`kubectl -n shop patch deployment/web --type=merge -p '{"spec":{"template":{"metadata":{"labels":{"istio.io/use-waypoint":"waypoint"}}}}}'`,
			},
		},
		{
			name:  "nothing is changed where no name is near",
			parts: []mt.Part{mt.Namespace("shop", mt.UseWaypoint("edge")), mt.Waypoint("shop", "waypoint")},
			want:  []string{"kubectl -n shop get gateways.gateway.networking.k8s.io"},
		},
		{
			name:  "an empty label is taken away",
			parts: []mt.Part{mt.Namespace("shop"), mt.Service("shop", "web", mt.UseWaypoint(""))},
			want:  []string{"kubectl get gateways.gateway.networking.k8s.io -A", "kubectl -n shop label service/web istio.io/use-waypoint-"},
		},
		{
			name:  "an empty namespace beside the name is taken away",
			parts: []mt.Part{mt.Namespace("shop"), mt.Waypoint("shop", "waypoint"), mt.Service("shop", "web", mt.UseWaypointIn("", "waypoint"))},
			want:  []string{"kubectl get gateways.gateway.networking.k8s.io -A", "kubectl -n shop label service/web istio.io/use-waypoint-namespace-"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := only(t, assess(tt.parts...), "WAYPOINT_NOT_FOUND").Fix
			diffText(t, tt.want, got.Commands)
		})
	}
}

func TestDirectCallsAreJudgedByThePortOnThePod(t *testing.T) {
	policy := &mesh.AuthorizationPolicy{
		Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "admin-only"}, Action: "ALLOW",
		Rules: []mesh.AuthorizationRule{{To: []mesh.AuthorizationOperation{{Ports: []string{"9090"}}}}},
	}
	tests := []struct {
		name  string
		port  mt.Option
		class analysis.Class
	}{
		{"the policy admits the named port's number", mt.TargetPort(80, "http", "admin"), analysis.Unprotected},
		{"and the number itself", mt.TargetPort(80, "http", "9090"), analysis.Unprotected},
		{"and the Service's where it is the pod's as well", mt.Port(9090, "http"), analysis.Unprotected},
		{"it admits no other port", mt.TargetPort(9090, "http", "8080"), analysis.Breaks},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := assess(
				mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("typo")), mt.Objects(policy),
				mt.Deployment("shop", "web", mt.ContainerPort(8080, "http"), mt.ContainerPort(9090, "admin")), mt.Service("shop", "web", tt.port),
			)
			if f := only(t, r, "WAYPOINT_NOT_FOUND"); f.Class != tt.class {
				t.Errorf("class %s, want %s: %s", f.Class, tt.class, f.Detail)
			}
		})
	}
}
