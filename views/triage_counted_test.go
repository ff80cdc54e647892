package views

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

// failingPanel is the text of the panel of a shop with a waypoint and a service
// without one.
func failingPanel(t *testing.T, q Query, change ...func(*mesh.Traffic)) string {
	t.Helper()
	parts := []mt.Part{
		mt.Node("node-a"), mt.Node("node-b"),
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint"),
		mt.Deployment("shop", "web"), mt.Deployment("shop", "orders"), mt.Service("shop", "orders"), mt.Service("shop", "web"),
		mt.Namespace("billing", mt.Ambient), mt.Deployment("billing", "ledger"), mt.Service("billing", "ledger"),
	}
	for _, c := range change {
		parts = append(parts, mt.Counted(c))
	}
	return uitest.Text(uitest.Document(t, failingNow(newFailingNow(assess(mt.Mesh(parts...)), q))).Selection)
}

// cut is a number of connections between two workloads of which some failed.
func cut(from, to string, opened, failed float64) mesh.ConnectionFlow {
	service := strings.Split(to, "/")
	f := mesh.ConnectionFlow{
		Reporter: "source", Host: service[1] + "." + service[0] + ".svc.cluster.local", ServiceNamespace: service[0], ServiceName: service[1],
		Flags: "TLS_FAILURE", Security: "unknown", Opened: opened, Closed: failed, Failed: failed,
	}
	f.Source = mesh.TrafficPeer{Workload: from, Namespace: "shop", Principal: "spiffe://cluster.local/ns/shop/sa/" + from}
	f.Destination = mesh.TrafficPeer{Workload: service[1], Namespace: service[0]}
	return f
}

func TestWhatFailsIsListedWithItsSample(t *testing.T) {
	requests := func(c *mesh.Traffic) {
		c.Requests = append(c.Requests,
			mt.Flow("shop", "orders", "orders", "v1", "503", 38), mt.Flow("shop", "orders", "orders", "v1", "200", 62),
			mt.Flow("shop", "web", "web", "v1", "500", 1), mt.Flow("shop", "web", "web", "v1", "200", 1))
	}
	links := func(c *mesh.Traffic) {
		c.Connections = append(c.Connections, cut("web", "billing/ledger", 20, 10), cut("orders", "billing/ledger", 40, 10))
	}
	got := failingPanel(t, Query{}, requests, links)
	for _, want := range []string{"38 % of 100 requests failed", "503: 38", "50 % of 2", "connections to Deployment billing/ledger", "50 % of 20 failed: 10 TLS_FAILURE: the TLS handshake failed", "25 % of 40", "no requests of 1 service: no waypoint counts them"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
	if strings.Index(got, "shop/orders") > strings.Index(got, "shop/web") {
		t.Errorf("1 of 2 stands above 38 of 100: %q", got)
	}
	if got := failingPanel(t, Query{Namespace: "billing"}, requests, links); strings.Contains(got, "503") || !strings.Contains(got, "billing/ledger") {
		t.Errorf("in the scope of billing: %q", got)
	}
}

func TestNothingFailingIsNotNothingKnown(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change []func(*mesh.Traffic)
		want   string
	}{
		{"nobody counts", nil, "No traffic was counted"},
		{"no request", []func(*mesh.Traffic){func(*mesh.Traffic) {}}, "No waypoint counted a request, and no connections fail"},
		{"requests that went well", []func(*mesh.Traffic){func(c *mesh.Traffic) {
			c.Requests = append(c.Requests, mt.Flow("shop", "orders", "orders", "v1", "200", 70))
		}}, "None of 70 requests failed"},
		{"a proxy that was not read", []func(*mesh.Traffic){func(c *mesh.Traffic) {
			c.Unread = []mesh.TrafficGap{{Proxy: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "waypoint-1"}, Reason: "refused"}}
		}}, "1 proxy not counted: shop/waypoint-1: refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := failingPanel(t, Query{}, tt.change...); !strings.Contains(got, tt.want) {
				t.Errorf("%q, want %q in it", got, tt.want)
			}
		})
	}
}
