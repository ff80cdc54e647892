package traffic

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Charts of a service, by name. The waypoint counts requests, ztunnels
// connections (istio.md F).
const (
	ChartRequests    = "requests"    // a second, by version
	ChartErrors      = "errors"      // requests a second that failed
	ChartLatency     = "latency"     // milliseconds, by quantile
	ChartConnections = "connections" // opened a second, before the pods
	ChartFailures    = "failures"    // connections a second, by reporter and flag
	ChartBytes       = "bytes"       // a second, received by the pods
)

// HistoryOf names what to ask of a Service or ServiceEntry: its hosts, as
// destination_service has them, and the charts it has.
func HistoryOf(s *mesh.Snapshot, o mesh.Object) (hosts, charts []string) {
	switch o := o.(type) {
	case *mesh.Service:
		return []string{strings.ToLower(o.Hostname(mesh.DefaultClusterDomain))}, ChartsOf(s.ServiceBinding(o), o.Ports)
	case *mesh.ServiceEntry:
		for _, h := range o.Hosts {
			hosts = append(hosts, strings.ToLower(h))
		}
		return hosts, ChartsOf(s.ServiceEntryBinding(o), o.Ports)
	}
	return nil, nil
}

// ChartsOf names the charts that can say something of a service with a binding
// and ports: a waypoint sees the requests of ports that are HTTP or may be, and
// what passes none, or is TCP, is counted as connections only. Where one is
// asked for and does not work, or nothing is known of it, both are drawn: there
// may have been requests before.
func ChartsOf(b mesh.Binding, ports []mesh.ServicePort) []string {
	var requests, connections bool
	for _, p := range ports {
		switch p.Declared() {
		case mesh.ProtocolHTTP, mesh.ProtocolUndeclared:
			requests = true
		default:
			connections = true
		}
	}
	none := b.State == mesh.BindingNone || b.State == mesh.BindingOptedOut || b.State == mesh.BindingIgnored
	var out []string
	if requests && !none {
		out = append(out, ChartRequests, ChartErrors, ChartLatency)
	}
	if connections || !b.Bound() || len(out) == 0 {
		out = append(out, ChartConnections, ChartFailures, ChartBytes)
	}
	return out
}

// History is how the traffic of a service went over a time, in charts that have
// their moments in common: From, and every Step until To.
type History struct {
	From, To time.Time
	Step     time.Duration
	Charts   []HistoryChart
}

// HistoryChart is one of them.
type HistoryChart struct {
	Name  string
	Lines []HistoryLine
	// PromQL is the query it was asked by, URL where that can be opened; empty
	// where unknown.
	PromQL, URL string
	// Dropped counts lines that were too many, Warnings are what Prometheus said
	// beside the numbers.
	Dropped  int
	Warnings []string
	// Why says in a sentence why it could not be asked for. Where it is empty
	// and there are no lines, there was no traffic, or nobody counted it.
	Why string
}

// HistoryLine is one line: a version, a quantile, a flag. Its name is empty
// where there is only one.
type HistoryLine struct {
	Name string
	// Values has one number for each moment, NaN where there is none, which is
	// not 0.
	Values []float64
}

// Last is the newest number, with its place among the moments.
func (l HistoryLine) Last() (value float64, place int, ok bool) {
	for i, v := range slices.Backward(l.Values) {
		if !math.IsNaN(v) {
			return v, i, true
		}
	}
	return 0, 0, false
}

// Bounds are the smallest and the largest number.
func (l HistoryLine) Bounds() (low, high float64, ok bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range l.Values {
		if !math.IsNaN(v) {
			low, high, ok = min(low, v), max(high, v), true
		}
	}
	return low, high, ok
}

// Moments is how many moments there are from From to To.
func (h *History) Moments() int {
	if h.Step <= 0 || h.To.Before(h.From) {
		return 0
	}
	return int(h.To.Sub(h.From)/h.Step) + 1
}

// At is a moment by its place.
func (h *History) At(place int) time.Time { return h.From.Add(time.Duration(place) * h.Step) }

// NewLine makes a line without a number in it, to be filled by Put.
func (h *History) NewLine(name string) HistoryLine {
	l := HistoryLine{Name: name, Values: make([]float64, h.Moments())}
	for i := range l.Values {
		l.Values[i] = math.NaN()
	}
	return l
}

// Put writes a number of a line at the moment that is next to at; one from
// outside the time shown is left out.
func (h *History) Put(l *HistoryLine, at time.Time, value float64) {
	if h.Step <= 0 {
		return
	}
	if place := int(math.Round(float64(at.Sub(h.From)) / float64(h.Step))); place >= 0 && place < len(l.Values) {
		l.Values[place] = value
	}
}
