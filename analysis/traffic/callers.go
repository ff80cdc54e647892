package traffic

import "github.com/waylight/waylight/mesh"

// CallersPast counts what arrived at a service's pods without its waypoint, by
// the workload that called: connections their ztunnels took, and requests that
// a caller's own sidecar or gateway counted. Either is enough to know that it
// calls; the numbers are of two reporters and not to be added.
func (c *Counts) CallersPast(service mesh.Ref) map[mesh.Ref]float64 {
	if c == nil {
		return nil
	}
	owners := newOwnerBook(c.snap)
	arrived, reported := make(map[mesh.Ref]float64), make(map[mesh.Ref]float64)
	for _, f := range c.connectionsTo(service, ReporterDestination) {
		arrived[owners.of(f.Source)] += f.Opened
	}
	for _, f := range c.requestsTo(service, ReporterSource) {
		reported[owners.of(f.Source)] += f.Count
	}
	for owner, n := range reported {
		arrived[owner] = max(arrived[owner], n)
	}
	delete(arrived, mesh.Ref{})
	for owner, n := range arrived {
		if whole(n) == 0 {
			delete(arrived, owner)
		}
	}
	return arrived
}
