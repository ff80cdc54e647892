package analysis

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzPrincipalUnknown = Check{
	Code: "AUTHZ_PRINCIPAL_UNKNOWN", Severity: Warning, Class: Risk,
	Subject: "AuthorizationPolicy",
	Title:   "A policy names an identity nobody has",
	Explanation: "A principal is written trust-domain/ns/NAMESPACE/sa/ACCOUNT, without spiffe://. One whose ServiceAccount does not exist, or that is written otherwise, matches nobody: an ALLOW admits nobody by it, a DENY refuses nobody. " +
		"At ztunnel the trust domain must be the mesh's own: cluster.local and aliases are not replaced there.",
	Fires:  "An exact principal of the mesh's trust domain has no ServiceAccount, begins with spiffe://, or is not of that form. At ztunnel also one of cluster.local or of an alias where the mesh's trust domain is another: an error, critical in a DENY.",
	Silent: "Wildcards; other trust domains; an alias beside the same account with the mesh's own trust domain, or where no captured pod is in reach; ServiceAccounts are not readable there; the policy was changed in the last minute. In a mesh of several clusters it is news (info).",
	Doubt:  "Another cluster of the mesh may have the account; the account may be about to be created.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourceServiceAccounts}, Uses: []string{mesh.ResourceConfigMaps},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			if in.Now.Sub(p.ChangedAt()) < settlingTime {
				continue
			}
			if unknown := in.unknownPrincipals(p); len(unknown) > 0 {
				out = append(out, in.principalUnknown(p, unknown))
			}
		}
		return out
	},
}

// unknownPrincipal is one that matches nobody.
type unknownPrincipal struct {
	rule  int // from 1
	value string
	why   string
	// alias: the trust domain is one that ztunnel does not replace.
	alias bool
}

func (in *Input) unknownPrincipals(p *mesh.AuthorizationPolicy) []unknownPrincipal {
	var out []unknownPrincipal
	atZtunnel := sync.OnceValue(func() bool {
		return len(p.TargetRefs) == 0 && len(in.reachOf(p.Namespace, p.Selector).captured) > 0
	})
	for i := range p.Rules {
		values := exactPrincipals(&p.Rules[i])
		for _, value := range values {
			why, alias := in.nobodyHas(value)
			if alias && (in.namedByOwnDomain(value, values) || !atZtunnel()) {
				why, alias = in.noAccount(value), false
			}
			if why != "" {
				out = append(out, unknownPrincipal{i + 1, value, why, alias})
			}
		}
	}
	return out
}

// namedByOwnDomain tells that the account of a principal also stands in the list
// with the mesh's own trust domain, which is the one that counts.
func (in *Input) namedByOwnDomain(principal string, list []string) bool {
	_, account, _ := strings.Cut(principal, "/")
	return slices.Contains(list, in.Snap.TrustDomain()+"/"+account)
}

// exactPrincipals are the principals of a rule without a wildcard.
func exactPrincipals(r *mesh.AuthorizationRule) []string {
	var out []string
	add := func(values []string) {
		for _, v := range values {
			if !strings.Contains(v, "*") && v != "" && !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	for i := range r.From {
		add(r.From[i].Principals)
		add(r.From[i].NotPrincipals)
	}
	for _, w := range r.When {
		if w.Key == "source.principal" {
			add(w.Values)
			add(w.NotValues)
		}
	}
	return out
}

// nobodyHas says why no caller has a principal; empty where somebody may.
// alias tells that only ztunnel does not know the trust domain.
func (in *Input) nobodyHas(principal string) (why string, alias bool) {
	if strings.HasPrefix(principal, "spiffe://") {
		return "principals are written without spiffe://", false
	}
	parts := strings.Split(principal, "/")
	if len(parts) != 5 || parts[1] != "ns" || parts[3] != "sa" || parts[2] == "" || parts[4] == "" {
		return "it is not of the form trust-domain/ns/NAMESPACE/sa/ACCOUNT", false
	}
	domain := parts[0]
	config := in.Snap.MeshConfig()
	if domain != config.TrustDomain {
		known := domain == mesh.DefaultTrustDomain || slices.Contains(config.TrustDomainAliases, domain)
		if !known {
			return "", false // another mesh's
		}
		return "the mesh's trust domain is " + config.TrustDomain + ", and ztunnel does not know aliases", true
	}
	return in.noAccount(principal), false
}

// noAccount says that the account of a principal of the right form does not
// exist; empty where it does, or nobody can tell.
func (in *Input) noAccount(principal string) string {
	parts := strings.Split(principal, "/")
	namespace, account := parts[2], parts[4]
	if !in.Snap.Readable(mesh.ResourceServiceAccounts, namespace) ||
		in.Snap.Lookup(mesh.Ref{Kind: "ServiceAccount", Namespace: namespace, Name: account}) != nil {
		return ""
	}
	return fmt.Sprintf("there is no ServiceAccount %s/%s", namespace, account)
}

func (in *Input) principalUnknown(p *mesh.AuthorizationPolicy, unknown []unknownPrincipal) Finding {
	first := unknown[0]
	f := Finding{Subject: p.Ref()}
	f.Summary = fmt.Sprintf("%s names %s, which nobody has: %s.", p.Ref(), first.value, first.why)
	f.Detail = "An ALLOW admits nobody by it."
	if p.Action == authz.ActionDeny {
		f.Detail = "The DENY refuses nobody by it."
	}
	for _, u := range unknown {
		f.Evidence = append(f.Evidence, fieldEvidence(p.Ref(), indexed("spec.rules", u.rule), u.value+": "+u.why))
		switch {
		case u.alias && p.Action == authz.ActionDeny:
			f.Severity, f.Class = Critical, Unprotected
		case u.alias:
			f.Severity, f.Class = Error, Breaks
		}
	}
	if f.Severity == "" && in.severalClusters() {
		f.Severity = Info
	}
	f.Evidence = shorten(f.Evidence)
	f.Fix = advise("Correct the principal. The rule then matches that caller: an ALLOW admits it, a DENY refuses it.").
		get(p.Ref()).
		read("get", "serviceaccounts", "-A")
	return f
}

// severalClusters tells that workloads of other clusters are known.
func (in *Input) severalClusters() bool {
	return slices.ContainsFunc(in.Snap.Shards, func(sh *mesh.Shard) bool {
		return slices.ContainsFunc(sh.Gateways, func(g *mesh.Gateway) bool { return g.Role() == mesh.RoleEastWest })
	})
}
