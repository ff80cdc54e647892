package authz_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// hopsWithout are both hops of a shop where a resource may not be read.
func hopsWithout(resource string, objects ...mesh.Object) (ztunnel, waypoint *authz.Hop) {
	s := meshtest.Mesh(append(shopParts(objects...), meshtest.Forbidden(resource))...)
	waypoint = authz.AtWaypoint(s, s.Gateway("shop", "waypoint"), authz.Target{
		Service: mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"}, Port: mesh.ServicePort{Name: "http", Port: 80},
	})
	return authz.AtZtunnel(s, s.Workload("shop", "orders-1")), waypoint
}

func TestUnreadPoliciesAreNeitherAllowNorDeny(t *testing.T) {
	z, w := hopsWithout(mesh.ResourceAuthorizationPolicies)
	for name, h := range map[string]*authz.Hop{"ztunnel": z, "waypoint": w} {
		got := h.Decide(call())
		if got.Verdict != authz.Undetermined || len(got.Unread) == 0 || got.DependsOnRequest() {
			t.Errorf("%s: %+v, want undetermined for what is unread", name, got)
		}
	}
	z, _ = hopsWithout(mesh.ResourceAuthorizationPolicies, authPolicy("p", "DENY", rule{}))
	if got := z.Decide(call()); got.Verdict != authz.Deny {
		t.Errorf("a DENY that was read: %+v, want deny whatever else there is", got)
	}
	z, _ = hopsWithout(mesh.ResourceAuthorizationPolicies, authPolicy("p", "ALLOW"))
	if got := z.Decide(call()); got.Verdict != authz.Undetermined {
		t.Errorf("an ALLOW that admits nobody: %+v, want undetermined: another may", got)
	}
}

func TestUnreadPeerAuthenticationsMatterToPlaintextOnly(t *testing.T) {
	z, _ := hopsWithout(mesh.ResourcePeerAuthentications)
	if got := z.Decide(call(plaintext)); got.Verdict != authz.Undetermined || got.Code != mesh.CodeStrictPlaintext {
		t.Errorf("plaintext: %+v, want undetermined", got)
	}
	if got := z.Decide(call()); got.Verdict != authz.Allow {
		t.Errorf("with identity: %+v, want allow", got)
	}
}

func TestUnreadRequestAuthenticationsLeaveTokensOpen(t *testing.T) {
	_, w := hopsWithout(mesh.ResourceRequestAuthentications, allowFrom(from{RequestPrincipals: list("*")}))
	if got := w.Decide(call()); got.Verdict != authz.Undetermined {
		t.Errorf("%+v, want undetermined: a RequestAuthentication may read the token", got)
	}
}
