package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var jwtNotRequired = Check{
	Code: "JWT_NOT_REQUIRED", Severity: Warning, Class: Unprotected, Manifests: OnAllManifests,
	Subject:     "RequestAuthentication",
	Title:       "Tokens are checked and not required",
	Explanation: "A RequestAuthentication refuses a wrong token with 401 and lets a request without any token pass. To require one takes an AuthorizationPolicy beside it that asks for requestPrincipals, or denies what has none.",
	Fires:       "No AuthorizationPolicy at the same waypoint, for any Service the RequestAuthentication covers, asks for requestPrincipals or claims.",
	Silent:      "One does, on the Service, the Gateway or the class; it has no targetRefs; no waypoint serves its target; AuthorizationPolicies are not readable.",
	Doubt:       "The application may ask for the token itself.",
	Needs:       []string{mesh.ResourceRequestAuthentications, mesh.ResourceAuthorizationPolicies, mesh.ResourceGateways},
	Uses:        []string{mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourceNamespaces},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, r := range sh.RequestAuths {
			if len(r.TargetRefs) == 0 || len(r.Rules) == 0 {
				continue
			}
			if open := in.openWithoutToken(r); len(open) > 0 {
				out = append(out, notRequired(r, open))
			}
		}
		return out
	},
}

// openWithoutToken lists the services a RequestAuthentication covers; nil where
// some policy asks for a token of one of them.
func (in *Input) openWithoutToken(r *mesh.RequestAuthentication) []mesh.Ref {
	like := &mesh.AuthorizationPolicy{Meta: r.Meta, TargetRefs: r.TargetRefs}
	var out []mesh.Ref
	for _, service := range in.coveredBy(like) {
		b := in.bindingOf(service)
		g := in.Snap.Gateway(b.Waypoint.Namespace, b.Waypoint.Name)
		if !b.Bound() || g == nil {
			continue
		}
		if slices.ContainsFunc(authz.WaypointPolicies(in.Snap, g, service), asksForToken) {
			return nil
		}
		out = append(out, service)
	}
	return out
}

// asksForToken tells whether a policy looks at tokens in whichever way.
func asksForToken(p *mesh.AuthorizationPolicy) bool {
	return slices.ContainsFunc(p.Rules, func(r mesh.AuthorizationRule) bool {
		return slices.ContainsFunc(r.From, func(s mesh.AuthorizationSource) bool {
			return len(s.RequestPrincipals)+len(s.NotRequestPrincipals) > 0
		}) || slices.ContainsFunc(r.When, func(c mesh.AuthorizationCondition) bool { return strings.HasPrefix(c.Key, "request.auth.") })
	})
}

func notRequired(r *mesh.RequestAuthentication, open []mesh.Ref) Finding {
	f := Finding{Subject: r.Ref(), Affects: open}
	f.Summary = fmt.Sprintf("%s checks tokens, and calls to %s pass without one.", r.Ref(), names(open))
	f.Detail = "A wrong token is refused with 401; a request without a token is not refused by it."
	var issuers []string
	for _, rule := range r.Rules {
		issuers = append(issuers, rule.Issuer)
	}
	f.Evidence = []Evidence{
		fieldEvidence(r.Ref(), "spec.jwtRules[].issuer", listWords(issuers)),
		fieldEvidence(open[0], "AuthorizationPolicy", "none at its waypoint asks for requestPrincipals or claims"),
	}
	f.Fix = advise("Add a DENY with the same targetRefs whose source has notRequestPrincipals: [\"*\"], or ask for requestPrincipals in the ALLOW rules. Calls without a token are refused from then on.").
		get(r.Ref()).
		read("-n", r.Namespace, "get", "authorizationpolicies.security.istio.io")
	return f
}
