package traffic

import (
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Proxy is a proxy whose counters are read.
type Proxy struct {
	Pod mesh.Ref
	// Node is that of a ztunnel, and empty for a waypoint.
	Node string
}

// Ztunnel tells whether the proxy is one; else it is a waypoint's Envoy.
func (p Proxy) Ztunnel() bool { return p.Node != "" }

// Proxies lists whose counters there are to read, by pod: the ztunnel of each
// node, the Ready one where there are several, and the running pods of
// waypoints.
func Proxies(snap *mesh.Snapshot) []Proxy {
	var out []Proxy
	nodes := make(map[string]bool)
	for _, sh := range snap.Shards {
		for _, w := range sh.Workloads {
			switch {
			case w.Kind != "Pod":
			case w.IsWaypoint() && w.Running():
				out = append(out, Proxy{Pod: w.Ref()})
			case w.Labels["app"] == "ztunnel" && w.Running() && w.Node != "" && !nodes[w.Node]:
				nodes[w.Node] = true
				pod := w
				if ready := mesh.ReadyPod(snap.Ztunnels(w.Node)); ready != nil {
					pod = ready
				}
				out = append(out, Proxy{Pod: pod.Ref(), Node: w.Node})
			}
		}
	}
	slices.SortFunc(out, func(a, b Proxy) int { return a.Pod.Compare(b.Pod) })
	return out
}

// Silent is a proxy that is read and has counted nothing. What only proxies of
// the other kind, newer ones or the kubelet tell is negative.
func Silent(p Proxy) mesh.ProxyTraffic {
	t := mesh.ProxyTraffic{Pod: p.Pod, Node: p.Node, SocketsOpen: -1, Connections: -1, DNSFailures: -1, CPU: -1, Memory: -1, Requests: -1}
	if p.Ztunnel() {
		t.DNSFailures, t.XDSTerminations = 0, make(map[string]float64)
	} else {
		t.Requests = 0
	}
	return t
}

// of is what the meter saw of a proxy within its window.
func (m *Meter) of(p Proxy) mesh.ProxyTraffic {
	t := Silent(p)
	t.Scrapes, t.Window = m.scrapes, m.Window()
	t.SocketsOpen, t.Connections = m.gauges.sockets, m.gauges.connections
	for _, s := range m.steps {
		t.Restarted = t.Restarted || s.restarted
		for _, g := range s.grown {
			addToProxy(&t, g.name, g.labels, g.by)
		}
	}
	return t
}

// addToProxy adds what one counter of a proxy grew by.
func addToProxy(t *mesh.ProxyTraffic, name string, l mesh.Labels, by float64) {
	switch name {
	case Opened:
		t.Opened += by
	case Closed:
		if flags(l) != noFlags {
			t.Failed += by
		}
	case DNSFailures:
		t.DNSFailures = max(t.DNSFailures, 0) + by
	case XDSTerminations:
		if reason := l.Get("reason"); reason != "Complete" && t.XDSTerminations != nil {
			t.XDSTerminations[reason] += by
		}
	case Requests:
		if l.Get(reporter) == byWaypoint {
			t.Requests = max(t.Requests, 0) + by
		}
	}
}

// into adds what the meter saw to the flows of all proxies.
func (m *Meter) into(sum *Sum) {
	of := Of{Window: m.Window().Seconds(), CountsFailures: m.failures}
	for _, s := range m.steps {
		for _, g := range s.grown {
			sum.Add(g.name, g.labels, g.by, of)
		}
	}
}

// Metered is a proxy with its meter. Why says as a sentence what could not be
// read.
type Metered struct {
	Proxy
	Meter *Meter
	Why   string
}

// OnceRead is why there is no rate of a proxy that was read a single time.
const OnceRead = "Its counters were read once; a rate needs two readings."

// FromScrapes is the traffic that several proxies counted, nil where no two
// readings of any of them are there.
func FromScrapes(proxies []Metered) *mesh.Traffic {
	t := &mesh.Traffic{Meta: mesh.Meta{Kind: mesh.KindTraffic}, Source: mesh.TrafficFromScrapes}
	sum := NewSum()
	for _, p := range proxies {
		if p.Meter == nil || len(p.Meter.steps) == 0 {
			t.Unread = append(t.Unread, mesh.TrafficGap{Proxy: p.Pod, Reason: p.why()})
			continue
		}
		if p.Why != "" {
			t.Warnings = append(t.Warnings, p.Pod.NamespacedName()+": "+p.Why)
		}
		p.Meter.into(sum)
		t.Proxies = append(t.Proxies, p.Meter.of(p.Proxy))
		t.At = later(t.At, p.Meter.last)
		if w := p.Meter.Window(); t.Window == 0 || w < t.Window {
			t.Window = w
		}
	}
	if len(t.Proxies) == 0 {
		return nil
	}
	slices.SortFunc(t.Proxies, func(a, b mesh.ProxyTraffic) int { return a.Pod.Compare(b.Pod) })
	sum.Into(t)
	return t
}

func (p Metered) why() string {
	if p.Why == "" {
		return OnceRead
	}
	return p.Why
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
