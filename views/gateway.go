package views

import (
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// GatewayModel is one gateway that is no waypoint.
type GatewayModel struct {
	Row        GatewayRow
	Crumb      string
	Tags       []HeadTag
	Class      ClassFacts // empty for an Istio Gateway
	Addresses  []string
	Conditions []ui.Condition
	Listeners  []ListenerCard
	Servers    []ServerRow
	Routes     []RouteLine
	Proxies    []ObjectLink // of an Istio Gateway: the pods its labels choose
	Notices    []SourceNotice
	Findings   []FindingCard
}

// ServerRow is one server of an Istio Gateway.
type ServerRow struct{ Port, Hosts, TLS string }

// NewGateway builds the page of a gateway, and false if the snapshot holds none
// of that name. The query's kind asks for an Istio Gateway.
func NewGateway(r *analysis.Report, namespace, name string, q Query) (GatewayModel, bool) {
	routes := newGatewayRoutes(r.Snap, q)
	g := r.Snap.Gateway(namespace, name)
	if g != nil && g.Role() != mesh.RoleWaypoint && q.Kind != "IstioGateway" {
		return gatewayPage(r, q, g, routes), true
	}
	for _, ig := range r.Snap.Shard(namespace).IstioGateways {
		if ig.Name == name {
			return istioGatewayPage(r, q, ig, routes), true
		}
	}
	return GatewayModel{}, false
}

func gatewayPage(r *analysis.Report, q Query, g *mesh.Gateway, routes *gatewayRoutes) GatewayModel {
	m := GatewayModel{
		Row: gatewayRow(r, q, g, routes), Crumb: g.Namespace + " / gateways", Class: classFacts(r.Snap, g.Class),
		Conditions: gatewayConditions(g.Conditions, g.Generation), Listeners: listenerCards(g), Routes: routes.lines(g.Ref()),
		Notices: sourceNotices(r.Snap, routeKinds[:5]...), Findings: findingCards(r, q, g.Ref()),
	}
	m.Tags = []HeadTag{{Text: m.Row.Role}, {Text: "Programmed: " + m.Row.Programmed.Status, Title: m.Row.Programmed.Reason, Tone: m.Row.Programmed.Tone}}
	for _, a := range g.Addresses {
		m.Addresses = append(m.Addresses, a.Value+" ("+a.Type+")")
	}
	return m
}

func istioGatewayPage(r *analysis.Report, q Query, g *mesh.IstioGateway, routes *gatewayRoutes) GatewayModel {
	m := GatewayModel{
		Row: istioGatewayRow(r, q, g, routes), Crumb: g.Namespace + " / gateways", Routes: routes.lines(g.Ref()),
		Notices: sourceNotices(r.Snap, mesh.ResourceVirtualServices, mesh.ResourcePods), Findings: findingCards(r, q, g.Ref()),
	}
	m.Tags = []HeadTag{{Text: "Istio Gateway"}, {Text: m.Row.Role}}
	for _, s := range g.Servers {
		tls := orWord(s.TLSMode, "none")
		if s.Redirect {
			tls += ", redirects to HTTPS"
		}
		m.Servers = append(m.Servers, ServerRow{Port: strings.TrimSpace(number(int(s.Port.Port)) + " " + s.Port.Protocol), Hosts: strings.Join(s.Hosts, ", "), TLS: tls})
	}
	for _, sh := range r.Snap.Shards {
		for _, w := range sh.Workloads {
			if len(g.Selector) > 0 && w.Running() && mesh.LabelsMatch(g.Selector, w.Labels) {
				m.Proxies = append(m.Proxies, NewObjectLink(r.Snap, q, w.Ref()))
			}
		}
	}
	return m
}
