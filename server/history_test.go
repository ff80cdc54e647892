package server

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// fakeMetrics draws the same lines whenever it is asked, or fails.
type fakeMetrics struct {
	lines map[MetricChart][]MetricLine
	// hold keeps each answer back until it is closed.
	hold chan struct{}

	mu    sync.Mutex
	fails error
	asked []MetricRange
}

// steady is as many numbers as there are moments, every quarter of a minute.
func steady(values ...float64) []MetricPoint {
	var out []MetricPoint
	for i, v := range values {
		if !math.IsNaN(v) {
			out = append(out, MetricPoint{At: meshtest.Now.Add(time.Duration(i-len(values)+1) * 15 * time.Second), Value: v})
		}
	}
	return out
}

func drawnShop() *fakeMetrics {
	return &fakeMetrics{lines: map[MetricChart][]MetricLine{
		ChartRequests: {{Name: "v1", Points: steady(9, 9, math.NaN(), 9)}, {Name: "v2", Points: steady(1, 1, 1)}},
		ChartErrors:   {{Points: steady(0, 0, 0, 2)}},
		ChartLatency:  {{Name: "0.5", Points: steady(3, 4)}, {Name: "0.99", Points: steady(80, 900)}},
		ChartFailures: {{Name: "destination DENY", Points: steady(0.5)}},
	}}
}

func (f *fakeMetrics) Range(ctx context.Context, wish MetricRange) (*MetricLines, error) {
	f.mu.Lock()
	f.asked = append(f.asked, wish)
	err := f.fails
	f.mu.Unlock()
	if f.hold != nil {
		select {
		case <-f.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if err != nil {
		return nil, err
	}
	const step = 15 * time.Second
	promQL := `rate(` + string(wish.Chart) + `{destination_service="` + wish.Host + `"}[2m])`
	return &MetricLines{
		From: wish.From.Truncate(step), To: wish.To.Truncate(step), Step: step, Lines: f.lines[wish.Chart],
		Query: MetricQuery{Name: string(wish.Chart), PromQL: promQL, URL: "https://prometheus.example/graph?g0.expr=" + string(wish.Chart)},
	}, nil
}

func (f *fakeMetrics) Queries(string) []MetricQuery { return nil }

func (f *fakeMetrics) WaypointQueries() []MetricQuery {
	return []MetricQuery{{Name: "memory", PromQL: "sum by (namespace, pod) (memory)", URL: "https://prometheus.example/graph"}}
}

func (f *fakeMetrics) ZtunnelQueries() []MetricQuery {
	return []MetricQuery{{Name: "failures", PromQL: "sum by (namespace, pod) (failed)"}}
}

func (f *fakeMetrics) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fails = err
}

func (f *fakeMetrics) queries() []MetricRange {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

// startCharts serves a mesh with a Prometheus.
func startCharts(t *testing.T, m Metrics, parts ...meshtest.Part) *liveServer {
	t.Helper()
	s := &liveServer{Server: New(Config{Version: "test", Now: func() time.Time { return meshtest.Now }, Metrics: func(string) Metrics { return m }})}
	s.publish(parts...)
	web := httptest.NewServer(s.Handler())
	s.url = web.URL
	t.Cleanup(func() {
		s.Close()
		web.Close()
	})
	return s
}

// changedShop is the shop with a change of orders five minutes ago.
func changedShop() meshtest.Part {
	return meshtest.Parts(
		meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("waypoint")), meshtest.Waypoint("shop", "waypoint"),
		meshtest.Deployment("shop", "orders"), meshtest.Service("shop", "orders", meshtest.Port(80, "http"), meshtest.ChangedBy("argocd", 5*time.Minute)),
		meshtest.Service("shop", "db", meshtest.Port(5432, "tcp-db")),
		meshtest.Source("prometheus", "ok", "At http://prometheus.example."),
	)
}

func TestChartsKeepTheirShape(t *testing.T) {
	s := startCharts(t, drawnShop(), changedShop())
	holdToDocument(t, "services/shop/orders/chart", get(t, s.Server, "/api/v1/services/shop/orders/chart?range=5m").Body.Bytes())
}

// TestATimeIsOneOfAFew holds what is asked of Prometheus to the times there are.
func TestATimeIsOneOfAFew(t *testing.T) {
	m := drawnShop()
	s := startCharts(t, m, changedShop())
	for span, want := range map[string]time.Duration{
		"": time.Hour, "5m": 5 * time.Minute, "15m": 15 * time.Minute, "1h": time.Hour, "6h": 6 * time.Hour, "24h": 24 * time.Hour, "7d": 168 * time.Hour,
	} {
		before := len(m.queries())
		if got := get(t, s.Server, "/api/v1/services/shop/orders/chart?range="+span).Code; got != http.StatusOK {
			t.Errorf("%q answers %d", span, got)
		}
		for _, q := range m.queries()[before:] {
			if q.To.Sub(q.From) != want || q.Host != "orders.shop.svc.cluster.local" {
				t.Errorf("%q asked for %+v", span, q)
			}
		}
	}
	for _, bad := range []string{"1y", "60m", "-1h", "1h%20", "%00"} {
		w := get(t, s.Server, "/api/v1/services/shop/orders/chart?range="+bad)
		if want := "range is none of 5m, 15m, 1h, 6h, 24h and 7d."; w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q answers %d %s", bad, w.Code, w.Body)
		}
	}
	if got := get(t, s.Server, "/api/v1/services/shop/none/chart").Code; got != http.StatusNotFound {
		t.Errorf("a service that does not exist answers %d", got)
	}
}

func TestWhatIsAskedDependsOnWhoCounts(t *testing.T) {
	for service, want := range map[string][]MetricChart{
		"orders": {ChartErrors, ChartLatency, ChartRequests},
		"db":     {ChartBytes, ChartConnections, ChartFailures},
	} {
		m := drawnShop()
		s := startCharts(t, m, changedShop())
		get(t, s.Server, "/api/v1/services/shop/"+service+"/chart")
		var got []MetricChart
		for _, q := range m.queries() {
			got = append(got, q.Chart)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", service, diff)
		}
	}
}

// TestAPageDoesNotWaitForPrometheus opens the tab while Prometheus hangs.
func TestAPageDoesNotWaitForPrometheus(t *testing.T) {
	m := drawnShop()
	m.hold = make(chan struct{})
	s := startCharts(t, m, changedShop())
	doc := document(t, get(t, s.Server, "/services/shop/orders/rates?range=6h"))
	part, _ := doc.Find("#history").Attr("data-later")
	if len(m.queries()) > 0 || part != "/services/shop/orders/rates/history?range=6h" {
		t.Errorf("asked %v, the charts are at %q", m.queries(), part)
	}
	if wait := doc.Find("#history .no-js a").AttrOr("href", ""); wait != "/services/shop/orders/rates?history=now&range=6h" {
		t.Errorf("without scripts the way on is %q", wait)
	}
	close(m.hold)
	if n := document(t, get(t, s.Server, "/services/shop/orders/rates?history=now&range=6h")).Find(".figure svg.spark").Length(); n != 5 {
		t.Errorf("%d lines are drawn without scripts", n)
	}
}

func TestThePartIsForPagesOnly(t *testing.T) {
	s := startCharts(t, drawnShop(), changedShop())
	w := get(t, s.Server, "/services/shop/orders/rates/history?range=5m", "HX-Request", "true")
	if n := document(t, w).Find(".figure").Length(); n != 3 {
		t.Errorf("%d charts", n)
	}
	if w := get(t, s.Server, "/services/shop/orders/rates/history?range=5m"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/services/shop/orders/rates?history=now&range=5m" {
		t.Errorf("a reader gets %d, to %s", w.Code, w.Header().Get("Location"))
	}
	if got := get(t, s.Server, "/services/shop/none/rates/history").Code; got != http.StatusNotFound {
		t.Errorf("a service that does not exist answers %d", got)
	}
}

func TestWhyThereIsNoChart(t *testing.T) {
	since := meshtest.Now.Add(-3 * time.Minute)
	down := mesh.SourceStatus{Name: "prometheus", State: mesh.SourceDown, Detail: "It answered 503.", Since: since}
	forbidden := mesh.SourceStatus{Name: "prometheus", State: mesh.SourceForbidden, Detail: "get services/proxy in istio-system"}
	for _, tt := range []struct {
		name   string
		wired  bool
		source *mesh.SourceStatus
		fails  error
		want   []string
		asks   bool
	}{
		{"no Prometheus is asked at all", false, nil, nil, []string{"History needs a Prometheus", "none is asked"}, false},
		{"it is down, which is known", true, &down, nil, []string{"Prometheus stopped answering", "It answered 503.", "07:57:00 UTC"}, false},
		{"it may not be reached", true, &forbidden, nil, []string{"Missing right", "get services/proxy in istio-system"}, false},
		{"it has just stopped", true, nil, errors.New("it answered 500 Internal Server Error"), []string{"did not answer this time", "It answered 500 Internal Server Error."}, true},
		{"it is too slow", true, nil, context.DeadlineExceeded, []string{"It did not answer within 5s."}, true},
		{"too many look at once", true, nil, ErrTooManyCharts, []string{"Too many charts were asked for within a minute."}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := drawnShop()
			m.fail(tt.fails)
			var wired Metrics
			if tt.wired {
				wired = m
			}
			s := startCharts(t, wired, changedShop())
			if tt.source != nil {
				s.freshness = func() mesh.Sources { return mesh.Sources{*tt.source} }
			}
			text := get(t, s.Server, "/services/shop/orders/rates/history", "HX-Request", "true").Body.String()
			for _, want := range append(tt.want, "argocd") {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not said", want)
				}
			}
			if asked := len(m.queries()) > 0; asked != tt.asks {
				t.Errorf("asked: %t", asked)
			}
			var answer apiChart
			if err := json.Unmarshal(get(t, s.Server, "/api/v1/services/shop/orders/chart").Body.Bytes(), &answer); err != nil || answer.Why == "" || len(answer.Changes) == 0 {
				t.Errorf("the API answers %+v (%v)", answer, err)
			}
		})
	}
}

// TestReadersShareTheirCharts has somebody look every second of a minute.
func TestReadersShareTheirCharts(t *testing.T) {
	m := drawnShop()
	s := startCharts(t, m, changedShop())
	seconds := 0
	s.now = func() time.Time { return meshtest.Now.Add(time.Duration(seconds) * time.Second) }
	for ; seconds < 60; seconds++ {
		get(t, s.Server, "/services/shop/orders/rates/history?range=5m", "HX-Request", "true")
	}
	different := make(map[MetricRange]bool)
	for _, q := range m.queries() {
		different[q] = true
	}
	if len(different) != 12 {
		t.Errorf("%d queries that differ within a minute, want four of each of three charts", len(different))
	}
}

// TestOneOfThreeChartsMayFail keeps what could be drawn.
func TestOneOfThreeChartsMayFail(t *testing.T) {
	m := drawnShop()
	s := startCharts(t, oneFails{m, ChartLatency}, changedShop())
	doc := document(t, get(t, s.Server, "/services/shop/orders/rates/history?range=5m", "HX-Request", "true"))
	if n := doc.Find(".figure-table").Length(); n != 2 {
		t.Errorf("%d tables", n)
	}
	if text := doc.Find("#figure-latency").Text(); !strings.Contains(text, "It answered 422: too many samples.") {
		t.Errorf("%q", text)
	}
}

type oneFails struct {
	*fakeMetrics
	which MetricChart
}

func (o oneFails) Range(ctx context.Context, wish MetricRange) (*MetricLines, error) {
	if wish.Chart == o.which {
		return nil, errors.New("it answered 422: too many samples")
	}
	return o.fakeMetrics.Range(ctx, wish)
}
