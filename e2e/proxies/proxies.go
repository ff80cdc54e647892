// Package proxies serves what the admin ports of ztunnel, Envoy and istiod serve: answers that were recorded from real ones,
// grown ones, and such as no honest proxy gives. Put them behind a pod's ports with package kubelet.
package proxies

import (
	"net/http"
	"testing"

	"github.com/waylight/waylight/e2e/kubelet"
)

// The ports of admin servers: of ztunnel and Envoy, of their metrics, and istiod's.
const (
	AdminPort   = 15000
	MetricsPort = 15020
	IstiodPort  = 15014
)

// Ztunnel is a pod that answers as a ztunnel does.
func Ztunnel(t testing.TB, dump, metrics []byte) kubelet.Pod {
	t.Helper()
	return pod(t, ZtunnelAdmin(text("application/json", dump)), metrics, "/metrics", "/stats/prometheus")
}

// ZtunnelAdmin is ztunnel's admin port with a config_dump of any kind. Any method gets it, as of the real one.
func ZtunnelAdmin(dump http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/config_dump", dump)
	mux.Handle("/logging", newLevels())
	return mux
}

// Envoy is a pod that answers as a waypoint's Envoy does. The dump is the one with endpoints.
func Envoy(t testing.TB, dump, clusters, metrics []byte) kubelet.Pod {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /config_dump", func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("include_eds") {
			http.Error(w, "the recording has endpoints, and this request does not ask for them", http.StatusNotFound)
			return
		}
		text("application/json", dump).ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /clusters", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("format") != "json" {
			http.Error(w, "only the JSON form was recorded", http.StatusNotFound)
			return
		}
		text("application/json", clusters).ServeHTTP(w, r)
	})
	mux.Handle("GET /stats/prometheus", text("text/plain", metrics))
	return pod(t, mux, metrics, "/stats/prometheus")
}

// Istiod is a pod that answers as an istiod does.
func Istiod(t testing.TB, syncz []byte) kubelet.Pod {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /debug/syncz", text("application/json", syncz))
	return kubelet.Pod{Ports: map[int]kubelet.Port{IstiodPort: kubelet.HTTP(t, mux)}}
}

func pod(t testing.TB, admin http.Handler, metrics []byte, paths ...string) kubelet.Pod {
	t.Helper()
	counters := http.NewServeMux()
	for _, path := range paths {
		counters.Handle(path, text("text/plain", metrics))
	}
	return kubelet.Pod{Ports: map[int]kubelet.Port{AdminPort: kubelet.HTTP(t, admin), MetricsPort: kubelet.HTTP(t, counters)}}
}

// text answers every request with the same body.
func text(kind string, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(body) // the client may leave
	})
}
