package mesh_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointHasWhatBelongsToIt(t *testing.T) {
	budget := &mesh.DisruptionBudget{Meta: mesh.Meta{Kind: "PodDisruptionBudget", Namespace: "shop", Name: "waypoint"}, Selector: &mesh.LabelSelector{MatchLabels: map[string]string{mesh.LabelGatewayName: "waypoint"}}}
	other := &mesh.DisruptionBudget{Meta: mesh.Meta{Kind: "PodDisruptionBudget", Namespace: "shop", Name: "all"}}
	s := mt.Mesh(
		mt.Namespace("shop", mt.UseWaypoint("waypoint")),
		mt.Waypoint("shop", "waypoint", mt.Replicas(3), mt.Ready(2), mt.Autoscaled(2, 5)),
		mt.Objects(budget, other), mt.Service("shop", "web"), mt.Service("shop", "old", mt.UseWaypoint("none")),
	)
	w := s.Waypoint("shop", "waypoint")
	if w.Service == nil || w.Deployment == nil || w.Autoscaler == nil || w.Budget != budget || len(w.Pods) != 3 {
		t.Errorf("waypoint lacks what belongs to it: %+v", w)
	}
	if w.ReadyEndpoints != 2 || w.AllEndpoints != 3 || !w.EndpointsKnown {
		t.Errorf("%d of %d endpoints ready, known %t", w.ReadyEndpoints, w.AllEndpoints, w.EndpointsKnown)
	}
	if diff := cmp.Diff([]mesh.Ref{{Kind: "Service", Namespace: "shop", Name: "web"}}, w.Dependents); diff != "" {
		t.Errorf("dependents (-want +got):\n%s", diff)
	}
	if got := w.Principal("cluster.local"); got != "cluster.local/ns/shop/sa/waypoint" {
		t.Errorf("principal %s", got)
	}
	if s.Waypoint("shop", "typo") != nil {
		t.Error("a waypoint that does not exist was found")
	}
}

func TestWaypointServiceIsWhatTheAddressLeadsTo(t *testing.T) {
	address := func(typ, value string) mt.Option {
		return mt.With(func(g *mesh.Gateway) { g.Addresses = []mesh.GatewayAddress{{Type: typ, Value: value}} })
	}
	vip := mt.With(func(s *mesh.Service) { s.VIPs = []string{"10.96.9.9"} })
	tests := []struct {
		name    string
		address mt.Option
		service string // empty: none
		known   bool
	}{
		{"a hostname", address("Hostname", "proxy.shop.svc.cluster.local"), "proxy", true},
		{"an IP address is a Service's", address("IPAddress", "10.96.9.9"), "proxy", true},
		{"a hostname beats an address", mt.With(func(g *mesh.Gateway) {
			g.Addresses = []mesh.GatewayAddress{{Type: "IPAddress", Value: "10.96.9.9"}, {Type: "Hostname", Value: "waypoint.shop.svc.cluster.local"}}
		}), "waypoint", true},
		{"an address outside the cluster", address("IPAddress", "198.51.100.1"), "", false},
		{"a hostname outside the cluster", address("Hostname", "proxy.example.com"), "", false},
		{"no address yet: the Service istiod makes", mt.NeverProgrammed(), "waypoint", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mt.Mesh(mt.Waypoint("shop", "waypoint", tt.address), mt.Service("shop", "proxy", vip))
			w := s.Waypoint("shop", "waypoint")
			if got := w.Service; (got == nil) != (tt.service == "") || got != nil && got.Name != tt.service {
				t.Errorf("Service %v, want %q", got, tt.service)
			}
			if w.EndpointsKnown != tt.known {
				t.Errorf("endpoints known: %t, want %t", w.EndpointsKnown, tt.known)
			}
		})
	}
}

func TestCountEndpoints(t *testing.T) {
	no := false
	slice := func(name string, endpoints ...mesh.Endpoint) mesh.Object {
		return &mesh.EndpointSlice{Meta: mesh.Meta{Kind: "EndpointSlice", Namespace: "shop", Name: name}, Service: "web", Endpoints: endpoints}
	}
	at := func(ip string, ready *bool) mesh.Endpoint {
		return mesh.Endpoint{Addresses: []string{ip}, Ready: ready}
	}
	tests := []struct {
		name       string
		slices     []mesh.Object
		ready, all int
	}{
		{name: "no slice"},
		{"absent means ready", []mesh.Object{slice("a", at("10.0.0.1", nil))}, 1, 1},
		{"not ready", []mesh.Object{slice("a", at("10.0.0.1", &no), at("10.0.0.2", nil))}, 1, 2},
		{"an address in two slices counts once", []mesh.Object{slice("a", at("10.0.0.1", nil)), slice("b", at("10.0.0.1", nil))}, 1, 1},
		{"and is ready if one of them says so", []mesh.Object{slice("a", at("10.0.0.1", &no)), slice("b", at("10.0.0.1", nil))}, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if ready, all := mesh.NewShard("shop", tt.slices).CountEndpoints("web"); ready != tt.ready || all != tt.all {
				t.Errorf("%d of %d, want %d of %d", ready, all, tt.ready, tt.all)
			}
		})
	}
}

func TestGatewayRole(t *testing.T) {
	hbone := []mesh.Listener{{Name: "mesh", Protocol: "HBONE", Port: mesh.PortHBONE}}
	tests := []struct {
		name    string
		gateway mesh.Gateway
		want    mesh.GatewayRole
	}{
		{"Istio's waypoint class", mesh.Gateway{Class: mesh.ClassWaypoint}, mesh.RoleWaypoint},
		{"agentgateway's", mesh.Gateway{Class: mesh.ClassAgentgatewayWaypoint}, mesh.RoleWaypoint},
		{"east-west, although it has an HBONE listener", mesh.Gateway{Class: mesh.ClassEastWest, Listeners: hbone}, mesh.RoleEastWest},
		{"a foreign class with an HBONE listener", mesh.Gateway{Class: "acme", Listeners: hbone}, mesh.RoleWaypoint},
		{"a foreign class with an inbound binding", mesh.Gateway{Class: "acme", Meta: mesh.Meta{Annotations: map[string]string{mesh.AnnotationInboundBinding: "PROXY"}}}, mesh.RoleWaypoint},
		{"HBONE on another port", mesh.Gateway{Class: "acme", Listeners: []mesh.Listener{{Protocol: "HBONE", Port: 15009}}}, mesh.RoleIngress},
		{"anything else", mesh.Gateway{Class: "istio", Listeners: []mesh.Listener{{Protocol: "HTTP", Port: 80}}}, mesh.RoleIngress},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.gateway.Role(); got != tt.want {
				t.Errorf("Role = %s, want %s", got, tt.want)
			}
		})
	}
}
