package path

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// drawCallers draws who calls, and leads their calls to the entries.
func (d *drawing) drawCallers(entries []string) {
	groups := d.callerGroups()
	for _, g := range groups {
		id := d.add(d.callerCard(g))
		d.lead(id, g, entries)
	}
	d.drawAside(EntrySidecar)
	d.drawAside(EntryGateway)
	d.drawAside(EntryNone)
}

// callerGroup is one card of callers. One with a title stands for many.
type callerGroup struct {
	rows      []*Caller
	id, title string
}

// callerGroups are the callers on the main line that the first hop lets on:
// one card each, one for all of them where nothing tells them apart, and a
// last one that counts the rest. Where nobody is let on, one card stands for
// all.
func (d *drawing) callerGroups() []callerGroup {
	var rows, admitted []*Caller
	for i := range d.plan.callers {
		c := &d.plan.callers[i]
		if !d.onMainLine(c) {
			continue
		}
		rows = append(rows, c)
		if c.admittedAtFirst() {
			admitted = append(admitted, c)
		}
	}
	if len(admitted) == 0 {
		return []callerGroup{allCallers(rows)}
	}
	if len(admitted) == len(rows) {
		return d.groupsOfAll(rows)
	}
	return d.cards(admitted)
}

// allCallers is one card for the whole mesh.
func allCallers(rows []*Caller) callerGroup {
	return callerGroup{rows: rows, id: "any", title: "any workload in the mesh"}
}

// groupsOfAll is for services that let everybody on: those whom a rule of
// their own admits have cards, the rest is any other workload.
func (d *drawing) groupsOfAll(rows []*Caller) []callerGroup {
	common := mostCommon(rows)
	var own, rest []*Caller
	for _, c := range rows {
		if c.atFirst() == common {
			rest = append(rest, c)
		} else {
			own = append(own, c)
		}
	}
	switch {
	case len(own) == 0:
		return []callerGroup{allCallers(rest)}
	case len(rest) == 1:
		return d.cards(rows)
	}
	return append(d.cards(own), callerGroup{rows: rest, id: "other", title: "any other workload in the mesh"})
}

// mostCommon is the decision that most rows share; of equals the first.
func mostCommon(rows []*Caller) *authz.Decision {
	counts := make(map[*authz.Decision]int)
	best := rows[0].atFirst()
	for _, c := range rows {
		d := c.atFirst()
		if counts[d]++; counts[d] > counts[best] {
			best = d
		}
	}
	return best
}

func (d *drawing) cards(rows []*Caller) []callerGroup {
	limit := d.opts.maxCards()
	var out []callerGroup
	for i, c := range rows {
		if i == limit-1 && len(rows) > limit {
			return append(out, callerGroup{rows: rows[i:], id: "more", title: fmt.Sprintf("and %d more", len(rows)-i)})
		}
		out = append(out, callerGroup{rows: []*Caller{c}})
	}
	return out
}

// onMainLine tells callers that enter at the entries from those drawn aside.
func (d *drawing) onMainLine(c *Caller) bool {
	if len(d.plan.passages) > 0 {
		return c.ViaWaypoint
	}
	return c.Entry != EntryNone
}

func (d *drawing) callerCard(g callerGroup) Node {
	n := Node{Stage: StageCaller, ID: key("caller", g.id), Title: g.title}
	if g.title == "" {
		d.oneCaller(&n, g.rows[0])
	} else {
		n.Lines = []string{count(identities(g.rows), "identity")}
	}
	n.Principals = principals(g.rows)
	n.Explain = fmt.Sprintf("Caller %s (%s)", n.Title, strings.Join(n.Lines, ", "))
	if len(g.rows) > 0 && g.rows[0].admittedAtFirst() {
		if first := g.rows[0].atFirst(); !first.Policy.IsZero() {
			n.Notes = append(n.Notes, first.Reason)
			n.Explain += ": " + first.Reason
		}
	}
	n.Explain = stop(n.Explain)
	return n
}

// principals are the identities of rows that have one.
func principals(rows []*Caller) []string {
	out := make([]string, 0, len(rows))
	for _, c := range rows {
		if c.Principal != "" {
			out = append(out, c.Principal)
		}
	}
	return out
}

func identities(rows []*Caller) int {
	seen := make(map[string]bool)
	for _, c := range rows {
		seen[c.Principal] = true
	}
	return len(seen)
}

// oneCaller names an account by the workloads that run under it.
func (d *drawing) oneCaller(n *Node, c *Caller) {
	owners := d.owners(c.Pods)
	n.ID = key("caller", string(c.Entry), c.Account.Namespace, c.Account.Name)
	n.Ref = refOf(owners)
	if n.Ref.IsZero() {
		n.Ref = mesh.Ref{Kind: "ServiceAccount", Namespace: c.Account.Namespace, Name: c.Account.Name}
	}
	var names []string
	for _, o := range owners {
		names = append(names, o.Name)
	}
	n.Title = someNames(names)
	n.Lines = []string{authz.ShortPrincipal(c.Principal, d.plan.target.ref.Namespace), count(len(c.Pods), "pod")}
}

// maxTitleNames bounds how many workloads a card's title names.
const maxTitleNames = 2

func someNames(names []string) string {
	if len(names) <= maxTitleNames {
		return words(names)
	}
	return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
}

// owners lists the controllers of pods, each once, in order.
func (d *drawing) owners(pods []*mesh.Workload) []mesh.Ref {
	var out []mesh.Ref
	for _, w := range pods {
		if o := d.plan.snap.ControllerOf(w); !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, mesh.Ref.Compare)
	return out
}

// lead draws the ztunnels of a group's nodes and joins them to the entries;
// sidecars and gateways need none.
func (d *drawing) lead(id string, g callerGroup, entries []string) {
	nodes := d.plan.newNodeSet()
	for _, c := range g.rows {
		if c.Entry == EntryZtunnel && nodes.addAll(c.Pods) {
			break
		}
	}
	for _, node := range d.sources.nodes {
		if !nodes.nodes[node] {
			continue
		}
		z := d.sources.id(node)
		if !d.drawn(z) {
			d.add(d.sources.card(node))
		}
		d.join(Leg{From: id, To: z, Transport: Local, Share: declaredNothing})
		d.enterFrom(z, entries)
	}
	if len(g.rows) == 0 || slices.ContainsFunc(g.rows, func(c *Caller) bool { return c.Entry != EntryZtunnel }) {
		d.enterFrom(id, entries)
	}
}

func (d *drawing) enterFrom(id string, entries []string) {
	for i, e := range entries {
		l := Leg{From: id, To: e, Transport: HBONE, Share: declaredNothing}
		if len(d.plan.passages) > 0 {
			if w := d.plan.passages[i]; w.share < 100 {
				l.Share, l.Label = w.share, percent(w.share)
			}
		} else {
			l.Transport = d.plan.versions[i].transport()
		}
		d.join(l)
	}
}
