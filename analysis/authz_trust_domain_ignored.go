package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzTrustDomainIgnored = Check{
	Code: "AUTHZ_TRUST_DOMAIN_IGNORED", Severity: Error, Class: Risk, Manifests: OnSomeManifests,
	Subject: "AuthorizationPolicy",
	Title:   "A policy's trust domains are lost on the way to ztunnel",
	Explanation: "istiod does not translate source.trustDomains and notTrustDomains for ztunnel, and says nothing of it. A source with nothing else never matches; one with other fields matches whatever the trust domain is, so the rule is wider than written. " +
		"Write the trust domain into principals instead.",
	Fires:  "A policy without targetRefs that applies to a captured pod has trustDomains or notTrustDomains in a source. Critical for an ALLOW that becomes wider.",
	Silent: "It has targetRefs: waypoints know the field; no captured pod is in its reach.",
	Doubt:  "Releases to come may translate it.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourcePods},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			rules := trustDomainRules(p)
			if len(p.TargetRefs) > 0 || len(rules) == 0 {
				continue
			}
			if pods := in.reachOf(p.Namespace, p.Selector).captured; len(pods) > 0 {
				out = append(out, trustDomainIgnored(in, p, rules, pods))
			}
		}
		return out
	},
}

// trustDomainRule is a source that names trust domains.
type trustDomainRule struct {
	rule    int // from 1
	domains []string
	alone   bool // nothing else is in the source
}

func trustDomainRules(p *mesh.AuthorizationPolicy) []trustDomainRule {
	var out []trustDomainRule
	for i := range p.Rules {
		for j := range p.Rules[i].From {
			s := &p.Rules[i].From[j]
			if domains := slices.Concat(s.TrustDomains, s.NotTrustDomains); len(domains) > 0 {
				out = append(out, trustDomainRule{i + 1, domains, !hasL4(s)})
			}
		}
	}
	return out
}

// hasL4 tells whether a source has a field ztunnel knows.
func hasL4(s *mesh.AuthorizationSource) bool {
	return len(s.Principals)+len(s.NotPrincipals)+len(s.Namespaces)+len(s.NotNamespaces)+len(s.ServiceAccounts)+len(s.NotServiceAccounts)+len(s.IPBlocks)+len(s.NotIPBlocks) > 0
}

func trustDomainIgnored(in *Input, p *mesh.AuthorizationPolicy, rules []trustDomainRule, pods []*mesh.Workload) Finding {
	f := Finding{Subject: p.Ref(), Affects: in.ownersAndServices(pods)}
	f.Summary = fmt.Sprintf("ztunnel does not know the trust domains that %s names.", p.Ref())
	f.Detail = "The source never matches: an ALLOW admits nobody by it, a DENY refuses nobody."
	for _, r := range rules {
		f.Evidence = append(f.Evidence, fieldEvidence(p.Ref(), indexed("spec.rules", r.rule)+".from[].source.trustDomains", listWords(r.domains)))
		if r.alone {
			continue
		}
		f.Detail = "Beside other fields they are dropped: the rule matches callers of every trust domain."
		if p.Action != authz.ActionDeny {
			f.Severity, f.Class = Critical, Unprotected
		}
	}
	f.Fix = advise("Write the trust domain into principals (domain/ns/NAMESPACE/sa/NAME, or domain/* as a prefix). The rule then matches only those callers.").get(p.Ref())
	return f
}
