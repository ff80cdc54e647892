package authz_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// revisioned is a shop whose istiod is of a revision; empty is one that does
// not say.
func revisioned(revision string, parts []meshtest.Part) *mesh.Snapshot {
	s := meshtest.Mesh(parts...)
	if revision != "" {
		s.Istiods()[0].Labels[mesh.LabelRevision] = revision
	}
	return s
}

func of(revision string, o mesh.Object) mesh.Object {
	m := o.Metadata()
	m.Labels = map[string]string{mesh.LabelRevision: revision}
	return o
}

func TestPoliciesOfAnotherRevision(t *testing.T) {
	second := &mesh.Controller{}
	second.Kind, second.Namespace, second.Name = "Deployment", "istio-system", "istiod-canary"
	second.Labels = map[string]string{"app": "istiod", mesh.LabelRevision: "canary"}
	denied := func() mesh.Object { return authPolicy("p", "DENY", rule{}) }
	for _, test := range []struct {
		name, istiod string
		objects      []mesh.Object
		call         authz.Call
		want         authz.Verdict
	}{
		{"its own revision is enforced", "default", []mesh.Object{of("default", denied())}, call(), authz.Deny},
		{"another revision is not", "default", []mesh.Object{of("canary", denied())}, call(), authz.Allow},
		{"an istiod that names no revision leaves it open", "", []mesh.Object{of("canary", denied())}, call(), authz.Undetermined},
		{"several istiods leave it open", "default", []mesh.Object{second, of("canary", denied())}, call(), authz.Undetermined},
		{"a revision that neither of several has is not enforced", "default", []mesh.Object{second, of("old", denied())}, call(), authz.Allow},
		{"no label is enforced by all", "default", []mesh.Object{second, authPolicy("p", "DENY", rule{})}, call(), authz.Deny},
		{"what is open does not undo a refusal", "", []mesh.Object{of("canary", authPolicy("a", "ALLOW", rule{})), authPolicy("p", "DENY", rule{})}, call(), authz.Deny},
		{"STRICT of another revision is not asked for", "default", []mesh.Object{of("canary", peerAuth("shop", "n", "STRICT", false, nil))}, call(plaintext), authz.Allow},
		{"STRICT of its own revision is", "default", []mesh.Object{of("default", peerAuth("shop", "n", "STRICT", false, nil))}, call(plaintext), authz.Deny},
		{"STRICT of a revision nobody knows is open for plaintext", "", []mesh.Object{of("canary", peerAuth("shop", "n", "STRICT", false, nil))}, call(plaintext), authz.Undetermined},
		{"STRICT of a revision nobody knows does not matter to an identity", "", []mesh.Object{of("canary", peerAuth("shop", "n", "STRICT", false, nil))}, call(), authz.Allow},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := revisioned(test.istiod, shopParts(test.objects...))
			got := authz.AtZtunnel(s, s.Workload("shop", "orders-1")).Decide(test.call)
			if got.Verdict != test.want {
				t.Errorf("decision = %+v, want %s", got, test.want)
			}
			if got.Verdict == authz.Undetermined && len(got.Unread) == 0 {
				t.Error("nothing is said to be unread")
			}
		})
	}
	s := revisioned("default", shopParts(of("canary", requestAuth())))
	h := authz.AtWaypoint(s, s.Gateway("shop", "waypoint"), authz.Target{Service: mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"}, Port: mesh.ServicePort{Name: "http", Port: 80}})
	if got := h.Decide(call(orderRequest(with(authz.Token{State: authz.TokenInvalid})))); got.Verdict != authz.Allow {
		t.Errorf("a RequestAuthentication of another revision: %+v, want allow", got)
	}
}

func TestAPolicyOfAnotherRevisionSaysSo(t *testing.T) {
	s := revisioned("default", shopParts(of("canary", authPolicy("p", "DENY", rule{}))))
	h := authz.AtZtunnel(s, s.Workload("shop", "orders-1"))
	want := `does nothing here: its label istio.io/rev gives it to the istiod of revision "canary", which there is none of here`
	if got := h.Effect(h.Attached[0]); got != want {
		t.Errorf("effect = %q, want %q", got, want)
	}
}

// istiod decides twice whether a workload is strict, and takes the mode of the
// mesh into account only once where the namespace has a PeerAuthentication that
// leaves it unset (convertPeerAuthentication).
func TestExceptionsOfPortsThatIstiodLoses(t *testing.T) {
	type ports = map[uint16]string
	meshStrict := peerAuth("istio-system", "default", "STRICT", false, nil)
	open := peerAuth("shop", "s", "", true, ports{8080: "PERMISSIVE"})
	for _, test := range []struct {
		name   string
		list   []mesh.Object
		strict map[uint16]bool
	}{
		{"a strict mesh alone is inherited", []mesh.Object{meshStrict, open}, map[uint16]bool{8080: false, 9090: true}},
		{"a strict namespace is inherited", []mesh.Object{peerAuth("shop", "n", "STRICT", false, nil), open}, map[uint16]bool{8080: false, 9090: true}},
		{"a namespace that leaves it unset loses the policy, and no port is strict", []mesh.Object{meshStrict, peerAuth("shop", "n", "", false, nil), open}, map[uint16]bool{8080: false, 9090: false}},
		{"a namespace with an empty selector is no namespace there", []mesh.Object{withEmptySelector(peerAuth("shop", "n", "STRICT", false, nil)), open}, map[uint16]bool{8080: false, 9090: false}},
		{"an unset namespace does not matter to a policy with a mode of its own", []mesh.Object{meshStrict, peerAuth("shop", "n", "", false, nil), peerAuth("shop", "s", "STRICT", true, ports{8080: "PERMISSIVE"})}, map[uint16]bool{8080: false, 9090: true}},
		{"an unset namespace does not matter without exceptions", []mesh.Object{meshStrict, peerAuth("shop", "n", "", false, nil), peerAuth("shop", "s", "", true, ports{8080: "STRICT"})}, map[uint16]bool{8080: true, 9090: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := ztunnel(test.list...)
			for port, strict := range test.strict {
				if got := h.Decide(call(plaintext, onPort(port))); (got.Verdict == authz.Deny) != strict {
					t.Errorf("plaintext on %d: %+v, want strict %v", port, got, strict)
				}
			}
		})
	}
}
