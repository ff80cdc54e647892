package path

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// drawWaypoint draws a waypoint that calls pass.
func (d *drawing) drawWaypoint(w *passage) string {
	n := Node{ID: key("waypoint", w.ref.Namespace, w.ref.Name), Stage: StageWaypoint, Title: w.ref.Name, Ref: w.ref, State: w.state, Code: w.code}
	if w.waypoint != nil {
		n.Lines = []string{waypointLine(w.waypoint)}
	}
	if w.ref.Namespace != d.plan.target.ref.Namespace {
		n.Lines = append(n.Lines, "in namespace "+w.ref.Namespace)
	}
	if w.share < 100 {
		n.Lines = append(n.Lines, "takes "+percent(w.share))
	}
	n.Notes = append(n.Notes, boundText(d.plan.target.binding), d.seenByWaypoint())
	n.Explain = stop(fmt.Sprintf("Waypoint %s: %s, %s", w.ref.NamespacedName(), strings.Join(n.Lines, ", "), strings.Join(n.Notes, ", ")))
	if w.explain != "" {
		n.Explain = stop(fmt.Sprintf("Waypoint %s: %s", w.ref.NamespacedName(), w.explain))
	}
	return d.add(n)
}

// waypointLine is "2 of 2 ready, Programmed"; the condition stands in its own
// words where it is not the good one.
func waypointLine(w *mesh.Waypoint) string {
	ready := "readiness unknown"
	if w.EndpointsKnown {
		ready = fmt.Sprintf("%d of %d ready", w.ReadyEndpoints, max(w.AllEndpoints, len(w.Pods)))
	}
	return ready + ", " + programmedText(w.Gateway)
}

func programmedText(g *mesh.Gateway) string {
	c := g.Conditions.Find(mesh.ConditionProgrammed)
	switch {
	case c == nil:
		return "no Programmed condition"
	case c.Status == mesh.ConditionTrue:
		return "Programmed"
	}
	return fmt.Sprintf("Programmed %s (%s)", c.Status, c.Reason)
}

func boundText(b mesh.Binding) string {
	switch {
	case b.Inherited():
		return "bound by namespace label"
	case b.LabelOn.Kind == "":
		return "bound through the pods"
	}
	return "bound by label on " + b.LabelOn.String()
}

// seenByWaypoint names the one caller a waypoint sees; of several it sees each
// under its own identity.
func (d *drawing) seenByWaypoint() string {
	var only *Caller
	for i := range d.plan.callers {
		c := &d.plan.callers[i]
		if !c.ViaWaypoint || !c.admittedAtFirst() {
			continue
		}
		if only != nil {
			return "sees each caller's own identity"
		}
		only = c
	}
	if only == nil {
		return "sees each caller's own identity"
	}
	return "sees the caller as " + authz.ShortPrincipal(only.Principal, d.plan.target.ref.Namespace)
}

// drawBypass draws a waypoint beside the line.
func (d *drawing) drawBypass(b *bypass) {
	n := Node{ID: key("waypoint", b.ref.Namespace, b.ref.Name), Stage: StageWaypoint, Title: b.ref.Name, Ref: b.ref, State: StateBypassed, Code: b.code}
	if n.Title == "" {
		n.Title = "waypoint"
	}
	if b.state == StateUnknown {
		n.State = StateUnknown
	}
	if w := d.plan.snap.Waypoint(b.ref.Namespace, b.ref.Name); w != nil {
		n.Lines = []string{waypointLine(w)}
	} else if d.plan.snap.Gateway(b.ref.Namespace, b.ref.Name) == nil {
		n.Lines = []string{"no such Gateway"}
	}
	n.Notes = []string{"not passed", b.explain}
	n.Explain = stop(fmt.Sprintf("Calls do not pass waypoint %s: %s", b.ref.NamespacedName(), b.explain))
	d.add(n)
}
