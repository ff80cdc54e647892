package path_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// dice makes policies and calls up. One seed makes the same ones each time.
type dice struct{ *rand.Rand }

func roll(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 7))} }

func pick[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

func (d dice) rule() mesh.AuthorizationRule {
	var r mesh.AuthorizationRule
	switch d.IntN(5) {
	case 0:
		r = fromPrincipals("cluster.local/ns/shop/sa/" + pick(d, "web", "waypoint", "orders"))
	case 1:
		r.From = []mesh.AuthorizationSource{{Namespaces: []string{pick(d, "shop", "legacy")}}}
	case 2:
		r.From = []mesh.AuthorizationSource{{NotPrincipals: []string{"cluster.local/ns/shop/sa/" + pick(d, "web", "waypoint")}}}
	}
	switch d.IntN(4) {
	case 0:
		r.To = []mesh.AuthorizationOperation{{Methods: []string{pick(d, "GET", "POST")}}}
	case 1:
		r.To = []mesh.AuthorizationOperation{{Ports: []string{pick(d, "80", "8080")}}}
	}
	return r
}

func (d dice) policy(i int, action string) *mesh.AuthorizationPolicy {
	p := policy(fmt.Sprintf("p%d", i), action, d.rule())
	switch d.IntN(4) {
	case 0:
		p = atWaypoint(p)
	case 1:
		p.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{"app": "orders"}}
	}
	return p
}

func (d dice) policies(n int) []mesh.Object {
	var out []mesh.Object
	for i := range n {
		out = append(out, d.policy(i, pick(d, "ALLOW", "DENY")))
	}
	return out
}

func (d dice) request() path.Request {
	return path.Request{
		From: pick(d, "shop/web-1", "shop/orders-v1-1", "legacy/batch-1", "outside"),
		To:   pick(d, "shop/orders:80", "shop/orders-v2-1:8080", "shop/orders-v1-1:8080"), Method: pick(d, "GET", "POST"),
	}
}

const trials = 400

func TestAnAllowNeverLetsPassWhatADenyRefuses(t *testing.T) {
	denied := 0
	for seed := range uint64(trials) {
		d := roll(seed)
		list, r := d.policies(1+d.IntN(4)), d.request()
		before := explain(t, bare(objects(list...)), r)
		if before.Verdict != path.Unreachable || (before.Code != "POLICY_DENIED" && before.Code != "AUTHZ_DENY_HITS_WAYPOINT") {
			continue
		}
		denied++
		more := d.policy(99, "ALLOW")
		if after := explain(t, bare(objects(append(list, more)...)), r); after.Verdict != path.Unreachable {
			t.Errorf("seed %d: %+v is refused (%s), and with one more ALLOW %s", seed, r, before.Summary, after.Verdict)
		}
	}
	if denied < trials/20 {
		t.Errorf("only %d calls met a DENY", denied)
	}
}

func TestWithoutPoliciesEveryCapturedCallPasses(t *testing.T) {
	for seed := range uint64(trials) {
		d := roll(seed)
		r := d.request()
		s := bare()
		if e := explain(t, s, r); e.Verdict != path.Reachable {
			t.Errorf("%+v: %s", r, e.Summary)
		}
	}
}

func TestTheOrderOfObjectsDoesNotMatter(t *testing.T) {
	for seed := range uint64(trials) {
		d := roll(seed)
		list, r := d.policies(2+d.IntN(5)), d.request()
		list = append(list, strict(), split(), versions(), virtualService("second", 0, httpRule(subset("v1", 1))))
		before := explain(t, bare(objects(list...)), r)
		d.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		after := explain(t, bare(objects(list...)), r)
		if told(before) != told(after) || before.Summary != after.Summary || kinds(before.Hops) != kinds(after.Hops) {
			t.Fatalf("seed %d: %+v: %q, in another order %q", seed, r, before.Summary, after.Summary)
		}
	}
}

// Whatever is asked, an answer comes: nothing that is written can break the
// engine.
func FuzzExplain(f *testing.F) {
	s := shop(meshtest.ServiceEntry("shop", "api", "*.example.com"))
	for _, seed := range []struct{ from, to, path string }{
		{"shop/web-1", "shop/orders:80", "/"},
		{"outside", "http://orders.shop/a?b", ""},
		{"shop/deployment/web", "[::1]:80", "/x"},
		{"ingress:shop/waypoint", "a.example.com:443", "*"},
		{"legacy/sa/default", "10.0.0.1:1", "//"},
		{"shop/web-1", "1-2-3-4.shop.pod.cluster.local:80", "/%2f"},
	} {
		f.Add(seed.from, seed.to, seed.path)
	}
	f.Fuzz(func(t *testing.T, from, to, requested string) {
		r := path.Request{From: from, To: to, Path: requested}
		e, err := path.Explain(s, nil, r)
		if err == nil && (e.Verdict == "" || e.Summary == "" || e.Outcome.Kind == "") {
			t.Errorf("no answer to %+v: %+v", r, e)
		}
		if _, also := path.Involved(s, r); (err == nil) != (also == nil) {
			t.Errorf("Explain says %v, Involved %v", err, also)
		}
	})
}
