package views_test

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

// ratesShop splits orders 90 to 10 and was counted with these flows.
func ratesShop(change func(*mesh.Traffic)) *analysis.Report {
	route := &mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "orders"}, Hosts: []string{"orders"}, Rules: []mesh.RouteRule{{
		Protocol: "http", Backends: []mesh.Backend{{Host: "orders", Subset: "v1", Weight: 90}, {Host: "orders", Subset: "v2", Weight: 10}},
	}}}
	subsets := &mesh.DestinationRule{Meta: mesh.Meta{Kind: "DestinationRule", Namespace: "shop", Name: "orders"}, Host: "orders", Subsets: []mesh.Subset{
		{Name: "v1", Labels: map[string]string{"version": "v1"}}, {Name: "v2", Labels: map[string]string{"version": "v2"}},
	}}
	parts := []meshtest.Part{
		meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("waypoint")), meshtest.Waypoint("shop", "waypoint"),
		meshtest.Deployment("shop", "orders-v1", meshtest.Label("app", "orders"), meshtest.Label("version", "v1")),
		meshtest.Deployment("shop", "orders-v2", meshtest.Label("app", "orders"), meshtest.Label("version", "v2")),
		meshtest.Service("shop", "orders"), meshtest.Objects(route, subsets),
	}
	if change != nil {
		parts = append(parts, meshtest.Counted(change))
	}
	s := meshtest.Mesh(parts...)
	return analysis.Assess(analysis.Input{Snap: s, Now: s.At})
}

func ratesOf(t *testing.T, change func(*mesh.Traffic)) views.RatesTab {
	t.Helper()
	m, ok := views.NewService(ratesShop(change), "shop", "orders", views.TabRates, views.Query{})
	if !ok {
		t.Fatal("no such service")
	}
	return m.Rates
}

func versions(v1, v2 float64) func(*mesh.Traffic) {
	return func(c *mesh.Traffic) {
		c.Requests = append(c.Requests, meshtest.Flow("shop", "orders", "orders-v1", "v1", "200", v1), meshtest.Flow("shop", "orders", "orders-v2", "v2", "200", v2))
	}
}

func TestRatesShowDeclaredBesideObserved(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*mesh.Traffic)
		want   []string
		drifts bool
		note   string
	}{
		{"62 to 38 of 500", versions(310, 190), []string{"90 %", "62 %", "57.6 % to 66.3 %", "310"}, true, "500 requests with a version"},
		{"60 requests are shown and not judged", versions(37, 23), []string{"90 %", "61.7 %", "48.2 % to 73.9 %", "37"}, false, "not judged: 60 requests are too few"},
		{"no traffic is no 0 %", versions(0, 0), []string{"90 %", "no traffic", "", "0"}, false, "0 requests with a version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			split := ratesOf(t, tt.change).Split
			r := split.Rows[0]
			if got := []string{r.Declared, r.Observed, r.Interval, r.Count}; strings.Join(got, "|") != strings.Join(tt.want, "|") || r.Drifts != tt.drifts {
				t.Errorf("v1: %q, drifts %t; want %q, %t", got, r.Drifts, tt.want, tt.drifts)
			}
			if !strings.Contains(split.Note, tt.note) {
				t.Errorf("note %q, want %q in it", split.Note, tt.note)
			}
		})
	}
}

func TestRatesOfNobodyCountingAreSaidToBeUnknown(t *testing.T) {
	if got := ratesOf(t, nil); !strings.Contains(got.Unknown, "no Prometheus") || got.Versions != nil {
		t.Errorf("%+v", got)
	}
}

func TestRatesSayWhoCountedAndWhatIsMissing(t *testing.T) {
	tab := ratesOf(t, func(c *mesh.Traffic) {
		c.Source = mesh.TrafficFromPrometheus
		c.Unread = []mesh.TrafficGap{{Proxy: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "waypoint-1"}, Reason: "refused"}}
		arrived := mesh.ConnectionFlow{Reporter: "destination", ServiceNamespace: "shop", ServiceName: "orders", Host: "orders.shop.svc.cluster.local", Flags: "-", Security: "mutual_tls", Opened: 8}
		arrived.Source = mesh.TrafficPeer{Workload: "waypoint", Namespace: "shop", Principal: "spiffe://cluster.local/ns/shop/sa/waypoint"}
		past := arrived
		past.Source, past.Opened, past.Security = mesh.TrafficPeer{Workload: "web", Namespace: "shop"}, 2, "unknown"
		c.Connections = append(c.Connections, arrived, past)
	})
	if want := "by Prometheus, over 5m0s, as of 08:00:00 UTC"; tab.Note != want {
		t.Errorf("note %q, want %q", tab.Note, want)
	}
	if len(tab.Gaps) != 1 || !strings.Contains(tab.Gaps[0], "shop/waypoint-1") {
		t.Errorf("gaps %q", tab.Gaps)
	}
	if want := "80 % of 10 connections"; !strings.HasPrefix(tab.Passage, want) || !strings.Contains(tab.Passage, "shop/web (2)") {
		t.Errorf("passage %q, want %q", tab.Passage, want)
	}
	if got := tab.Links[1].MTLS; got != "80 %" {
		t.Errorf("mTLS %q, want 80 %%", got)
	}
}

func TestRatesSayWhatPrometheusHasNotAndSinceWhen(t *testing.T) {
	r := ratesShop(func(c *mesh.Traffic) {
		c.Source, c.Warnings = mesh.TrafficFromPrometheus, []string{"Of requests not all is known: there are 7 series more than are kept."}
	})
	m, _ := views.NewService(r, "shop", "orders", views.TabRates, views.Query{})
	for _, tt := range []struct {
		name  string
		state mesh.SourceState
		since bool
	}{{"it answers in part", mesh.SourcePartial, true}, {"it answers, and something is odd", mesh.SourceOK, false}} {
		t.Run(tt.name, func(t *testing.T) {
			asked := views.HistoryAsked{Wired: true, Source: mesh.SourceStatus{Name: "prometheus", State: tt.state, Since: meshtest.Now}}
			var b strings.Builder
			if err := views.ServiceContent(m.WithHistory(r, views.Query{}, asked)).Render(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(b.String(), "there are 7 series more than are kept.") {
				t.Error("what is missing is not said")
			}
			if got := strings.Contains(b.String(), "only a part of this, since"); got != tt.since {
				t.Errorf("since when: %t", got)
			}
		})
	}
}

func TestRatesTabPrints(t *testing.T) {
	m, _ := views.NewService(ratesShop(versions(310, 190)), "shop", "orders", views.TabRates, views.Query{})
	m = m.WithQueries([]views.RateQuery{{Name: "requests", PromQL: "sum(rate(istio_requests_total[5m]))", URL: "javascript:alert(1)"}})
	var b strings.Builder
	if err := views.ServiceContent(m).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"62 %", "sum(rate(istio_requests_total[5m]))", "<rect"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(b.String(), "javascript:") || strings.Contains(b.String(), "style=") {
		t.Error("an address that is none, or an inline style")
	}
}
