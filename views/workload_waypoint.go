package views

import (
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// WaypointPanel says which waypoint calls to an object pass, whole: the label
// it comes from, the reason, istiod's own condition and whether both agree.
type WaypointPanel struct {
	Cell    BindingCell
	Label   string // "istio.io/use-waypoint: waypoint"; empty if there is none
	LabelOn ObjectLink
	Reason  string
	// Condition is istiod's, nil where it wrote none.
	Condition *ui.Condition
	Canary    string
}

func newWaypointPanel(s *mesh.Snapshot, q Query, namespace string, b mesh.Binding) WaypointPanel {
	p := WaypointPanel{Cell: newBindingCell(s, q.Links(), namespace, b), Reason: b.Reason}
	if !b.LabelOn.IsZero() {
		p.Label, p.LabelOn = mesh.LabelUseWaypoint+": "+b.Label, NewObjectLink(s, q, b.LabelOn)
	}
	if b.Condition != nil {
		p.Condition = boundCondition(b)
	}
	if c := b.Canary; c != nil {
		p.Canary = canaryWords(c)
	}
	return p
}

// boundCondition takes istiod's condition for what the computed binding says
// of it, and not for its status.
func boundCondition(b mesh.Binding) *ui.Condition {
	c := &ui.Condition{Condition: *b.Condition, Tone: ui.ToneNone}
	switch b.Agrees() {
	case mesh.FactNo:
		c.Tone, c.Note = ui.ToneWarn, "Computed from the specs the answer is another one: "+b.Reason
	case mesh.FactYes:
		c.Tone = ui.ToneGood
		if b.Failed() {
			c.Tone = ui.ToneBad
		}
	case mesh.FactUnknown:
		c.Tone = ui.ToneUnknown
	}
	return c
}

func canaryWords(c *mesh.CanaryBinding) string {
	name := c.Waypoint.NamespacedName()
	if c.State == mesh.BindingBound {
		return percent(float64(c.Weight)) + " of the connections go to the canary waypoint " + name + "."
	}
	return "The canary waypoint " + name + " gets nothing: " + c.Reason
}
