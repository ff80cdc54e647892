package views

import (
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// HopPolicies are the policies a call meets, in that order.
type HopPolicies struct {
	Notices []SourceNotice
	Rows    []HopPolicyRow
}

// HopPolicyRow is one policy at one hop.
type HopPolicyRow struct {
	Where  string
	Policy ObjectLink
	Action string
	Effect string
	State  path.State
	Word   string // the state in words
}

func newHopPolicies(s *mesh.Snapshot, q Query, g *path.Graph) HopPolicies {
	h := HopPolicies{Notices: sourceNotices(s, mesh.ResourceAuthorizationPolicies, mesh.ResourcePeerAuthentications, mesh.ResourceRequestAuthentications)}
	for _, p := range g.Policies {
		h.Rows = append(h.Rows, HopPolicyRow{
			Where: hopWord(p.Stage), Policy: NewObjectLink(s, q, p.Policy), Action: p.Action, Effect: p.Effect, State: p.State, Word: policyStateWord(p.State),
		})
	}
	return h
}

func hopWord(s path.Stage) string {
	switch s {
	case path.StageWaypoint:
		return "waypoint"
	case path.StageDestination:
		return "destination's ztunnel"
	case path.StageSource:
		return "client's ztunnel"
	}
	return stageWord(s)
}

func policyStateWord(s path.State) string {
	switch s {
	case path.StateOK:
		return "in effect"
	case path.StateWarn:
		return "without effect"
	case path.StateBad:
		return "refuses"
	}
	return stateWord(s)
}

// remarkWord is the state of a remark as a word beside its mark.
func remarkWord(s path.State) string {
	switch s {
	case path.StateOK:
		return "to know"
	case path.StateWarn:
		return "careful"
	case path.StateBad:
		return "broken"
	}
	return stateWord(s)
}
