package gallery

import (
	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

func gateways() []Entry {
	list := func(name, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("gateways/"+name, views.PageGateways, "Gateways", parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			return views.GatewaysContent(views.NewGateways(r, q))
		})
	}
	one := func(name, namespace, gateway, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("gateway/"+name, views.PageGateways, namespace+"/"+gateway, parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			m, _ := views.NewGateway(r, namespace, gateway, q)
			return views.GatewayContent(m)
		})
	}
	return []Entry{
		list("all", "", everyGateway),
		list("no match", "q=nothing-like-it", everyGateway),
		list("none", "", quiet),
		list("starting", "", startingMesh),
		list("gateways forbidden", "", forbidden),
		one("ingress", "edge", "public", "", everyGateway),
		one("Istio Gateway", "edge", "classic", "kind=IstioGateway", everyGateway),
		one("nobody serves it", "edge", "orphan", "kind=IstioGateway", everyGateway),
	}
}

// everyGateway has an ingress of each kind, with routes through and past a
// waypoint.
func everyGateway() *mesh.Snapshot {
	public := mesh.Ref{Kind: "Gateway", Namespace: "edge", Name: "public"}
	send := func(name string) mesh.RouteRule {
		return mesh.RouteRule{Protocol: "http", Backends: []mesh.Backend{{Ref: mesh.Ref{Kind: "Service", Namespace: "shop", Name: name}, Weight: 1}}}
	}
	return mt.Mesh(
		shop(), mt.Namespace("edge"),
		mt.Service("shop", "asked", mt.Label(mesh.LabelIngressUseWaypoint, "true")),
		mt.Gateway("edge", "public"),
		mt.Pod("edge", "classic-proxy", mt.Label("istio", "ingressgateway")),
		mt.Objects(
			&mesh.Route{
				Meta: mesh.Meta{Kind: "HTTPRoute", Namespace: "edge", Name: "shop"}, Hosts: []string{"shop.example"}, Parents: []mesh.RouteParent{{Ref: public}},
				Rules: []mesh.RouteRule{send("orders"), send("asked"), send("gone"), {Protocol: "http", Redirect: &mesh.Redirect{Scheme: "https", Status: 301}}},
			},
			&mesh.IstioGateway{
				Meta: mesh.Meta{Kind: "IstioGateway", Namespace: "edge", Name: "classic"}, Selector: map[string]string{"istio": "ingressgateway"},
				Servers: []mesh.IstioServer{{Port: mesh.ServicePort{Port: 443, Protocol: "HTTPS"}, Hosts: []string{"*.example"}, TLSMode: "SIMPLE"}, {Port: mesh.ServicePort{Port: 80, Protocol: "HTTP"}, Hosts: []string{"*"}, Redirect: true}},
			},
			&mesh.IstioGateway{Meta: mesh.Meta{Kind: "IstioGateway", Namespace: "edge", Name: "orphan"}, Selector: map[string]string{"istio": "nobody"}},
			&mesh.Route{
				Meta: mesh.Meta{Kind: "VirtualService", Namespace: "edge", Name: "classic"}, Hosts: []string{"classic.example"}, Gateways: []string{"classic"},
				Rules: []mesh.RouteRule{{Protocol: "http", Backends: []mesh.Backend{{Host: "web.shop.svc.cluster.local"}}}},
			},
		),
	)
}
