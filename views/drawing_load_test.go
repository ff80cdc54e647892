package views_test

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
	"github.com/waylight/waylight/views/uitest"
)

// drawnRates are the texts of the wide picture, of its tooltips, of the list and
// of the legend on the page of orders.
func drawnRates(t *testing.T, change func(*mesh.Traffic)) (picture, tips, list, legend, head string) {
	t.Helper()
	m, _ := views.NewService(ratesShop(change), "shop", "orders", "", views.Query{})
	doc := uitest.Document(t, views.ServiceContent(m))
	uitest.Check(t, doc)
	svg := doc.Find("svg.across")
	return uitest.Text(svg.Find("text")), uitest.Text(svg.Find("title")), uitest.Text(doc.Find(".drawing ol")), uitest.Text(doc.Find(".legend")), uitest.Text(doc.Find(".bypass"))
}

func TestTheDrawingShowsWhatIsSeenBesideWhatIsDeclared(t *testing.T) {
	picture, tips, list, legend, _ := drawnRates(t, func(c *mesh.Traffic) {
		versions(310, 180)(c)
		c.Source = mesh.TrafficFromPrometheus
		c.Requests = append(c.Requests, meshtest.Flow("shop", "orders", "orders-v2", "v2", "503", 10))
		took := meshtest.Flow("shop", "orders", "orders-v2", "v2", "", 0)
		took.Latency = &mesh.Histogram{Bounds: []float64{10, 100}, Counts: []float64{100, 80, 10}}
		c.Requests = append(c.Requests, took)
	})
	for where, want := range map[string][]string{
		picture: {"declared 90 %", "seen 62 % of 500", "seen 38 %", "0.63 requests/s", "5.3 % failed", "SPLIT_"},
		tips:    {"90 % of the calls as declared, 1 requests/s, 310 in the window, none failed", "p50 9.5 ms", "57.6 % and 66.3 %"},
		list:    {"seen 62 % of 500 requests", "5.3 % failed", "p99 over 100 ms"},
		legend:  {"width follows requests per second, counted by Prometheus", "shares on lines are seen"},
	} {
		for _, w := range want {
			if !strings.Contains(where, w) {
				t.Errorf("%q is missing in %q", w, where)
			}
		}
	}
}

func TestTheDrawingTellsNoTrafficFromUnknown(t *testing.T) {
	picture, _, _, legend, _ := drawnRates(t, func(*mesh.Traffic) {})
	if !strings.Contains(picture, "no traffic") || strings.Contains(picture, "seen") || !strings.Contains(legend, "width follows requests per second") {
		t.Errorf("no traffic: %q, legend %q", picture, legend)
	}
	picture, _, _, legend, _ = drawnRates(t, nil)
	if strings.Contains(picture, "no traffic") || !strings.Contains(legend, "rates are not known: nothing was counted") || !strings.Contains(legend, "width follows the declared share") {
		t.Errorf("nobody counts: %q, legend %q", picture, legend)
	}
}

func TestTheHeadSaysWhoCameAroundTheWaypoint(t *testing.T) {
	past := mesh.ConnectionFlow{Reporter: "destination", ServiceNamespace: "shop", ServiceName: "orders", Host: "orders.shop.svc.cluster.local", Flags: "-", Security: "mutual_tls", Opened: 2}
	past.Source = mesh.TrafficPeer{Workload: "batch", Namespace: "shop"}
	_, _, _, _, head := drawnRates(t, func(c *mesh.Traffic) { c.Connections = append(c.Connections, past) })
	if want := "past it came shop/batch (2)"; !strings.Contains(head, want) {
		t.Errorf("%q, want %q", head, want)
	}
	past.Source.Principal = "spiffe://cluster.local/ns/shop/sa/waypoint"
	if _, _, _, _, head := drawnRates(t, func(c *mesh.Traffic) { c.Connections = append(c.Connections, past) }); head != "" {
		t.Errorf("all came by the waypoint, and the head says %q", head)
	}
}
