package views

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// GatewaysModel is the list of gateways that are no waypoints.
type GatewaysModel struct {
	Starting bool
	Notices  []SourceNotice
	Table    ui.Table
	Rows     []GatewayRow
	Empty    EmptyList
}

// GatewayRow is one gateway, of the Gateway API or Istio's own.
type GatewayRow struct {
	ID, Kind, Namespace, Name string
	URL                       templ.SafeURL
	Role                      string
	Class                     string // or the labels that choose the proxies
	Listeners                 string
	Address                   string
	Programmed                ProgrammedCell
	Routes                    int
	// Skips are routes to services whose waypoint their traffic goes past.
	Skips    int
	Findings FindingsCell
}

var gatewayKeys = []string{"ns", "name", "kind", "role", "class", "waypoint", "finding"}

// NewGateways builds the list.
func NewGateways(r *analysis.Report, q Query) GatewaysModel {
	if starting(r.Snap) {
		return GatewaysModel{Starting: true}
	}
	m := GatewaysModel{Notices: sourceNotices(r.Snap, append([]string{mesh.ResourceGateways, mesh.ResourceIstioGateways}, routeKinds[:5]...)...)}
	routes := newGatewayRoutes(r.Snap, q)
	total := 0
	for _, sh := range r.Snap.Shards {
		if !q.InScope(sh.Namespace) {
			continue
		}
		for _, row := range gatewaysOf(r, q, sh, routes) {
			total++
			if q.Filter.Match(row.fields) {
				m.Rows = append(m.Rows, row)
			}
		}
	}
	SortRows(m.Rows, q.Sort, gatewayOrders)
	m.Table = gatewaysTable(q, len(m.Rows), total)
	m.Table.Note = scopeNote(r.Snap)
	m.Table.Incomplete = incomplete(r.Snap, q, mesh.ResourceGateways, mesh.ResourceIstioGateways)
	m.Empty = EmptyList{"No gateways", "No Gateway leads into this mesh, out of it or to another one; what comes from outside reaches pods and Services directly."}.watched(r.Snap, q, "gateways")
	if total > 0 {
		m.Empty = EmptyList{"No gateway matches the filter", "Clear it to see all " + number(total) + "."}
	}
	return m
}

func gatewaysOf(r *analysis.Report, q Query, sh *mesh.Shard, routes *gatewayRoutes) []GatewayRow {
	var out []GatewayRow
	for _, g := range sh.Gateways {
		if g.Role() != mesh.RoleWaypoint {
			out = append(out, gatewayRow(r, q, g, routes))
		}
	}
	for _, g := range sh.IstioGateways {
		out = append(out, istioGatewayRow(r, q, g, routes))
	}
	return out
}

func gatewayRow(r *analysis.Report, q Query, g *mesh.Gateway, routes *gatewayRoutes) GatewayRow {
	row := GatewayRow{
		ID: ui.ID("gateway", g.Namespace, g.Name), Kind: "Gateway", Namespace: g.Namespace, Name: g.Name, URL: q.Links().Gateway(g.Namespace, g.Name),
		Role: string(g.Role()), Class: g.Class, Address: addressWords(g.Addresses), Programmed: gatewayProgrammed(g), Findings: newFindingsCell(r.About(g.Ref())),
	}
	var listeners []string
	for i := range g.Listeners {
		listeners = append(listeners, fmt.Sprintf("%d %s", g.Listeners[i].Port, g.Listeners[i].Protocol))
	}
	row.Listeners = some(listeners, 3)
	row.Routes, row.Skips = routes.count(g.Ref())
	return row
}

func gatewayProgrammed(g *mesh.Gateway) ProgrammedCell {
	c := g.Conditions.Find(mesh.ConditionProgrammed)
	if c == nil {
		return ProgrammedCell{Status: "not written", Tone: ui.ToneUnknown}
	}
	return ProgrammedCell{Status: string(c.Status), Reason: c.Reason, Tone: gatewayCondition(c, g.Generation).Tone}
}

func istioGatewayRow(r *analysis.Report, q Query, g *mesh.IstioGateway, routes *gatewayRoutes) GatewayRow {
	row := GatewayRow{
		ID: ui.ID("istiogateway", g.Namespace, g.Name), Kind: "IstioGateway", Namespace: g.Namespace, Name: g.Name, URL: istioGatewayURL(q, g),
		Role: istioRole(g), Class: "proxies with " + orWord(labelWords(g.Selector), "any labels"), Programmed: ProgrammedCell{Status: "has no such condition"},
		Findings: newFindingsCell(r.About(g.Ref())),
	}
	var listeners []string
	for _, s := range g.Servers {
		listeners = append(listeners, fmt.Sprintf("%d %s", s.Port.Port, s.Port.Protocol))
	}
	row.Listeners = some(listeners, 3)
	row.Routes, row.Skips = routes.count(g.Ref())
	return row
}

func istioGatewayURL(q Query, g *mesh.IstioGateway) templ.SafeURL {
	u := string(q.Links().Gateway(g.Namespace, g.Name))
	if strings.Contains(u, "?") {
		return templ.SafeURL(u + "&" + paramKind + "=IstioGateway")
	}
	return templ.SafeURL(u + "?" + paramKind + "=IstioGateway")
}

// istioRole guesses by the proxies' conventional label, and says no more where
// it is another one.
func istioRole(g *mesh.IstioGateway) string {
	switch g.Selector["istio"] {
	case "ingressgateway":
		return "ingress"
	case "egressgateway":
		return "egress"
	case "eastwestgateway":
		return "east-west"
	}
	return "ingress or egress"
}

var gatewayOrders = map[string]func(a, b GatewayRow) int{
	"name":     By(func(g GatewayRow) string { return g.Name }),
	"ns":       By(func(g GatewayRow) string { return g.Namespace }),
	"role":     By(func(g GatewayRow) string { return g.Role }),
	"routes":   By(func(g GatewayRow) int { return g.Routes }),
	"findings": By(func(g GatewayRow) int { return g.Findings.Worst }),
}

func gatewaysTable(q Query, shown, total int) ui.Table {
	l, path := q.Links(), string(PageGateways)
	return ui.Table{
		ID: "gateways", Caption: "Gateways", Noun: "gateways", Shown: shown, Total: total,
		Filter: l.FilterBox(path, q, gatewayKeys...),
		Columns: []ui.Column{
			l.Column(path, q, "name", "Gateway", ""), l.Column(path, q, "ns", "Namespace", ""), l.Column(path, q, "role", "Role", ""),
			{Label: "Class or proxies"},
			{Label: "Listeners"},
			{Label: "Address"},
			{Label: "Programmed"},
			l.Column(path, q, "routes", "Routes", ""),
			{Label: "Past a waypoint", Hint: "routes to services whose waypoint this traffic does not use"},
			l.Column(path, q, "findings", "Findings", ""),
		},
	}
}

func (g *GatewayRow) fields(key string) ([]string, bool) {
	switch key {
	case "":
		return []string{g.Namespace + "/" + g.Name, g.Class, g.Address, g.Listeners}, true
	case "ns":
		return []string{g.Namespace}, true
	case "name":
		return []string{g.Name}, true
	case "kind":
		return []string{g.Kind}, true
	case "role":
		return []string{g.Role}, true
	case "class":
		return []string{g.Class}, true
	case "waypoint":
		if g.Skips > 0 {
			return []string{"skipped"}, true
		}
		return []string{"none"}, true
	case "finding":
		return g.Findings.filterWords(), true
	}
	return nil, false
}
