package mesh

import (
	"slices"
	"time"
)

// KindTraffic is the kind of Traffic. Like evidence it lives outside of the
// shards.
const KindTraffic = "Traffic"

// TrafficSource says who counted.
type TrafficSource string

// The two ways to numbers.
const (
	TrafficFromPrometheus TrafficSource = "prometheus"
	// TrafficFromScrapes is the difference of two or more readings of the
	// proxies themselves.
	TrafficFromScrapes TrafficSource = "scrapes"
)

// Traffic is what proxies counted over a window: the one place rates, shares
// and failures come from. A snapshot has one or none. What is not in it was not
// seen; that means zero where no proxy is Unread that would have counted it.
type Traffic struct {
	Meta   // Kind Traffic, no name
	Source TrafficSource
	// At is the end of the window, Window its length. With scrapes the windows
	// of proxies differ; then Window is the shortest.
	At     time.Time
	Window time.Duration
	// Requests are what waypoints (and gateways, sidecars) counted, Connections
	// what ztunnels and TCP proxies did.
	Requests    []RequestFlow
	Connections []ConnectionFlow
	// Proxies are the counters of single proxies, sorted by pod: those a rate
	// can be made of.
	Proxies []ProxyTraffic
	// Unread names proxies whose counters are missing from the above, each with
	// the reason; nothing may be concluded from their silence.
	Unread []TrafficGap
	// Dropped counts series that were too many to keep; Warnings are sentences
	// about what is missing of the numbers or wrong with them.
	Dropped  int
	Warnings []string
	// NoRequestsAtAll is true where Prometheus answers and has no series of
	// istio_requests_total of waypoints at all, at any value.
	NoRequestsAtAll bool
}

// TrafficGap is a proxy that was not counted.
type TrafficGap struct {
	Proxy  Ref // the pod
	Reason string
}

// TrafficPeer is one end of a flow as Istio's labels name it; "unknown" becomes
// empty.
type TrafficPeer struct {
	Workload, Namespace, Principal, Version string
}

// RequestFlow is a number of requests with everything alike (istio.md F).
type RequestFlow struct {
	// Reporter is waypoint, source or destination. Never add flows of two
	// reporters.
	Reporter            string
	Source, Destination TrafficPeer
	// Host is destination_service, ServiceNamespace and ServiceName name the
	// object it is of.
	Host, ServiceNamespace, ServiceName string
	Code                                string // HTTP status; "0" where there was none
	GRPCStatus                          string
	Flags                               string // "-" where there is none
	Security                            string // mutual_tls, none or unknown
	Protocol                            string // http, grpc
	// Count is how many in the window; Prometheus extrapolates, so it need not
	// be whole. Rate is how many a second, exact also where the windows of
	// proxies differ.
	Count, Rate float64
	// Latency is how long requests to the destination took, whoever sent them
	// and however they ended. It stands in flows of its own, which have neither
	// Count nor Source nor Code: durations by all of these would be twenty times
	// as many series. Nil in all other flows.
	Latency *Histogram
}

// Histogram counts durations: Counts[i] are those up to Bounds[i] milliseconds
// and above the bound before, and the last of Counts, one more than Bounds,
// those above all.
type Histogram struct {
	Bounds []float64
	Counts []float64
}

// ConnectionFlow is a number of TCP connections with everything alike.
type ConnectionFlow struct {
	// Reporter is source (the client's ztunnel) or destination. Never add flows
	// of the two.
	Reporter                            string
	Source, Destination                 TrafficPeer
	Host, ServiceNamespace, ServiceName string
	Flags                               string // "-" where there is none
	Security                            string
	Opened, Closed                      float64
	// Failed is istio_tcp_connections_failed_total, -1 where the proxies are too
	// old to have it (before 1.29). Of several proxies some of which are, it is
	// what the others counted.
	Failed                   float64
	BytesSent, BytesReceived float64
}

// ProxyTraffic are counters of one proxy. Numbers are negative where the proxy
// does not say.
type ProxyTraffic struct {
	Pod  Ref
	Node string
	// Scrapes is how many readings there were; below two nothing is a rate.
	Scrapes int
	Window  time.Duration
	// Opened are the connections it counted, as source and as destination: one
	// between two pods of a ztunnel's node counts twice. Failed are those closed
	// with flags.
	Opened, Failed float64
	// SocketsOpen and Connections are of the last reading.
	SocketsOpen, Connections float64
	// XDSTerminations are ends of its link to istiod, by reason, Complete left
	// out; DNSFailures are failed lookups upstream.
	XDSTerminations map[string]float64
	DNSFailures     float64
	// CPU is in cores, averaged over the window; Memory in bytes, of the last
	// reading. From Prometheus' container metrics.
	CPU, Memory float64
	// Requests are those a waypoint's replica served.
	Requests float64
	// Restarted tells that counters began anew within the window.
	Restarted bool
}

// Proxy finds the counters of a pod, nil where they are not known: nothing may
// then be concluded from its silence. Of what is known a rate can be made.
func (t *Traffic) Proxy(pod Ref) *ProxyTraffic {
	if t == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(t.Proxies, pod, func(p ProxyTraffic, pod Ref) int { return p.Pod.Compare(pod) })
	if !ok {
		return nil
	}
	return &t.Proxies[i]
}

// Traffic is what proxies counted, nil where nothing was read.
func (s *Snapshot) Traffic() *Traffic { return s.evidence.traffic }
