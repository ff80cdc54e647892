package proxies

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestLevelsComposeAsInZtunnel goes through one ztunnel's life; each step sees what those before left.
func TestLevelsComposeAsInZtunnel(t *testing.T) {
	port := newLevels()
	for _, step := range []struct{ query, want string }{
		{"", "hickory_server::server=off,info"},
		{"?level=debug", "hickory_server::server=off,debug"},
		{"?level=access%3Ddebug%2Cwarn", "hickory_server::server=off,access=debug,warn"},
		{"?level=access%3Dinfo", "hickory_server::server=off,access=info,warn"},
		{"?reset&level=access%3Dtrace", "hickory_server::server=off,access=trace,info"},
		{"?reset", "hickory_server::server=off,info"},
		{"?level=info&reset", "hickory_server::server=off,info"},
		{"?level=waylight_until_1700000000%3Doff", "waylight_until_1700000000=off,hickory_server::server=off,info"},
	} {
		answer := httptest.NewRecorder()
		port.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/logging"+step.query, nil))
		if want := "current log level is " + step.want + "\n"; answer.Body.String() != want {
			t.Errorf("%q answers %q, want %q", step.query, answer.Body, want)
		}
	}
}

func TestWhatZtunnelRefuses(t *testing.T) {
	for _, tt := range []struct {
		method, query string
		want          int
	}{
		{http.MethodGet, "", http.StatusMethodNotAllowed},
		{http.MethodPost, "?level=access:debug", http.StatusBadRequest},
		{http.MethodPost, "?level=loud", http.StatusBadRequest},
		{http.MethodPost, "?level=", http.StatusBadRequest},
	} {
		answer := httptest.NewRecorder()
		newLevels().ServeHTTP(answer, httptest.NewRequest(tt.method, "/logging"+tt.query, nil))
		if answer.Code != tt.want {
			t.Errorf("%s %q answers %d, want %d", tt.method, tt.query, answer.Code, tt.want)
		}
	}
}
