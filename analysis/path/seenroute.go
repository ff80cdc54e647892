package path

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// byLoaded sends a call on as the waypoint's Envoy has it loaded. h is the
// waypoint, p what the API declares.
func (q *question) byLoaded(w *way, h Hop, p *plan, pod waypointPod, l *loaded) []end {
	p.findRouting()
	ways := withoutDelays(loadedWays(l.dump, l.chain, q.seen()))
	var out []end
	for _, x := range ways {
		f := w
		if len(ways) > 1 {
			f = w.fork(x.title(), x.Share)
		}
		out = append(out, q.onLoadedWay(f, h, p, pod, l, x)...)
	}
	return out
}

// withoutDelays joins ways that differ in a delay alone: the call ends the same
// way, only later.
func withoutDelays(ways []LoadedWay) []LoadedWay {
	var out []LoadedWay
	for _, w := range ways {
		i := slices.IndexFunc(out, func(have LoadedWay) bool {
			return have.Route == w.Route && have.Status == w.Status && have.Code == w.Code && have.Cluster == w.Cluster && have.Unknown == w.Unknown
		})
		if i < 0 {
			w.Delay = 0
			out = append(out, w)
			continue
		}
		out[i].Share += w.Share
	}
	return out
}

// title tells a way from the others of a call.
func (w *LoadedWay) title() string {
	switch {
	case w.Code == mesh.CodeFaultInjected:
		return percent(w.Route.Faults.AbortPercent) + " that are aborted on purpose"
	case w.Cluster != "":
		return clusterTitle(w.Cluster)
	case w.Route != nil:
		return w.Route.Match
	}
	return "the rest"
}

// onLoadedWay follows one way to its end.
func (q *question) onLoadedWay(w *way, h Hop, p *plan, pod waypointPod, l *loaded, x LoadedWay) []end {
	h.Evidence = slices.Clip(h.Evidence)
	if l.chain.HTTP {
		q.takenBy(&h, p, l, x.Route)
	}
	by := p.passages[0].ref.NamespacedName()
	switch {
	case x.Cluster == "" && x.Unknown != "":
		return w.unknown(h, "%s, by what %s has loaded", x.Explain, l.dump.Pod.Name)
	case x.Route == nil && l.chain.HTTP:
		h.Explain, h.Basis = "", Seen
		return w.fail(h, mesh.CodeRouteNotFound, answered(x.Status, "the waypoint"), "waypoint %s has routes for %s, and none of them takes %s %s", by, q.to.place(), q.request.Method, q.request.Path)
	case x.Code == mesh.CodeFaultInjected:
		h.DecidedBy, h.Explain = x.Route.Owner, ""
		return w.fail(h, mesh.CodeFaultInjected, answered(x.Status, "the waypoint: a fault injected on purpose"), "%s aborts %s of the calls on purpose", x.Route.Owner, percent(x.Route.Faults.AbortPercent))
	case x.Cluster == "":
		h.DecidedBy = x.Route.Owner
		return w.fail(h, "", answered(x.Status, "the waypoint itself"), "%s answers with HTTP %d itself, so the application is never asked", by, x.Status)
	}
	w.through(h)
	w.leave(q, p.passages[0], pod)
	return q.toCluster(w, p, l, x)
}

// takenBy notes which route took the call; nil where none did.
func (q *question) takenBy(h *Hop, p *plan, l *loaded, r *mesh.EnvoyRoute) {
	text := "no route matches"
	if r != nil {
		text = routeText(r)
		if !r.Owner.IsZero() {
			h.Explain += " " + sentence(fmt.Sprintf("a rule of %s takes it%s", r.Owner, loadedExtras(r)))
		}
		h.Contradiction = cmp.Or(h.Contradiction, q.otherRoute(p, r, l))
	}
	h.show(Evidence{Source: l.source(), Object: l.dump.Pod, Field: "routes[" + l.chain.RouteConfig + "]", Text: text})
}

// abort splits off the calls that are aborted on purpose.
func abort(w *way, h Hop, share float64, status int, by mesh.Ref) (out []end, rest *way) {
	faulted := w
	if share < 100 {
		faulted, rest = w.fork(percent(share)+" that are aborted on purpose", share), w.fork("the rest", 100-share)
	}
	h.DecidedBy, h.Explain = by, ""
	out = faulted.fail(h, mesh.CodeFaultInjected, answered(status, "the waypoint: a fault injected on purpose"), "%s aborts %s of the calls on purpose", by, percent(share))
	return out, rest
}

// clusterTitle names a cluster in a few words: its subset, else its host.
func clusterTitle(name string) string {
	n := mesh.ParseEnvoyName(name)
	return cmp.Or(n.Subset, n.Host, name)
}

// toCluster sends a call to an endpoint of a cluster.
func (q *question) toCluster(w *way, p *plan, l *loaded, x LoadedWay) []end {
	h := Hop{Kind: HopBackend, Name: clusterTitle(x.Cluster), Ref: p.target.ref, Transport: HBONE, Basis: Seen}
	switch {
	case x.Code == mesh.CodeClusterNotFound:
		h.Evidence = []Evidence{{Source: l.source(), Object: l.dump.Pod, Field: "clusters", Text: "no cluster " + x.Cluster}}
		o := reset
		if w.http {
			o = answered(x.Status, "the waypoint")
		}
		return w.fail(h, q.missingCode(p, x.Cluster), o, "%s sends the call to %s, of which it knows nothing", l.dump.Pod.Name, clusterTitle(x.Cluster))
	case x.Code == mesh.CodeNoHealthyEndpoint:
		h.Evidence = []Evidence{{Source: l.source(), Object: l.dump.Pod, Field: "clusters[" + x.Cluster + "]", Text: "no healthy endpoint"}}
		why, ejected := "has no healthy endpoint", l.ejected(x.Cluster)
		if ejected > 0 {
			why = fmt.Sprintf("has no endpoint left: outlier detection took %s out", count(ejected, "endpoint"))
		}
		return w.fail(h, q.emptyCode(p, x.Cluster, ejected), w.cut(), "%s in %s %s", clusterTitle(x.Cluster), l.dump.Pod.Name, why)
	case len(x.Endpoints) == 0:
		return w.unknown(h, "%s", x.Explain)
	}
	var ends []*backend
	for _, e := range x.Endpoints {
		ends = append(ends, q.loadedBackend(p, e))
	}
	return split(w, ends, q.reach)
}

// ejected counts the endpoints of a cluster that outlier detection took out.
func (l *loaded) ejected(cluster string) int {
	n := 0
	for i := range l.dump.Endpoints {
		if e := &l.dump.Endpoints[i]; e.Cluster == cluster && e.Ejected() {
			n++
		}
	}
	return n
}

// missingCode is the finding about a route to something that is not there.
func (q *question) missingCode(p *plan, cluster string) string {
	n := mesh.ParseEnvoyName(cluster)
	if v := p.declaredVersion(n); v != nil && v.broken != "" {
		return v.code
	}
	return mesh.CodeClusterNotFound
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
	return mesh.CodeNoHealthyEndpoint
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
	declared, open := p.ruleFor(q.request, q.seen())
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
