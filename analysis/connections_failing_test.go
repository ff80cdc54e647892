package analysis_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// link is a number of connections between two workloads of shop that ended
// with a flag; those without are only opened.
func link(reporter, from, to, service, flag string, count float64) mesh.ConnectionFlow {
	f := mesh.ConnectionFlow{Reporter: reporter, Flags: flag, Security: "mutual_tls", Failed: -1}
	f.Source = mesh.TrafficPeer{Workload: from, Namespace: "shop", Principal: "spiffe://cluster.local/ns/shop/sa/" + from}
	f.Destination = mesh.TrafficPeer{Workload: to, Namespace: "shop", Principal: "spiffe://cluster.local/ns/shop/sa/" + to}
	if service != "" {
		f.Host, f.ServiceNamespace, f.ServiceName = service+".shop.svc.cluster.local", "shop", service
	}
	if flag == "-" {
		f.Opened = count
		return f
	}
	f.Closed, f.Failed = count, count
	return f
}

func links(flows ...mesh.ConnectionFlow) mt.Part {
	return mt.Counted(func(t *mesh.Traffic) { t.Connections = append(t.Connections, flows...) })
}

func TestConnectionsFailing(t *testing.T) {
	old := link("source", "web", "orders", "orders", "CONNECT", 20)
	old.Failed = -1
	unread := mt.Counted(func(c *mesh.Traffic) {
		c.Unread = []mesh.TrafficGap{{Proxy: ref("Pod", mt.SystemNamespace, "ztunnel-node-a"), Reason: "refused"}, {Proxy: ref("Pod", mt.SystemNamespace, "ztunnel-node-b"), Reason: "refused"}}
	})
	want := []string{"error Deployment shop/web"}
	testCheck(t, "CONNECTIONS_FAILING", []checkCase{
		{name: "one in ten cannot be opened", parts: shop(links(link("source", "web", "orders", "orders", "-", 200), link("source", "web", "orders", "orders", "CONNECT", 20))), want: want},
		{name: "the callers' ztunnels have no certificate", parts: shop(links(link("source", "web", "waypoint", "orders", "-", 5), link("source", "web", "waypoint", "orders", "IDENTITY_ERROR", 5))), want: want},
		{name: "the destination's ztunnel counts what the application refuses", parts: shop(links(link("destination", "web", "orders", "orders", "-", 50), link("destination", "web", "orders", "orders", "CONNECT", 10))), want: want},
		{name: "old ztunnels count the closed ones only", parts: shop(links(link("source", "web", "orders", "orders", "-", 200), old)), want: want},
		{name: "more fail than the destination refused by policy", parts: shop(links(link("source", "web", "orders", "orders", "-", 200), link("source", "web", "orders", "orders", "CONNECT", 100), link("destination", "web", "orders", "orders", "DENY", 10))), want: want},
		{name: "silent: four fail", parts: shop(links(link("source", "web", "orders", "orders", "-", 10), link("source", "web", "orders", "orders", "CONNECT", 4)))},
		{name: "silent: one in a hundred fails", parts: shop(links(link("source", "web", "orders", "orders", "-", 500), link("source", "web", "orders", "orders", "CONNECT", 5)))},
		{name: "silent: a policy decided", parts: shop(links(link("destination", "web", "orders", "orders", "-", 20), link("destination", "web", "orders", "orders", "DENY", 20)))},
		{name: "silent: the callers' end of the same refusals", parts: shop(links(link("source", "web", "orders", "", "-", 20), link("source", "web", "orders", "", "CONNECT", 20), link("destination", "web", "orders", "orders", "DENY", 19)))},
		{name: "silent: the destination was not counted and may have refused them by policy", parts: shop(unread, links(link("source", "web", "orders", "orders", "-", 20), link("source", "web", "orders", "orders", "CONNECT", 20)))},
		{name: "silent: both ends count the same three", parts: shop(links(link("source", "web", "orders", "orders", "CONNECT", 3), link("destination", "web", "orders", "orders", "CONNECT", 3)))},
		{name: "silent: all is well", parts: shop(links(link("source", "web", "orders", "orders", "-", 500)))},
		{name: "silent: nothing was counted", parts: shop()},
	})
}

func TestConnectionsFailingNamesFlagsAndServices(t *testing.T) {
	f := only(t, assess(shop(links(link("source", "web", "waypoint", "orders", "-", 10), link("source", "web", "waypoint", "orders", "NETWORK_POLICY", 10)))...), "CONNECTIONS_FAILING")
	if !slices.Equal(f.Affects, []mesh.Ref{ref("Service", "shop", "orders")}) || !strings.Contains(f.Detail, "NetworkPolicy") {
		t.Errorf("affects %v, detail %q", f.Affects, f.Detail)
	}
	if text := evidenceText(f); !strings.Contains(text, `response_flags="NETWORK_POLICY"}: 10 of 10 connections from shop/web in 5m0s`) {
		t.Errorf("evidence:\n%s", text)
	}
}

func TestConnectionsFailingAreFoldedUnderWhatExplainsThem(t *testing.T) {
	r := assess(shop(
		mt.ZtunnelSaid("node-a", mt.With(noCertificates)), mt.ZtunnelSaid("node-b", mt.With(noCertificates)),
		links(link("source", "web", "waypoint", "orders", "-", 10), link("source", "web", "waypoint", "orders", "IDENTITY_ERROR", 10)))...)
	f := only(t, r, "CONNECTIONS_FAILING")
	if f.CausedBy == nil || f.CausedBy.Code != "CERT_UNAVAILABLE" {
		t.Errorf("caused by %v, want CERT_UNAVAILABLE of the node the callers are on", f.CausedBy)
	}
	other := assess(shop(mt.ProxiesRead(), links(link("source", "web", "waypoint", "orders", "-", 10), link("source", "web", "waypoint", "orders", "IDENTITY_ERROR", 10)))...)
	if f := only(t, other, "CONNECTIONS_FAILING"); f.CausedBy != nil {
		t.Errorf("caused by %v, want nothing", f.CausedBy)
	}
}

func noCertificates(e *mesh.ZtunnelEvidence) {
	for i := range e.Certificates {
		e.Certificates[i].State, e.Certificates[i].Chain = "Unavailable", nil
	}
}
