package views

import (
	"strings"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// waypointConditions judges each condition of a waypoint by what the spec and
// the endpoints say, and leaves those it knows nothing about uncoloured.
func waypointConditions(w *mesh.Waypoint) []ui.Condition {
	out := make([]ui.Condition, 0, len(w.Conditions))
	for i := range w.Conditions {
		c := &w.Conditions[i]
		if c.Type == mesh.ConditionProgrammed {
			out = append(out, judgeProgrammed(w, c))
		} else {
			out = append(out, gatewayCondition(c, w.Generation))
		}
	}
	return out
}

// gatewayConditions are those of any other Gateway, or of a listener.
func gatewayConditions(list mesh.Conditions, generation int64) []ui.Condition {
	out := make([]ui.Condition, 0, len(list))
	for i := range list {
		out = append(out, gatewayCondition(&list[i], generation))
	}
	return out
}

// gatewayCondition knows which answer is the good one. An unknown type gets no
// colour: nobody knows what it should say.
func gatewayCondition(c *mesh.Condition, generation int64) ui.Condition {
	out := ui.Condition{Condition: *c, Stale: outdated(c, generation)}
	switch c.Type {
	case mesh.ConditionAccepted, mesh.ConditionProgrammed, mesh.ConditionResolvedRefs, "Ready":
		out.Tone = toneWhen(c, mesh.ConditionTrue)
	case "Conflicted", "OverlappingTLSConfig":
		out.Tone = toneWhen(c, mesh.ConditionFalse)
	case mesh.ConditionResolvedWaypoints:
		// Its status is always True; the truth is in the message (istio.md C.2).
		if strings.Contains(c.Message, "label missing") || strings.Contains(c.Message, "not found") {
			out.Tone, out.Note = ui.ToneWarn, "istiod writes True here whatever happens; the message tells that it is not resolved."
		} else {
			out.Tone = toneWhen(c, mesh.ConditionTrue)
		}
	}
	return out
}

func toneWhen(c *mesh.Condition, good mesh.ConditionStatus) ui.Tone {
	switch c.Status {
	case good:
		return ui.ToneGood
	case mesh.ConditionUnknown:
		return ui.ToneUnknown
	}
	return ui.ToneBad
}
