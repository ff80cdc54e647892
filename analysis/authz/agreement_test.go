package authz_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// sentToZtunnel is what istiod makes of a policy for ztunnel, written a second
// time and another way than in the package: field by field of the message
// (ambient/authorization.go).
func sentToZtunnel(p *mesh.AuthorizationPolicy) mesh.ZtunnelPolicy {
	out := mesh.ZtunnelPolicy{Name: p.Name, Namespace: p.Namespace, Scope: "WorkloadSelector", Action: "Allow"}
	if p.Action == "DENY" {
		out.Action = "Deny"
	}
	if p.Selector == nil {
		out.Scope = "Namespace"
		if p.Namespace == "istio-system" {
			out.Scope = "Global"
		}
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		if out.Action == "Allow" && len(authz.HTTPFields(r)) > 0 {
			continue
		}
		sent := zRule{}
		if len(r.To) > 0 {
			var clause mesh.ZtunnelClause
			for _, op := range r.To {
				clause = append(clause, filled(zMatch{"destinationPorts": op.Ports, "notDestinationPorts": op.NotPorts}))
			}
			sent = append(sent, clause)
		}
		if len(r.From) > 0 {
			var clause mesh.ZtunnelClause
			for _, s := range r.From {
				clause = append(clause, filled(zMatch{"principals": s.Principals, "notPrincipals": s.NotPrincipals, "namespaces": s.Namespaces, "sourceIps": s.IPBlocks}))
			}
			sent = append(sent, clause)
		}
		field := map[string]string{"source.namespace": "namespaces", "destination.port": "destinationPorts", "source.ip": "sourceIps"}
		for _, w := range r.When {
			match := zMatch{}
			for _, v := range w.Values {
				if name := field[w.Key]; name != "" && sendable(name, v) {
					match[name] = append(match[name], v)
				}
			}
			sent = append(sent, mesh.ZtunnelClause{match})
		}
		out.Rules = append(out.Rules, sent)
	}
	return out
}

// filled leaves out what is empty, as ztunnel does.
func filled(m zMatch) zMatch {
	for key, values := range m {
		if len(values) == 0 {
			delete(m, key)
		}
	}
	return m
}

// sendable tells that istiod can write a value at all.
func sendable(field, v string) bool {
	switch field {
	case "destinationPorts":
		_, err := strconv.ParseUint(v, 10, 16)
		return err == nil
	case "sourceIps":
		_, err := netip.ParsePrefix(v)
		return err == nil
	}
	return true
}

func TestZtunnelDecidesByADumpAsByWhatItWasMadeOf(t *testing.T) {
	for seed := range uint64(400) {
		d := dice{rand.New(rand.NewPCG(seed, 13))}
		var objects []mesh.Object
		var sent []mesh.ZtunnelPolicy
		for n := range 1 + d.IntN(4) {
			p := d.policy(n, []string{"ALLOW", "DENY"}[d.IntN(2)])
			objects, sent = append(objects, p), append(sent, sentToZtunnel(p))
		}
		if d.IntN(2) == 0 {
			objects, sent = append(objects, peerAuth("istio-system", "default", "STRICT", false, nil)), append(sent, staticStrict())
		}
		declared, had := ztunnel(objects...), loaded(sent...)
		for range 20 {
			c := d.call()
			a, b := declared.Decide(c), had.Decide(c)
			if a.Verdict != b.Verdict || a.Code != b.Code || (a.Verdict == authz.Deny && a.Code == mesh.CodePolicyDenied && a.Policy.Name == b.Policy.Name && a.Rule != b.Rule) {
				t.Fatalf("seed %d, %+v: declared %+v, loaded %+v", seed, c, a, b)
			}
		}
	}
}

// generated is what istiod makes of a policy for a waypoint, written a second
// time after authz/model: lists ORed, fields ANDed, identities as texts.
func generated(p *mesh.AuthorizationPolicy) []mesh.EnvoyPolicyRule {
	var out []mesh.EnvoyPolicyRule
	for i := range p.Rules {
		r := &p.Rules[i]
		bad := false
		permission, principal := whenExpressions(r.When, p.Action, &bad)
		held := mesh.EnvoyPolicyRule{Name: fmt.Sprintf("ns[%s]-policy[%s]-rule[%d]", p.Namespace, p.Name, i), Policy: p.Ref(), Rule: i}
		for _, s := range r.From {
			held.Principals = append(held.Principals, allOf(append(sourceExpressions(s), principal...)...))
		}
		for _, op := range r.To {
			held.Permissions = append(held.Permissions, allOf(append(operationExpressions(op), permission...)...))
		}
		if len(r.From) == 0 {
			held.Principals = []expr{allOf(principal...)}
		}
		if len(r.To) == 0 {
			held.Permissions = []expr{allOf(permission...)}
		}
		if !bad {
			out = append(out, held)
		}
	}
	if len(p.Rules) == 0 { // one that never matches
		out = append(out, mesh.EnvoyPolicyRule{Policy: p.Ref(), Permissions: []expr{not(anything)}, Principals: []expr{not(anything)}})
	}
	return out
}

// oneOfValues ORs what is made of values; nots negate it.
func oneOfValues(values []string, as func(string) expr) []expr {
	if len(values) == 0 {
		return nil
	}
	var out []expr
	for _, v := range values {
		out = append(out, as(v))
	}
	return []expr{oneOf(out...)}
}

func noneOfValues(values []string, as func(string) expr) []expr {
	out := oneOfValues(values, as)
	for i := range out {
		out[i] = not(out[i])
	}
	return out
}

func asPrincipal(v string) expr {
	m := exactly("spiffe://" + v)
	switch {
	case v == "*":
		m = regex(".+")
	case strings.HasPrefix(v, "*"):
		m = regex("spiffe://.*" + regexp.QuoteMeta(v[1:]))
	case strings.HasSuffix(v, "*"):
		m = text{Kind: mesh.EnvoyPrefix, Text: "spiffe://" + v[:len(v)-1]}
	}
	return expr{Kind: mesh.EnvoyPrincipal, Text: m}
}

func asNamespace(v string) expr {
	return expr{Kind: mesh.EnvoyPrincipal, Text: regex(".*/ns/" + strings.ReplaceAll(v, "*", ".*") + "/.*")}
}

func asBlock(v string) expr {
	return expr{Kind: mesh.EnvoySource, Block: netip.MustParsePrefix(v)}
}

func asToken(string) expr {
	claim := func(name string) expr { return expr{Kind: mesh.EnvoyClaim, Name: name, Text: regex(".+")} }
	return allOf(claim("iss"), claim("sub"))
}

func asPort(v string) expr {
	n, _ := strconv.ParseUint(v, 10, 16)
	return expr{Kind: mesh.EnvoyPort, Port: uint32(n), EndPort: uint32(n) + 1}
}

func asPath(v string) expr {
	if strings.Contains(v, "{") {
		return expr{Kind: mesh.EnvoyURLTemplate, Name: strings.NewReplacer("{*}", "*").Replace(v)}
	}
	m := exactly(v)
	if prefix, ok := strings.CutSuffix(v, "*"); ok {
		m = text{Kind: mesh.EnvoyPrefix, Text: prefix}
	}
	return expr{Kind: mesh.EnvoyURLPath, Text: m}
}

func asMethod(v string) expr { return header(":method", exactly(v)) }

func sourceExpressions(s from) []expr {
	var out []expr
	out = append(out, oneOfValues(s.Principals, asPrincipal)...)
	out = append(out, noneOfValues(s.NotPrincipals, asPrincipal)...)
	out = append(out, oneOfValues(s.Namespaces, asNamespace)...)
	out = append(out, oneOfValues(s.IPBlocks, asBlock)...)
	return append(out, oneOfValues(s.RequestPrincipals, asToken)...)
}

func operationExpressions(op to) []expr {
	var out []expr
	out = append(out, oneOfValues(op.Ports, asPort)...)
	out = append(out, noneOfValues(op.NotPorts, asPort)...)
	out = append(out, oneOfValues(op.Methods, asMethod)...)
	return append(out, oneOfValues(op.Paths, asPath)...)
}

// whenExpressions makes expressions of conditions; a value that cannot be one
// spoils the rule of an ALLOW and is left out of a DENY.
func whenExpressions(conditions []when, action string, bad *bool) (permission, principal []expr) {
	for _, w := range conditions {
		var list []expr
		for _, v := range w.Values {
			e, ok := whenExpression(w.Key, v)
			if !ok {
				*bad = *bad || action == "ALLOW"
				continue
			}
			list = append(list, e)
		}
		switch {
		case len(list) == 0:
		case w.Key == "destination.port":
			permission = append(permission, oneOf(list...))
		default:
			principal = append(principal, oneOf(list...))
		}
	}
	return permission, principal
}

func whenExpression(key, v string) (expr, bool) {
	switch key {
	case "destination.port":
		return asPort(v), sendable("destinationPorts", v)
	case "source.ip":
		if !sendable("sourceIps", v) {
			return expr{}, false
		}
		return asBlock(v), true
	case "source.namespace":
		return asNamespace(v), true
	}
	return header("x", exactly(v)), true
}

func TestAWaypointDecidesByADumpAsByWhatItWasMadeOf(t *testing.T) {
	for seed := range uint64(400) {
		d := dice{rand.New(rand.NewPCG(seed, 17))}
		objects := []mesh.Object{requestAuth()}
		filters := map[string]*mesh.EnvoyRBAC{}
		for n := range 1 + d.IntN(4) {
			p := targeting(d.policy(n, []string{"ALLOW", "DENY"}[d.IntN(2)]), onOrders)
			p.Namespace = "shop"
			objects = append(objects, p)
			if filters[p.Action] == nil {
				filters[p.Action] = &mesh.EnvoyRBAC{Action: p.Action}
			}
			filters[p.Action].Policies = append(filters[p.Action].Policies, generated(p)...)
		}
		chain := chainOf()
		chain.JWT = []mesh.EnvoyJWTProvider{{Issuer: "https://issuer.example", Optional: true}}
		for _, action := range []string{"DENY", "ALLOW"} {
			if f := filters[action]; f != nil {
				chain.RBAC = append(chain.RBAC, *f)
			}
		}
		declared, had := waypoint(objects...), authz.FromEnvoy(nobody, chain)
		for range 20 {
			c := d.httpCall()
			if a, b := declared.Decide(c), had.Decide(c); a.Verdict != b.Verdict || a.Code != b.Code || a.Status != b.Status {
				t.Fatalf("seed %d, %+v %+v: declared %+v, loaded %+v", seed, c, c.Request, a, b)
			}
		}
	}
}

// httpCall is a call whose request may be known.
func (d dice) httpCall() authz.Call {
	c := d.call()
	c.Destination = netip.MustParseAddr("10.2.2.2")
	if d.IntN(4) == 0 {
		return c
	}
	tokens := []authz.Token{
		{State: authz.TokenNone},
		{State: authz.TokenInvalid},
		{},
		{State: authz.TokenValid, Issuer: "https://issuer.example", Subject: "s"},
		{State: authz.TokenValid, Issuer: "https://other.example", Subject: "s"},
	}
	c.Request = &authz.Request{
		Host: "orders", Method: []string{"GET", "PUT", ""}[d.IntN(3)], Path: []string{"/", "/api/a", "/x", "/api/../x", ""}[d.IntN(5)],
		Headers: map[string]string{"x": []string{"shop", "80", "no"}[d.IntN(3)]}, Token: tokens[d.IntN(len(tokens))],
	}
	return c
}

func TestPropertiesOfDecisionsAtAWaypoint(t *testing.T) {
	for seed := range uint64(300) {
		d := dice{rand.New(rand.NewPCG(seed, 19))}
		var list []mesh.Object
		add := func(n int, action string) *mesh.AuthorizationPolicy {
			p := targeting(d.policy(n, action), onOrders)
			p.Namespace = "shop"
			return p
		}
		for n := range 1 + d.IntN(4) {
			list = append(list, add(n, []string{"ALLOW", "DENY"}[d.IntN(2)]))
		}
		shuffled := append([]mesh.Object{}, list...)
		d.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		hop, more, denying, other := waypoint(list...), waypoint(append(list, add(8, "ALLOW"))...), waypoint(append(list, add(9, "DENY"))...), waypoint(shuffled...)
		for range 20 {
			c := d.httpCall()
			before := hop.Decide(c)
			if after := more.Decide(c); before.Verdict == authz.Deny && before.Code == mesh.CodePolicyDenied && after.Verdict != authz.Deny {
				t.Fatalf("seed %d: an ALLOW more turned %+v into %+v", seed, before, after)
			}
			if after := denying.Decide(c); before.Verdict == authz.Deny && after.Verdict != authz.Deny {
				t.Fatalf("seed %d: a DENY more turned %+v into %+v", seed, before, after)
			}
			if again := other.Decide(c); again.Verdict != before.Verdict || again.Code != before.Code {
				t.Fatalf("seed %d: another order of objects gives %+v instead of %+v", seed, again, before)
			}
		}
	}
}
