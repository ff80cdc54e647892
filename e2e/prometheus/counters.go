package prometheus

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Counters are the metrics of a proxy, which only a test moves. Series that were named once stay, as those of proxies do.
type Counters struct {
	mu     sync.Mutex
	series map[string]float64
	gauges []string
}

// NewCounters makes counters beside fixed lines, such as gauges.
func NewCounters(fixed ...string) *Counters {
	return &Counters{series: make(map[string]float64), gauges: fixed}
}

// Add moves a series, which is written as in the metrics: name{label="value"}.
func (c *Counters) Add(series string, by float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.series[series] += by
}

// ServeHTTP implements http.Handler.
func (c *Counters) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	lines := slices.Clone(c.gauges)
	for series, value := range c.series {
		lines = append(lines, fmt.Sprintf("%s %g", series, value))
	}
	c.mu.Unlock()
	slices.Sort(lines)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	_, _ = w.Write([]byte(strings.Join(lines, "\n") + "\n")) // the client may leave
}

// ToVersion is the series of requests that a waypoint sent from a workload to a version of a service of the same namespace.
func ToVersion(namespace, service, version, from string) string {
	return fmt.Sprintf(`istio_requests_total{reporter="waypoint",source_workload=%q,source_workload_namespace=%q,source_principal="spiffe://cluster.local/ns/%s/sa/%s",source_version="latest",`+
		`destination_workload="%s-%s",destination_workload_namespace=%q,destination_version=%q,destination_canonical_revision=%q,destination_service="%s.%s.svc.cluster.local",destination_service_name=%q,`+
		`destination_service_namespace=%q,request_protocol="http",response_code="200",grpc_response_status="",response_flags="-",connection_security_policy="mutual_tls"}`,
		from, namespace, namespace, from, service, version, namespace, version, version, service, namespace, service, namespace)
}

// Connected is the series of connections that a ztunnel opened from a workload to a service of the same namespace.
func Connected(namespace, service, from string) string {
	return fmt.Sprintf(`istio_tcp_connections_opened_total{reporter="source",source_workload=%q,source_workload_namespace=%q,destination_service="%s.%s.svc.cluster.local",destination_service_name=%q,`+
		`destination_service_namespace=%q,request_protocol="tcp",response_flags="-",connection_security_policy="mutual_tls"}`,
		from, namespace, service, namespace, service, namespace)
}
