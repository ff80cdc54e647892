package traffic

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// maxFlows bounds the flows of each kind: a mesh of 4,000 services with a dozen
// callers each has about 50,000.
const maxFlows = 100_000

// Sum adds what counters grew by to flows. The zero value is not usable; call
// NewSum.
type Sum struct {
	requests    map[mesh.RequestFlow]*mesh.RequestFlow
	connections map[mesh.ConnectionFlow]*mesh.ConnectionFlow
	durations   map[mesh.RequestFlow]map[float64]float64 // up to a bound, cumulative
	// failures tells of a flow whether a proxy that counts failures saw it.
	failures map[mesh.ConnectionFlow]bool
	dropped  int
}

// NewSum makes a sum of nothing.
func NewSum() *Sum {
	return &Sum{
		requests:    make(map[mesh.RequestFlow]*mesh.RequestFlow),
		connections: make(map[mesh.ConnectionFlow]*mesh.ConnectionFlow),
		durations:   make(map[mesh.RequestFlow]map[float64]float64),
		failures:    make(map[mesh.ConnectionFlow]bool),
	}
}

// Of is from whom a number comes.
type Of struct {
	// Window is how long it was counted, in seconds.
	Window float64
	// CountsFailures tells that the proxy counts failed connections, so that
	// there were none where it has no series of them.
	CountsFailures bool
}

// Add adds what one counter grew by. Names that no flow is made of do nothing,
// and neither do numbers that are none: that is how Prometheus writes the rate
// of nothing.
func (s *Sum) Add(name string, l mesh.Labels, by float64, of Of) {
	if math.IsNaN(by) || math.IsInf(by, 0) || by <= 0 {
		return
	}
	switch name {
	case Requests:
		s.addRequests(requests(l), by, of)
	case LatencyBucket:
		s.addDuration(destined(l), l.Get(boundary), by)
	case Opened, Closed, Failed, BytesSent, BytesReceived:
		s.addConnections(name, connections(l), by, of)
	}
}

func (s *Sum) addRequests(key mesh.RequestFlow, by float64, of Of) {
	f, ok := s.requests[key]
	if !ok {
		if len(s.requests) >= maxFlows {
			s.dropped++
			return
		}
		fresh := key
		f = &fresh
		s.requests[key] = f
	}
	f.Count += by
	if of.Window > 0 {
		f.Rate += by / of.Window
	}
}

func (s *Sum) addDuration(key mesh.RequestFlow, bound string, by float64) {
	le, err := strconv.ParseFloat(bound, 64)
	if err != nil || math.IsNaN(le) {
		s.dropped++
		return
	}
	up, ok := s.durations[key]
	if !ok {
		if len(s.durations) >= maxFlows {
			s.dropped++
			return
		}
		up = make(map[float64]float64)
		s.durations[key] = up
	}
	up[le] += by
}

func (s *Sum) addConnections(name string, key mesh.ConnectionFlow, by float64, of Of) {
	f, ok := s.connections[key]
	if !ok {
		if len(s.connections) >= maxFlows {
			s.dropped++
			return
		}
		fresh := key
		f = &fresh
		s.connections[key] = f
	}
	s.failures[key] = s.failures[key] || of.CountsFailures || name == Failed
	switch name {
	case Opened:
		f.Opened += by
	case Closed:
		f.Closed += by
	case Failed:
		f.Failed += by
	case BytesSent:
		f.BytesSent += by
	case BytesReceived:
		f.BytesReceived += by
	}
}

// Into writes the flows into t, in an order that depends on nothing but them.
// Where some were dropped, nothing may be concluded from the silence of any of
// the proxies that t has already.
func (s *Sum) Into(t *mesh.Traffic) {
	for _, f := range s.requests {
		t.Requests = append(t.Requests, *f)
	}
	for key, up := range s.durations {
		key.Latency = histogram(up)
		t.Requests = append(t.Requests, key)
	}
	for key, f := range s.connections {
		if !s.failures[key] {
			f.Failed = -1
		}
		t.Connections = append(t.Connections, *f)
	}
	slices.SortFunc(t.Requests, compareRequests)
	slices.SortFunc(t.Connections, compareConnections)
	t.Dropped += s.dropped
	if s.dropped > 0 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("There are %d flows more than are kept.", s.dropped))
	}
	if t.Dropped > 0 {
		reason := fmt.Sprintf("There are %d series more than are kept, and what is missing may be among them.", t.Dropped)
		for i := range t.Proxies {
			t.Unread = append(t.Unread, mesh.TrafficGap{Proxy: t.Proxies[i].Pod, Reason: reason})
		}
	}
}

// histogram turns cumulative counts by bound into counts between bounds. A
// bound without a count had none below it.
func histogram(up map[float64]float64) *mesh.Histogram {
	h := &mesh.Histogram{}
	below := 0.0
	for _, le := range slices.Sorted(maps.Keys(up)) {
		total := max(up[le], below) // extrapolation may bend it a little
		if !math.IsInf(le, 1) {
			h.Bounds = append(h.Bounds, le)
		}
		h.Counts = append(h.Counts, total-below)
		below = total
	}
	if len(h.Counts) == len(h.Bounds) { // the proxy said nothing of all above
		h.Counts = append(h.Counts, 0)
	}
	return h
}

func compareRequests(a, b mesh.RequestFlow) int {
	return cmp.Or(
		strings.Compare(a.Host, b.Host), strings.Compare(a.ServiceNamespace, b.ServiceNamespace), strings.Compare(a.ServiceName, b.ServiceName),
		strings.Compare(a.Reporter, b.Reporter), comparePeers(a.Source, b.Source), comparePeers(a.Destination, b.Destination),
		strings.Compare(a.Code, b.Code), strings.Compare(a.GRPCStatus, b.GRPCStatus), strings.Compare(a.Flags, b.Flags),
		strings.Compare(a.Protocol, b.Protocol), strings.Compare(a.Security, b.Security), cmp.Compare(a.Count, b.Count))
}

func compareConnections(a, b mesh.ConnectionFlow) int {
	return cmp.Or(
		strings.Compare(a.Host, b.Host), strings.Compare(a.ServiceNamespace, b.ServiceNamespace), strings.Compare(a.ServiceName, b.ServiceName),
		strings.Compare(a.Reporter, b.Reporter), comparePeers(a.Source, b.Source), comparePeers(a.Destination, b.Destination),
		strings.Compare(a.Flags, b.Flags), strings.Compare(a.Security, b.Security))
}

func comparePeers(a, b mesh.TrafficPeer) int {
	return cmp.Or(
		strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Workload, b.Workload),
		strings.Compare(a.Version, b.Version), strings.Compare(a.Principal, b.Principal))
}
