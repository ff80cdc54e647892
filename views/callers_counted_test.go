package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

// connectedBy is a number of connections to orders of the shop, at the callers' ztunnels where an account is given, else as they
// arrived in plaintext from a workload.
func connectedBy(account, workload string, opened float64) mesh.ConnectionFlow {
	f := mesh.ConnectionFlow{Reporter: "source", Host: "orders.shop.svc.cluster.local", ServiceNamespace: "shop", ServiceName: "orders", Flags: "-", Security: "mutual_tls", Opened: opened}
	f.Source = mesh.TrafficPeer{Workload: workload, Namespace: "shop", Principal: "spiffe://cluster.local/ns/shop/sa/" + account}
	if account == "" {
		f.Reporter, f.Security, f.Source.Principal = "destination", "unknown", ""
	}
	return f
}

func countedCallers(t *testing.T, counted ...mt.Part) *analysis.Report {
	t.Helper()
	parts := append([]mt.Part{
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint"),
		mt.Deployment("shop", "web"), mt.Deployment("shop", "idle"), mt.Deployment("shop", "batch", mt.NotCaptured),
		mt.Deployment("shop", "orders"), mt.Service("shop", "orders"),
	}, counted...)
	return assess(mt.Mesh(parts...))
}

func TestCallersSayHowTheirConnectionsAreSecured(t *testing.T) {
	flows := func(list ...mesh.ConnectionFlow) mt.Part {
		return mt.Counted(func(c *mesh.Traffic) { c.Connections = append(c.Connections, list...) })
	}
	unread := mt.Counted(func(c *mesh.Traffic) {
		for i := range c.Proxies {
			c.Unread = append(c.Unread, mesh.TrafficGap{Proxy: c.Proxies[i].Pod, Reason: "refused"})
		}
	})
	for _, tt := range []struct {
		name    string
		counted []mt.Part
		want    map[string]string
		said    string
	}{
		{"with the sample, and no traffic where there was none", []mt.Part{flows(connectedBy("web", "web", 40), connectedBy("", "batch", 7))}, map[string]string{"web": "100 % of 40", "batch": "0 % of 7", "idle": "no traffic"}, "over 5m0s"},
		{"not known where not all were read", []mt.Part{flows(connectedBy("web", "web", 40)), unread}, map[string]string{"web": "100 % of 40, as far as was read", "idle": "unknown"}, "over 5m0s"},
		{"and of plaintext of nobody beside the list", []mt.Part{flows(connectedBy("", "", 3))}, map[string]string{"batch": "no traffic"}, "3 connections arrived in plaintext from callers that no metric names"},
		{"not at all where nothing was counted", nil, map[string]string{"web": ""}, "How their connections are secured was not counted."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := NewService(countedCallers(t, tt.counted...), "shop", "orders", TabCallers, Query{})
			doc := checked(t, ServiceContent(m))
			for account, want := range tt.want {
				row := doc.Find("#callers tbody tr").FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.Contains(s.Find("th").Text(), "shop/"+account) })
				if got := strings.TrimSpace(uitest.Text(row.Find(`td[data-label="mTLS"]`))); row.Length() != 1 || got != want {
					t.Errorf("%s: %q in %d rows, want %q", account, got, row.Length(), want)
				}
			}
			if !strings.Contains(uitest.Text(doc.Selection), tt.said) {
				t.Errorf("%q is not said", tt.said)
			}
		})
	}
}

func TestCallersAreSortedByWhatTheyOpened(t *testing.T) {
	r := countedCallers(t, mt.Counted(func(c *mesh.Traffic) {
		c.Connections = append(c.Connections, connectedBy("web", "web", 40), connectedBy("", "batch", 70))
	}))
	rows := Callers(r, mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"}, 80, ParseQuery(map[string][]string{"sort": {"-opened"}}))
	if len(rows) < 3 || rows[0].Name != "batch" || rows[1].Name != "web" {
		t.Errorf("%+v", rows)
	}
}

func TestALongListOfCallersIsCutOnThePageOnly(t *testing.T) {
	var parts []mt.Part
	for i := range accessRowLimit + 1 {
		parts = append(parts, mt.Deployment("shop", fmt.Sprintf("caller-%03d", i)))
	}
	r := countedCallers(t, parts...)
	orders := mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"}
	all := Callers(r, orders, 80, Query{})
	g := path.ForService(r.Snap, orders, 80, path.Options{})
	for _, q := range []Query{{}, ParseQuery(map[string][]string{"sort": {"-name"}})} {
		tab := newCallersTab(r, q, &g)
		if len(tab.Rows) != accessRowLimit || tab.Total != number(len(all)) || tab.Table.Shown != len(all) || tab.Table.Total != len(all) {
			t.Errorf("%d of %q rows are shown, %d matched of %d", len(tab.Rows), tab.Total, tab.Table.Shown, tab.Table.Total)
		}
		for _, a := range tab.Rows {
			if a.ID == "" || a.Path == "" || a.Object.Name == "" {
				t.Fatalf("%+v is not filled in", a)
			}
		}
	}
	if tab := newCallersTab(r, ParseQuery(map[string][]string{"q": {"name:caller-500"}}), &g); len(tab.Rows) != 1 || tab.Truncated != "" {
		t.Errorf("%d rows, %q", len(tab.Rows), tab.Truncated)
	}
}
