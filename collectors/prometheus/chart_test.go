package prometheus_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/prometheus"
)

const orders = "orders.shop.svc.cluster.local"

// charting is a source that has found its Prometheus.
func charting(t *testing.T) (*asked, *fake) {
	t.Helper()
	f := newFake(t)
	a := ask(t, f.URL, prometheus.Access{})
	a.round(t)
	f.asked = nil
	return a, f
}

func TestTheQueriesOfCharts(t *testing.T) {
	a, f := charting(t)
	for name, want := range map[string]string{
		"requests": `sum by (destination_version) (rate(istio_requests_total{reporter="waypoint",destination_service="orders.shop.svc.cluster.local"}[2m]))`,
		"errors": `sum(rate(istio_requests_total{reporter="waypoint",destination_service="orders.shop.svc.cluster.local",response_code=~"5..|0"}[2m])` +
			` or rate(istio_requests_total{reporter="waypoint",destination_service="orders.shop.svc.cluster.local",grpc_response_status=~"2|4|12|13|14|15"}[2m]))` +
			` or 0 * sum(rate(istio_requests_total{reporter="waypoint",destination_service="orders.shop.svc.cluster.local"}[2m]))`,
		"connections": `sum(rate(istio_tcp_connections_opened_total{reporter="destination",destination_service="orders.shop.svc.cluster.local"}[2m]))`,
		"failures":    `label_join(sum by (reporter, response_flags) (rate(istio_tcp_connections_closed_total{destination_service="orders.shop.svc.cluster.local",response_flags!~"-|"}[2m])), "end", " ", "reporter", "response_flags")`,
		"bytes":       `sum(rate(istio_tcp_received_bytes_total{reporter="destination",destination_service="orders.shop.svc.cluster.local"}[2m]))`,
		"latency": `label_replace(histogram_quantile(0.5, sum by (le) (rate(istio_request_duration_milliseconds_bucket{reporter="waypoint",destination_service="orders.shop.svc.cluster.local"}[2m]))), "quantile", "0.5", "", "") or ` +
			`label_replace(histogram_quantile(0.9, sum by (le) (rate(istio_request_duration_milliseconds_bucket{reporter="waypoint",destination_service="orders.shop.svc.cluster.local"}[2m]))), "quantile", "0.9", "", "") or ` +
			`label_replace(histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket{reporter="waypoint",destination_service="orders.shop.svc.cluster.local"}[2m]))), "quantile", "0.99", "", "")`,
	} {
		c, err := a.Chart(t.Context(), name, orders, now.Add(-time.Hour), now)
		link := "https://prometheus.example/graph?" + url.Values{"g0.expr": {want}, "g0.tab": {"1"}}.Encode()
		if err != nil || c.PromQL != want || c.Link != link {
			t.Errorf("%s: %v, %+v", name, err, c)
		}
	}
	for _, q := range f.queries() {
		if !strings.HasPrefix(q, "GET /api/v1/query_range ") {
			t.Errorf("asked by %s", q)
		}
	}
}

func TestTheQueriesOfAService(t *testing.T) {
	a, _ := charting(t)
	want := map[string]string{
		"split":       `sum by (destination_version, destination_workload) (increase(istio_requests_total{reporter="waypoint",destination_service="a\"b\\"}[5m]))`,
		"codes":       `sum by (response_code, response_flags) (increase(istio_requests_total{reporter="waypoint",destination_service="a\"b\\"}[5m]))`,
		"callers":     `sum by (source_workload_namespace, source_workload) (increase(istio_requests_total{reporter="waypoint",destination_service="a\"b\\"}[5m]))`,
		"latency":     `histogram_quantile(0.99, sum by (destination_version, le) (increase(istio_request_duration_milliseconds_bucket{reporter="waypoint",destination_service="a\"b\\"}[5m])))`,
		"connections": `sum by (source_workload_namespace, source_workload, connection_security_policy) (increase(istio_tcp_connections_opened_total{reporter="destination",destination_service="a\"b\\"}[5m]))`,
		"failures":    `sum by (reporter, response_flags) (increase(istio_tcp_connections_closed_total{destination_service="a\"b\\",response_flags!~"-|"}[5m]))`,
	}
	got := make(map[string]string)
	for _, q := range a.Queries(`a"b\`) {
		got[q.Name] = q.PromQL
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestChartsHaveNoMorePointsThanAreShown(t *testing.T) {
	a, _ := charting(t)
	for _, length := range []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour} {
		c, err := a.Chart(t.Context(), "requests", orders, now.Add(-length), now)
		if err != nil {
			t.Fatal(err)
		}
		if n := c.To.Sub(c.From) / c.Step; n >= 300 || n < 50 {
			t.Errorf("%s: %d points, every %s", length, n, c.Step)
		}
	}
	for _, bad := range []time.Duration{-time.Hour, 0, time.Minute, 8 * 24 * time.Hour} {
		if _, err := a.Chart(t.Context(), "requests", orders, now.Add(-bad), now); !errors.Is(err, prometheus.ErrBadPeriod) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := a.Chart(t.Context(), "else", orders, now.Add(-time.Hour), now); !errors.Is(err, prometheus.ErrNoChart) {
		t.Error(err)
	}
	if _, err := looking(oneNode(), nil).Chart(t.Context(), "requests", orders, now.Add(-time.Hour), now); !errors.Is(err, prometheus.ErrNotAsked) {
		t.Error(err)
	}
}

func TestLinesLeaveOutWhatIsNoNumber(t *testing.T) {
	a, f := charting(t)
	promQL := prometheus.ChartPromQL("requests", orders, 15*time.Second)
	f.answers[promQL] = `{"metric":{"destination_version":"v2"},"values":[[1763884800,"NaN"],[1763884815,"1.5"]]},{"metric":{"destination_version":"v1"},"values":[[1763884800,"2"]]},` +
		`{"metric":{"destination_version":"v3"},"values":[[1763884800,"NaN"]]}`
	c, err := a.Chart(t.Context(), "requests", orders, now.Add(-time.Hour), now)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1763884800, 0).UTC()
	want := []prometheus.Line{{Name: "v1", Points: []prometheus.Point{{At: at, Value: 2}}}, {Name: "v2", Points: []prometheus.Point{{At: at.Add(15 * time.Second), Value: 1.5}}}}
	if diff := cmp.Diff(want, c.Lines); diff != "" {
		t.Error(diff)
	}
}

func TestFiftyViewersCostWhatOneCosts(t *testing.T) {
	a, f := charting(t)
	var viewers sync.WaitGroup
	for range 50 {
		viewers.Go(func() {
			for _, name := range prometheus.ChartNames() {
				if _, err := a.Chart(t.Context(), name, orders, now.Add(-time.Hour), now.Add(time.Second)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	viewers.Wait()
	if n := len(f.queries()); n != len(prometheus.ChartNames()) {
		t.Errorf("%d queries", n)
	}
	var err error
	for i := range 100 {
		if _, err = a.Chart(t.Context(), "requests", strconv.Itoa(i), now.Add(-time.Hour), now); err != nil {
			break
		}
	}
	if n := len(f.queries()); !errors.Is(err, prometheus.ErrTooMany) || n != 60 {
		t.Errorf("%d queries within a minute, %v", n, err)
	}
}

func TestChartsThatCannotBeDrawn(t *testing.T) {
	for words, does := range map[string]http.HandlerFunc{
		"503":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"rubbish": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
		"a vector": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
		},
		"no answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"too much": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[`)
			var err error
			for err == nil {
				_, err = fmt.Fprint(w, strings.Repeat(`{"metric":{"a":"b"},"values":[[1,"1"]]},`, 1000))
			}
		},
	} {
		a, f := charting(t)
		f.misbehaves(does)
		_, err := a.Chart(t.Context(), "requests", orders, now.Add(-time.Hour), now)
		if failed, ok := errors.AsType[*prometheus.Failure](err); !ok || len(failed.Detail) > 400 {
			t.Errorf("%s: %v", words, err)
		}
	}
}
