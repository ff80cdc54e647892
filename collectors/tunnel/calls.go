package tunnel

import (
	"context"
	"io"
	"net/http"

	"github.com/waylight/waylight/mesh"
)

// call is a request to a port of a pod's loopback interface.
type call struct {
	method string
	port   uint16
	path   string // with its query
}

// Ports of ztunnel, of a waypoint's Envoy and of istiod.
const (
	adminPort   = 15000
	metricsPort = 15020
	istiodPort  = 15014
)

// The only calls there are, beside those of a log level (istio.md A.1, A.2, E
// and H).
var (
	ztunnelDump    = call{http.MethodGet, adminPort, "/config_dump"}
	ztunnelMetrics = call{http.MethodGet, metricsPort, "/metrics"}
	envoyDump      = call{http.MethodGet, adminPort, "/config_dump?include_eds"}
	envoyClusters  = call{http.MethodGet, adminPort, "/clusters?format=json"}
	envoyMetrics   = call{http.MethodGet, adminPort, "/stats/prometheus"}
	istiodSync     = call{http.MethodGet, istiodPort, "/debug/syncz"}
)

// ZtunnelDump asks a ztunnel for its config_dump. Like every call it hands the
// answer to read while it arrives, and ends with the error of read as it is or
// an *Error.
func (p *Pool) ZtunnelDump(ctx context.Context, pod mesh.Ref, read func(io.Reader) error) error {
	return p.get(ctx, pod, ztunnelDump, read)
}

// ZtunnelMetrics asks a ztunnel for its counters, in Prometheus text.
func (p *Pool) ZtunnelMetrics(ctx context.Context, pod mesh.Ref, read func(io.Reader) error) error {
	return p.get(ctx, pod, ztunnelMetrics, read)
}

// EnvoyDump asks a waypoint's Envoy for its config_dump with endpoints.
func (p *Pool) EnvoyDump(ctx context.Context, pod mesh.Ref, read func(io.Reader) error) error {
	return p.get(ctx, pod, envoyDump, read)
}

// EnvoyClusters asks a waypoint's Envoy for the health and counters of its
// endpoints, as JSON.
func (p *Pool) EnvoyClusters(ctx context.Context, pod mesh.Ref, read func(io.Reader) error) error {
	return p.get(ctx, pod, envoyClusters, read)
}

// EnvoyMetrics asks a waypoint's Envoy for its counters, in Prometheus text.
func (p *Pool) EnvoyMetrics(ctx context.Context, pod mesh.Ref, read func(io.Reader) error) error {
	return p.get(ctx, pod, envoyMetrics, read)
}

// IstiodSync asks an istiod which proxies are connected to it, and how far each
// is. The request arrives from loopback and so needs no credentials there.
func (p *Pool) IstiodSync(ctx context.Context, pod mesh.Ref, read func(io.Reader) error) error {
	return p.get(ctx, pod, istiodSync, read)
}
