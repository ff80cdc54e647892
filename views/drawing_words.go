package views

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
)

// stateClass is the look of a card and of a leg.
func stateClass(s path.State) string {
	switch s {
	case path.StateOK, path.StateBad, path.StateWarn, path.StateBypassed, path.StateNotReached:
		return "is-" + string(s)
	}
	return "is-unknown"
}

// stateWord says a state that the drawing shows by a dash or a colour; empty
// for ok, and for warn and bad, which have a code or a note.
func stateWord(s path.State) string {
	switch s {
	case path.StateOK, path.StateBad, path.StateWarn:
		return ""
	case path.StateBypassed:
		return "bypassed"
	case path.StateNotReached:
		return "not reached"
	}
	return "unknown"
}

// stateMark is the outline, within 12 by 12 units, of the mark on a card.
func stateMark(s path.State) string {
	switch s {
	case path.StateOK:
		return "M1.8 6.6 4.8 9.6 10.4 2.8"
	case path.StateBad:
		return "M2.2 2.2 9.8 9.8M9.8 2.2 2.2 9.8"
	case path.StateWarn:
		return "M6 1 11 6 6 11 1 6Z"
	case path.StateBypassed:
		return "M1 10.5C5 10.5 3 4.5 7 4.5H10.4M8 1.9 10.6 4.5 8 7.1"
	case path.StateNotReached:
		return "M2 6h.01M6 6h.01M10 6h.01"
	}
	return "M3.6 4.2c0-3.6 5-3.4 5-.5C8.6 5.6 6 5.4 6 7.6M6 10.4h.01"
}

// stageHead heads a column, stageWord names one node of it.
func stageHead(s path.Stage) string {
	switch s {
	case path.StageCaller:
		return "callers"
	case path.StageSource:
		return "client side"
	case path.StageWaypoint:
		return "waypoint"
	case path.StageVersion:
		return "version"
	case path.StageDestination:
		return "destination side"
	}
	return "pods"
}

func stageWord(s path.Stage) string {
	switch s {
	case path.StageCaller:
		return "caller"
	case path.StageBackend:
		return "pod"
	}
	return stageHead(s)
}

// transportWords says how a leg is carried.
func transportWords(t path.Transport) string {
	switch t {
	case path.HBONE:
		return "encrypted (HBONE)"
	case path.Plaintext:
		return "in plaintext"
	case path.Local:
		return "within the node"
	}
	return "transport unknown"
}

// legWords is a leg in words, for its tooltip and for the list.
func legWords(l *path.Leg, to string) string {
	parts := []string{"to " + to, transportWords(l.Transport)}
	if l.Share >= 0 {
		parts = append(parts, fmt.Sprintf("%s of the calls as declared", percent(l.Share)))
	}
	if l.Load.Words != "" {
		parts = append(parts, l.Load.Words)
	}
	switch l.State {
	case path.StateBad:
		parts = append(parts, "refused")
	case path.StateOK, path.StateWarn:
	default:
		parts = append(parts, stateWord(l.State))
	}
	return printable(strings.Join(parts, ", "))
}

// percent prints a share with at most one decimal: "90 %", "0.5 %".
func percent(share float64) string { return px(share) + " %" }

// newSteps lists the nodes in the order a call meets them.
func newSteps(g *path.Graph, to Targets) []Step {
	titles := make(map[string]string, len(g.Nodes))
	for i := range g.Nodes {
		titles[g.Nodes[i].ID] = g.Nodes[i].Title
	}
	next := make(map[string][]string)
	for i := range g.Legs {
		l := &g.Legs[i]
		next[l.From] = append(next[l.From], legWords(l, titles[l.To]))
	}
	nodes := make([]*path.Node, len(g.Nodes))
	for i := range g.Nodes {
		nodes[i] = &g.Nodes[i]
	}
	slices.SortStableFunc(nodes, func(a, b *path.Node) int { return int(a.Stage) - int(b.Stage) })
	steps := make([]Step, 0, len(nodes))
	for _, n := range nodes {
		steps = append(steps, newStep(n, to, strings.Join(next[n.ID], "; ")))
	}
	return steps
}

func newStep(n *path.Node, to Targets, next string) Step {
	s := Step{Stage: stageWord(n.Stage), Title: printable(n.Title), Href: to.Node(n), Seen: seenOf(n), Code: printable(n.Code), Next: next}
	s.Facts = append(append(s.Facts, factsOf(n)...), n.Notes...)
	if n.Explain != "" {
		s.Facts = append(s.Facts, n.Explain)
	}
	if n.Load.Words != "" {
		s.Facts = append(s.Facts, n.Load.Words)
	}
	for i := range s.Facts {
		s.Facts[i] = printable(strings.TrimSuffix(s.Facts[i], "."))
	}
	return s
}

// newLegend explains only the lines that occur.
func newLegend(g *path.Graph) []LegendItem {
	var out []LegendItem
	add := func(on bool, item LegendItem) {
		if on {
			out = append(out, item)
		}
	}
	has := func(f func(*path.Leg) bool) bool {
		return slices.ContainsFunc(g.Legs, func(l path.Leg) bool { return f(&l) })
	}
	passes := func(l *path.Leg) bool { return l.State == path.StateOK || l.State == path.StateWarn }
	add(has(func(l *path.Leg) bool { return passes(l) && l.Transport == path.HBONE }), LegendItem{Class: "leg is-ok", Text: "encrypted (HBONE)"})
	add(has(func(l *path.Leg) bool { return l.Transport == path.Plaintext }), LegendItem{Class: "leg is-ok plaintext", Core: true, Text: "plaintext"})
	add(has(func(l *path.Leg) bool { return passes(l) && l.Transport == path.Local }), LegendItem{Class: "leg is-ok local", Text: "within the node"})
	add(has(func(l *path.Leg) bool { return l.State == path.StateBad }), LegendItem{Class: "leg is-bad", Text: "refused or broken"})
	add(has(func(l *path.Leg) bool { return l.State == path.StateNotReached }), LegendItem{Class: "leg is-not-reached", Text: "not reached"})
	add(has(func(l *path.Leg) bool { return l.State == path.StateBypassed }), LegendItem{Class: "leg is-bypassed", Text: "bypassed"})
	add(has(func(l *path.Leg) bool { return stateClass(l.State) == "is-unknown" }), LegendItem{Class: "leg is-unknown", Text: "unknown"})
	counted := has(func(l *path.Leg) bool { return l.Load.Words != "" })
	add(!counted && has(func(l *path.Leg) bool { return l.Share >= 0 }), LegendItem{Text: "width follows the declared share"})
	return append(out, sightings(g)...)
}

// seenOf is where a node was seen, as it can be printed.
func seenOf(n *path.Node) path.Sighting {
	return path.Sighting{Where: printable(n.Seen.Where), At: n.Seen.At}
}

// sightings say which proxies confirm what is drawn, and when they were read;
// what is expected only is not listed.
func sightings(g *path.Graph) []LegendItem {
	var out []LegendItem
	for i := range g.Nodes {
		s := seenOf(&g.Nodes[i])
		item := LegendItem{Text: "seen in " + s.Where, At: s.At}
		if s.Where != "" && !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}
