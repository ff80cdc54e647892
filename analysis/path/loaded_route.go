package path

import (
	"net/url"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// routes are those in force on the chain for the request's host, in order.
func (r *loadedRouting) routes() []*mesh.EnvoyRoute {
	var all []*mesh.EnvoyRoute
	for i := range r.dump.Routes {
		route := &r.dump.Routes[i]
		inline := route.Listener == mainInternal && route.Chain == r.chain.Name
		named := route.Listener == "" && r.chain.RouteConfig != "" && route.Config == r.chain.RouteConfig
		if !route.Draining && (inline || named) {
			all = append(all, route)
		}
	}
	host := virtualHost(all, r.request.Host)
	var out []*mesh.EnvoyRoute
	for _, route := range all {
		if route.VirtualHost == host {
			out = append(out, route)
		}
	}
	return out
}

// virtualHost is the one whose domain is closest to a host: exactly it, then
// the longest "*.x", then the longest "x.*", then "*" (Envoy's order).
func virtualHost(routes []*mesh.EnvoyRoute, host string) string {
	best, at := "", -1
	for _, route := range routes {
		for _, domain := range route.Domains {
			if rank := closeness(strings.ToLower(domain), strings.ToLower(host)); rank > at {
				best, at = route.VirtualHost, rank
			}
		}
	}
	return best
}

// closeness ranks a domain for a host, -1 where it is not for it.
func closeness(domain, host string) int {
	const exact, suffix, prefix = 3 << 16, 2 << 16, 1 << 16
	switch {
	case domain == "*":
		return 0
	case strings.HasPrefix(domain, "*") && len(host) > len(domain)-1 && strings.HasSuffix(host, domain[1:]):
		return suffix + len(domain)
	case strings.HasSuffix(domain, "*") && len(host) > len(domain)-1 && strings.HasPrefix(host, domain[:len(domain)-1]):
		return prefix + len(domain)
	case domain == host:
		return exact
	}
	return -1
}

// methodConnect is of requests for a tunnel, which have no path.
const methodConnect = "CONNECT"

// takes compares a request with what a route matches.
func (r *loadedRouting) takes(m *mesh.EnvoyRouteMatch, path string) fit {
	path, query, _ := strings.Cut(path, "?")
	out := r.pathFit(m, path)
	if m.GRPC {
		out = out.and(r.headerFit(&mesh.EnvoyHeaderMatch{Name: "content-type", Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyPrefix, Text: "application/grpc"}}))
	}
	for i := range m.Headers {
		out = out.and(r.headerFit(&m.Headers[i]))
	}
	for i := range m.Query {
		out = out.and(queryFit(&m.Query[i], query))
	}
	for _, part := range m.Unknown {
		out = out.and(fit{open: part + " of the waypoint's route"})
	}
	return out
}

func (r *loadedRouting) pathFit(m *mesh.EnvoyRouteMatch, path string) fit {
	want := m.Path
	if m.IgnoreCase && m.PathKind != mesh.EnvoyPathRegex {
		want, path = strings.ToLower(want), strings.ToLower(path)
	}
	switch m.PathKind {
	case mesh.EnvoyPathPrefix:
		return fit{no: !strings.HasPrefix(path, want)}
	case mesh.EnvoyPathExact:
		return fit{no: path != want}
	case mesh.EnvoyPathBelow:
		return fit{no: path != want && !strings.HasPrefix(path, want+"/")}
	case mesh.EnvoyPathTemplate:
		matches, ok := authz.ParseEnvoyTemplate(want)
		if !ok {
			return fit{open: "the path template " + want + ", which cannot be read"}
		}
		return fit{no: !matches(path)}
	case mesh.EnvoyPathConnect:
		return fit{no: r.request.Method != methodConnect}
	case mesh.EnvoyPathRegex:
		matches, ok := authz.ParseEnvoyText(mesh.EnvoyTextMatch{Kind: mesh.EnvoyRegex, Text: want})
		if !ok {
			return fit{open: "the regular expression " + want + ", which cannot be read"}
		}
		return fit{no: !matches(path)}
	}
	return fit{open: "a path match of the waypoint's route that Waylight does not know"}
}

func (r *loadedRouting) headerFit(h *mesh.EnvoyHeaderMatch) fit {
	match, ok := authz.ParseEnvoyHeader(h)
	if !ok {
		return fit{open: "a match on header " + h.Name + " that Waylight does not know"}
	}
	matches, known := match.Matches(r.request)
	if !known {
		return fit{open: headerName(h.Name)}
	}
	return fit{no: !matches}
}

func headerName(name string) string {
	switch name {
	case ":method":
		return "the method"
	case ":authority":
		return "the host the client asks for"
	}
	return "header " + name
}

// queryFit compares the first parameter of a name; a query that is malformed in
// a part is read as far as it is not.
func queryFit(q *mesh.EnvoyQueryMatch, query string) fit {
	value, has := "", false
	for part := range strings.SplitSeq(query, "&") {
		name, v, _ := strings.Cut(part, "=")
		if name, err := url.PathUnescape(name); err != nil || name != q.Name {
			continue
		}
		value, has = v, true
		if decoded, err := url.PathUnescape(v); err == nil {
			value = decoded
		}
		break
	}
	if q.Absent || !has {
		return fit{no: q.Absent == has}
	}
	matches, ok := authz.ParseEnvoyText(q.Text)
	if !ok {
		return fit{open: "a match on parameter " + q.Name + " that Waylight does not know"}
	}
	return fit{no: !matches(value)}
}

// faults parts the calls a route aborts from the rest, of which some may be
// delayed. Envoy injects faults before anything else of a route.
func (r *loadedRouting) faults(route *mesh.EnvoyRoute, base LoadedWay) (aborted, rest []LoadedWay, open string) {
	f := route.Faults
	if f == nil {
		return nil, []LoadedWay{base}, ""
	}
	for i := range f.Headers {
		switch fits := r.headerFit(&f.Headers[i]); {
		case fits.no:
			return nil, []LoadedWay{base}, ""
		case fits.open != "":
			return nil, nil, fits.open
		}
	}
	if f.Asked {
		return nil, nil, "what the request asks for by a header"
	}
	for _, w := range base.parts(f.DelayPercent, func(w *LoadedWay) { w.Delay = f.Delay }) {
		for i, w := range w.parts(f.AbortPercent, func(w *LoadedWay) { w.abort(f) }) {
			if i == 0 && f.AbortPercent > 0 {
				aborted = append(aborted, w)
			} else {
				rest = append(rest, w)
			}
		}
	}
	return aborted, rest, ""
}

// parts divides a way: first the part that something happens to, then the rest;
// none that is empty.
func (w LoadedWay) parts(percent float64, happens func(*LoadedWay)) []LoadedWay {
	percent = min(max(percent, 0), 100)
	var out []LoadedWay
	if percent > 0 {
		hit := w
		hit.Share = w.Share * percent / 100
		happens(&hit)
		out = append(out, hit)
	}
	if percent < 100 {
		w.Share -= w.Share * percent / 100
		out = append(out, w)
	}
	return out
}

// abort answers in the place of the application; gRPC's own statuses are 200 to
// HTTP.
func (w *LoadedWay) abort(f *mesh.EnvoyFault) {
	w.Status, w.Code, w.Explain = f.AbortStatus, mesh.CodeFaultInjected, "the route aborts it on purpose"
	if w.Status == 0 {
		w.Status = 200
	}
}
