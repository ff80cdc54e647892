package traffic

import (
	"cmp"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// Refused are connections in plaintext that a destination's ztunnel did not
// admit.
type Refused struct {
	Source, Destination mesh.Ref
	Services            []mesh.Ref
	Count               float64
}

// PlaintextRefused lists them by source and destination, as far as the source
// is known.
func (c *Counts) PlaintextRefused() []Refused {
	if c == nil {
		return nil
	}
	owners := newOwnerBook(c.snap)
	edges := make(map[edgeKey]*Refused)
	for i := range c.traffic.Connections {
		f := &c.traffic.Connections[i]
		if f.Reporter != ReporterDestination || f.Flags != FlagDenied || f.Security == mutualTLS || f.Source.Principal != "" {
			continue
		}
		key := edgeKey{owners.of(f.Source), owners.of(f.Destination)}
		if key.source.IsZero() || key.destination.IsZero() {
			continue
		}
		r := edges[key]
		if r == nil {
			r = &Refused{Source: key.source, Destination: key.destination}
			edges[key] = r
		}
		r.Count += failures(f)
		if s := c.serviceOf(f); !s.IsZero() && !slices.Contains(r.Services, s) {
			r.Services = append(r.Services, s)
		}
	}
	var out []Refused
	for _, r := range edges {
		if whole(r.Count) > 0 {
			slices.SortFunc(r.Services, mesh.Ref.Compare)
			out = append(out, *r)
		}
	}
	slices.SortFunc(out, func(a, b Refused) int {
		return cmp.Or(a.Source.Compare(b.Source), a.Destination.Compare(b.Destination))
	})
	return out
}
