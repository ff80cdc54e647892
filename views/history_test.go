package views_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
	"github.com/waylight/waylight/views/uitest"
)

// hourOf is an hour of charts, a value a quarter of an hour.
func hourOf(charts ...traffic.HistoryChart) *traffic.History {
	return &traffic.History{From: meshtest.Now.Add(-time.Hour), To: meshtest.Now, Step: 15 * time.Minute, Charts: charts}
}

func lineOf(name string, values ...float64) traffic.HistoryLine {
	return traffic.HistoryLine{Name: name, Values: values}
}

// historyOf is the body of the panel of orders.
func historyOf(asked views.HistoryAsked, parts ...meshtest.Part) *views.HistoryBody {
	s := meshtest.Mesh(append(parts, meshtest.Namespace("shop", meshtest.Ambient), meshtest.Service("shop", "orders"))...)
	return views.NewHistory(analysis.Assess(analysis.Input{Snap: s, Now: s.At}), views.Query{}, s.Service("shop", "orders"), asked)
}

var gap = math.NaN()

func TestHistorySaysWhatTheLinesShow(t *testing.T) {
	h := hourOf(
		traffic.HistoryChart{Name: traffic.ChartRequests, Lines: []traffic.HistoryLine{lineOf("v1", 8, 9, gap, 7, 6), lineOf("", 2, gap, gap, gap, gap)}},
		traffic.HistoryChart{Name: traffic.ChartErrors, Lines: []traffic.HistoryLine{lineOf("", 0, 0, gap, 1, 1.5)}},
		traffic.HistoryChart{Name: traffic.ChartLatency, Lines: []traffic.HistoryLine{lineOf("0.99", gap, gap, gap, gap, 812)}},
		traffic.HistoryChart{Name: traffic.ChartFailures, Lines: []traffic.HistoryLine{lineOf("source CONNECT", 0, 0, 0, 0, 0.25)}},
		traffic.HistoryChart{Name: traffic.ChartBytes},
	)
	figures := historyOf(views.HistoryAsked{Wired: true, History: h, Host: "orders.shop.svc.cluster.local"}).Charts
	for i, want := range []string{
		"Requests a second, by version, 07:00 to 08:00 UTC. v1: last 6/s, lowest 6/s, highest 9/s. no version: last 2/s, lowest 2/s, highest 2/s.",
		"Failed requests a second, 07:00 to 08:00 UTC. failed: last 1.5/s, lowest 0/s, highest 1.5/s.",
		"Time to answer, 07:00 to 08:00 UTC. p99: last 812 ms, lowest 812 ms, highest 812 ms.",
		"Connections that failed, a second, 07:00 to 08:00 UTC. CONNECT at the callers: last 0.25/s, lowest 0/s, highest 0.25/s.",
		"Bytes received a second, at the pods, 07:00 to 08:00 UTC. No number in this time: there was no traffic, or nobody counted it.",
	} {
		if diff := cmp.Diff(want, figures[i].Summary); diff != "" {
			t.Error(diff)
		}
	}
	for what, pair := range map[string][2]string{
		"how many failed, of those who asked then":  {figures[1].Rows[0].LastNote, "25 % of requests"},
		"a number that is old is not the last word": {figures[0].Rows[1].LastNote, "at 07:00 UTC, none since"},
		"what a flag means":                         {figures[3].Rows[0].Meaning, "the other end could not be reached or did not take it"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
	if diff := cmp.Diff([]string{"0.0,2.7 30.0,0.0", "90.0,5.3 120.0,8.0"}, figures[0].Rows[0].Spark); diff != "" {
		t.Errorf("a gap is drawn over: %s", diff)
	}
}

func TestLinesThatAreNotDrawnAreCounted(t *testing.T) {
	c := traffic.HistoryChart{Name: traffic.ChartRequests, Dropped: 3, Warnings: []string{"results are incomplete"}}
	for i := range 9 {
		c.Lines = append(c.Lines, lineOf("v"+strconv.Itoa(i), float64(i), 0, 0, 0, 0))
	}
	f := historyOf(views.HistoryAsked{Wired: true, History: hourOf(c)}).Charts[0]
	if diff := cmp.Diff([]string{"6 lines with less are not drawn.", "results are incomplete"}, f.Notes); diff != "" {
		t.Error(diff)
	}
	if len(f.Rows) != 6 || f.Rows[0].Key != "v3" || f.Rows[5].Key != "v8" {
		t.Errorf("the most are not what is drawn: %+v", f.Rows)
	}
}

// TestAPeakOfOneMomentIsSeen draws a week into a picture of an inch.
func TestAPeakOfOneMomentIsSeen(t *testing.T) {
	values := make([]float64, 300)
	values[123] = 50
	h := &traffic.History{
		From: meshtest.Now.Add(-299 * time.Minute), To: meshtest.Now, Step: time.Minute,
		Charts: []traffic.HistoryChart{{Name: traffic.ChartRequests, Lines: []traffic.HistoryLine{lineOf("v1", values...)}}},
	}
	spark := historyOf(views.HistoryAsked{Wired: true, History: h}).Charts[0].Rows[0].Spark
	if len(spark) != 1 || strings.Count(spark[0], " ") != 59 || !strings.Contains(spark[0], ",0.0") {
		t.Errorf("%q", spark)
	}
}

func TestChangesOnThePathStandBesideTheCharts(t *testing.T) {
	by := func(manager string, minutes int) meshtest.Option {
		return meshtest.ChangedBy(manager, time.Duration(minutes)*time.Minute)
	}
	route := &mesh.Route{
		Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "orders", SpecChange: mesh.Change{Manager: "argocd", Time: meshtest.Now.Add(-20 * time.Minute)}}, Hosts: []string{"orders"},
		Rules: []mesh.RouteRule{{Protocol: "http", Backends: []mesh.Backend{{Host: "orders", Weight: 100}}}},
	}
	elsewhere := *route
	elsewhere.Name, elsewhere.Hosts = "other", []string{"other"}
	b := historyOf(views.HistoryAsked{},
		meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("waypoint"), by("kubectl-label", 10)), meshtest.Waypoint("shop", "waypoint"),
		meshtest.Deployment("shop", "orders", meshtest.With(func(c *mesh.Controller) {
			c.SpecChange = mesh.Change{Manager: "helm", Time: meshtest.Now.Add(-30 * time.Minute)}
		})),
		meshtest.Service("shop", "other", by("nobody", 5)), meshtest.Service("shop", "orders", by("kubectl-edit", 90)),
		meshtest.Objects(route, &elsewhere))
	var got []string
	for _, c := range b.Changes {
		got = append(got, c.Time.Format("15:04 ")+c.Object.Kind+" "+c.Object.Name+" "+c.Did+" by "+c.By)
	}
	want := []string{"07:50 Namespace shop changed by kubectl-label", "07:40 VirtualService shop/orders changed by argocd", "07:30 Deployment shop/orders changed by helm"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutAPrometheusTheTwoReadingsAreShown(t *testing.T) {
	b := historyOf(views.HistoryAsked{}, meshtest.Counted(func(c *mesh.Traffic) {
		c.Requests = append(c.Requests, meshtest.Flow("shop", "orders", "orders-v1", "v1", "200", 300), meshtest.Flow("shop", "orders", "orders-v1", "v1", "503", 100))
	}))
	if !strings.Contains(b.Why, "kept by a Prometheus") || b.Numbers != "" || b.Instead == nil {
		t.Fatalf("%+v", b)
	}
	if got := b.Instead.Rows[1]; got != (views.InsteadRow{Name: "Failed", Value: "25 %"}) || !strings.HasPrefix(b.Instead.Note, "by two readings of the proxies") {
		t.Errorf("%+v, %s", got, b.Instead.Note)
	}
}

func TestHistoryPrintsHostileNamesAsText(t *testing.T) {
	evil := `"><script>alert(1)</script>`
	h := hourOf(traffic.HistoryChart{
		Name: traffic.ChartRequests, PromQL: evil, URL: "https://prometheus.example/graph", Warnings: []string{evil},
		Lines: []traffic.HistoryLine{lineOf(evil, 1, 1, 1, 1, 1)},
	})
	doc := uitest.Document(t, views.HistoryContent(historyOf(views.HistoryAsked{Wired: true, History: h, Host: evil})))
	if n := doc.Find("script").Length(); n > 0 {
		t.Errorf("%d scripts", n)
	}
	if got := doc.Find("tr[data-key]").AttrOr("data-key", ""); got != evil {
		t.Errorf("a line is %q, by which its numbers are not found", got)
	}
	uitest.Check(t, doc)
}

func TestSpansThatAreNone(t *testing.T) {
	for text, want := range map[string]bool{"": true, "5m": true, "7d": true, "8d": false, "1H": false, "3600": false} {
		if _, ok := views.ParseSpan(text); ok != want {
			t.Errorf("%q: %t", text, ok)
		}
	}
}
