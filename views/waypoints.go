package views

import (
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// WaypointsModel is the list of waypoints.
type WaypointsModel struct {
	Starting bool
	Notices  []SourceNotice
	Table    ui.Table
	Rows     []WaypointRow
	Empty    EmptyList
}

// WaypointRow is one waypoint.
type WaypointRow struct {
	ID, Namespace, Name string
	URL                 templ.SafeURL
	Class               string
	Traffic             string // "service (default)"
	// Programmed is the condition as istiod wrote it, in full words.
	Programmed ProgrammedCell
	Address    string
	Endpoints  CountCell
	Dependents int
	Askers     int
	Effect     WaypointEffect
	Findings   FindingsCell
}

// ProgrammedCell is the Programmed condition with what is known beside it: the
// status alone never decides how it is shown.
type ProgrammedCell struct {
	Status, Reason string // as written; "not written" for none
	Tone           ui.Tone
}

var waypointKeys = []string{"ns", "name", "class", "traffic", "programmed", "endpoints", "finding"}

// NewWaypoints builds the list.
func NewWaypoints(r *analysis.Report, q Query) WaypointsModel {
	if starting(r.Snap) {
		return WaypointsModel{Starting: true}
	}
	m := WaypointsModel{Notices: sourceNotices(r.Snap, mesh.ResourceGateways, mesh.ResourceGatewayClasses, mesh.ResourceEndpointSlices)}
	total := 0
	for _, w := range r.Snap.Waypoints() {
		if !q.InScope(w.Namespace) {
			continue
		}
		total++
		if row := newWaypointRow(r, q, w); q.Filter.Match(row.fields) {
			m.Rows = append(m.Rows, row)
		}
	}
	SortRows(m.Rows, q.Sort, waypointOrders)
	m.Table = waypointsTable(q, len(m.Rows), total)
	m.Table.Note = scopeNote(r.Snap)
	m.Table.Incomplete = incomplete(r.Snap, q, mesh.ResourceGateways)
	m.Empty = emptyWaypoints(r.Snap, q, total)
	if total == 0 && r.Snap.Sources.Kind(mesh.ResourceGateways).State != mesh.SourceAbsent {
		m.Empty = m.Empty.watched(r.Snap, q, "waypoints")
	}
	return m
}

var waypointOrders = map[string]func(a, b WaypointRow) int{
	"name":       By(func(w WaypointRow) string { return w.Name }),
	"ns":         By(func(w WaypointRow) string { return w.Namespace }),
	"endpoints":  By(func(w WaypointRow) int { return w.Endpoints.Ready }),
	"dependents": By(func(w WaypointRow) int { return w.Dependents }),
	"findings":   By(func(w WaypointRow) int { return w.Findings.Worst }),
}

func waypointsTable(q Query, shown, total int) ui.Table {
	l, path := q.Links(), string(PageWaypoints)
	return ui.Table{
		ID: "waypoints", Caption: "Waypoints", Noun: "waypoints", Shown: shown, Total: total,
		Filter: l.FilterBox(path, q, waypointKeys...),
		Columns: []ui.Column{
			l.Column(path, q, "name", "Waypoint", ""), l.Column(path, q, "ns", "Namespace", ""),
			{Label: "Takes traffic", Hint: "istio.io/waypoint-for"},
			{Label: "Programmed", Hint: "istiod's condition, as written"},
			l.Column(path, q, "endpoints", "Endpoints ready", ""),
			withHint(l.Column(path, q, "dependents", "Bound", ""), "services, entries and workloads sent through it"),
			{Label: "Not bound", Hint: "name it and are not sent through it"},
			{Label: "What happens now", Class: "wide"},
			l.Column(path, q, "findings", "Findings", ""),
		},
	}
}

// emptyWaypoints says what it means that there is none.
func emptyWaypoints(s *mesh.Snapshot, q Query, total int) EmptyList {
	switch {
	case total > 0:
		return EmptyList{"No waypoint matches the filter", "Clear it to see all " + number(total) + "."}
	case s.Sources.Kind(mesh.ResourceGateways).State == mesh.SourceAbsent:
		return EmptyList{"The Gateway API is not installed", "Waypoints are Gateways, so there can be none: calls in the mesh are encrypted and go from ztunnel to ztunnel, and no L7 policy or route is applied to any of them."}
	case q.Namespace != "":
		return EmptyList{"No waypoint in namespace " + q.Namespace, "Its services may use one of another namespace. Where none is in effect, calls go from ztunnel to ztunnel and no L7 policy or route is applied."}
	}
	return EmptyList{"No waypoint in this mesh", "Calls are encrypted and go from ztunnel to ztunnel. No L7 policy, route, retry or timeout is applied to any of them; L4 policies are."}
}

func newWaypointRow(r *analysis.Report, q Query, w *mesh.Waypoint) WaypointRow {
	row := WaypointRow{
		ID: ui.ID("waypoint", w.Namespace, w.Name), Namespace: w.Namespace, Name: w.Name, URL: q.Links().Waypoint(w.Namespace, w.Name),
		Class: w.Class, Traffic: trafficWords(r.Snap, w), Programmed: programmedCell(w), Address: addressWords(w.Addresses),
		Endpoints: waypointEndpoints(r.Snap, w), Dependents: len(w.Dependents), Askers: len(w.Askers),
		Effect: effectOf(r.Snap, w), Findings: newFindingsCell(r.About(w.Ref())),
	}
	return row
}

func (w *WaypointRow) fields(key string) ([]string, bool) {
	switch key {
	case "":
		return []string{w.Namespace + "/" + w.Name, w.Class, w.Address, w.Programmed.Reason}, true
	case "ns":
		return []string{w.Namespace}, true
	case "name":
		return []string{w.Name}, true
	case "class":
		return []string{w.Class}, true
	case "traffic":
		kind, _, _ := strings.Cut(w.Traffic, " ")
		return []string{kind}, true
	case "programmed":
		return []string{w.Programmed.Status, w.Programmed.Reason}, true
	case "endpoints":
		return w.Endpoints.filterWords(), true
	case "finding":
		return w.Findings.filterWords(), true
	}
	return nil, false
}

// trafficWords is waypoint-for with where it comes from: without a label
// istioctl prints "none" although service is in effect.
func trafficWords(s *mesh.Snapshot, w *mesh.Waypoint) string {
	if _, ok := w.Labels[mesh.LabelWaypointFor]; ok {
		return w.For
	}
	if c := s.GatewayClass(w.Class); c != nil {
		if _, ok := c.Labels[mesh.LabelWaypointFor]; ok {
			return w.For + " (from its class)"
		}
	}
	return w.For + " (default)"
}

func addressWords(list []mesh.GatewayAddress) string {
	parts := make([]string, len(list))
	for i, a := range list {
		parts[i] = a.Value
	}
	return some(parts, 2)
}

func waypointEndpoints(s *mesh.Snapshot, w *mesh.Waypoint) CountCell {
	if !w.EndpointsKnown {
		why := unreadable(s, mesh.ResourceEndpointSlices, w.Namespace)
		return unknownCell(orWord(why, "Its address leads to no Service that Waylight knows."))
	}
	return newCountCell(w.ReadyEndpoints, w.AllEndpoints)
}
