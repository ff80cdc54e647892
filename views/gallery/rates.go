package gallery

import (
	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

// rates shows what was counted of a service, in its tab and on its path.
func rates() []Entry {
	of := func(name, tab string, change ...func(*mesh.Traffic)) Entry {
		snap := func() *mesh.Snapshot { return canary(change...) }
		return state("rates/"+name, views.PageServices, "shop/orders", "", snap, func(r *analysis.Report, q views.Query) templ.Component {
			m, _ := views.NewService(r, "shop", "orders", tab, q)
			if c := r.Counts().Traffic(); c != nil && c.Source == mesh.TrafficFromPrometheus {
				promQL := `sum by (destination_version) (increase(istio_requests_total{reporter="waypoint",destination_service="orders.shop.svc.cluster.local"}[5m]))`
				m = m.WithQueries([]views.RateQuery{{Name: "split", PromQL: promQL}})
			}
			return views.ServiceContent(m)
		})
	}
	return []Entry{
		of("drift on the path", "", sent(310, 190), arrivals),
		of("drift", views.TabRates, sent(310, 190), arrivals),
		of("by Prometheus", views.TabRates, sent(448, 52), arrivals, func(c *mesh.Traffic) { c.Source = mesh.TrafficFromPrometheus }),
		of("as declared on the path", "", sent(448, 52)),
		of("few requests", views.TabRates, sent(37, 23)),
		of("no traffic", views.TabRates, sent(0, 0)),
		of("no traffic on the path", "", sent(0, 0)),
		of("unknown", views.TabRates),
		of("unknown on the path", ""),
		of("waypoint not read", views.TabRates, notRead("forbidden: pods/portforward")),
		of("waypoint not read on the path", "", notRead("port-forward: connection refused")),
		matched(),
		failingTriage("rates/failing on triage", sent(0, 190), cutLinks),
		failingTriage("rates/nothing fails on triage", sent(448, 52)),
	}
}

// matched has a rule with a match for the same versions, which metrics do not
// tell apart.
func matched() Entry {
	snap := func() *mesh.Snapshot { return splitWith(mt.Counted(sent(310, 190))) }
	return state("rates/rules with matches", views.PageServices, "shop/orders", "", snap, func(r *analysis.Report, q views.Query) templ.Component {
		m, _ := views.NewService(r, "shop", "orders", views.TabRates, q)
		return views.ServiceContent(m)
	})
}

func failingTriage(name string, change ...func(*mesh.Traffic)) Entry {
	return state(name, views.PageTriage, "Triage", "", func() *mesh.Snapshot { return canary(change...) }, func(r *analysis.Report, q views.Query) templ.Component {
		return views.TriageContent(views.NewTriage(r, q))
	})
}

// canary is a shop that declares 90 to 10, with what was counted.
func canary(change ...func(*mesh.Traffic)) *mesh.Snapshot {
	parts := []mt.Part{
		shop(), mt.Deployment("shop", "orders-v2", mt.Label("app", "orders"), mt.Label("version", "v2")),
		mt.Deployment("shop", "orders-v1", mt.Label("app", "orders"), mt.Label("version", "v1")),
		mt.Objects(
			&mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "orders"}, Hosts: []string{"orders"}, Rules: []mesh.RouteRule{{
				Protocol: "http", Backends: []mesh.Backend{{Host: "orders", Subset: "v1", Weight: 90}, {Host: "orders", Subset: "v2", Weight: 10}},
			}}},
			&mesh.DestinationRule{Meta: mesh.Meta{Kind: "DestinationRule", Namespace: "shop", Name: "orders"}, Host: "orders", Subsets: []mesh.Subset{
				{Name: "v1", Labels: map[string]string{"version": "v1"}}, {Name: "v2", Labels: map[string]string{"version": "v2"}},
			}},
		),
	}
	for _, c := range change {
		parts = append(parts, mt.Counted(c))
	}
	return mt.Mesh(parts...)
}

// sent is a number of requests to each version, some of which to v2 failed.
func sent(v1, v2 float64) func(*mesh.Traffic) {
	return func(t *mesh.Traffic) {
		took := mt.Flow("shop", "orders", "orders-v1", "v1", "", 0)
		took.Latency = &mesh.Histogram{Bounds: []float64{1, 5, 10, 50, 100}, Counts: []float64{20, 150, 100, 30, 8, 2}}
		t.Requests = append(t.Requests,
			mt.Flow("shop", "orders", "orders-v1", "v1", "200", v1), mt.Flow("shop", "orders", "orders-v2", "v2", "200", 0.9*v2),
			mt.Flow("shop", "orders", "orders-v2", "v2", "503", 0.1*v2), took)
	}
}

// arrivals are connections of which some came past the waypoint, one in
// plaintext.
func arrivals(t *mesh.Traffic) {
	by := mesh.ConnectionFlow{Reporter: "destination", Host: "orders.shop.svc.cluster.local", ServiceNamespace: "shop", ServiceName: "orders", Flags: "-", Security: "mutual_tls", Opened: 12, BytesReceived: 40960, BytesSent: 81920}
	by.Source = mesh.TrafficPeer{Workload: "waypoint", Namespace: "shop", Principal: "spiffe://cluster.local/ns/shop/sa/waypoint"}
	by.Destination = mesh.TrafficPeer{Workload: "orders-v1", Namespace: "shop"}
	past := by
	past.Source, past.Opened, past.Security = mesh.TrafficPeer{Workload: "batch", Namespace: "legacy"}, 2, "unknown"
	t.Connections = append(t.Connections, by, past)
}

// cutLinks are connections to one workload that end in the handshake.
func cutLinks(t *mesh.Traffic) {
	for _, from := range []string{"web", "catalog"} {
		f := mesh.ConnectionFlow{Reporter: "source", Host: "ledger.billing.svc.cluster.local", ServiceNamespace: "billing", ServiceName: "ledger", Flags: "TLS_FAILURE", Security: "unknown", Opened: 40, Closed: 12, Failed: 12}
		f.Source = mesh.TrafficPeer{Workload: from, Namespace: "shop", Principal: "spiffe://cluster.local/ns/shop/sa/" + from}
		f.Destination = mesh.TrafficPeer{Workload: "ledger", Namespace: "billing"}
		t.Connections = append(t.Connections, f)
	}
}

// notRead is that the waypoint's counters are missing.
func notRead(why string) func(*mesh.Traffic) {
	return func(t *mesh.Traffic) {
		for _, pod := range []string{"waypoint-1", "waypoint-2"} {
			t.Unread = append(t.Unread, mesh.TrafficGap{Proxy: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: pod}, Reason: why})
		}
	}
}
