package traffic

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/waylight/waylight/mesh"
)

// Failed tells a request that went wrong on the server's side: 5xx, no response
// at all, or a gRPC status that says the same.
func Failed(f *mesh.RequestFlow) bool {
	code, err := strconv.Atoi(f.Code)
	return err == nil && (code >= 500 || code == 0) || failedGRPC[f.GRPCStatus]
}

// failedGRPC are the statuses that are a server's fault: unknown, deadline
// exceeded, unimplemented, internal, unavailable, data loss.
var failedGRPC = map[string]bool{"2": true, "4": true, "12": true, "13": true, "14": true, "15": true}

// Requests is what was counted of requests that have something in common.
// With a Count of 0 there was no traffic, and there is no share of errors.
type Requests struct {
	Name string
	// Count is how many in the window, PerSecond the same as a rate.
	Count, PerSecond float64
	// Errors is how many of them failed.
	Errors float64
	// Codes counts by HTTP status and flags, most first.
	Codes []CodeCount
	// P50, P90 and P99 are nil where the latency is not known.
	P50, P90, P99 *Latency
}

// ErrorShare is the part that failed, in percent; not known without traffic.
func (r *Requests) ErrorShare() (float64, bool) {
	if r.Count <= 0 {
		return 0, false
	}
	return 100 * r.Errors / r.Count, true
}

// CodeCount counts responses of one kind.
type CodeCount struct {
	Code, GRPCStatus, Flags string
	Count                   float64
}

// sum adds up flows of one reporter.
func sum(name string, flows []*mesh.RequestFlow) Requests {
	r := Requests{Name: name}
	codes := make(map[CodeCount]float64)
	var latency *mesh.Histogram
	known := true
	for _, f := range flows {
		if f.Latency != nil {
			var ok bool
			latency, ok = addHistogram(latency, f.Latency)
			known = known && ok
		}
		if f.Count == 0 {
			continue
		}
		r.Count += f.Count
		r.PerSecond += f.Rate
		if Failed(f) {
			r.Errors += f.Count
		}
		codes[CodeCount{Code: f.Code, GRPCStatus: f.GRPCStatus, Flags: f.Flags}] += f.Count
	}
	r.Codes = sortedCodes(codes)
	if known {
		r.P50, r.P90, r.P99 = latencyOf(latency, 0.5), latencyOf(latency, 0.9), latencyOf(latency, 0.99)
	}
	return r
}

func latencyOf(h *mesh.Histogram, q float64) *Latency {
	if l, ok := quantile(h, q); ok {
		return &l
	}
	return nil
}

func sortedCodes(codes map[CodeCount]float64) []CodeCount {
	out := make([]CodeCount, 0, len(codes))
	for code, n := range codes {
		code.Count = n
		out = append(out, code)
	}
	slices.SortFunc(out, func(a, b CodeCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code), cmp.Compare(a.GRPCStatus, b.GRPCStatus), cmp.Compare(a.Flags, b.Flags))
	})
	return out
}

// RequestsOf is what one reporter counted of requests to a service.
func (c *Counts) RequestsOf(service mesh.Ref, reporter string) Requests {
	return sum("", c.requestsTo(service, reporter))
}

// ByVersion is the same by what destination_version says, the most first.
// Requests that reached no pod are under the empty name.
func (c *Counts) ByVersion(service mesh.Ref, reporter string) []Requests {
	return by(c.requestsTo(service, reporter), func(f *mesh.RequestFlow) string { return f.Destination.Version })
}

// ByCaller is the same by who called: "namespace/workload", empty where that
// is not known.
func (c *Counts) ByCaller(service mesh.Ref, reporter string) []Requests {
	// How long requests took stands in flows of its own, which name no caller.
	flows := slices.DeleteFunc(c.requestsTo(service, reporter), func(f *mesh.RequestFlow) bool { return f.Latency != nil })
	return by(flows, func(f *mesh.RequestFlow) string { return peerName(f.Source) })
}

func peerName(p mesh.TrafficPeer) string {
	if p.Workload == "" {
		return ""
	}
	return p.Namespace + "/" + p.Workload
}

func by(flows []*mesh.RequestFlow, name func(*mesh.RequestFlow) string) []Requests {
	groups := make(map[string][]*mesh.RequestFlow)
	for _, f := range flows {
		groups[name(f)] = append(groups[name(f)], f)
	}
	var out []Requests
	for _, n := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, sum(n, groups[n]))
	}
	slices.SortStableFunc(out, func(a, b Requests) int { return cmp.Compare(b.Count, a.Count) })
	return out
}
