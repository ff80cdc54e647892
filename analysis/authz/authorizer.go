package authz

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// authorizer is CUSTOM: for calls a rule matches, an external provider is
// asked. Where meshConfig does not define it, such calls are refused.
func (h *Hop) authorizer(c *Call) Decision {
	for i, p := range h.custom {
		a, r := p.matches(c)
		if a.is == no {
			continue
		}
		d := Decision{Verdict: Undetermined, Code: mesh.CodeExtAuthzDenied, Policy: p.ref, Rule: r.number}
		name := h.providerOf(i)
		dead := h.deadAuthorizer(name)
		switch {
		case dead != nil && dead.FailOpen:
			continue // it is not asked, and that counts as a yes
		case dead != nil && a.is == yes && dead.ErrorStatus > 0:
			d.Verdict, d.Status = Deny, dead.ErrorStatus
			d.Reason = fmt.Sprintf("%s asks %s, which the waypoint cannot reach, and so refuses", p.ref, externalAuthorizer(name))
		case !h.providers[name] && a.is == yes:
			d.Verdict, d.Reason = Deny, fmt.Sprintf("%s asks %s, which meshConfig does not define, and so refuses", p.ref, externalAuthorizer(name))
		case a.is == yes && h.severalProviders():
			d.Missing = attrProvider.names()
			d.Reason = fmt.Sprintf("%s asks %s and others name another one: unless istiod is told to allow several (PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS), the waypoint refuses", p.ref, externalAuthorizer(name))
		case a.is == yes:
			d.Missing, d.Reason = attrProvider.names(), fmt.Sprintf("%s asks %s", p.ref, externalAuthorizer(name))
		default:
			d.Missing = (a.missing | attrProvider).names()
			d.Reason = fmt.Sprintf("whether %s asks %s depends on %s", p.ref, externalAuthorizer(name), a.missing.sentence())
		}
		return d
	}
	return pass
}

// deadAuthorizer finds an authorizer among those that cannot be reached.
func (h *Hop) deadAuthorizer(provider string) *mesh.EnvoyAuthorizer {
	for i := range h.dead {
		if h.dead[i].Provider == provider || h.dead[i].Provider == "" {
			return &h.dead[i]
		}
	}
	return nil
}

// severalProviders tells that the CUSTOM policies name more than one authorizer,
// which istiod by default answers with rules that refuse. What a proxy has
// loaded tells it apart.
func (h *Hop) severalProviders() bool {
	first := h.providerOf(0)
	for i := range h.custom {
		if h.providerOf(i) != first {
			return !h.Loaded
		}
	}
	return false
}

// providerOf names the provider of the i-th CUSTOM policy.
func (h *Hop) providerOf(i int) string {
	for _, a := range h.Attached {
		if a.compiled == h.custom[i] {
			return a.Policy.Provider
		}
	}
	return ""
}

// externalAuthorizer names one in a sentence; what a proxy has loaded does not
// always tell its name.
func externalAuthorizer(provider string) string {
	if provider == "" {
		return "an external authorizer"
	}
	return fmt.Sprintf("the external authorizer %q", provider)
}
