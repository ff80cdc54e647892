package mesh

import "slices"

// Balanced tells that Envoy chooses among endpoints it knows; it finds the
// address of a call itself in the clusters of other types.
func (c *EnvoyCluster) Balanced() bool {
	return c.Type != "ORIGINAL_DST" && c.Type != "envoy.clusters.dynamic_forward_proxy"
}

// unhealthyFlags are failures of its own for which Envoy sends an endpoint no
// requests; the other flags only tell more.
var unhealthyFlags = []string{EnvoyOutlierFlag, "failed_active_health_check", "pending_active_hc", "excluded_via_immediate_hc_fail"}

// Healthy tells that Envoy sends requests to the endpoint: istiod did not say
// otherwise and no failure of its own took it out. One that is draining gets
// none, one that is degraded only where no other is left, which is not told
// apart here.
func (e *EnvoyEndpoint) Healthy() bool {
	switch e.Health {
	case "", "UNKNOWN", "HEALTHY", "DEGRADED":
	default:
		return false
	}
	return !slices.ContainsFunc(e.Flags, func(flag string) bool { return slices.Contains(unhealthyFlags, flag) })
}

// Taking lists the endpoints of a cluster that get requests: the healthy ones
// of the first priority that has any, or all where so few are healthy that
// Envoy stops trusting its own judgement (its panic threshold).
func (d *EnvoyDump) Taking(c *EnvoyCluster) []*EnvoyEndpoint {
	var all, healthy []*EnvoyEndpoint
	for i := range d.Endpoints {
		e := &d.Endpoints[i]
		if e.Cluster != c.Name {
			continue
		}
		all = append(all, e)
		if e.Healthy() {
			healthy = append(healthy, e)
		}
	}
	if len(all) > 0 && float64(len(healthy))*100/float64(len(all)) < c.Panic {
		healthy = all
	}
	if len(healthy) == 0 {
		return nil
	}
	first := slices.MinFunc(healthy, func(a, b *EnvoyEndpoint) int { return int(a.Priority) - int(b.Priority) }).Priority
	return slices.DeleteFunc(healthy, func(e *EnvoyEndpoint) bool { return e.Priority != first })
}
