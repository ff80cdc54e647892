package views

import (
	"testing"

	"github.com/waylight/waylight/analysis/path"
)

func TestAVerdictRestsOnWhatItsHopsRestOn(t *testing.T) {
	const expected = "expected from objects, statuses and annotations"
	hop := func(stage path.Stage, state path.State, where string) path.Node {
		return path.Node{Stage: stage, State: state, Seen: path.Sighting{Where: where}}
	}
	caller := hop(path.StageCaller, path.StateOK, "")
	for name, tt := range map[string]struct {
		nodes []path.Node
		basis path.Basis
		text  string
	}{
		"nothing is drawn":                   {nil, path.Expected, expected},
		"callers alone prove nothing":        {[]path.Node{caller}, path.Expected, expected},
		"no proxy was read":                  {[]path.Node{caller, hop(path.StageSource, path.StateOK, "")}, path.Expected, expected},
		"every hop was seen, callers aside":  {[]path.Node{caller, hop(path.StageSource, path.StateOK, "a"), hop(path.StageBackend, path.StateOK, "b")}, path.Seen, "each hop as proxies have it in memory"},
		"one hop of two was seen":            {[]path.Node{caller, hop(path.StageSource, path.StateOK, "a"), hop(path.StageBackend, path.StateOK, "")}, path.Expected, "1 of 2 hops seen in proxies, the rest " + expected},
		"calls end before what was not seen": {[]path.Node{hop(path.StageSource, path.StateBad, "a"), hop(path.StageBackend, path.StateNotReached, "")}, path.Seen, "each hop as proxies have it in memory"},
		"what is unknown was not seen":       {[]path.Node{hop(path.StageSource, path.StateOK, "a"), hop(path.StageBackend, path.StateUnknown, "")}, path.Expected, "1 of 2 hops seen in proxies, the rest " + expected},
	} {
		t.Run(name, func(t *testing.T) {
			b := newDrawnBasis(&path.Graph{Nodes: tt.nodes})
			if b.of() != tt.basis || b.text() != tt.text {
				t.Errorf("%s: %q, want %s: %q", b.of(), b.text(), tt.basis, tt.text)
			}
		})
	}
}
