package authz

import (
	"slices"

	"github.com/waylight/waylight/mesh"
)

// forZtunnel converts an AuthorizationPolicy as istiod does for ztunnel
// (istio.md C.3; istiod's ambient/authorization.go). The second result says
// why nothing is sent; empty if something is.
func forZtunnel(p *mesh.AuthorizationPolicy) (*policy, string) {
	switch {
	case p.Action == ActionCustom || p.Action == ActionAudit:
		return nil, "ztunnel does not support the action " + p.Action + ", so the policy is not sent to it"
	case p.DryRun():
		return nil, "it is a dry run, which is not sent to ztunnel"
	}
	out := &policy{ref: p.Ref()}
	for i := range p.Rules {
		if p.Action != ActionDeny && hasHTTP(&p.Rules[i]) {
			continue // a rule of an ALLOW that asks for HTTP is left out whole
		}
		out.rules = append(out.rules, newRule(p, i+1, l4Clauses(&p.Rules[i], p.Namespace)))
	}
	return out, ""
}

// l4Clauses keeps what ztunnel can judge. Sources and operations without any
// such field stay as void alternatives, which is why a DENY with principals
// and methods has no effect at all.
func l4Clauses(r *mesh.AuthorizationRule, policyNamespace string) []clause {
	var out []clause
	if len(r.To) > 0 {
		var cl clause
		for _, op := range r.To {
			cl = append(cl, alternativeOf(field{compile(op.Ports, port), compile(op.NotPorts, port)}))
		}
		out = append(out, cl)
	}
	if len(r.From) > 0 {
		var cl clause
		for i := range r.From {
			cl = append(cl, l4Source(&r.From[i], policyNamespace))
		}
		out = append(out, cl)
	}
	for _, w := range r.When {
		out = append(out, clause{alternativeOf(l4When(w))})
	}
	return out
}

func l4Source(s *mesh.AuthorizationSource, policyNamespace string) alternative {
	sa := account(policyNamespace)
	return alternativeOf(
		field{compile(s.IPBlocks, source), compile(s.NotIPBlocks, source)},
		field{compile(s.Namespaces, namespace), compile(s.NotNamespaces, namespace)},
		field{compile(s.ServiceAccounts, sa), compile(s.NotServiceAccounts, sa)},
		field{compile(s.Principals, principal), compile(s.NotPrincipals, principal)},
	)
}

// l4WhenKeys are the keys istiod converts; every other counts as HTTP, also
// source.serviceAccount, source.trustDomain and connection.sni.
var l4WhenKeys = map[string]func(string) condition{
	"source.ip":        source,
	"source.namespace": namespace,
	"source.principal": principal,
	"destination.ip":   destination,
	"destination.port": port,
}

func l4When(w mesh.AuthorizationCondition) field {
	of := l4WhenKeys[w.Key]
	if of == nil {
		return field{}
	}
	return field{compile(w.Values, of), compile(w.NotValues, of)}
}

// alternativeOf drops empty fields; without any the alternative is void.
func alternativeOf(fields ...field) alternative {
	var a alternative
	for _, f := range fields {
		if len(f.values)+len(f.nots) > 0 {
			a.fields = append(a.fields, f)
		}
	}
	a.void = len(a.fields) == 0
	return a
}

// hasHTTP tells whether a rule asks for something only a waypoint can see.
// source.trustDomains is neither: istiod loses it without a word.
func hasHTTP(r *mesh.AuthorizationRule) bool { return len(HTTPFields(r)) > 0 }

// HTTPFields names the fields of a rule that ztunnel does not support, as a
// policy writes them, in order of appearance and each once.
func HTTPFields(r *mesh.AuthorizationRule) []string {
	var out fieldNames
	for i := range r.From {
		s := &r.From[i]
		out.add("remoteIpBlocks", s.RemoteIPBlocks)
		out.add("notRemoteIpBlocks", s.NotRemoteIPBlocks)
		out.add("requestPrincipals", s.RequestPrincipals)
		out.add("notRequestPrincipals", s.NotRequestPrincipals)
	}
	for i := range r.To {
		op := &r.To[i]
		out.add("hosts", op.Hosts)
		out.add("notHosts", op.NotHosts)
		out.add("methods", op.Methods)
		out.add("notMethods", op.NotMethods)
		out.add("paths", op.Paths)
		out.add("notPaths", op.NotPaths)
	}
	for _, w := range r.When {
		if l4WhenKeys[w.Key] == nil {
			out.add(w.Key, []string{w.Key})
		}
	}
	return out
}

// fieldNames collects the names of fields that are set.
type fieldNames []string

func (n *fieldNames) add(name string, values []string) {
	if len(values) > 0 && !slices.Contains(*n, name) {
		*n = append(*n, name)
	}
}
