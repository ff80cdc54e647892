package traffic

import "github.com/waylight/waylight/mesh"

// PlaintextFrom counts the connections that destinations' ztunnels took without
// mTLS, by the workload they came from, as far as it is known.
func (c *Counts) PlaintextFrom() map[mesh.Ref]float64 {
	out := make(map[mesh.Ref]float64)
	if c == nil {
		return out
	}
	owners := newOwnerBook(c.snap)
	for i := range c.traffic.Connections {
		f := &c.traffic.Connections[i]
		if f.Reporter != ReporterDestination || f.Security == mutualTLS || f.Source.Principal != "" || whole(f.Opened) == 0 {
			continue
		}
		if owner := owners.of(f.Source); !owner.IsZero() {
			out[owner] += f.Opened
		}
	}
	return out
}
