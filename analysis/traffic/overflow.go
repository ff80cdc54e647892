package traffic

import "github.com/waylight/waylight/mesh"

// Overflows counts the requests that waypoints refused because of a limit of
// the connection pool, by Service or ServiceEntry.
func (c *Counts) Overflows() map[mesh.Ref]float64 {
	out := make(map[mesh.Ref]float64)
	if c == nil {
		return out
	}
	for i := range c.traffic.Requests {
		f := &c.traffic.Requests[i]
		if f.Reporter != ReporterWaypoint || whole(f.Count) == 0 || !HasFlag(f.Flags, FlagOverflow) {
			continue
		}
		if service := c.service(f.ServiceNamespace, f.ServiceName, f.Host); !service.IsZero() {
			out[service] += f.Count
		}
	}
	return out
}
