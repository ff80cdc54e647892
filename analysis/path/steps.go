package path

import (
	"fmt"
	"slices"
)

// Steps is the drawing as an ordered list, for screen readers and terminals:
// the verdict, each hop in the order calls meet them, and the remarks. Each
// entry is a full sentence.
func (g *Graph) Steps() []string {
	out := []string{string(g.Verdict) + ": " + g.Summary}
	if g.Outcome != "" {
		out = append(out, "The caller sees: "+g.Outcome)
	}
	for i := range g.Nodes {
		out = append(out, g.step(&g.Nodes[i]))
	}
	for _, r := range g.Remarks {
		out = append(out, r.Text)
	}
	return out
}

func (g *Graph) step(n *Node) string {
	text := n.Explain
	if n.Code != "" {
		text += " [" + n.Code + "]"
	}
	if w := n.State.word(); w != "" {
		text += " (" + w + ")"
	}
	if n.Basis == Seen {
		text += " Seen in " + n.Seen.Where + " at " + n.Seen.At.UTC().Format("15:04:05 UTC") + "."
	}
	if n.Stage == StageBackend && g.reachedInPlaintext(n.ID) {
		text += " Reached in plaintext."
	}
	return text
}

// reachedInPlaintext tells of what a listener must not miss.
func (g *Graph) reachedInPlaintext(id string) bool {
	return slices.ContainsFunc(g.Legs, func(l Leg) bool {
		return l.To == id && l.Transport == Plaintext && l.State != StateNotReached && l.State != StateBad
	})
}

// String names the stage as a column of the drawing is headed.
func (s Stage) String() string {
	switch s {
	case StageCaller:
		return "Caller"
	case StageSource:
		return "Client side"
	case StageWaypoint:
		return "Waypoint"
	case StageVersion:
		return "Version"
	case StageDestination:
		return "Destination side"
	case StageBackend:
		return "Pods"
	}
	return fmt.Sprintf("Stage %d", int(s))
}

// word says a state that is not plainly good.
func (s State) word() string {
	switch s {
	case StateBad:
		return "refuses or breaks the call"
	case StateWarn:
		return "works, with something to know"
	case StateBypassed:
		return "not passed"
	case StateNotReached:
		return "not reached"
	case StateUnknown:
		return "unknown"
	}
	return ""
}
