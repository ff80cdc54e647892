package views

import (
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// WaypointEffect is what happens to the traffic of a waypoint's dependents now.
type WaypointEffect struct {
	// Mode is "serves", "fail-open", "fail-closed", "unused" or "unknown".
	Mode string
	Text string // one sentence
	Tone ui.Tone
}

// effectOf decides by the address, which alone makes istiod use a waypoint, and
// by ready endpoints; never by a condition (istio.md C.1).
func effectOf(s *mesh.Snapshot, w *mesh.Waypoint) WaypointEffect {
	named := len(w.Dependents) + len(w.Askers)
	switch {
	case !w.HasAddress() && named == 0:
		return WaypointEffect{"unused", "It has no address yet, so istiod does not use it; nothing names it either.", ui.ToneNone}
	case !w.HasAddress():
		return WaypointEffect{"fail-open", "Fail-open: it has no address yet, so istiod does not use it. Calls to what names it (" + plural(named, "object") + ") go without it, and its L7 policies and routes are not applied.", ui.ToneBad}
	case len(w.Dependents) == 0:
		return unusedEffect(w)
	case !w.EndpointsKnown:
		return WaypointEffect{"unknown", "Whether it can serve is unknown: its endpoints could not be read.", ui.ToneUnknown}
	case w.ReadyEndpoints == 0:
		return WaypointEffect{"fail-closed", "Fail-closed: it has an address and no ready endpoint, so every call to " + boundWords(s, w) + " is refused.", ui.ToneBad}
	case w.ReadyEndpoints == 1:
		return WaypointEffect{"serves", "Calls to " + boundWords(s, w) + " go through its only ready endpoint.", ui.ToneGood}
	}
	return WaypointEffect{"serves", "Calls to " + boundWords(s, w) + " go through it.", ui.ToneGood}
}

func unusedEffect(w *mesh.Waypoint) WaypointEffect {
	if n := len(w.Askers); n > 0 {
		return WaypointEffect{"fail-open", "Fail-open: " + plural(n, "object names it and is not bound", "objects name it and are not bound") + ", so calls to what names it go without it.", ui.ToneBad}
	}
	return WaypointEffect{"unused", "Nothing is sent through it.", ui.ToneNone}
}

// boundWords counts what is bound: "3 services and 2 workloads".
func boundWords(s *mesh.Snapshot, w *mesh.Waypoint) string {
	services, workloads := 0, 0
	for _, d := range w.Dependents {
		if d.Kind == "Service" || d.Kind == "ServiceEntry" {
			services++
		} else {
			workloads++
		}
	}
	var parts []string
	if services > 0 {
		parts = append(parts, plural(services, "service"))
	}
	if workloads > 0 {
		parts = append(parts, plural(workloads, "workload"))
	}
	words := sentenceList(parts) + " bound to it"
	if !s.Readable(mesh.ResourceServices, "") {
		words += " that could be read"
	}
	return words
}

// programmedCell never trusts the status: True without a ready endpoint is no
// good news, and False with an address does not keep istiod from using it.
func programmedCell(w *mesh.Waypoint) ProgrammedCell {
	c := w.Conditions.Find(mesh.ConditionProgrammed)
	if c == nil {
		return ProgrammedCell{Status: "not written", Tone: ui.ToneUnknown}
	}
	return ProgrammedCell{Status: string(c.Status), Reason: c.Reason, Tone: judgeProgrammed(w, c).Tone}
}

// judgeProgrammed compares the condition with the address and the endpoints.
func judgeProgrammed(w *mesh.Waypoint, c *mesh.Condition) ui.Condition {
	out := ui.Condition{Condition: *c, Stale: outdated(c, w.Generation)}
	yes := c.Status == mesh.ConditionTrue
	switch {
	case yes && !w.HasAddress():
		out.Tone, out.Note = ui.ToneWarn, "It has no address all the same, and the address decides: istiod does not use it."
	case yes && w.EndpointsKnown && w.ReadyEndpoints == 0:
		out.Tone, out.Note = ui.ToneWarn, "It has no ready endpoint all the same: calls that are sent to it fail."
	case yes && !w.EndpointsKnown:
		out.Tone, out.Note = ui.ToneUnknown, "Whether it has a ready endpoint is not known."
	case yes:
		out.Tone = ui.ToneGood
	case w.HasAddress():
		out.Tone, out.Note = ui.ToneWarn, "It has an address all the same, which istiod never takes away again: calls are sent to it."
	case c.Status == mesh.ConditionUnknown:
		out.Tone = ui.ToneUnknown
	default:
		out.Tone = ui.ToneBad
	}
	return out
}

func outdated(c *mesh.Condition, generation int64) bool {
	return c.ObservedGeneration != 0 && c.ObservedGeneration < generation
}

// effectIcon stands before the sentence; the sentence says the same.
func effectIcon(mode string) string {
	switch mode {
	case "serves":
		return "circle-check"
	case "fail-open":
		return "shield-off"
	case "fail-closed":
		return "circle-x"
	case "unknown":
		return "circle-question-mark"
	}
	return "info"
}
