package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/server"
)

// asLive feeds the objects of a recording as if they were there now.
type asLive struct{ *bundle.Bundle }

// Run implements collectors.Source.
func (a asLive) Run(ctx context.Context, sink collectors.Sink) error {
	if err := a.Load(ctx, sink); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// changing is a Prometheus that does now this, now that.
type changing struct {
	does atomic.Pointer[http.HandlerFunc]
}

func (c *changing) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*c.does.Load())(w, r) }

func (c *changing) now(does http.HandlerFunc) { c.does.Store(&does) }

// counts answers as a Prometheus does that knows 500 requests to orders.
func counts(w http.ResponseWriter, r *http.Request) {
	const labels = `"reporter":"waypoint","destination_service":"orders.shop.svc.cluster.local","destination_service_name":"orders","destination_service_namespace":"shop","response_code":"200","response_flags":"-"`
	result := ""
	if q := r.FormValue("query"); strings.Contains(q, "increase(istio_requests_total") && strings.Contains(q, "response_code") {
		result = `{"metric":{` + labels + `,"destination_version":"v1","destination_workload":"orders-v1"},"value":[1,"500"]}`
	}
	fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":[%s]}}`, result)
}

// halfAMillion answers the query for requests with 500,000 series.
func halfAMillion(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.FormValue("query"), "request_protocol") {
		counts(w, r)
		return
	}
	var block bytes.Buffer
	for i := range 1000 {
		fmt.Fprintf(&block, `{"metric":{"reporter":"waypoint","destination_service":"s%d"},"value":[1,"1"]},`, i)
	}
	if _, err := io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[`); err != nil {
		return
	}
	for range 500 {
		if _, err := w.Write(block.Bytes()); err != nil {
			return
		}
	}
	_, _ = io.WriteString(w, `{"metric":{},"value":[1,"1"]}]}}`) // the reader may have left
}

// shop is a mesh that is shown, and whose Prometheus is ours.
type shop struct {
	*changing
	http http.Handler
}

// openShop shows a mesh whose Prometheus has so long to answer.
func openShop(t *testing.T, timeout time.Duration) *shop {
	t.Helper()
	b, err := bundle.Open(file(t, "clean.tar.gz", meshtest.Recording("clean")))
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{changing: &changing{}}
	s.now(counts)
	prom := httptest.NewServer(s)
	f := feed{source: asLive{b}, assembler: collectors.NewAssembler(nil, time.Now), counting: newCounting()}
	f.counting.ask(prometheus.Options{
		Endpoint: prometheus.Endpoint{Name: "a test", Address: prom.URL, Transport: http.DefaultTransport},
		Window:   time.Minute, Every: 20 * time.Millisecond, Timeout: timeout, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	srv := server.New(server.Config{Freshness: f.assembler.Statuses, Metrics: chartsOf([]feed{f})})
	s.http = srv.HTTPServer().Handler
	ctx, cancel := context.WithCancel(t.Context())
	group, ctx := errgroup.WithContext(ctx)
	f.show(ctx, group, srv, nil)
	t.Cleanup(func() {
		cancel()
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
		prom.CloseClientConnections()
		prom.Close()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// get reads a page.
func (s *shop) get(t *testing.T, path string) string {
	t.Helper()
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	request.Host = "localhost"
	s.http.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// prometheus is its state as the API tells it.
func (s *shop) prometheus(t *testing.T) (out struct{ Name, State, Detail, AsOf, Since string }) {
	t.Helper()
	var list struct {
		Items []struct{ Name, State, Detail, AsOf, Since string }
	}
	if err := json.Unmarshal([]byte(s.get(t, "/api/v1/sources")), &list); err != nil {
		t.Fatal(err)
	}
	for _, one := range list.Items {
		if one.Name == prometheus.SourceName {
			return one
		}
	}
	return out
}

// until waits until Prometheus is in a state.
func (s *shop) until(t *testing.T, state mesh.SourceState) {
	t.Helper()
	for s.prometheus(t).State != string(state) {
		if !collectors.Sleep(t.Context(), 5*time.Millisecond) {
			t.Fatalf("it is not %s: %+v", state, s.prometheus(t))
		}
	}
}

func TestPagesDoNotWaitForABrokenPrometheus(t *testing.T) {
	for _, test := range []struct {
		name   string
		does   http.HandlerFunc
		state  mesh.SourceState
		detail string
	}{
		{"stopped", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, mesh.SourceDown, "It did not answer: "},
		{"slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, mesh.SourceDown, "It did not answer within 1s."},
		{"503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, mesh.SourceDown, "It answered 503 Service Unavailable."},
		{"rubbish", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "\x00\xff<html>") }, mesh.SourceDown, "It did not answer: the answer is no JSON, or breaks off."},
		{"500,000 series", halfAMillion, mesh.SourcePartial, "a test"},
	} {
		t.Run(test.name, func(t *testing.T) {
			timeout := time.Hour // how fast this machine is says nothing
			if test.name == "slow" {
				timeout = time.Second
			}
			s := openShop(t, timeout)
			s.until(t, mesh.SourceOK)
			before := s.prometheus(t)

			s.now(test.does)
			s.until(t, test.state)
			// What it said last stands, with its age; the pages are there.
			said := s.prometheus(t)
			if !strings.Contains(said.Detail, test.detail) || said.AsOf < before.AsOf || said.Since == "" {
				t.Errorf("%+v, before %+v", said, before)
			}
			for _, path := range []string{"/", "/services/shop/orders", "/services/shop/orders/rates", "/api/v1/services/shop/orders/rates", "/api/v1/services/shop/orders/chart"} {
				s.get(t, path)
			}
			if page := s.get(t, "/services/shop/orders/rates"); test.state == mesh.SourceDown && !strings.Contains(page, "Prometheus stopped answering") {
				t.Error("the page of rates does not say since when it does not answer")
			}
			if page := s.get(t, "/sources"); !strings.Contains(page, strings.TrimSuffix(test.detail, ".")) {
				t.Errorf("the page of sources does not say %q", test.detail)
			}

			s.now(counts)
			s.until(t, mesh.SourceOK)
		})
	}
}
