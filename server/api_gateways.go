package server

import (
	"net/http"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// apiGateway is a Gateway of the Gateway API or of Istio.
type apiGateway struct {
	apiRef
	Class      string           `json:"class"`
	Role       mesh.GatewayRole `json:"role"`
	Addresses  []string         `json:"addresses"`
	Listeners  []apiListener    `json:"listeners"`
	Conditions []apiCondition   `json:"conditions"`
	Findings   []apiFinding     `json:"findings"`
}

// apiListener is one listener; attachedRoutes is -1 where status has none.
type apiListener struct {
	Name           string         `json:"name"`
	Port           uint16         `json:"port"`
	Protocol       string         `json:"protocol"`
	Hostname       string         `json:"hostname"`
	AllowedRoutes  string         `json:"allowedRoutes"`
	AttachedRoutes int32          `json:"attachedRoutes"`
	Conditions     []apiCondition `json:"conditions"`
}

// apiWaypoint is a waypoint with what belongs to it.
type apiWaypoint struct {
	apiGateway
	For        string       `json:"waypointFor"`
	Endpoints  apiEndpoints `json:"endpoints"`
	Pods       []apiAgent   `json:"pods"`
	Dependents []apiRef     `json:"dependents"`
	Askers     []apiRef     `json:"askers"`
}

func (s *Server) apiWaypoints(w http.ResponseWriter, r *http.Request) error {
	rep, q := s.report(r), views.ParseQuery(r.URL.Query())
	var items []apiWaypoint
	for _, wp := range rep.Snap.Waypoints() {
		if q.InScope(wp.Namespace) {
			items = append(items, waypointItem(rep, wp))
		}
	}
	return writeJSON(w, http.StatusOK, listOf(s, rep, items, mesh.ResourceGateways))
}

func (s *Server) apiWaypointDetail(w http.ResponseWriter, r *http.Request) error {
	rep := s.report(r)
	ns, name := param(r, "ns"), param(r, "name")
	wp := rep.Snap.Waypoint(ns, name)
	if wp == nil {
		return aWaypoint.absent(rep, ns, name)
	}
	return writeJSON(w, http.StatusOK, waypointItem(rep, wp))
}

// apiGateways lists gateways that are no waypoints.
func (s *Server) apiGateways(w http.ResponseWriter, r *http.Request) error {
	rep, q := s.report(r), views.ParseQuery(r.URL.Query())
	var items []apiGateway
	for _, sh := range rep.Snap.Shards {
		if !q.InScope(sh.Namespace) {
			continue
		}
		for _, g := range sh.Gateways {
			if g.Role() != mesh.RoleWaypoint {
				items = append(items, gatewayItem(rep, g))
			}
		}
		for _, g := range sh.IstioGateways {
			items = append(items, istioGatewayItem(rep, g))
		}
	}
	return writeJSON(w, http.StatusOK, listOf(s, rep, items, mesh.ResourceGateways, mesh.ResourceIstioGateways))
}

func waypointItem(r *analysis.Report, wp *mesh.Waypoint) apiWaypoint {
	item := apiWaypoint{
		apiGateway: gatewayItem(r, wp.Gateway), For: wp.For, Pods: agentsOf(wp.Pods),
		Dependents: refsOf(wp.Dependents), Askers: refsOf(wp.Askers),
	}
	if wp.EndpointsKnown {
		item.Endpoints = apiEndpoints{&wp.ReadyEndpoints, &wp.AllEndpoints}
	}
	return item
}

func gatewayItem(r *analysis.Report, g *mesh.Gateway) apiGateway {
	item := apiGateway{
		apiRef: refOf(g.Ref()), Class: g.Class, Role: g.Role(), Addresses: []string{}, Listeners: []apiListener{},
		Conditions: conditionsOf(g.Conditions), Findings: findingsOf(r, g.Ref()),
	}
	for _, a := range g.Addresses {
		item.Addresses = append(item.Addresses, a.Value)
	}
	for _, l := range g.Listeners {
		item.Listeners = append(item.Listeners, apiListener{l.Name, l.Port, l.Protocol, l.Hostname, l.From, l.AttachedRoutes, conditionsOf(l.Conditions)})
	}
	return item
}

func istioGatewayItem(r *analysis.Report, g *mesh.IstioGateway) apiGateway {
	item := apiGateway{
		apiRef: refOf(g.Ref()), Role: mesh.RoleIngress, Addresses: []string{}, Listeners: []apiListener{},
		Conditions: []apiCondition{}, Findings: findingsOf(r, g.Ref()),
	}
	for _, srv := range g.Servers {
		for _, host := range srv.Hosts {
			item.Listeners = append(item.Listeners, apiListener{
				Name: srv.Port.Name, Port: srv.Port.Port, Protocol: srv.Port.Protocol, Hostname: host, AttachedRoutes: -1, Conditions: []apiCondition{},
			})
		}
	}
	return item
}
