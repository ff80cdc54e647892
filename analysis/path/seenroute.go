package path

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// codeNoCluster is the hop code for a route to a cluster that Envoy has not.
const codeNoCluster = "CLUSTER_NOT_FOUND"

// byLoaded sends a call on as the waypoint's Envoy has it loaded. h is the
// waypoint, p what the API declares.
func (q *question) byLoaded(w *way, h Hop, p *plan, pod waypointPod, l *loaded) []end {
	p.findRouting()
	if !l.chain.HTTP {
		return q.toClusters(w, h, p, pod, l, weighted(l.chain), 0)
	}
	r, open := l.routeFor(q.request, q.request.asSeen(q.to.host))
	switch {
	case open != "":
		return w.unknown(h, "which route %s takes depends on %s", l.dump.Pod.Name, open)
	case r == nil:
		h.Explain, h.Basis = "", Seen
		h.Evidence = append(h.Evidence, Evidence{Source: l.source(), Object: l.dump.Pod, Field: "routes[" + l.chain.RouteConfig + "]", Text: "no route matches"})
		return w.fail(h, codeRouteNotFound, answered(404, "the waypoint"), "waypoint %s has routes for %s, and none of them takes %s %s", p.passages[0].ref.NamespacedName(), q.to.place(), q.request.Method, q.request.Path)
	}
	h.Evidence = append(h.Evidence, Evidence{Source: l.source(), Object: l.dump.Pod, Field: "routes[" + l.chain.RouteConfig + "]", Text: routeText(r)})
	if !r.Owner.IsZero() {
		h.Explain += " " + sentence(fmt.Sprintf("a rule of %s takes it%s", r.Owner, loadedExtras(r)))
	}
	h.Contradiction = cmp.Or(h.Contradiction, q.otherRoute(p, r, l))
	if status := cmp.Or(r.DirectResponse, r.RedirectStatus); status != 0 {
		h.DecidedBy = r.Owner
		return w.fail(h, "", answered(status, "the waypoint itself"), "%s answers with HTTP %d itself, so the application is never asked", p.passages[0].ref.NamespacedName(), status)
	}
	out, rest := loadedFault(w, h, r, q.request.asSeen(q.to.host))
	if rest == nil {
		return out
	}
	return append(out, q.toClusters(rest, h, p, pod, l, r.Clusters, r.NoClusterStatus)...)
}

// weighted are the clusters of a chain that does not understand HTTP.
func weighted(c *mesh.EnvoyChain) []mesh.EnvoyWeightedCluster {
	if len(c.Weighted) > 0 {
		return c.Weighted
	}
	return []mesh.EnvoyWeightedCluster{{Name: c.Cluster}}
}

// routeFor finds the route that takes a request: the first that matches.
func (l *loaded) routeFor(r Request, seen *authz.Request) (route *mesh.EnvoyRoute, open string) {
	tidy := authz.PathRules{Normalize: l.chain.NormalizePath, MergeSlashes: l.chain.MergeSlashes}
	asked := *seen
	asked.Path = tidy.Tidy(r.Path)
	for _, candidate := range l.routes() {
		switch f := loadedTakes(&candidate.Conditions, &asked); {
		case f.no:
		case f.open != "":
			return nil, f.open
		default:
			return candidate, ""
		}
	}
	return nil, ""
}

// loadedTakes compares a request with a route as Envoy has it.
func loadedTakes(m *mesh.EnvoyRouteMatch, r *authz.Request) fit {
	path, query, _ := strings.Cut(r.Path, "?")
	out := loadedPath(m, path)
	if m.GRPC {
		out = out.and(fit{no: !strings.HasPrefix(r.Headers["content-type"], "application/grpc")})
	}
	for i := range m.Headers {
		out = out.and(loadedHeader(&m.Headers[i], r))
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		values = nil
	}
	for i := range m.Query {
		out = out.and(loadedQuery(&m.Query[i], values))
	}
	if m.Share != nil && *m.Share < 100 {
		out = out.and(fit{open: fmt.Sprintf("chance: a route takes %s of the requests", percent(*m.Share))})
	}
	if len(m.Unknown) > 0 {
		out = out.and(fit{open: "a condition of a kind that is not known here (" + m.Unknown[0] + ")"})
	}
	return out
}

func loadedPath(m *mesh.EnvoyRouteMatch, path string) fit {
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
	case mesh.EnvoyPathConnect:
		return fit{no: true}
	case mesh.EnvoyPathRegex:
		if matches, ok := authz.ParseEnvoyText(mesh.EnvoyTextMatch{Kind: mesh.EnvoyRegex, Text: want}); ok {
			return fit{no: !matches(path)}
		}
	}
	return fit{open: "a path of a kind that is not known here"}
}

func loadedHeader(m *mesh.EnvoyHeaderMatch, r *authz.Request) fit {
	match, ok := authz.ParseEnvoyHeader(m)
	if !ok {
		return fit{open: "the header " + m.Name + ", compared in a way that is not known here"}
	}
	matches, known := match.Matches(r)
	if !known {
		return fit{open: "the header " + m.Name}
	}
	return fit{no: !matches}
}

func loadedQuery(m *mesh.EnvoyQueryMatch, values url.Values) fit {
	_, there := values[m.Name]
	if m.Absent || !there {
		return fit{no: there == m.Absent}
	}
	matches, ok := authz.ParseEnvoyText(m.Text)
	if !ok {
		return fit{open: "the parameter " + m.Name + ", compared in a way that is not known here"}
	}
	return fit{no: !matches(values.Get(m.Name))}
}

// loadedFault splits off the calls that a route aborts on purpose; rest is nil
// where that is all of them.
func loadedFault(w *way, h Hop, r *mesh.EnvoyRoute, seen *authz.Request) (out []end, rest *way) {
	f := r.Faults
	if f == nil || f.AbortPercent <= 0 || f.Asked {
		return nil, w
	}
	for i := range f.Headers {
		if loadedHeader(&f.Headers[i], seen).no {
			return nil, w
		}
	}
	return abort(w, h, f.AbortPercent, cmp.Or(f.AbortStatus, 200), r.Owner)
}

// abort splits off the calls that are aborted on purpose.
func abort(w *way, h Hop, share float64, status int, by mesh.Ref) (out []end, rest *way) {
	faulted := w
	if share < 100 {
		faulted, rest = w.fork(percent(share)+" that are aborted on purpose", share), w.fork("the rest", 100-share)
	}
	h.DecidedBy, h.Explain = by, ""
	out = faulted.fail(h, codeFaultInjected, answered(status, "the waypoint: a fault injected on purpose"), "%s aborts %s of the calls on purpose", by, percent(share))
	return out, rest
}

// toClusters sends a call to one of several clusters by weight.
func (q *question) toClusters(w *way, h Hop, p *plan, pod waypointPod, l *loaded, clusters []mesh.EnvoyWeightedCluster, missing int) []end {
	w.through(h)
	w.leave(q, p.passages[0], pod)
	total := uint32(0)
	for _, c := range clusters {
		total += c.Weight
	}
	var out []end
	for _, c := range clusters {
		share, label := 100.0, ""
		if len(clusters) > 1 {
			label = clusterTitle(c.Name)
			share = 100 * float64(c.Weight) / float64(max(total, 1))
		}
		if share > 0 {
			out = append(out, q.toCluster(w.fork(label, share), p, l, c.Name, missing)...)
		}
	}
	return out
}

// clusterTitle names a cluster in a few words: its subset, else its host.
func clusterTitle(name string) string {
	n := mesh.ParseEnvoyName(name)
	return cmp.Or(n.Subset, n.Host, name)
}

// toCluster sends a call to an endpoint of a cluster.
func (q *question) toCluster(w *way, p *plan, l *loaded, name string, missing int) []end {
	h := Hop{Kind: HopBackend, Name: clusterTitle(name), Ref: p.target.ref, Transport: HBONE, Basis: Seen}
	c := l.cluster(name)
	if c == nil {
		h.Evidence = []Evidence{{Source: l.source(), Object: l.dump.Pod, Field: "clusters", Text: "no cluster " + name}}
		o := reset
		if w.http {
			o = answered(cmp.Or(missing, 503), "the waypoint")
		}
		return w.fail(h, q.missingCode(p, name), o, "%s sends the call to %s, of which it knows nothing", l.dump.Pod.Name, clusterTitle(name))
	}
	list, ejected := l.usable(c)
	if len(list) == 0 {
		h.Evidence = []Evidence{{Source: l.source(), Object: l.dump.Pod, Field: "clusters[" + name + "]", Text: "no healthy endpoint"}}
		why := "has no healthy endpoint"
		if ejected > 0 {
			why = fmt.Sprintf("has no endpoint left: outlier detection took %s out", count(ejected, "endpoint"))
		}
		return w.fail(h, q.emptyCode(p, name, ejected), w.cut(), "%s in %s %s", clusterTitle(name), l.dump.Pod.Name, why)
	}
	var ends []*backend
	for _, e := range list {
		ends = append(ends, q.loadedBackend(p, e))
	}
	return split(w, ends, func(b *backend) backendKey { return b.key() }, func(b *backend) string { return b.name() }, func(w *way, b *backend) []end { return q.reach(w, b) })
}

// missingCode is the finding about a route to something that is not there.
func (q *question) missingCode(p *plan, cluster string) string {
	n := mesh.ParseEnvoyName(cluster)
	if v := p.declaredVersion(n); v != nil && v.broken != "" {
		return v.code
	}
	return codeNoCluster
}

// emptyCode is the finding about a destination without endpoints.
func (q *question) emptyCode(p *plan, cluster string, ejected int) string {
	v := p.declaredVersion(mesh.ParseEnvoyName(cluster))
	switch {
	case ejected > 0:
		return codeEjecting
	case v != nil && v.broken != "":
		return v.code
	}
	return codeNoHealthy
}

// codeEjecting explains endpoints that outlier detection took out.
const codeEjecting = "OUTLIER_EJECTING"

// declaredVersion is what the API makes of a cluster's name; nil where the
// name says nothing.
func (p *plan) declaredVersion(n mesh.EnvoyName) *version {
	if n.Host == "" || len(p.passages) == 0 {
		return nil
	}
	return p.versionOf(Rule{Route: &mesh.Route{}}, mesh.Backend{Host: n.Host, Subset: n.Subset, Port: n.Port})
}

// loadedBackend is an endpoint as the waypoint has it. What stands there comes
// from the API.
func (q *question) loadedBackend(p *plan, e *mesh.EnvoyEndpoint) *backend {
	host, number, err := net.SplitHostPort(e.Address)
	if err != nil {
		host = e.Address
	}
	port, _ := strconv.ParseUint(number, 10, 16)
	b := &backend{address: host, port: uint16(port), ready: true, workload: q.snap.WorkloadByIP(host)}
	b.owner = mesh.Ref{Kind: "Service", Namespace: p.target.ref.Namespace, Name: p.target.ref.Name}
	if ns, name, ok := strings.Cut(e.Workload, "/"); ok && q.snap.Readable(mesh.ResourcePods, ns) {
		b.owner = mesh.Ref{Kind: "Pod", Namespace: ns, Name: name}
		b.stale = b.workload == nil && q.snap.Workload(ns, name) == nil
	}
	p.enter(b)
	b.sent = Plaintext
	if e.Tunnel != "" {
		b.sent = HBONE
	}
	return b
}

// otherRoute says where the waypoint's route leads elsewhere than the API
// would have it; empty where they agree or that is not known.
func (q *question) otherRoute(p *plan, r *mesh.EnvoyRoute, l *loaded) string {
	declared, open := p.ruleFor(q.request, q.request.asSeen(q.to.host))
	if open != "" {
		return ""
	}
	want := []string{"100 %  " + p.target.host}
	if len(p.routing.Rules) > 0 {
		if declared == nil || declared.Spec.Redirect != nil || declared.Spec.DirectResponse != 0 || r.DirectResponse+r.RedirectStatus != 0 {
			return ""
		}
		want = p.shares(declared)
	}
	if have := loadedShares(r); !slices.Equal(want, have) {
		return fmt.Sprintf("By the API the call goes to %s; %s sends it to %s.", words(want), l.dump.Pod.Name, words(have))
	}
	return ""
}

// shares are the destinations of a rule with their parts, in words and order.
func (p *plan) shares(r *Rule) []string {
	total := int32(0)
	for _, b := range r.Spec.Backends {
		total += b.Weight
	}
	var out []string
	for _, b := range r.Spec.Backends {
		t, host := p.backendTarget(*r, b)
		if t != nil {
			host = t.host
		}
		if share := declared(b.Weight, total, len(r.Spec.Backends)); share > 0 {
			out = append(out, strings.Join([]string{percent(share), b.Subset, host}, " "))
		}
	}
	slices.Sort(out)
	return out
}

func loadedShares(r *mesh.EnvoyRoute) []string {
	total := uint32(0)
	for _, c := range r.Clusters {
		total += c.Weight
	}
	var out []string
	for _, c := range r.Clusters {
		share := 100.0
		if len(r.Clusters) > 1 {
			share = 100 * float64(c.Weight) / float64(max(total, 1))
		}
		n := mesh.ParseEnvoyName(c.Name)
		if share > 0 {
			out = append(out, strings.Join([]string{percent(share), n.Subset, cmp.Or(n.Host, c.Name)}, " "))
		}
	}
	slices.Sort(out)
	return out
}

// routeText says where a route leads.
func routeText(r *mesh.EnvoyRoute) string {
	if r.DirectResponse != 0 {
		return fmt.Sprintf("%s: HTTP %d", r.Match, r.DirectResponse)
	}
	var to []string
	for _, c := range r.Clusters {
		to = append(to, c.Name)
	}
	return r.Match + ": " + someWords(to) + r.Redirect
}

// loadedExtras says what a route does besides.
func loadedExtras(r *mesh.EnvoyRoute) string {
	var out []string
	if r.Timeout != nil && *r.Timeout > 0 {
		out = append(out, fmt.Sprintf("a timeout of %s", r.Timeout))
	}
	if r.Retries > 0 {
		out = append(out, "up to "+count(int(r.Retries), "retry"))
	}
	if r.Fault != "" {
		out = append(out, "a fault on purpose ("+r.Fault+")")
	}
	if r.Rewrite != "" {
		out = append(out, "a rewrite to "+r.Rewrite)
	}
	for _, m := range r.Mirrors {
		out = append(out, fmt.Sprintf("a copy of %s to %s", cmp.Or(m.Share, "all"), clusterTitle(m.Cluster)))
	}
	if len(out) == 0 {
		return ""
	}
	return ", with " + words(out)
}
