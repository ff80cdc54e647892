package path_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestALineIsOfTheCallOrOfAnother(t *testing.T) {
	s := shop(meshtest.Deployment("shop", "other", meshtest.OnNode("node-a")), meshtest.Service("shop", "payments"),
		meshtest.Deployment("shop", "payments", meshtest.OnNode("node-b")))
	ip := func(pod string) string { return s.Workload("shop", pod).IPs[0] }
	vip := func(service string) string { return s.Service("shop", service).VIPs[0] }
	waypoint := s.Waypoint("shop", "waypoint").Pods[0]
	const strange = "192.0.2.7"

	between := func(from, to, host string) *mesh.LogLine {
		return &mesh.LogLine{
			Kind: mesh.LogZtunnelAccess, From: &mesh.LogTarget{Writer: mesh.WriterZtunnel, Node: "node-a"},
			Connection: &mesh.ConnectionLog{Direction: "inbound", Source: mesh.LogPeer{Addr: from + ":40000"}, Destination: mesh.LogPeer{Addr: to + ":15008"}, HBONEAddr: to + ":8080", Service: host},
		}
	}
	named := func(identity, namespace string) *mesh.LogLine {
		l := between(strange, ip("orders-v1-1"), "")
		l.Connection.Source.Identity, l.Connection.Source.Workload, l.Connection.Source.Namespace = identity, "web-old", namespace
		return l
	}
	toService := func(from, service string) *mesh.LogLine {
		l := between(from, vip(service), service+".shop.svc.cluster.local")
		l.Connection.Direction, l.Connection.HBONEAddr, l.Connection.Destination.Addr = "outbound", vip(service)+":80", waypoint.IPs[0]+":15008"
		return l
	}
	requested := func(from, service string) *mesh.LogLine {
		return &mesh.LogLine{
			Kind: mesh.LogEnvoyAccess, From: &mesh.LogTarget{Writer: mesh.WriterWaypoint, Pod: waypoint.Ref()},
			Request: &mesh.RequestLog{DownstreamRemote: from + ":40000", DownstreamLocal: vip(service) + ":80", UpstreamCluster: "inbound-vip|80|http|" + service + ".shop.svc.cluster.local"},
		}
	}
	says := func(writer mesh.LogWriter, level mesh.LogLevel) *mesh.LogLine {
		return &mesh.LogLine{Kind: mesh.LogPlain, Level: level, From: &mesh.LogTarget{Writer: writer}}
	}
	tests := []struct {
		words    string
		line     *mesh.LogLine
		from, to string // web and orders unless they are set
		want     mesh.Fact
	}{
		{words: "by addresses alone, as a denial at the destination has them", line: between(ip("web-1"), ip("orders-v1-1"), ""), want: mesh.FactYes},
		{words: "the caller's ztunnel, to the waypoint", line: toService(ip("web-1"), "orders"), want: mesh.FactYes},
		{words: "the waypoint, of the caller", line: requested(ip("web-1"), "orders"), want: mesh.FactYes},
		{words: "the waypoint on to the destination, for whomever", line: between(waypoint.IPs[0], ip("orders-v2-1"), ""), want: mesh.FactUnknown},
		{words: "the waypoint on to another service", line: between(waypoint.IPs[0], ip("payments-1"), ""), want: mesh.FactNo},
		{words: "another caller", line: between(ip("other-1"), ip("orders-v1-1"), ""), want: mesh.FactNo},
		{words: "another caller at the waypoint", line: requested(ip("other-1"), "orders"), want: mesh.FactNo},
		{words: "the caller to another service", line: toService(ip("web-1"), "payments"), want: mesh.FactNo},
		{words: "an address that nobody has now, to the destination", line: between(strange, ip("orders-v1-1"), ""), want: mesh.FactUnknown},
		{words: "a pod that is gone, with the caller's identity", line: named("spiffe://cluster.local/ns/shop/sa/web", "shop"), want: mesh.FactUnknown},
		{words: "a pod that is gone, with another identity", line: named("spiffe://cluster.local/ns/shop/sa/other", "shop"), want: mesh.FactNo},
		{words: "a pod that is gone, of another namespace", line: named("", "legacy"), want: mesh.FactNo},
		{words: "the caller, to an address that nobody has now", line: between(ip("web-1"), strange, ""), want: mesh.FactUnknown},
		{words: "two ends that nobody has now", line: between(strange, "192.0.2.8", ""), want: mesh.FactNo},
		{words: "an error of a proxy itself", line: says(mesh.WriterZtunnel, mesh.LogError), want: mesh.FactUnknown},
		{words: "a warning of istiod", line: says(mesh.WriterIstiod, mesh.LogWarn), want: mesh.FactUnknown},
		{words: "what a proxy says in peace", line: says(mesh.WriterZtunnel, mesh.LogInfo), want: mesh.FactNo},
		{words: "what an application says", line: says(mesh.WriterApplication, ""), want: mesh.FactUnknown},
		{words: "any pod of a deployment", line: between(ip("web-1"), ip("orders-v1-1"), ""), from: "shop/deployment/web", want: mesh.FactYes},
		{words: "the account of another", line: between(ip("other-1"), ip("orders-v1-1"), ""), from: "shop/sa/web", want: mesh.FactNo},
		{words: "a pod called by its own address", line: between(ip("web-1"), ip("orders-v1-1"), ""), to: "shop/pod/orders-v1-1:8080", want: mesh.FactYes},
		{words: "another port of that pod", line: between(ip("web-1"), ip("orders-v1-1"), ""), to: "shop/pod/orders-v1-1:9090", want: mesh.FactNo},
		{words: "another pod than that", line: between(ip("web-1"), ip("orders-v2-1"), ""), to: "shop/pod/orders-v1-1:8080", want: mesh.FactNo},
		{words: "somebody outside", line: between(strange, ip("orders-v1-1"), ""), from: "outside", want: mesh.FactYes},
		{words: "somebody inside, where outside was asked for", line: between(ip("web-1"), ip("orders-v1-1"), ""), from: "outside", want: mesh.FactNo},
		{words: "an address of the internet", line: between(ip("web-1"), "203.0.113.5", ""), to: "203.0.113.5:8080", want: mesh.FactYes},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			r := path.Request{From: "shop/web-1", To: "shop/orders:80"}
			if tt.from != "" {
				r.From = tt.from
			}
			if tt.to != "" {
				r.To = tt.to
			}
			lines, err := path.LinesOf(s, r)
			if err != nil {
				t.Fatal(err)
			}
			if got := lines.OfCall(tt.line, &mesh.LogExplanation{}); got != tt.want {
				t.Errorf("of the call: %s, want %s", got, tt.want)
			}
		})
	}
}

func TestAGatewaysOwnProxyWritesOfItsCalls(t *testing.T) {
	s := shop(meshtest.Gateway("shop", "public"), meshtest.Deployment("shop", "public-istio", meshtest.Label(mesh.LabelGatewayName, "public"), meshtest.OnNode("node-a")))
	lines, err := path.LinesOf(s, path.Request{From: "ingress:shop/public", To: "shop/orders:80"})
	if err != nil {
		t.Fatal(err)
	}
	l := &mesh.LogLine{
		Kind: mesh.LogEnvoyAccess, From: &mesh.LogTarget{Writer: mesh.WriterWaypoint, Pod: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "public-istio-1"}},
		Request: &mesh.RequestLog{DownstreamRemote: "192.0.2.7:40000", DownstreamLocal: "10.0.0.99:80", UpstreamCluster: "outbound|80||orders.shop.svc.cluster.local"},
	}
	if got := lines.OfCall(l, &mesh.LogExplanation{}); got != mesh.FactYes {
		t.Errorf("of the call: %s", got)
	}
	l.Request.UpstreamCluster = "outbound|80||payments.shop.svc.cluster.local"
	if got := lines.OfCall(l, &mesh.LogExplanation{}); got != mesh.FactNo {
		t.Errorf("to another service: %s", got)
	}
}
