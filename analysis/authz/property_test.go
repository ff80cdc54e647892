package authz_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// dice makes policies and calls out of few values, so that they often meet.
type dice struct{ *rand.Rand }

func (d dice) some(values ...string) []string {
	var out []string
	for _, v := range values {
		if d.IntN(3) == 0 {
			out = append(out, v)
		}
	}
	return out
}

func (d dice) rule() rule {
	var r rule
	for range d.IntN(3) {
		r.From = append(r.From, from{
			Principals: d.some(web, orders, "*", "cluster.local/ns/payments/*"), NotPrincipals: d.some(ledger, "*"),
			Namespaces: d.some("shop", "pay*"), IPBlocks: d.some("10.1.0.0/16"), RequestPrincipals: d.some("*"),
		})
	}
	for range d.IntN(3) {
		r.To = append(r.To, to{Ports: d.some("80", "8080"), NotPorts: d.some("9090"), Methods: d.some("GET"), Paths: d.some("/api/*", "/{*}")})
	}
	if d.IntN(4) == 0 {
		keys := list("source.namespace", "request.headers[x]", "destination.port", "source.ip")
		r.When = []when{{Key: keys[d.IntN(len(keys))], Values: list("shop", "80")}}
	}
	return r
}

// policy is random in all but its name; one in two is for the waypoint.
func (d dice) policy(n int, action string) *mesh.AuthorizationPolicy {
	p := authPolicy(fmt.Sprintf("p%d", n), action)
	for range d.IntN(3) {
		p.Rules = append(p.Rules, d.rule())
	}
	switch d.IntN(4) {
	case 0:
		return in("istio-system", p)
	case 1:
		return in("shop", p)
	}
	return p
}

func (d dice) call() authz.Call {
	c := authz.Call{Port: uint16([]int{80, 8080, 9090}[d.IntN(3)]), From: authz.NoIdentity}
	if who := d.some(web, orders, ledger); len(who) > 0 {
		c.From = authz.Known(who[0])
	}
	if d.IntN(2) == 0 {
		c.Source = netip.MustParseAddr("10.1.1.1")
	}
	return c
}

func TestPropertiesOfDecisions(t *testing.T) {
	for seed := range uint64(300) {
		d := dice{rand.New(rand.NewPCG(seed, 7))}
		var list []mesh.Object
		for n := range 1 + d.IntN(4) {
			list = append(list, d.policy(n, []string{"ALLOW", "DENY"}[d.IntN(2)]))
		}
		extra := d.policy(9, "ALLOW")
		shuffled := append([]mesh.Object{}, list...)
		d.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		hop, more, other := ztunnel(list...), ztunnel(append(list, extra)...), ztunnel(shuffled...)
		for range 20 {
			c := d.call()
			before, after := hop.Decide(c), more.Decide(c)
			if before.Code == mesh.CodePolicyDenied && before.Verdict == authz.Deny && after.Verdict != authz.Deny {
				t.Fatalf("seed %d: an ALLOW more turned %+v into %+v", seed, before, after)
			}
			if again := other.Decide(c); again.Verdict != before.Verdict || again.Code != before.Code {
				t.Fatalf("seed %d: another order of objects gives %+v instead of %+v", seed, again, before)
			}
			if open := (authz.Call{Port: c.Port, From: authz.UnknownIdentity}); hop.Decide(open).Verdict == authz.Allow && before.Verdict != authz.Allow {
				t.Fatalf("seed %d: everybody passes, but %+v is %+v", seed, c, before)
			}
		}
	}
}

// An answer that is given without a fact holds whatever the fact is.
func TestWhatIsDecidedWithoutAFactHoldsWithIt(t *testing.T) {
	for seed := range uint64(300) {
		d := dice{rand.New(rand.NewPCG(seed, 11))}
		p := targeting(d.policy(0, []string{"ALLOW", "DENY"}[d.IntN(2)]), onOrders)
		p.Namespace = "shop"
		hop := waypoint(p, requestAuth())
		for range 20 {
			bare := d.call()
			full := bare
			full.Source = netip.MustParseAddr([]string{"10.1.1.1", "10.9.9.9"}[d.IntN(2)])
			if bare.Source.IsValid() {
				full.Source = bare.Source
			}
			full.Request = &authz.Request{
				Host: "orders", Method: []string{"GET", "PUT"}[d.IntN(2)], Path: []string{"/", "/api/a"}[d.IntN(2)],
				Headers: map[string]string{"x": []string{"shop", "80", "no"}[d.IntN(3)]},
				Token:   authz.Token{State: []authz.TokenState{authz.TokenNone, authz.TokenValid}[d.IntN(2)], Issuer: "https://issuer.example", Subject: "s"},
			}
			without, with := hop.Decide(bare), hop.Decide(full)
			if without.Verdict != authz.Undetermined && without.Verdict != with.Verdict {
				t.Fatalf("seed %d: %+v without the request, %+v with %+v", seed, without, with, full)
			}
		}
	}
}

func TestWithoutPoliciesAllCapturedCallsPass(t *testing.T) {
	s := meshtest.Large(5, 20, 60, 4)
	z := authz.NewZtunnels(s)
	for _, sh := range s.Shards {
		for _, a := range sh.Accounts() {
			for _, w := range a.Captured {
				if got := z.Before(w).Decide(authz.Call{From: authz.Known(web), Port: 80}); got.Verdict != authz.Allow {
					t.Fatalf("%s: %+v, want allow", w.Name, got)
				}
			}
		}
	}
}
