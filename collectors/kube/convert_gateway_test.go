package kube_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
)

const gatewayAPI = "gateway.networking.k8s.io/v1"

func TestGatewayClass(t *testing.T) {
	got := decoded[*mesh.GatewayClass](t, "{apiVersion: gateway.networking.k8s.io/v1beta1, kind: GatewayClass, metadata: {name: istio-waypoint}, spec: {controllerName: istio.io/mesh-controller}, status: {conditions: [{type: Accepted, status: \"True\"}]}}")
	sameButMeta(t, got, &mesh.GatewayClass{ControllerName: "istio.io/mesh-controller", Conditions: mesh.Conditions{{Type: "Accepted", Status: "True"}}})
}

func TestGateway(t *testing.T) {
	got := decoded[*mesh.Gateway](t, object(gatewayAPI, "Gateway", `
spec:
  gatewayClassName: istio-waypoint
  addresses: [{type: Hostname, value: wp.example}]
  listeners:
  - {name: mesh, port: 15008, protocol: HBONE}
  - {name: all, port: 80, protocol: HTTP, hostname: "*.example", allowedRoutes: {namespaces: {from: All}}}
  - {name: some, port: 81, protocol: HTTP, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {shared: "yes"}}}}}
  - {name: other, port: 82, protocol: FUTURE, allowedRoutes: {namespaces: {from: Nearby}}}
status:
  addresses: [{value: 10.96.0.9}]
  conditions: [{type: Programmed, status: "False", reason: AddressNotAssigned, message: no address}]
  listeners: [{name: all, attachedRoutes: 3, conditions: [{type: Accepted, status: "True"}]}]
`))
	sameButMeta(t, got, &mesh.Gateway{
		Class:      "istio-waypoint",
		Addresses:  []mesh.GatewayAddress{{Type: "IPAddress", Value: "10.96.0.9"}},
		Asked:      []mesh.GatewayAddress{{Type: "Hostname", Value: "wp.example"}},
		Conditions: mesh.Conditions{{Type: "Programmed", Status: "False", Reason: "AddressNotAssigned", Message: "no address"}},
		Listeners: []mesh.Listener{
			{Name: "mesh", Port: 15008, Protocol: "HBONE", From: "Same", AttachedRoutes: -1},
			{Name: "all", Port: 80, Protocol: "HTTP", Hostname: "*.example", From: "All", AttachedRoutes: 3, Conditions: mesh.Conditions{{Type: "Accepted", Status: "True"}}},
			{Name: "some", Port: 81, Protocol: "HTTP", From: "Selector", Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"shared": "yes"}}, AttachedRoutes: -1},
			{Name: "other", Port: 82, Protocol: "FUTURE", From: "Nearby", AttachedRoutes: -1},
		},
	})
}

func TestReferenceGrant(t *testing.T) {
	for _, version := range []string{"v1", "v1beta1", "v1alpha2"} {
		got := decoded[*mesh.ReferenceGrant](t, object("gateway.networking.k8s.io/"+version, "ReferenceGrant",
			"spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}], to: [{group: \"\", kind: Service}, {group: \"\", kind: Service, name: web}]}"))
		sameButMeta(t, got, &mesh.ReferenceGrant{
			From: []mesh.GrantFrom{{Group: "gateway.networking.k8s.io", Kind: "HTTPRoute", Namespace: "edge"}},
			To:   []mesh.GrantTo{{Kind: "Service"}, {Kind: "Service", Name: "web"}},
		})
	}
}

func TestIstioGateway(t *testing.T) {
	got := decoded[*mesh.IstioGateway](t, object("networking.istio.io/v1alpha3", "Gateway", `
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["shop.example"], tls: {httpsRedirect: true}}
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["shop/shop.example"], tls: {mode: SIMPLE, credentialName: cert}}
  - {port: {number: 8443, name: tls, protocol: TLS}, hosts: ["*"], tls: {}}
`))
	sameButMeta(t, got, &mesh.IstioGateway{
		Selector: map[string]string{"istio": "ingressgateway"},
		Servers: []mesh.IstioServer{
			{Port: mesh.ServicePort{Name: "http", Port: 80, Protocol: "TCP", AppProtocol: "http"}, Hosts: []string{"shop.example"}, Redirect: true},
			{Port: mesh.ServicePort{Name: "https", Port: 443, Protocol: "TCP", AppProtocol: "https"}, Hosts: []string{"shop/shop.example"}, TLSMode: "SIMPLE"},
			{Port: mesh.ServicePort{Name: "tls", Port: 8443, Protocol: "TCP", AppProtocol: "tls"}, Hosts: []string{"*"}, TLSMode: "PASSTHROUGH"},
		},
	})
	if got.Kind != "IstioGateway" {
		t.Errorf("its kind is %s", got.Kind)
	}
}
