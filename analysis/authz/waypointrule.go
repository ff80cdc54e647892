package authz

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// waypointCompiler turns policies into what a waypoint's Envoy evaluates
// (istio.md C.4; istiod's authz/model).
type waypointCompiler struct {
	// tcp: the port is declared to carry no HTTP. There a rule of an ALLOW
	// that asks for HTTP is left out, and a DENY loses those fields.
	tcp     bool
	domains []string
}

func (w *waypointCompiler) compile(p *mesh.AuthorizationPolicy) *policy {
	out := &policy{ref: p.Ref()}
	for i := range p.Rules {
		r := &p.Rules[i]
		admits := p.Action != ActionDeny && p.Action != ActionCustom
		if admits && (w.tcp && hasL7(r) || malformed(r)) {
			continue
		}
		whens, ok := w.whens(r, p.Namespace)
		if !ok {
			continue
		}
		out.rules = append(out.rules, newRule(p, i+1, append(w.clauses(r, p.Namespace), whens...)))
	}
	return out
}

func (w *waypointCompiler) clauses(r *mesh.AuthorizationRule, policyNamespace string) []clause {
	var out []clause
	if len(r.From) > 0 {
		var cl clause
		for i := range r.From {
			cl = append(cl, w.source(&r.From[i], policyNamespace))
		}
		out = append(out, cl)
	}
	if len(r.To) > 0 {
		var cl clause
		for i := range r.To {
			cl = append(cl, w.operation(&r.To[i]))
		}
		out = append(out, cl)
	}
	return out
}

// whens compiles the conditions of a rule. Not ok: istiod drops the rule for a
// key it does not know.
func (w *waypointCompiler) whens(r *mesh.AuthorizationRule, policyNamespace string) (out []clause, ok bool) {
	for _, cond := range r.When {
		of := when(cond.Key, policyNamespace)
		switch {
		case of == nil && badBrackets(cond.Key):
			continue
		case of == nil:
			return nil, false
		case w.tcp && l7Key(cond.Key):
			continue
		}
		f := field{compile(w.spelled(cond.Key, cond.Values), of), compile(w.spelled(cond.Key, cond.NotValues), of)}
		out = append(out, clause{{fields: []field{f}}})
	}
	return out, true
}

// spelled writes out trust domain aliases in the values of a when key.
func (w *waypointCompiler) spelled(key string, values []string) []string {
	switch key {
	case "source.principal":
		return w.principals(values)
	case "source.trustDomain":
		return w.trustDomains(values)
	}
	return values
}

// source matches anything when it is empty, unlike at ztunnel.
func (w *waypointCompiler) source(s *mesh.AuthorizationSource, policyNamespace string) alternative {
	sa := account(policyNamespace)
	fields := []field{
		{compile(w.principals(s.Principals), principal), compile(w.principals(s.NotPrincipals), principal)},
		{compile(s.Namespaces, likeNamespace), compile(s.NotNamespaces, likeNamespace)},
		{compile(s.ServiceAccounts, sa), compile(s.NotServiceAccounts, sa)},
		{compile(w.trustDomains(s.TrustDomains), trustDomain), compile(w.trustDomains(s.NotTrustDomains), trustDomain)},
		{compile(s.IPBlocks, source), compile(s.NotIPBlocks, source)},
		{compile(s.RemoteIPBlocks, remote), compile(s.NotRemoteIPBlocks, remote)},
	}
	if !w.tcp {
		fields = append(fields, field{compile(s.RequestPrincipals, requestPrincipal), compile(s.NotRequestPrincipals, requestPrincipal)})
	}
	return alternative{fields: fields}
}

func (w *waypointCompiler) operation(op *mesh.AuthorizationOperation) alternative {
	fields := []field{{compile(op.Ports, port), compile(op.NotPorts, port)}}
	if !w.tcp {
		fields = append(fields,
			field{compile(op.Hosts, host), compile(op.NotHosts, host)},
			field{compile(op.Methods, method), compile(op.NotMethods, method)},
			field{compile(op.Paths, path), compile(op.NotPaths, path)})
	}
	return alternative{fields: fields}
}

// remote is the client's address as X-Forwarded-For gives it.
func remote(v string) condition {
	if b, ok := block(v); ok {
		return remoteIn{b}
	}
	return nil
}

// domainsOf are the mesh's trust domain and its aliases.
func domainsOf(s *mesh.Snapshot) []string {
	return append([]string{s.TrustDomain()}, s.MeshConfig().TrustDomainAliases...)
}

// principals spells a principal of the mesh's own trust domain, of one of its
// aliases or of cluster.local out for all of them (istiod's trustdomain
// bundle). Others stay as they are.
func (w *waypointCompiler) principals(values []string) []string {
	var out []string
	for _, v := range values {
		out = append(out, w.aliases(v)...)
	}
	return out
}

func (w *waypointCompiler) aliases(v string) []string {
	domain, rest, _ := strings.Cut(v, "/")
	if strings.Count(v, "/") != 4 || domain == "*" || !w.own(domain) {
		return []string{v}
	}
	var out []string
	for _, d := range w.domains {
		spelled := d + "/" + rest
		if strings.HasPrefix(domain, "*") && parseText(domain).matches(d) {
			spelled = v
		}
		if !slices.Contains(out, spelled) {
			out = append(out, spelled)
		}
	}
	return out
}

// own tells whether a trust domain, perhaps written with a leading "*", is the
// mesh's.
func (w *waypointCompiler) own(domain string) bool {
	if domain == mesh.DefaultTrustDomain {
		return true
	}
	return slices.ContainsFunc(w.domains, parseText(domain).matches)
}

func (w *waypointCompiler) trustDomains(values []string) []string {
	var out []string
	for _, v := range values {
		if slices.Contains(w.domains, v) {
			out = append(out, w.domains...)
			continue
		}
		out = append(out, v)
	}
	return out
}
