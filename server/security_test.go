package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOnlyLoopbackAndAllowedHostsAreServed(t *testing.T) {
	s := New(Config{AllowedHosts: []string{"Waylight.example"}})
	tests := []struct {
		words, host string
		want        bool
	}{
		{"localhost", "localhost:7780", true},
		{"a name below localhost, which never leaves the machine", "waylight.localhost", true},
		{"IPv4 loopback", "127.0.0.1:7780", true},
		{"another address of the loopback network", "127.8.9.10", true},
		{"IPv6 loopback", "[::1]:7780", true},
		{"a host that was allowed, in other letters", "WAYLIGHT.example:80", true},
		{"the same with the root's dot", "waylight.example.:80", true},
		{"a site whose name was pointed at 127.0.0.1", "evil.example:7780", false},
		{"a name that only begins like localhost", "localhost.evil.example", false},
		{"a name that only ends like an allowed one", "notwaylight.example", false},
		{"a private address", "10.0.0.7:7780", false},
		{"no host at all", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/api/v1/sources", nil)
			r.Host = tt.host
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if got := w.Code == http.StatusOK; got != tt.want {
				t.Errorf("Host %q answered %d", tt.host, w.Code)
			}
		})
	}
}

func TestProbesNeedNoHostAndSayNothing(t *testing.T) {
	s := New(Config{})
	r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
	r.Host = "10.244.1.7:7780"
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Body.String() != "ok\n" {
		t.Errorf("healthz answered %d %q", w.Code, w.Body)
	}
	r = httptest.NewRequest(http.MethodGet, "/readyz", nil)
	w = httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("readyz answered %d before anything was read", w.Code)
	}
}

func TestRequestsOfAnotherSitesPageAreRefused(t *testing.T) {
	s := New(Config{})
	tests := []struct {
		words   string
		method  string
		path    string
		headers map[string]string
		want    int
	}{
		{"a link followed from a chat", http.MethodGet, "/checks", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, http.StatusOK},
		{"the page's own fetch", http.MethodGet, "/events", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:7780"}, http.StatusOK},
		{"curl, which sends neither", http.MethodGet, "/api/v1/sources", nil, http.StatusOK},
		{"another site's script opens the event stream", http.MethodGet, "/events", map[string]string{"Origin": "https://evil.example"}, http.StatusForbidden},
		{"another site's script reads the API", http.MethodGet, "/api/v1/sources", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, http.StatusForbidden},
		{"another port of the same machine", http.MethodGet, "/api/v1/sources", map[string]string{"Origin": "http://127.0.0.1:9999"}, http.StatusForbidden},
		{"a sandboxed frame", http.MethodGet, "/api/v1/sources", map[string]string{"Origin": "null"}, http.StatusForbidden},
		{"another site frames a page", http.MethodGet, "/checks", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, http.StatusForbidden},
		{"another site's form posts", http.MethodPost, "/api/v1/sources", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, http.StatusForbidden},
	}
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	defer s.Close()
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), tt.method, web.URL+tt.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = "127.0.0.1:7780"
			for k, v := range tt.headers {
				r.Header.Set(k, v)
			}
			res, err := web.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if res.StatusCode != tt.want {
				t.Errorf("answered %d, want %d", res.StatusCode, tt.want)
			}
		})
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	s := New(Config{})
	for _, path := range []string{"/", "/no-such-page", "/api/v1/findings", "/api/v1/none", "/static/none.js", "/healthz"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = "localhost"
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		h := w.Header()
		csp := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: headers %v", path, h)
		}
	}
}
