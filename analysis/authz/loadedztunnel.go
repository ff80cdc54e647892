package authz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// FromZtunnel is the enforcement point before a workload as a ztunnel has it
// in memory: the policies it holds for the mesh, for the workload's namespace
// and by the workload's own list, decided as it does (istio.md A.7; ztunnel's
// rbac.rs). A ztunnel that istiod no longer reaches goes on with these,
// whatever the API declares by now.
//
// declared is what PeerAuthentications ask of the workload (PeerModeOf): a
// dump does not say which of them is behind the policy that is common to all
// STRICT workloads. The zero value leaves that open.
func FromZtunnel(d *mesh.ZtunnelDump, w *mesh.ZtunnelWorkload, declared PeerMode) *Hop {
	h := &Hop{Enforcer: Ztunnel, Loaded: true}
	l := loadedZtunnel{h, declared}
	listed := make(map[policyKey]bool, len(w.Policies))
	for _, key := range w.Policies {
		namespace, name, _ := strings.Cut(key, "/")
		listed[policyKey{namespace, name}] = true
	}
	for i := range d.Policies {
		p := &d.Policies[i]
		key := policyKey{p.Namespace, p.Name}
		switch {
		case listed[key]:
			delete(listed, key)
			l.add(p)
		case p.Scope == scopeGlobal || (p.Scope == scopeNamespace && p.Namespace == w.Namespace):
			l.add(p)
		case p.Scope != scopeNamespace && p.Scope != scopeSelector:
			h.Unread = append(h.Unread, fmt.Sprintf("the policy %s of the unknown scope %s", key, p.Scope))
		}
	}
	for key := range listed {
		h.Absent = append(h.Absent, key.String())
	}
	slices.Sort(h.Absent)
	if d.Skipped > 0 {
		h.Unread = append(h.Unread, "entries of the dump of the ztunnel on "+d.Node)
	}
	// ztunnel asks DENY policies in no order; that mTLS is missing says more than
	// a rule that happens to match as well.
	slices.SortStableFunc(h.deny, func(a, b *policy) int { return strings.Compare(b.code, a.code) })
	h.Mode = l.mode()
	h.finish()
	return h
}

// policyKey is how a workload names a policy.
type policyKey struct{ namespace, name string }

func (k policyKey) String() string { return k.namespace + "/" + k.name }

// Scopes and actions as ztunnel writes them.
const (
	scopeGlobal    = "Global"
	scopeNamespace = "Namespace"
	scopeSelector  = "WorkloadSelector"
	loadedAllow    = "Allow"
	loadedDeny     = "Deny"
)

// loadedZtunnel is a hop on its way from a dump.
type loadedZtunnel struct {
	*Hop
	declared PeerMode
}

func (l *loadedZtunnel) add(p *mesh.ZtunnelPolicy) {
	from := l.origin(p)
	object := &mesh.AuthorizationPolicy{Action: ActionAllow}
	object.Kind, object.Namespace, object.Name = from.ref.Kind, from.ref.Namespace, from.ref.Name
	switch p.Action {
	case loadedAllow:
	case loadedDeny:
		object.Action = ActionDeny
	default:
		l.Unread = append(l.Unread, "the policy "+from.String()+" with the unknown action "+p.Action)
		return
	}
	compiled := compileLoaded(p, from)
	idle := ""
	if p.DryRun {
		idle = "it is a dry run"
	}
	l.attach(object, compiled, idle)
}

// compileLoaded turns a policy of a dump into what decides. The rules of an
// ALLOW cannot be numbered as written: istiod leaves those out that ask for
// HTTP.
func compileLoaded(p *mesh.ZtunnelPolicy, from origin) *policy {
	out := &policy{ref: from.ref, words: make([]string, 0, len(p.Rules))}
	if from.strict {
		out.code = mesh.CodeStrictPlaintext
	}
	for i, r := range p.Rules {
		compiled := rule{decides: from.decides(i+1, p.Action)}
		if from.strict {
			compiled.open = "mTLS is required here (STRICT), and it is not known whether the caller uses it"
		}
		if p.Action == loadedDeny && !from.strict {
			compiled.number = i + 1
		}
		for _, c := range r {
			compiled.clauses = append(compiled.clauses, loadedClause(c))
		}
		out.rules = append(out.rules, compiled)
		out.words = append(out.words, describeLoaded(r, p.Namespace))
	}
	return out
}

func loadedClause(c mesh.ZtunnelClause) clause {
	out := make(clause, 0, len(c))
	for _, m := range c {
		out = append(out, loadedMatch(m))
	}
	return out
}

// loadedField is a field of a match, its opposite, and the condition each makes
// of a value.
type loadedField struct {
	values, nots string
	of           func(string) condition
}

// loadedFields are the fields of a match that ztunnel knows (RbacMatch in its
// rbac.rs).
var loadedFields = []loadedField{
	{"principals", "notPrincipals", principal},
	{"namespaces", "notNamespaces", namespace},
	{"serviceAccounts", "notServiceAccounts", account("")},
	{"sourceIps", "notSourceIps", source},
	{"destinationIps", "notDestinationIps", destination},
	{"destinationPorts", "notDestinationPorts", port},
}

// loadedMatch compiles one match. A field or value of a later release makes
// the match open: ztunnel knows what it means, and nobody here does.
func loadedMatch(m mesh.ZtunnelMatch) alternative {
	fields := make([]field, 0, len(loadedFields)+1)
	known := 0
	for _, f := range loadedFields {
		known += present(m, f.values) + present(m, f.nots)
		fields = append(fields, field{loadedValues(m[f.values], f.of), loadedValues(m[f.nots], f.of)})
	}
	if known < len(m) {
		fields = append(fields, field{values: []condition{unknowable{attrOther}}})
	}
	return alternativeOf(fields...)
}

func present(m mesh.ZtunnelMatch, field string) int {
	if _, ok := m[field]; ok {
		return 1
	}
	return 0
}

func loadedValues(values []string, of func(string) condition) []condition {
	out := make([]condition, 0, len(values))
	for _, v := range values {
		c := of(v)
		if c == nil || mesh.IsZtunnelUnknown(v) {
			c = unknowable{attrOther}
		}
		out = append(out, c)
	}
	return out
}

// mode finds out for which ports the policies refuse plaintext just because it
// is plaintext: for those they name, and for all others.
func (l *loadedZtunnel) mode() PeerMode {
	var m PeerMode
	ports := make(map[uint16]bool)
	for _, p := range l.deny {
		if p.code != mesh.CodeStrictPlaintext {
			continue
		}
		p.conditions(func(c condition) {
			if at, ok := c.(portIs); ok {
				ports[at.port] = true
			}
		})
	}
	other := uint16(1)
	for ports[other] {
		other++
	}
	var by mesh.Ref
	m.Strict, m.By = l.strictOn(other)
	for p := range ports {
		strict := false
		if strict, by = l.strictOn(p); strict == m.Strict {
			continue
		}
		if m.Exceptions == nil {
			m.Exceptions = make(map[uint16]bool)
		}
		m.Exceptions[p] = true
		if m.PortsBy = by; by.IsZero() {
			m.PortsBy = m.By // the policy that is strict has the exception in it
		}
	}
	return m
}

func (l *loadedZtunnel) strictOn(port uint16) (bool, mesh.Ref) {
	for _, p := range l.deny {
		if p.code != mesh.CodeStrictPlaintext {
			continue
		}
		if a, _ := p.matches(&Call{Port: port}); a.is == yes {
			return true, p.ref
		}
	}
	return false, mesh.Ref{}
}
