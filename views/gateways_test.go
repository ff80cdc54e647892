package views

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// edge is a mesh with a Gateway and an Istio Gateway that lead to services in
// every relation to a waypoint.
func edge(parts ...mt.Part) *mesh.Snapshot {
	send := func(name string) mesh.RouteRule {
		return mesh.RouteRule{Protocol: "http", Backends: []mesh.Backend{{Ref: mesh.Ref{Kind: "Service", Namespace: "shop", Name: name}, Weight: 1}}}
	}
	return mt.Mesh(append([]mt.Part{
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("w")), mt.Waypoint("shop", "w"), mt.Namespace("edge"), mt.Gateway("edge", "public"),
		mt.Service("shop", "past"), mt.Service("shop", "through", mt.Label(mesh.LabelIngressUseWaypoint, "true")), mt.Service("shop", "no", mt.Label(mesh.LabelIngressUseWaypoint, "perhaps")),
		mt.Service("shop", "headless", mt.Headless, mt.Label(mesh.LabelIngressUseWaypoint, "true")), mt.Service("shop", "free", mt.UseWaypoint("none")),
		mt.Pod("edge", "proxy", mt.Label("istio", "egressgateway")),
		mt.Objects(
			&mesh.Route{Meta: mesh.Meta{Kind: "HTTPRoute", Namespace: "edge", Name: "shop"}, Hosts: []string{"shop.example"}, Parents: []mesh.RouteParent{{Ref: mesh.Ref{Kind: "Gateway", Namespace: "edge", Name: "public"}}}, Rules: []mesh.RouteRule{
				send("past"), send("through"), send("no"), send("headless"), send("free"), send("gone"), {Protocol: "http", Redirect: &mesh.Redirect{Scheme: "https"}},
			}},
			&mesh.IstioGateway{Meta: mesh.Meta{Kind: "IstioGateway", Namespace: "edge", Name: "public"}, Selector: map[string]string{"istio": "egressgateway"}, Servers: []mesh.IstioServer{{Port: mesh.ServicePort{Port: 443, Protocol: "TLS"}, Hosts: []string{"*.example"}, TLSMode: "PASSTHROUGH"}}},
			&mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "out"}, Gateways: []string{"edge/public", "mesh"}, Rules: []mesh.RouteRule{{Protocol: "http", Backends: []mesh.Backend{{Host: "past"}}}}},
		),
	}, parts...)...)
}

func TestGatewaysSayWhetherTheirTrafficUsesTheWaypoint(t *testing.T) {
	m, ok := NewGateway(assess(edge()), "edge", "public", Query{})
	if !ok {
		t.Fatal("there is no such gateway")
	}
	doc := checked(t, GatewayContent(m))
	var got []string
	for _, l := range m.Routes {
		got = append(got, orWord(l.Instead, l.Backend.Object.Name)+": "+l.Waypoint.Text)
	}
	want := []string{"shop/past: past shop/w", "shop/through: through shop/w", "shop/no: past shop/w", "shop/headless: past shop/w", "shop/free: no waypoint", "shop/gone: not known", "redirect: to scheme https: "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if text := panel(doc, "Routes"); !strings.Contains(text, "Neither the Service nor its namespace has the label istio.io/ingress-use-waypoint") {
		t.Errorf("the reason is not said: %s", text)
	}
	if doc.Find(`td[data-label=Waypoint] .unknown`).Length() != 1 {
		t.Error("an unknown backend does not look unknown")
	}
}

func TestTheNamespaceCanAskForTheWaypoint(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop", mt.Label(mesh.LabelIngressUseWaypoint, "1")), mt.Service("shop", "a"), mt.Service("shop", "b", mt.Label(mesh.LabelIngressUseWaypoint, "false")))
	for name, want := range map[string]bool{"a": true, "b": false} {
		if got, why := ingressUse(s, s.Service("shop", name)); got != want {
			t.Errorf("%s: %t, %s", name, got, why)
		}
	}
}

func TestGatewaysOfBothKinds(t *testing.T) {
	doc := checked(t, GatewaysContent(NewGateways(assess(edge()), Query{})))
	for _, tt := range []struct{ row, label, want string }{
		{"gateway.edge.public", "Role", "ingress"},
		{"gateway.edge.public", "Routes", "1"},
		{"gateway.edge.public", "Past waypoint", "3"},
		{"istiogateway.edge.public", "Role", "egress"},
		{"istiogateway.edge.public", "Listeners", "443 TLS"},
		{"istiogateway.edge.public", "Routes", "1"},
	} {
		if got := spaced(doc.Find(`[id="` + tt.row + `"] td[data-label="` + tt.label + `"]`)); got != tt.want {
			t.Errorf("%s, %s: %q, want %q", tt.row, tt.label, got, tt.want)
		}
	}
	if doc.Find("tbody tr").Length() != 2 {
		t.Error("a waypoint is listed among the gateways")
	}
	m, _ := NewGateway(assess(edge()), "edge", "public", Query{Kind: "IstioGateway"})
	page := checked(t, GatewayContent(m))
	if got := panel(page, "Proxies"); !strings.Contains(got, "Pod edge/proxy") {
		t.Error(got)
	}
	if got := panel(page, "Servers"); !strings.Contains(got, "443 TLS *.example PASSTHROUGH") {
		t.Error(got)
	}
	if _, ok := NewGateway(assess(edge()), "shop", "w", Query{}); ok {
		t.Error("a waypoint has a gateway's page")
	}
}

func TestGatewaysThatMayNotBeReadAreNotNone(t *testing.T) {
	doc := checked(t, GatewaysContent(NewGateways(assess(mt.Mesh(mt.Forbidden(mesh.ResourceIstioGateways))), Query{})))
	if doc.Find(".state-forbidden").Length() != 1 || doc.Find(".state-empty").Length() != 0 {
		t.Error("forbidden gateways look like none")
	}
}
