package views

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

type zPolicy = mesh.ZtunnelPolicy

// policiesPart lists every policy a ztunnel knows: the columns of istioctl
// ztunnel-config policy, and what it leaves out.
var policiesPart = dumpPart[*ztunnelBook, zPolicy]{
	tab: TabPolicies, noun: "policies",
	rows:      func(b *ztunnelBook) []zPolicy { return b.dump.Policies },
	namespace: func(p *zPolicy) string { return p.Namespace },
	id:        func(p *zPolicy) []string { return []string{p.Namespace, p.Name} },
	only:      func(p *zPolicy) string { return exactly("ns", p.Namespace) + " " + exactly("name", p.Name) },
	item:      newPolicyItem,
	ref:       func(b *ztunnelBook, p *zPolicy) mesh.Ref { return b.policyRef(p) },
	keys:      []string{"ns", "name", "action", "scope", "dryrun"},
	fields:    dumpPolicyFields,
	columns: []dumpColumn[*ztunnelBook, zPolicy]{
		{key: "name", label: "Policy", cell: policyName, compare: compareBy(func(p *zPolicy) string { return p.Name })},
		{key: "ns", label: "Namespace", cell: func(_ *ztunnelBook, p *zPolicy) DumpCell { return monoCell(p.Namespace) }, compare: compareBy(func(p *zPolicy) string { return p.Namespace })},
		{key: "action", label: "Action", cell: func(_ *ztunnelBook, p *zPolicy) DumpCell { return textCell(p.Action) }, compare: compareBy(func(p *zPolicy) string { return p.Action })},
		{key: "scope", label: "Scope", cell: func(_ *ztunnelBook, p *zPolicy) DumpCell { return textCell(p.Scope) }, compare: compareBy(func(p *zPolicy) string { return p.Scope })},
		{key: "workloads", label: "Workloads", class: "num", hint: "of this dump that it applies to", cell: policyWorkloads},
		{key: "enforced", label: "Enforced", cell: dryRunCell, compare: compareBy(dryRunWord)},
		{key: "rules", label: "Rules", class: "text", hint: "any rule may match; all of a rule must", cell: func(_ *ztunnelBook, p *zPolicy) DumpCell { return rulesCell(p) }, compare: func(a, b *zPolicy) int { return cmp.Compare(len(a.Rules), len(b.Rules)) }},
	},
}

func dumpPolicyFields(_ *ztunnelBook, p *zPolicy, key string) ([]string, bool) {
	switch key {
	case "":
		return []string{p.Name, p.Namespace}, true
	case "ns":
		return []string{p.Namespace}, true
	case "name":
		return []string{p.Name}, true
	case "action":
		return []string{p.Action}, true
	case "scope":
		return []string{p.Scope}, true
	case "dryrun":
		return []string{dryRunWord(p)}, true
	}
	return nil, false
}

// convertedPrefix begins the names istiod gives to the policies that it makes
// of PeerAuthentications (istio.md C.3).
const (
	convertedPrefix = "converted_peer_authentication_"
	convertedStatic = "istio_converted_static_strict"
)

// policyRef is the object that a policy was made from.
func (b *ztunnelBook) policyRef(p *zPolicy) mesh.Ref {
	if name, ok := strings.CutPrefix(p.Name, convertedPrefix); ok {
		return mesh.Ref{Kind: "PeerAuthentication", Namespace: p.Namespace, Name: name}
	}
	return mesh.Ref{Kind: "AuthorizationPolicy", Namespace: p.Namespace, Name: p.Name}
}

func policyName(b *ztunnelBook, p *zPolicy) DumpCell {
	c, ref := monoCell(p.Name), b.policyRef(p)
	switch {
	case p.Name == convertedStatic:
		c.Note = "made by istiod: refuses plaintext where a PeerAuthentication says STRICT"
	case ref.Kind == "PeerAuthentication":
		c.Note = "made of PeerAuthentication " + cellText(ref.Name)
		fallthrough
	default:
		if b.hasPolicy(ref) {
			c.URL = b.links.Policy(ref)
		}
	}
	return c
}

func (b *ztunnelBook) hasPolicy(ref mesh.Ref) bool {
	sh := b.snap.Shard(ref.Namespace)
	if ref.Kind == "PeerAuthentication" {
		return slices.ContainsFunc(sh.PeerAuths, func(p *mesh.PeerAuthentication) bool { return p.Name == ref.Name })
	}
	return slices.ContainsFunc(sh.Authorizations, func(p *mesh.AuthorizationPolicy) bool { return p.Name == ref.Name })
}

// policyWorkloads counts whom a policy applies to, by its scope (istio.md A.5:
// workloads name only policies with a selector).
func policyWorkloads(b *ztunnelBook, p *zPolicy) DumpCell {
	switch p.Scope {
	case "Global":
		return DumpCell{Text: number(len(b.dump.Workloads))}
	case "Namespace":
		return DumpCell{Text: number(b.reach().namespaces[p.Namespace])}
	}
	return DumpCell{Text: number(b.reach().selected[p.Namespace+"/"+p.Name])}
}

// policyReach counts workloads by namespace, and by the policy that selects
// them.
type policyReach struct{ namespaces, selected map[string]int }

func (b *ztunnelBook) reach() *policyReach {
	if b.reached != nil {
		return b.reached
	}
	b.reached = &policyReach{make(map[string]int), make(map[string]int)}
	for _, w := range b.dump.Workloads {
		b.reached.namespaces[w.Namespace]++
		for _, p := range w.Policies {
			b.reached.selected[p]++
		}
	}
	return b.reached
}

func dryRunWord(p *zPolicy) string {
	if p.DryRun {
		return "yes"
	}
	return "no"
}

func dryRunCell(_ *ztunnelBook, p *zPolicy) DumpCell {
	if p.DryRun {
		return DumpCell{Text: "no: dry run", Note: "it only logs what it would do", Tone: ui.ToneWarn}
	}
	return DumpCell{Text: "yes"}
}

// rulesCell says what a policy's rules ask for. The two ends of the scale are
// said in words, because both look like nothing (istio.md A.7).
func rulesCell(p *zPolicy) DumpCell {
	if len(p.Rules) == 0 {
		if p.Action == "Allow" {
			return DumpCell{Text: "none", Note: "matches nothing: what it applies to lets nobody in by it", Tone: ui.ToneWarn}
		}
		return DumpCell{Text: "none", Note: "matches nothing: it does nothing", Tone: toneSoft}
	}
	words := make([]string, 0, len(p.Rules))
	for _, r := range p.Rules {
		words = append(words, dumpRuleWords(r))
	}
	return DumpCell{Text: cellText(some(words, 3)), Note: plural(len(p.Rules), "rule"), Mono: true}
}

func dumpRuleWords(r mesh.ZtunnelRule) string {
	if len(r) == 0 {
		return "everything"
	}
	clauses := make([]string, 0, len(r))
	for _, c := range r {
		matches := make([]string, 0, len(c))
		for _, m := range c {
			matches = append(matches, dumpMatchWords(m))
		}
		if len(matches) > 0 {
			clauses = append(clauses, strings.Join(matches, " or "))
		}
	}
	return orWord(strings.Join(clauses, " and "), "everything")
}

func dumpMatchWords(m mesh.ZtunnelMatch) string {
	if len(m) == 0 {
		return "nothing"
	}
	words := make([]string, 0, len(m))
	for _, field := range slices.Sorted(maps.Keys(m)) {
		words = append(words, field+" ["+some(m[field], cellValues)+"]")
	}
	return strings.Join(words, " + ")
}
