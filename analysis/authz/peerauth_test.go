package authz_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestPeerAuthenticationAsConvertedForZtunnel(t *testing.T) {
	const root = "istio-system"
	type ports = map[uint16]string
	meshStrict := peerAuth(root, "default", "STRICT", false, nil)
	for _, test := range []struct {
		name   string
		list   []mesh.Object
		strict map[uint16]bool
	}{
		{"nothing is permissive", nil, map[uint16]bool{8080: false}},
		{"STRICT for the mesh", []mesh.Object{meshStrict}, map[uint16]bool{8080: true}},
		{"the namespace beats the mesh", []mesh.Object{meshStrict, peerAuth("shop", "n", "PERMISSIVE", false, nil)}, map[uint16]bool{8080: false}},
		{"an unset namespace inherits from the mesh", []mesh.Object{meshStrict, peerAuth("shop", "n", "", false, nil)}, map[uint16]bool{8080: true}},
		{"UNSET is unset", []mesh.Object{meshStrict, peerAuth("shop", "n", "UNSET", false, nil)}, map[uint16]bool{8080: true}},
		{"the selector beats the namespace", []mesh.Object{peerAuth("shop", "n", "PERMISSIVE", false, nil), peerAuth("shop", "s", "STRICT", true, nil)}, map[uint16]bool{8080: true}},
		{"DISABLE acts as PERMISSIVE", []mesh.Object{meshStrict, peerAuth("shop", "n", "DISABLE", false, nil)}, map[uint16]bool{8080: false}},
		{"a selector in the root namespace is ignored", []mesh.Object{peerAuth(root, "s", "STRICT", true, nil)}, map[uint16]bool{8080: false}},
		{"another namespace's does not count", []mesh.Object{peerAuth("payments", "n", "STRICT", false, nil)}, map[uint16]bool{8080: false}},
		{"ports without a selector are ignored", []mesh.Object{peerAuth("shop", "n", "", false, ports{8080: "STRICT"})}, map[uint16]bool{8080: false}},
		{"an empty selector is none", []mesh.Object{withEmptySelector(peerAuth("shop", "n", "STRICT", false, nil))}, map[uint16]bool{8080: true}},
		{"a STRICT port under a permissive policy", []mesh.Object{peerAuth("shop", "s", "PERMISSIVE", true, ports{8080: "STRICT"})}, map[uint16]bool{8080: true, 9090: false}},
		{"a STRICT port where nothing else is said", []mesh.Object{peerAuth("shop", "s", "", true, ports{8080: "STRICT"})}, map[uint16]bool{8080: true, 9090: false}},
		{"a PERMISSIVE port under a strict policy", []mesh.Object{peerAuth("shop", "s", "STRICT", true, ports{8080: "PERMISSIVE"})}, map[uint16]bool{8080: false, 9090: true}},
		{"a DISABLE port under a strict policy of its own", []mesh.Object{peerAuth("shop", "s", "STRICT", true, ports{8080: "DISABLE"})}, map[uint16]bool{8080: false, 9090: true}},
		{"a PERMISSIVE port of an unset policy under a strict mesh", []mesh.Object{meshStrict, peerAuth("shop", "s", "", true, ports{8080: "PERMISSIVE"})}, map[uint16]bool{8080: false, 9090: true}},
		{"a DISABLE port of an unset policy under a strict mesh stays strict", []mesh.Object{meshStrict, peerAuth("shop", "s", "", true, ports{8080: "DISABLE"})}, map[uint16]bool{8080: true, 9090: true}},
		{"a STRICT port under a strict policy is nothing new", []mesh.Object{peerAuth("shop", "s", "STRICT", true, ports{8080: "STRICT"})}, map[uint16]bool{8080: true, 9090: true}},
		{"an UNSET port says nothing", []mesh.Object{peerAuth("shop", "s", "STRICT", true, ports{8080: "UNSET"})}, map[uint16]bool{8080: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := ztunnel(test.list...)
			for port, strict := range test.strict {
				got := h.Decide(call(plaintext, onPort(port)))
				if (got.Verdict == authz.Deny) != strict {
					t.Errorf("plaintext on %d: %+v, want strict %v", port, got, strict)
				}
				if strict && (got.Code != mesh.CodeStrictPlaintext || got.Policy.Kind != "PeerAuthentication") {
					t.Errorf("plaintext on %d: %+v, want %s by a PeerAuthentication", port, got, mesh.CodeStrictPlaintext)
				}
				if got := h.Decide(call(onPort(port))); got.Verdict != authz.Allow {
					t.Errorf("with identity on %d: %+v, want allow", port, got)
				}
			}
		})
	}
}

func withEmptySelector(p *mesh.PeerAuthentication) *mesh.PeerAuthentication {
	p.Selector = &mesh.LabelSelector{}
	return p
}

func TestTheOldestPeerAuthenticationWins(t *testing.T) {
	young, old := peerAuth("shop", "a", "STRICT", false, nil), peerAuth("shop", "b", "PERMISSIVE", false, nil)
	young.Created, old.Created = meshtest.Now.Add(-time.Hour), meshtest.Now.Add(-2*time.Hour)
	if got := ztunnel(young, old).Decide(call(plaintext)); got.Verdict != authz.Allow {
		t.Errorf("decision = %+v, want the older PERMISSIVE to win", got)
	}
}

func TestStrictIsOpenForACallerNobodyKnows(t *testing.T) {
	h := ztunnel(peerAuth("istio-system", "default", "STRICT", false, nil))
	if got := h.Decide(call(stranger)); got.Verdict != authz.Undetermined {
		t.Errorf("decision = %+v, want undetermined", got)
	}
}

func TestPeerModeInWords(t *testing.T) {
	h := ztunnel(peerAuth("shop", "s", "STRICT", true, map[uint16]string{9090: "PERMISSIVE", 8080: "PERMISSIVE"}))
	if got, want := h.Mode.Effect(), "refuses plaintext, and admits it on port 8080 and 9090"; got != want {
		t.Errorf("effect = %q, want %q", got, want)
	}
}
