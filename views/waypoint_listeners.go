package views

import (
	"cmp"
	"net"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// eChain is a filter chain of a listener, or a listener that has none.
type eChain struct {
	listener *mesh.EnvoyListener
	chain    *mesh.EnvoyChain
	object   mesh.Ref // the Service the chain is for; zero for Envoy's own
}

// listenersPart lists every filter chain: the columns of istioctl proxy-config
// listeners, with --waypoint and without, and what rules each chain enforces.
var listenersPart = dumpPart[*envoyBook, eChain]{
	tab: TabListeners, noun: "filter chains",
	rows:      chainRows,
	namespace: func(c *eChain) string { return c.object.Namespace },
	id:        func(c *eChain) []string { return []string{c.listener.Name, string(c.listener.State), c.chain.Name} },
	only: func(c *eChain) string {
		return exactly("listener", c.listener.Name) + " " + exactly("state", string(c.listener.State)) + " " + exactly("chain", orWord(c.chain.Name, "none"))
	},
	item:   newListenerItem,
	itemOf: func(c *eChain) any { return c.listener },
	entry:  func(c *eChain) any { return newChainItem(c.chain) },
	ref:    func(_ *envoyBook, _ *eChain) mesh.Ref { return mesh.Ref{Kind: "Listener"} },
	keys:   []string{"ns", "listener", "chain", "port", "service", "policy", "action", "issuer", "cluster", "state"},
	fields: chainFields,
	columns: []dumpColumn[*envoyBook, eChain]{
		{key: "listener", label: "Listener", cell: listenerName, compare: compareBy(func(c *eChain) string { return c.listener.Name })},
		{key: "chain", label: "Chain", cell: chainName, compare: compareBy(func(c *eChain) string { return c.chain.Name })},
		{key: "address", label: "Address", cell: func(_ *envoyBook, c *eChain) DumpCell { return monoCell(c.listener.Address) }, compare: compareBy(func(c *eChain) string { return c.listener.Address })},
		{key: "match", label: "Match", cell: func(_ *envoyBook, c *eChain) DumpCell { return textCell(c.chain.Match) }, compare: compareBy(func(c *eChain) string { return c.chain.Match })},
		{key: "destination", label: "Destination", cell: chainDestination},
		{key: "policies", label: "Authorization", hint: "rules in order of evaluation; the first DENY that matches refuses, then one ALLOW must match", cell: chainPolicies, compare: func(a, b *eChain) int { return cmp.Compare(len(a.chain.RBAC), len(b.chain.RBAC)) }},
		{key: "tokens", label: "Tokens", hint: "issuers whose tokens are accepted", cell: chainTokens, compare: func(a, b *eChain) int { return cmp.Compare(len(a.chain.JWT), len(b.chain.JWT)) }},
		{key: "state", folded: true, label: "State", cell: func(_ *envoyBook, c *eChain) DumpCell { return envoyStateCell(c.listener.State, c.listener.Rejected) }},
		{key: "routes", exported: true, label: "Route configuration", cell: func(_ *envoyBook, c *eChain) DumpCell { return monoCell(c.chain.RouteConfig) }},
		{key: "filters", folded: true, label: "Network filters", hint: "in order", cell: func(_ *envoyBook, c *eChain) DumpCell { return listCell(bareFilters(c.chain.Filters), "none") }},
		{key: "httpFilters", folded: true, label: "HTTP filters", hint: "in order", cell: func(_ *envoyBook, c *eChain) DumpCell { return listCell(bareFilters(c.chain.HTTPFilters), "none") }},
	},
}

func chainRows(b *envoyBook) []eChain {
	var out []eChain
	for i := range b.dump.Listeners {
		l := &b.dump.Listeners[i]
		for j := range l.Chains {
			out = append(out, eChain{l, &l.Chains[j], b.object(l.Chains[j].Host)})
		}
		if len(l.Chains) == 0 {
			out = append(out, eChain{listener: l, chain: &mesh.EnvoyChain{}})
		}
	}
	return out
}

func chainFields(_ *envoyBook, c *eChain, key string) ([]string, bool) {
	switch key {
	case "":
		return []string{c.listener.Name, c.chain.Name, c.listener.Address, c.chain.Match, c.chain.RouteConfig, c.chain.Cluster}, true
	case "ns":
		return []string{orWord(c.object.Namespace, "none")}, true
	case "listener":
		return []string{c.listener.Name}, true
	case "chain":
		return []string{orWord(c.chain.Name, "none")}, true
	case "port":
		return []string{orWord(c.port(), "none")}, true
	case "service":
		return objectWords(c.object), true
	case "state":
		return stateWords(c.listener.State, c.listener.Rejected), true
	}
	return c.rules(key)
}

// rules answers filters for what a chain enforces and where it leads.
func (c *eChain) rules(key string) ([]string, bool) {
	var out []string
	switch key {
	case "policy":
		for i := range c.chain.RBAC {
			for _, rule := range c.chain.RBAC[i].Policies {
				out = append(out, rule.Policy.Name, rule.Policy.NamespacedName())
			}
		}
	case "action":
		for i := range c.chain.RBAC {
			out = append(out, c.chain.RBAC[i].Action)
		}
	case "issuer":
		for i := range c.chain.JWT {
			out = append(out, c.chain.JWT[i].Issuer)
		}
	case "cluster":
		for _, w := range c.destinations() {
			out = append(out, w.Name)
		}
	default:
		return nil, false
	}
	return orNone(out), true
}

// port is the port the chain is for, else that of the listener.
func (c *eChain) port() string {
	if c.chain.Port != 0 {
		return number(int(c.chain.Port))
	}
	_, port, err := net.SplitHostPort(c.listener.Address)
	if err != nil {
		return ""
	}
	return port
}

func listenerName(_ *envoyBook, c *eChain) DumpCell {
	cell := monoCell(c.listener.Name)
	if c.listener.Rejected != "" {
		cell.Note = "an update was rejected: " + cellText(c.listener.Rejected)
	}
	return cell
}

func chainName(b *envoyBook, c *eChain) DumpCell {
	if c.chain.Name == "" {
		return DumpCell{Text: "the only one", Tone: toneSoft}
	}
	return b.hostCell(c.chain.Name, b.chainWords(c), c.object)
}

// chainWords says what a chain is for: "shop/orders:80 http".
func (b *envoyBook) chainWords(c *eChain) string {
	words := b.short(c.chain.EnvoyName)
	if words != "" && c.chain.Protocol != "" {
		words += " " + cellText(c.chain.Protocol)
	}
	return words
}

// chainDestination leads to the chain's routes, or to the cluster of a TCP
// chain.
func chainDestination(b *envoyBook, c *eChain) DumpCell {
	if list := c.destinations(); len(list) > 0 {
		return b.destinations(list)
	}
	if c.chain.RouteConfig == "" && len(c.chain.HTTPFilters) == 0 {
		return DumpCell{Text: "none", Tone: toneSoft}
	}
	filter := exactly("listener", c.listener.Name) + " " + exactly("chain", orWord(c.chain.Name, "none"))
	n := b.routes[routePlace{c.listener.Name, c.chain.Name, ""}]
	if n == 0 { // fetched by name, or of a listener that is not in force
		filter, n = exactly("config", orWord(c.chain.RouteConfig, "none")), b.routes[routePlace{config: c.chain.RouteConfig}]
	}
	return DumpCell{Objects: []ObjectLink{{Name: plural(n, "route"), URL: b.part(TabRoutes, filter)}}}
}

// destinations are the clusters of a TCP chain.
func (c *eChain) destinations() []mesh.EnvoyWeightedCluster {
	if c.chain.Cluster != "" {
		return []mesh.EnvoyWeightedCluster{{Name: c.chain.Cluster}}
	}
	return c.chain.Weighted
}

// chainPolicies names the policies behind the rules of each filter. An ALLOW
// without a rule lets nobody in (istio.md C.4).
func chainPolicies(b *envoyBook, c *eChain) DumpCell {
	if len(c.chain.RBAC) == 0 {
		return DumpCell{Text: "none", Tone: toneSoft}
	}
	var cell DumpCell
	for i := range c.chain.RBAC {
		f := &c.chain.RBAC[i]
		action := cellText(f.Action)
		if f.Shadow {
			action += " (dry run)"
		}
		if len(f.Policies) == 0 {
			cell.Objects = append(cell.Objects, ObjectLink{Kind: action, Name: "nothing"})
			if f.Action == "ALLOW" && !f.Shadow {
				cell.Note, cell.Tone = "refuses every request", ui.ToneBad
			}
			continue
		}
		cell.Objects = append(cell.Objects, b.policyLinks(action, f.Policies)...)
	}
	return cell
}

// policyLinks has one line for each policy, with the numbers of its rules.
func (b *envoyBook) policyLinks(action string, rules []mesh.EnvoyPolicyRule) []ObjectLink {
	var out []ObjectLink
	for i := 0; i < len(rules); {
		first, numbers := &rules[i], []string(nil)
		for ; i < len(rules) && rules[i].Policy == first.Policy && (!first.Policy.IsZero() || &rules[i] == first); i++ {
			numbers = append(numbers, number(rules[i].Rule))
		}
		link := ObjectLink{Kind: action, Name: cellText(first.Name)}
		if !first.Policy.IsZero() {
			link.Name = cellText(first.Policy.NamespacedName() + " rule " + strings.Join(numbers, ", "))
			if absent := b.absence(first.Policy); absent != "" {
				link.Name += " (" + absent + ")"
			} else {
				link.URL = b.links.Policy(first.Policy)
			}
		}
		if first.Provider != "" {
			link.Kind += " by " + cellText(first.Provider)
		}
		out = append(out, link)
	}
	return out
}

// chainTokens names the issuers, each with the RequestAuthentication that asks
// for it. An Envoy does not say which one that is: it is looked for among those
// attached.
func chainTokens(b *envoyBook, c *eChain) DumpCell {
	if len(c.chain.JWT) == 0 {
		return DumpCell{Text: "none", Tone: toneSoft}
	}
	attached := authz.RequestAuthentications(b.snap, b.waypoint.Gateway, c.object)
	var cell DumpCell
	for i := range c.chain.JWT {
		p := &c.chain.JWT[i]
		word := "required"
		if p.Optional {
			word = "optional"
		}
		cell.Objects = append(cell.Objects, ObjectLink{Kind: word, Name: cellText(p.Issuer)})
		for _, a := range attached {
			if slices.ContainsFunc(a.Rules, func(r mesh.JWTRule) bool { return r.Issuer == p.Issuer }) {
				cell.Objects = append(cell.Objects, ObjectLink{Kind: "by", Name: cellText(a.Ref().NamespacedName()), URL: b.links.Policy(a.Ref())})
			}
		}
	}
	return cell
}

// bareFilters leaves out what the names of all Envoy's filters begin with.
func bareFilters(names []string) []string {
	out := make([]string, 0, len(names))
	for _, name := range names {
		out = append(out, strings.TrimPrefix(strings.TrimPrefix(name, "envoy.filters.network."), "envoy.filters.http."))
	}
	return out
}

// envoyStateCell is how far Envoy is with something. Why it refused an update
// stands with its name.
func envoyStateCell(state mesh.EnvoyState, rejected string) DumpCell {
	c := textCell(orWord(string(state), "never accepted"))
	switch {
	case rejected != "":
		c.Text, c.Tone = strings.TrimSuffix("update rejected, "+string(state)+" before", ",  before"), ui.ToneBad
	case state == mesh.EnvoyWarming:
		c.Tone = ui.ToneWarn
	case state == mesh.EnvoyActive:
		c.Quiet = true
	}
	return c
}

// stateWords are what state: matches.
func stateWords(state mesh.EnvoyState, rejected string) []string {
	words := []string{orWord(string(state), "none")}
	if rejected != "" {
		words = append(words, "rejected")
	}
	return words
}

// objectWords are what service: and the like match: the name, with its
// namespace and without.
func objectWords(ref mesh.Ref) []string {
	if ref.IsZero() {
		return []string{"none"}
	}
	return []string{ref.Name, ref.NamespacedName()}
}
