package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis"
)

// worldParam chooses one of several meshes, in the demo. Pages keep the choice
// in a cookie so that every link need not carry it; a link that does carry it
// wins, which makes it shareable.
const (
	worldParam  = "demo"
	worldCookie = "waylight_demo"
)

// worldOf is the mesh a request asks about.
func (s *Server) worldOf(r *http.Request) *world {
	name := r.URL.Query().Get(worldParam)
	if name == "" {
		if c, err := r.Cookie(worldCookie); err == nil {
			name = c.Value
		}
	}
	if w := s.worlds[name]; w != nil {
		return w
	}
	return s.worlds[s.worldNames[0]]
}

// report is the newest report of the mesh a request asks about. A handler
// calls it once.
func (s *Server) report(r *http.Request) *analysis.Report { return s.worldOf(r).report.Load() }

// rememberWorld turns ?demo=name into a cookie and the same address without it.
func (s *Server) rememberWorld(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		name := q.Get(worldParam)
		// A path that begins with two slashes would send the browser elsewhere.
		elsewhere := strings.HasPrefix(r.URL.Path, "//")
		if name == "" || elsewhere || !slices.Contains(s.worldNames, name) || r.Method != http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		q.Del(worldParam)
		//nolint:gosec // G124: a choice of demo data, over plain HTTP on loopback; Secure would lose it
		http.SetCookie(w, &http.Cookie{Name: worldCookie, Value: name, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		to := url.URL{Path: r.URL.Path, RawQuery: q.Encode()}
		http.Redirect(w, r, to.String(), http.StatusSeeOther)
	})
}
