package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// contentSecurityPolicy admits nothing but the server's own files. There is no
// inline script or style anywhere, so no nonce is needed.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// securityHeaders go on every answer, errors included.
func securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		next.ServeHTTP(w, r)
	})
}

// hostAllowed guards against DNS rebinding: a page of another site whose name
// was pointed at 127.0.0.1 sends that name as Host. Loopback names are always
// right; others must have been allowed by name.
func (s *Server) hostAllowed(host string) bool {
	name := strings.ToLower(host)
	if h, _, err := net.SplitHostPort(name); err == nil {
		name = h
	}
	name = strings.TrimSuffix(strings.Trim(name, "[]"), ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	if ip, err := netip.ParseAddr(name); err == nil && ip.IsLoopback() {
		return true
	}
	return slices.Contains(s.allowedHosts, name)
}

// checkHost refuses requests for hosts that are not allowed.
func (s *Server) checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.hostAllowed(r.Host) {
			s.refuse(w, r, http.StatusForbidden, "This host name is not allowed. Start Waylight with --allowed-host to use it.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkOrigin refuses what another site's page asks for. Loopback is no
// protection: any page in the same browser can reach it. Browsers leave Origin
// out of plain navigation, which is allowed so that links from a chat work;
// what a script or a form of another origin sends carries Origin or
// Sec-Fetch-Site.
func (s *Server) checkOrigin(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.refuseOrigin(w, r) }))
	guarded := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if foreignOrigin(r) || foreignFetch(r) {
			s.refuseOrigin(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// foreignOrigin tells that an Origin header names another host, whatever the
// method: streams are opened with GET.
func foreignOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	_, host, ok := strings.Cut(origin, "://")
	return !ok || !strings.EqualFold(host, r.Host)
}

// foreignFetch tells that another site's page fetches or embeds this, rather
// than a person following a link to it.
func foreignFetch(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	if site == "" || site == "same-origin" || site == "none" {
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document"
}

func (s *Server) refuseOrigin(w http.ResponseWriter, r *http.Request) {
	s.refuse(w, r, http.StatusForbidden, "This request came from another site's page.")
}

// limitBody bounds what a client may send. Nothing Waylight reads from a
// browser today is larger.
func limitBody(next http.Handler) http.Handler {
	const maxBody = 1 << 20
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}
