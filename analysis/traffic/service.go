package traffic

import (
	"slices"

	"github.com/waylight/waylight/mesh"
)

// Service is all that was counted of one Service or ServiceEntry.
type Service struct {
	Split Split
	// Requests are those waypoints counted, Versions and Callers the same by who
	// answered and who called. Only a waypoint sees requests.
	Requests          Requests
	Versions, Callers []Requests
	// Opened is what the callers' ztunnels counted on the way to the service or
	// its waypoint, Arrived what the ztunnels before its pods did. They are two
	// readings of one thing where no waypoint is between, and never added.
	Opened, Arrived Connections
	// Edges are the callers' connections as they arrived, by who called.
	Edges []Connections
	// Passage tells how much came by the waypoint; nil where none is bound.
	Passage *Passage
	// Gaps are the proxies that would have counted some of it and were not read:
	// what is 0 here may be more.
	Gaps []mesh.TrafficGap
}

// ServiceOf puts together what was counted of a service, and false where
// nothing was counted at all.
func (c *Counts) ServiceOf(service mesh.Ref) (Service, bool) {
	if c == nil {
		return Service{Split: c.SplitOf(service)}, false
	}
	out := Service{
		Split: c.SplitOf(service), Requests: c.RequestsOf(service, ReporterWaypoint),
		Versions: c.ByVersion(service, ReporterWaypoint), Callers: c.ByCaller(service, ReporterWaypoint),
		Opened: c.ConnectionsOf(service, ReporterSource), Arrived: c.ConnectionsOf(service, ReporterDestination),
		Edges: c.EdgesOf(service, ReporterDestination),
	}
	var proxies []*mesh.Workload
	if w := c.waypointOf(service); w != nil {
		out.Passage, proxies = c.Passage(service), slices.Clone(w.Pods)
	}
	for _, node := range c.nodesOf(service) {
		proxies = append(proxies, c.snap.Ztunnels(node)...)
	}
	out.Gaps = c.Gaps(proxies)
	return out, true
}

// Passage is PassageOf with the waypoint that the service is bound to; nil
// where there is none, or nothing was counted.
func (c *Counts) Passage(service mesh.Ref) *Passage {
	if c == nil {
		return nil
	}
	w := c.waypointOf(service)
	if w == nil {
		return nil
	}
	p := c.PassageOf(service, []string{w.Principal(c.snap.TrustDomain())})
	return &p
}

func (c *Counts) waypointOf(service mesh.Ref) *mesh.Waypoint {
	var b mesh.Binding
	switch o := c.snap.Lookup(service).(type) {
	case *mesh.Service:
		b = c.snap.ServiceBinding(o)
	case *mesh.ServiceEntry:
		b = c.snap.ServiceEntryBinding(o)
	}
	if !b.Bound() {
		return nil
	}
	return c.snap.Waypoint(b.Waypoint.Namespace, b.Waypoint.Name)
}

// nodesOf are the nodes of a Service's endpoints.
func (c *Counts) nodesOf(service mesh.Ref) []string {
	var out []string
	for _, slice := range c.snap.Shard(service.Namespace).Slices(service.Name) {
		for _, e := range slice.Endpoints {
			if e.Node != "" {
				out = append(out, e.Node)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
