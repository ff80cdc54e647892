package traffic

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Reporters of flows (istio.md F).
const (
	ReporterWaypoint    = "waypoint"
	ReporterSource      = "source"
	ReporterDestination = "destination"
)

// Counts is counted traffic, put in order by what it went to. It is immutable
// and safe for concurrent use.
type Counts struct {
	snap *mesh.Snapshot
	*index
	// What takes a pass over all flows is done once, when somebody asks.
	failing func() []Failing
	errors  func() errorList
}

// New puts what proxies counted in order; nil where nothing was counted, of
// which every method says that it is unknown.
func New(s *mesh.Snapshot) *Counts { return (*Counts)(nil).For(s) }

// For is what New makes of a snapshot; where it has the traffic that c is of, the
// order is taken over. c may be nil.
func (c *Counts) For(s *mesh.Snapshot) *Counts {
	t := s.Traffic()
	if t == nil {
		return nil
	}
	out := &Counts{snap: s}
	if c != nil && c.traffic == t {
		out.index = c.index
	} else {
		out.index = newIndex(t)
	}
	out.failing, out.errors = sync.OnceValue(out.findFailing), sync.OnceValue(out.findErrors)
	return out
}

// serviceKey is "namespace/name" of a Service, and the host of anything else.
// The name label of a ServiceEntry is its host.
func serviceKey(host, namespace, name string) string {
	if name != "" && namespace != "" && name != host {
		return namespace + "/" + name
	}
	return host
}

// keysOf are the keys under which flows of a Service or ServiceEntry stand.
func (c *Counts) keysOf(service mesh.Ref) []string {
	if e, ok := c.snap.Lookup(service).(*mesh.ServiceEntry); ok {
		return e.Hosts
	}
	return []string{service.NamespacedName()}
}

func (c *Counts) requestsTo(service mesh.Ref, reporter string) []*mesh.RequestFlow {
	if c == nil {
		return nil
	}
	return flowsTo(c.keysOf(service), c.requests, func(f *mesh.RequestFlow) bool { return f.Reporter == reporter })
}

func (c *Counts) connectionsTo(service mesh.Ref, reporter string) []*mesh.ConnectionFlow {
	if c == nil {
		return nil
	}
	return flowsTo(c.keysOf(service), c.connections, func(f *mesh.ConnectionFlow) bool { return f.Reporter == reporter })
}

// flowsTo collects the flows under some keys that are of one reporter.
func flowsTo[F any](keys []string, flows map[string][]*F, reported func(*F) bool) []*F {
	var out []*F
	for _, key := range keys {
		for _, f := range flows[key] {
			if reported(f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// Traffic is what was counted; nil where nothing was.
func (c *Counts) Traffic() *mesh.Traffic {
	if c == nil {
		return nil
	}
	return c.traffic
}

// Window is how long was counted, 0 where nothing was.
func (c *Counts) Window() time.Duration {
	if c == nil {
		return 0
	}
	return c.traffic.Window
}

// Began is the moment from which on something was counted. Where the windows
// of proxies differ it is the earliest.
func (c *Counts) Began() time.Time {
	if c == nil {
		return time.Time{}
	}
	longest := c.traffic.Window
	for i := range c.traffic.Proxies {
		longest = max(longest, c.traffic.Proxies[i].Window)
	}
	return c.traffic.At.Add(-longest)
}

// PerSecond is a number of the window as a rate; 0 where the window has no
// length.
func (c *Counts) PerSecond(count float64) float64 {
	if s := c.Window().Seconds(); s > 0 {
		return count / s
	}
	return 0
}

// Proxy are the counters of one proxy, nil where they were not read.
func (c *Counts) Proxy(pod mesh.Ref) *mesh.ProxyTraffic {
	if c == nil {
		return nil
	}
	return c.traffic.Proxy(pod)
}

// Counted tells that a proxy's counters are in the numbers: that it did not
// report something means that it did not happen.
func (c *Counts) Counted(pod mesh.Ref) bool {
	if c == nil || c.traffic.Dropped > 0 {
		return false
	}
	_, gap := c.gaps[pod]
	return !gap && c.traffic.Proxy(pod) != nil
}

// CountedNode tells the same of the ztunnels of a node.
func (c *Counts) CountedNode(node string) bool {
	if c == nil {
		return false
	}
	list := c.snap.Ztunnels(node)
	return len(list) > 0 && !slices.ContainsFunc(list, func(w *mesh.Workload) bool { return !c.Counted(w.Ref()) })
}

// Gaps are the proxies among pods that were not counted, each with the reason.
func (c *Counts) Gaps(pods []*mesh.Workload) []mesh.TrafficGap {
	var out []mesh.TrafficGap
	for _, w := range pods {
		if !w.Running() || c.Counted(w.Ref()) {
			continue
		}
		g := mesh.TrafficGap{Proxy: w.Ref(), Reason: "its counters were not read"}
		if c != nil && c.gaps[w.Ref()] != "" {
			g.Reason = c.gaps[w.Ref()]
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b mesh.TrafficGap) int { return strings.Compare(a.Proxy.String(), b.Proxy.String()) })
	return out
}

// service is the Service or ServiceEntry that labels name, zero where an
// address was called or the snapshot does not have it.
func (c *Counts) service(namespace, name, host string) mesh.Ref {
	if name == "" {
		return mesh.Ref{}
	}
	if svc := c.snap.Service(namespace, name); svc != nil {
		return svc.Ref()
	}
	for _, e := range c.snap.Shard(namespace).ServiceEntries {
		if slices.Contains(e.Hosts, host) {
			return e.Ref()
		}
	}
	return mesh.Ref{}
}
