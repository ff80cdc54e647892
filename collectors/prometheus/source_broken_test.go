package prometheus_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/mesh"
)

func TestWhatPrometheusDoesInPlaceOfAnswering(t *testing.T) {
	for _, test := range []struct {
		name   string
		does   http.HandlerFunc
		state  mesh.SourceState
		detail string
	}{
		{"503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, mesh.SourceDown, "It answered 503 Service Unavailable."},
		{"a reason", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, `{"status":"error","errorType":"execution","error":"query processing would load too many samples"}`)
		}, mesh.SourceDown, "It answered 422: query processing would load too many samples."},
		{"a login", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, mesh.SourceForbidden, "It answered 401 Unauthorized."},
		{"rubbish", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "\x00\xff<html>") }, mesh.SourceDown, "It did not answer: the answer is no JSON, or breaks off."},
		{"a page to sign in, elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, mesh.SourceDown, "It answered 302 Found."},
		{"a line that is cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"status":"success"`)
		}, mesh.SourceDown, "It did not answer: the answer is no JSON, or breaks off."},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			a := ask(t, f.URL, prometheus.Access{})
			f.misbehaves(test.does)
			if a.round(t) || a.status.State != test.state || a.status.Detail != test.detail || a.taken != nil {
				t.Errorf("%+v, %+v", a.status, a.taken)
			}
			f.misbehaves(nil)
			if !a.round(t) || a.status.State != mesh.SourceOK || a.taken == nil {
				t.Errorf("afterwards: %+v", a.status)
			}
			f.Close()
			if a.round(t) || a.status.State != mesh.SourceDown || !strings.HasPrefix(a.status.Detail, "It did not answer: ") || a.taken != nil {
				t.Errorf("stopped: %+v", a.status)
			}
		})
	}
}

func TestASlowPrometheusIsNotWaitedForBeyondTheEnd(t *testing.T) {
	f := newFake(t)
	begun := make(chan struct{}, 1)
	f.misbehaves(func(_ http.ResponseWriter, r *http.Request) { begun <- struct{}{}; <-r.Context().Done() })
	a := ask(t, f.URL, prometheus.Access{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	if a.Round(ctx, a.snap, &a.sink) || a.status.State != "" {
		t.Errorf("%+v", a.status)
	}
}

func TestPartOfAnAnswerIsPartial(t *testing.T) {
	f := newFake(t)
	a := ask(t, f.URL, prometheus.Access{})
	f.misbehaves(func(w http.ResponseWriter, r *http.Request) {
		switch q := r.URL.Query().Get("query"); {
		case strings.Contains(q, "container_"):
			w.WriteHeader(http.StatusBadRequest)
		case strings.Contains(q, "count_over_time(istio_build"):
			ztunnel, _ := pods(a.snap)
			fmt.Fprintf(w, `{"status":"success","warnings":["store 2 is away"],"data":{"resultType":"vector","result":[%s]}}`, vector(t, "namespace="+ztunnel.Namespace+" pod="+ztunnel.Name+" => 9"))
		default:
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
		}
	})
	if !a.round(t) || a.status.State != mesh.SourcePartial || !strings.Contains(a.status.Detail, "store 2 is away") {
		t.Fatalf("%+v", a.status)
	}
	want := []string{"Of memory nothing is known: It answered 400 Bad Request.", "Of processor time nothing is known: It answered 400 Bad Request.", "store 2 is away"}
	if diff := cmp.Diff(want, a.taken.Warnings); diff != "" || a.taken.Proxies[0].Memory != -1 || a.taken.Proxies[0].Opened != 0 || !a.taken.NoRequestsAtAll {
		t.Errorf("%s, %+v", diff, a.taken)
	}
}

func TestWithMoreFlowsThanAreKeptSilenceProvesNothing(t *testing.T) {
	f := newFake(t)
	a := ask(t, f.URL, prometheus.Access{})
	f.misbehaves(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[`)
		switch q := r.URL.Query().Get("query"); {
		case q == requests:
			for i := range 100_010 {
				fmt.Fprintf(w, `{"metric":{"reporter":"waypoint","destination_service":"s%d"},"value":[1,"1"]},`, i)
			}
			fmt.Fprint(w, `{"metric":{}}`)
		case strings.Contains(q, "count_over_time"):
			ztunnel, _ := pods(a.snap)
			fmt.Fprint(w, vector(t, "namespace="+ztunnel.Namespace+" pod="+ztunnel.Name+" => 9"))
		}
		fmt.Fprint(w, `]}}`)
	})
	if !a.round(t) || a.status.State != mesh.SourcePartial || a.taken.Dropped != 11 || len(a.taken.Proxies) != 1 {
		t.Fatalf("%+v, %+v", a.status, a.taken.Dropped)
	}
	if want := "Of requests not all is known: there are 11 series more than are kept."; !strings.HasSuffix(a.status.Detail, want) {
		t.Errorf("it is said only %q", a.status.Detail)
	}
	if u := a.taken.Unread; len(u) != 2 || !strings.Contains(u[1].Reason, "11 series more than are kept") {
		t.Errorf("%+v", u)
	}
}

func TestWithoutTheFlowsThereIsNoTraffic(t *testing.T) {
	f := newFake(t)
	a := ask(t, f.URL, prometheus.Access{})
	f.misbehaves(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("query") == requests {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	})
	if a.round(t) || a.taken != nil || a.status.State != mesh.SourceDown {
		t.Errorf("%+v, %+v", a.status, a.taken)
	}
}
