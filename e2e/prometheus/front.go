package prometheus

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// Front stands before a Prometheus and passes everything on, until it is told to answer in another way.
type Front struct {
	// URL is where it answers, without a slash at the end.
	URL    string
	honest http.Handler
	does   atomic.Pointer[http.Handler]
}

// Front puts one before the Prometheus. More of them do not know of one another.
func (p *Prometheus) Front(t testing.TB) *Front {
	t.Helper()
	target, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	f := &Front{honest: httputil.NewSingleHostReverseProxy(target)}
	f.Behave()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*f.does.Load()).ServeHTTP(w, r) }))
	f.URL = server.URL
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return f
}

// Behave has it pass on what comes from now on.
func (f *Front) Behave() { f.does.Store(&f.honest) }

// Misbehave has it answer in another way what comes from now on.
func (f *Front) Misbehave(as Misbehaviour) {
	does := as(f.honest)
	f.does.Store(&does)
}

// Misbehaviour is what a Front does in place of passing on, which it can still do with some requests.
type Misbehaviour func(honest http.Handler) http.Handler

// Stopped ends each connection without a word, as a proxy does whose server is gone.
func Stopped(http.Handler) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// Slow never answers.
func Slow(http.Handler) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

// Unavailable answers 503.
func Unavailable(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no server is available", http.StatusServiceUnavailable)
	})
}

// Rubbish answers, as if all were well, with what is no JSON.
func Rubbish(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "\x00\xff<html>{\"status\":\"success\"") // the client may leave
	})
}

// Flood has half a million series where requests are asked for, each with labels of so many bytes beside its names; everything
// else it passes on.
func Flood(bytes int) Misbehaviour {
	const series = 500_000
	return func(honest http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.FormValue("query"), "request_protocol") {
				honest.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			out := bufio.NewWriterSize(w, 1<<16)
			_, _ = out.WriteString(`{"status":"success","data":{"resultType":"vector","result":[`) // an error stays, and ends the loop
			padding := strings.Repeat("x", bytes)
			for i, err := 0, error(nil); i < series && err == nil; i++ {
				_, err = out.WriteString(`{"metric":{"reporter":"waypoint","destination_service":"s` + strconv.Itoa(i) + `","source_principal":"` + padding + `"},"value":[1,"1"]},`)
			}
			_, _ = out.WriteString(`{"metric":{},"value":[1,"1"]}]}}`)
			_ = out.Flush() // the client may have left
		})
	}
}
