package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzAllowWidens = Check{
	Code: "AUTHZ_ALLOW_WIDENS", Severity: Error, Class: Unprotected, Manifests: OnAllManifests,
	Subject: "Service",
	Title:   "A token is asked for and not required",
	Explanation: "ALLOW rules are alternatives: a call passes when one of them admits it, of whichever policy. A rule that asks for a token takes nothing away from another that admits the same call without one, so such calls pass without a token. " +
		"Ask for both in one rule, or refuse calls without a token by a DENY with notRequestPrincipals.",
	Fires:  "At the waypoint of a Service two ALLOW rules are in force, one that needs a token (requestPrincipals, request.auth.*) and one that does not, and a call with the same caller, port, host, method and path fits both. Policies on the Service, the Gateway and the GatewayClass count alike.",
	Silent: "The rules are for different callers or operations (/api with a token, /healthz open); a DENY refuses such calls without a token; no waypoint is bound or calls pass none (headless); a policy was not readable.",
	Doubt:  "That may be meant: a few callers without a token beside many with one. Conditions on headers and addresses are taken for met, and an external authorizer may ask for the token.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourceGateways, mesh.ResourceServices},
	Uses:   []string{mesh.ResourceNamespaces},
	Sight:  SightNamespace,
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, svc := range sh.Services {
			if f, widened := allowWidened(in, svc); widened {
				out = append(out, f)
			}
		}
		return out
	},
}

// allowWidened judges the first port on which a token is not required: the
// others differ from it in few meshes, and the cure is the same.
func allowWidened(in *Input, svc *mesh.Service) (Finding, bool) {
	b := in.Snap.ServiceBinding(svc)
	if !b.Bound() || svc.Headless() {
		return Finding{}, false
	}
	g := in.Snap.Gateway(b.Waypoint.Namespace, b.Waypoint.Name)
	policies := authz.WaypointPolicies(in.Snap, g, svc.Ref())
	if !slices.ContainsFunc(policies, namesToken) {
		return Finding{}, false
	}
	for _, p := range svc.Ports {
		if p.Protocol == "UDP" {
			continue
		}
		hop := authz.AtWaypoint(in.Snap, g, authz.Target{Service: svc.Ref(), Port: p})
		if len(hop.Unread) > 0 {
			in.missPolicies(in.Snap.RootNamespace(), g.Namespace)
			return Finding{}, false
		}
		if pairs := hop.Widenings(p.Port); len(pairs) > 0 {
			return widened(svc, hop, p, pairs), true
		}
	}
	return Finding{}, false
}

// missPolicies notes in which of these namespaces policies were not readable.
func (in *Input) missPolicies(namespaces ...string) {
	for _, ns := range namespaces {
		if !in.Snap.Readable(mesh.ResourceAuthorizationPolicies, ns) {
			in.miss(mesh.ResourceAuthorizationPolicies, ns)
		}
	}
}

// namesToken tells whether an ALLOW policy looks at tokens at all, which few
// do; only then are rules compared.
func namesToken(p *mesh.AuthorizationPolicy) bool {
	return p.Action != authz.ActionDeny && slices.ContainsFunc(p.Rules, func(r mesh.AuthorizationRule) bool {
		return slices.ContainsFunc(r.From, func(s mesh.AuthorizationSource) bool { return len(s.RequestPrincipals) > 0 }) ||
			slices.ContainsFunc(r.When, func(c mesh.AuthorizationCondition) bool { return strings.HasPrefix(c.Key, "request.auth.") })
	})
}

func widened(svc *mesh.Service, hop *authz.Hop, port mesh.ServicePort, pairs []authz.Widening) Finding {
	first := pairs[0]
	f := Finding{Subject: svc.Ref()}
	f.Summary = fmt.Sprintf("Calls to Service %s pass without the token that %s asks for.", svc.Ref().NamespacedName(), first.Token)
	f.Detail = fmt.Sprintf("On port %d rule %d of %s admits such calls without a token, and one rule that admits is enough%s.", port.Port, first.OpenRule, first.Open, exampleText(first.Example.Request))
	seen := make(map[mesh.Ref]bool)
	for _, p := range pairs {
		for _, r := range []mesh.Ref{p.Token, p.Open} {
			if !seen[r] {
				seen[r] = true
				f.Evidence = append(f.Evidence, policyEvidence(hop, r))
			}
		}
	}
	f.Evidence = shorten(f.Evidence)
	f.Fix = advise("Ask for the caller and the token in one rule (from with both principals and requestPrincipals), or add a DENY with targetRefs for this Service whose source has notRequestPrincipals: [\"*\"]. Callers without a token are refused from then on.").
		get(first.Token)
	if first.Open != first.Token {
		f.Fix = f.Fix.get(first.Open)
	}
	return f
}

// policyEvidence is what a policy does at a hop, in words.
func policyEvidence(hop *authz.Hop, r mesh.Ref) Evidence {
	for _, a := range hop.Attached {
		if a.Policy.Ref() == r {
			return fieldEvidence(r, "spec.rules", hop.Effect(a))
		}
	}
	return fieldEvidence(r, "spec.rules", "")
}

// exampleText names a request that passes, as far as rules ask for one.
func exampleText(r *authz.Request) string {
	var words []string
	for _, w := range []string{r.Method, r.Path} {
		if w != "" && !strings.Contains(w, authz.Unnamed) {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return ""
	}
	return ": for example " + strings.Join(words, " ")
}
