package path

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// LoadedCall is what a waypoint's Envoy does with a call by what it has loaded,
// whatever the API declares: its token filter, its rules, its routes, its
// clusters and their endpoints, in Envoy's own order (istio.md C.4, C.5, E).
type LoadedCall struct {
	// Chain is the filter chain that takes the call: nil where Envoy has none for
	// this host and port, and so resets it.
	Chain *mesh.EnvoyChain
	// Decision is what the chain's policies say of it.
	Decision authz.Decision
	// Ways are what becomes of calls that are not refused; their shares are 100
	// together. None of a call that is.
	Ways []LoadedWay
}

// LoadedWay is what becomes of a part of the calls.
type LoadedWay struct {
	// Share is the part in percent.
	Share float64
	// Route took it; nil where none did and on a chain that is not HTTP.
	Route *mesh.EnvoyRoute
	// Status is an answer of the waypoint's own, with the hop code that explains
	// it; 0 where it sends the call on. A waypoint that does not understand what
	// it carries cuts the connection with status 0 and a code.
	Status int
	Code   string
	// Delay is a fault's, before anything else.
	Delay time.Duration
	// Cluster is where it sends the call, Endpoints who of it can get it: none
	// where Envoy looks for the address itself.
	Cluster   string
	Endpoints []*mesh.EnvoyEndpoint
	// Unknown says what would have to be known; empty where all is.
	Unknown string
	// Explain is a sentence without its full stop.
	Explain string
}

// AtLoadedWaypoint decides about a call to a port of a service from a waypoint's
// dump alone. The host is the service's, as istiod writes it in names of chains;
// a call without a request is not HTTP.
func AtLoadedWaypoint(d *mesh.EnvoyDump, host string, port uint16, c authz.Call) LoadedCall {
	isFor := func(chain *mesh.EnvoyChain) bool { return chain.Port == port && strings.EqualFold(chain.Host, host) }
	chain := loadedChain(d, isFor, c.Request != nil)
	if chain == nil {
		return LoadedCall{}
	}
	if !chain.HTTP {
		c.Request = nil
	}
	out := LoadedCall{Chain: chain, Decision: authz.FromEnvoy(d, chain).Decide(c)}
	if out.Decision.Verdict != authz.Deny {
		out.Ways = loadedWays(d, chain, c.Request)
	}
	return out
}

// loadedWays are what becomes of calls that the policies of a chain let pass.
func loadedWays(d *mesh.EnvoyDump, chain *mesh.EnvoyChain, request *authz.Request) []LoadedWay {
	r := loadedRouting{dump: d, chain: chain, request: request}
	if !chain.HTTP {
		return r.connection()
	}
	return r.routed()
}

// loadedChain finds a chain among the versions of main_internal that are in
// force. For a port whose protocol Envoy finds out there are two.
func loadedChain(d *mesh.EnvoyDump, isFor func(*mesh.EnvoyChain) bool, http bool) *mesh.EnvoyChain {
	var other *mesh.EnvoyChain
	for i := range d.Listeners {
		l := &d.Listeners[i]
		if l.Name != mainInternal || (l.State != mesh.EnvoyActive && l.State != mesh.EnvoyStatic) {
			continue
		}
		for j := range l.Chains {
			c := &l.Chains[j]
			switch {
			case !isFor(c):
			case c.HTTP == http:
				return c
			default:
				other = c
			}
		}
	}
	return other
}

// mainInternal is the listener that decides about calls (istio.md E).
const mainInternal = "main_internal"

// loadedRouting is the part of a call behind the policies.
type loadedRouting struct {
	dump    *mesh.EnvoyDump
	chain   *mesh.EnvoyChain
	request *authz.Request
}

// connection is a chain that does not understand what it carries.
func (r *loadedRouting) connection() []LoadedWay {
	list := r.chain.Weighted
	if r.chain.Cluster != "" {
		list = []mesh.EnvoyWeightedCluster{{Name: r.chain.Cluster}}
	}
	return r.spread(list, LoadedWay{Share: 100}, 0)
}

// routed follows the first route that takes the request. A route that takes a
// part of the requests leaves the rest to those behind it.
func (r *loadedRouting) routed() []LoadedWay {
	path := r.path()
	if path == "" {
		return []LoadedWay{{Share: 100, Unknown: "the path", Explain: "which route takes it depends on the path"}}
	}
	var out []LoadedWay
	left := 100.0
	for _, route := range r.routes() {
		f := r.takes(&route.Conditions, path)
		switch {
		case f.no:
			continue
		case f.open != "":
			return append(out, LoadedWay{Share: left, Route: route, Unknown: f.open, Explain: "which route takes it depends on " + f.open})
		}
		share := left
		if route.Conditions.Share != nil {
			share = left * min(max(*route.Conditions.Share, 0), 100) / 100
		}
		if share > 0 {
			out = append(out, r.follow(route, share)...)
		}
		if left -= share; left <= 0 {
			return out
		}
	}
	return append(out, LoadedWay{Share: left, Status: 404, Code: mesh.CodeRouteNotFound, Explain: "no route of the waypoint takes it"})
}

// path is the request's as routes compare it; empty where it is not known.
func (r *loadedRouting) path() string {
	if r.request.Path == "" || (r.chain.EscapedSlashes != "KEEP_UNCHANGED" && r.chain.EscapedSlashes != "" && escapedSlash(r.request.Path)) {
		return ""
	}
	return authz.PathRules{Normalize: r.chain.NormalizePath, MergeSlashes: r.chain.MergeSlashes}.Tidy(r.request.Path)
}

func escapedSlash(path string) bool {
	lower := strings.ToLower(path)
	return strings.Contains(lower, "%2f") || strings.Contains(lower, "%5c")
}

// follow does what a route says: its faults, an answer of its own, or where it
// goes.
func (r *loadedRouting) follow(route *mesh.EnvoyRoute, share float64) []LoadedWay {
	var out []LoadedWay
	base := LoadedWay{Share: share, Route: route}
	aborted, rest, open := r.faults(route, base)
	if open != "" {
		return []LoadedWay{{Share: share, Route: route, Unknown: open, Explain: "whether a fault is injected depends on " + open}}
	}
	out = append(out, aborted...)
	for _, w := range rest {
		switch {
		case route.Redirect != "":
			w.Status, w.Explain = route.RedirectStatus, "the route redirects it: "+route.Redirect
			out = append(out, w)
		case route.DirectResponse > 0:
			w.Status, w.Explain = route.DirectResponse, "the route answers it itself"
			out = append(out, w)
		case route.ClusterHeader != "":
			w.Unknown, w.Explain = "where header "+route.ClusterHeader+" sends it", "a header of the request names where it goes"
			out = append(out, w)
		default:
			out = append(out, r.spread(route.Clusters, w, cmp.Or(route.NoClusterStatus, 503))...)
		}
	}
	return out
}

// spread sends a way to clusters by weight. missing is the answer where one is
// not there, 0 to cut the connection.
func (r *loadedRouting) spread(list []mesh.EnvoyWeightedCluster, w LoadedWay, missing int) []LoadedWay {
	total := 0.0
	for _, c := range list {
		total += float64(c.Weight)
	}
	if len(list) == 0 {
		w.Unknown, w.Explain = "where the waypoint sends it", "the waypoint's dump has no destination for it"
		return []LoadedWay{w}
	}
	var out []LoadedWay
	for _, c := range list {
		to := w
		to.Cluster = c.Name
		if len(list) > 1 {
			if total == 0 || c.Weight == 0 {
				continue
			}
			to.Share = w.Share * float64(c.Weight) / total
		}
		out = append(out, r.toCluster(to, missing))
	}
	return out
}

func (r *loadedRouting) toCluster(w LoadedWay, missing int) LoadedWay {
	c := r.cluster(w.Cluster)
	if c == nil {
		w.Status, w.Code = missing, mesh.CodeClusterNotFound
		w.Explain = fmt.Sprintf("the waypoint has no cluster %s", w.Cluster)
		return w
	}
	if !c.Balanced() {
		w.Explain = fmt.Sprintf("the waypoint sends it to %s, which finds the address itself", w.Cluster)
		return w
	}
	w.Endpoints = r.dump.Taking(c)
	switch {
	case len(w.Endpoints) == 0 && c.Type != "EDS" && c.Type != "STATIC":
		w.Unknown, w.Explain = "what DNS answered", fmt.Sprintf("the addresses of cluster %s come from DNS and are not in the waypoint's dump", w.Cluster)
		return w
	case len(w.Endpoints) == 0:
		w.Status, w.Code = missing, mesh.CodeNoHealthyEndpoint
		if missing != 0 {
			w.Status = 503
		}
		w.Explain = fmt.Sprintf("cluster %s of the waypoint has no healthy endpoint", w.Cluster)
		return w
	}
	w.Explain = fmt.Sprintf("the waypoint sends it to cluster %s", w.Cluster)
	return w
}

// cluster finds one that is in force: one that only warms cannot be sent to.
func (r *loadedRouting) cluster(name string) *mesh.EnvoyCluster {
	for i := range r.dump.Clusters {
		if c := &r.dump.Clusters[i]; c.Name == name && (c.State == mesh.EnvoyActive || c.State == mesh.EnvoyStatic) {
			return c
		}
	}
	return nil
}
