package authz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// FromEnvoy is the enforcement point of a waypoint for one service port as its
// Envoy has it loaded: the filter chain's token filter and authorization
// filters, decided as Envoy does (istio.md C.4, E). Rules it holds in a form
// that nobody here knows leave open what hinges on them.
//
// Chains are those of main_internal; their names tell host and port. The dump
// tells whether an external authorizer can be asked at all.
func FromEnvoy(d *mesh.EnvoyDump, c *mesh.EnvoyChain) *Hop {
	l := loadedEnvoy{Hop: &Hop{Enforcer: Waypoint, Loaded: true, tcp: !c.HTTP, providers: make(map[string]bool)}, chain: c}
	l.paths = PathRules{Normalize: c.NormalizePath, MergeSlashes: c.MergeSlashes}
	for i := range c.JWT {
		p := &c.JWT[i]
		l.tokens = append(l.tokens, issuer{name: p.Issuer, audiences: p.Audiences, required: !p.Optional, lenient: p.Lenient})
	}
	for i := range c.RBAC {
		l.filter(&c.RBAC[i])
	}
	for _, a := range c.Authorizers {
		if !reachable(d, a.Cluster) {
			l.dead = append(l.dead, a)
		}
	}
	l.finish()
	return l.Hop
}

// actionLog is what AUDIT becomes in a waypoint.
const actionLog = "LOG"

// loadedEnvoy is a hop on its way from a filter chain.
type loadedEnvoy struct {
	*Hop
	chain *mesh.EnvoyChain
	// allows counts filters that admit: a call must pass each of them.
	allows int
}

func (l *loadedEnvoy) filter(f *mesh.EnvoyRBAC) {
	idle := ""
	switch {
	case !slices.Contains([]string{ActionAllow, ActionDeny, ActionCustom, actionLog}, f.Action): // EnvoyRBACUnread, or one of a later Envoy
		if !f.Shadow {
			l.Unread = append(l.Unread, "an authorization filter of the waypoint's chain "+l.chain.Name)
		}
		return
	case f.Action == actionLog:
		idle = "AUDIT only marks requests for logging"
	case f.Shadow:
		idle = "it is a dry run"
	case f.Action == ActionAllow:
		if l.allows++; l.allows > 1 {
			l.furtherAllow(f)
			return
		}
	}
	l.attachAll(l.policies(f), f, idle)
}

// furtherAllow is a second filter that admits, which no istiod makes: it stands
// behind this hop as one of its own.
func (l *loadedEnvoy) furtherAllow(f *mesh.EnvoyRBAC) {
	behind := l.Hop
	for behind.then != nil {
		behind = behind.then
	}
	next := loadedEnvoy{Hop: &Hop{Enforcer: Waypoint, Loaded: true, tcp: l.tcp, tokens: l.tokens, paths: l.paths, providers: l.providers}, chain: l.chain}
	next.attachAll(next.policies(f), f, "")
	next.finish()
	behind.then = next.Hop
}

func (l *loadedEnvoy) attachAll(list []loadedPolicy, f *mesh.EnvoyRBAC, idle string) {
	if len(list) == 0 && f.Action == ActionAllow { // admits nobody
		list = []loadedPolicy{{policy: &policy{}}}
	}
	for _, p := range list {
		object := &mesh.AuthorizationPolicy{Action: f.Action, Provider: p.provider}
		object.Kind, object.Namespace, object.Name = p.ref.Kind, p.ref.Namespace, p.ref.Name
		l.providers[p.provider] = true
		l.attach(object, p.policy, idle)
	}
}

// loadedPolicy is a policy with the external authorizer that its rules name.
type loadedPolicy struct {
	*policy
	provider string
}

// loadedKey is what the rules of one object have in common; name is of one that
// no object is behind.
type loadedKey struct {
	ref            mesh.Ref
	provider, name string
}

// policies puts the rules of a filter together again that were made of one
// object.
func (l *loadedEnvoy) policies(f *mesh.EnvoyRBAC) []loadedPolicy {
	var out []loadedPolicy
	at := make(map[loadedKey]int)
	for i := range f.Policies {
		r := &f.Policies[i]
		key := loadedKey{r.Policy, r.Provider, ""}
		if r.Policy.IsZero() {
			key.name = r.Name
		}
		n, known := at[key]
		if !known {
			n, at[key] = len(out), len(out)
			out = append(out, loadedPolicy{&policy{ref: r.Policy}, r.Provider})
		}
		compiled := l.rule(r, f)
		if refusesFor(r, f) {
			out[n].code = mesh.CodeExtAuthzDenied
		}
		out[n].rules = append(out[n].rules, compiled)
	}
	return out
}

// brokenCustom ends the name of a rule that istiod made of a CUSTOM policy
// whose authorizer it could not set up: the waypoint refuses what it matches
// (authz/builder/extauthz.go).
const brokenCustom = "-deny-due-to-bad-CUSTOM-action"

func refusesFor(r *mesh.EnvoyPolicyRule, f *mesh.EnvoyRBAC) bool {
	return f.Action == ActionDeny && strings.HasSuffix(r.Name, brokenCustom)
}

func (l *loadedEnvoy) rule(r *mesh.EnvoyPolicyRule, f *mesh.EnvoyRBAC) rule {
	out := rule{decides: decidesLoaded(r, f), clauses: []clause{expressionClause(r.Permissions), expressionClause(r.Principals)}}
	if !r.Policy.IsZero() {
		out.number = r.Rule + 1
	}
	if r.Conditional {
		out.clauses = append(out.clauses, clause{{fields: []field{{values: []condition{unknowable{attrOther}}}}}})
	}
	return out
}

// expressionClause matches when one of the expressions does, and never without
// any (Envoy's PolicyMatcher).
func expressionClause(list []mesh.EnvoyExpression) clause {
	if constantOf(list, no) == no {
		return clause{{void: true}}
	}
	return clause{{fields: []field{{values: ofExpressions(list)}}}}
}

func decidesLoaded(r *mesh.EnvoyPolicyRule, f *mesh.EnvoyRBAC) string {
	verb := "allows"
	if f.Action == ActionDeny {
		verb = "denies"
	}
	switch {
	case refusesFor(r, f):
		return fmt.Sprintf("%s asks %s, which istiod could not set up, and so refuses it", r.Policy, externalAuthorizer(r.Provider))
	case r.Policy.IsZero():
		return fmt.Sprintf("the rule %q of the waypoint %s it", r.Name, verb)
	}
	return fmt.Sprintf("rule %d of %s %s it", r.Rule+1, r.Policy, verb)
}

// reachable tells that Envoy has somebody to send to in a cluster; one whose
// addresses DNS answers counts as that.
func reachable(d *mesh.EnvoyDump, cluster string) bool {
	for i := range d.Clusters {
		c := &d.Clusters[i]
		if c.Name == cluster && (c.State == mesh.EnvoyActive || c.State == mesh.EnvoyStatic) {
			return (c.Type != "EDS" && c.Type != "STATIC") || len(d.Taking(c)) > 0
		}
	}
	return false
}
