package views

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
)

// Counts stand in the menu. They follow the namespace scope; a negative one is
// unknown.
type Counts struct {
	Causes, Services, Workloads, Nodes, Waypoints, Policies, Gateways, Degraded int
}

const notCounted = -1

// entry is one line of the menu.
type entry struct {
	Page    Page
	Label   string
	Icon    string
	Count   string
	Alarm   bool // the count is bad news
	Current bool
	URL     templ.SafeURL
	Key     string // g, then this key
}

// menu lists the pages, in groups.
func (f Frame) menu() [][]entry {
	c := f.Counts
	triage := f.entry(PageTriage, "Triage", "siren", c.Causes, "t")
	triage.Alarm = c.Causes > 0
	sources := f.entry(PageSources, "Sources", "database", c.Degraded, "d")
	sources.Alarm = c.Degraded > 0
	return [][]entry{
		{triage, f.entry(PageServices, "Services", "network", c.Services, "s"), f.entry(PagePath, "Path", "route", 0, "p")},
		{
			f.entry(PageWorkloads, "Workloads", "box", c.Workloads, "o"),
			f.entry(PageNodes, "Nodes", "server", c.Nodes, "n"),
			f.entry(PageZtunnels, "ztunnels", "cable", 0, "z"),
			f.entry(PageWaypoints, "Waypoints", "waypoints", c.Waypoints, "w"),
			f.entry(PagePolicies, "Policies", "shield", c.Policies, "a"),
			f.entry(PageGateways, "Gateways", "log-in", c.Gateways, "g"),
		},
		{f.entry(PageLogs, "Logs", "scroll-text", 0, "l"), f.entry(PageChecks, "Checks", "list-checks", 0, "k"), sources},
	}
}

func (f Frame) entry(p Page, label, icon string, n int, key string) entry {
	e := entry{Page: p, Label: label, Icon: icon, Current: p == f.Active, URL: f.Query.Links().Page(p), Key: key}
	switch {
	case n == notCounted:
		e.Count = "?"
	case n > 0:
		e.Count = strconv.Itoa(n)
	}
	return e
}

// onBar is how many pages fit into the bottom bar of a phone, beside "more".
const onBar = 3

func (f Frame) barEntries() (bar, more []entry) {
	all := slices.Concat(f.menu()...)
	return all[:onBar], all[onBar:]
}

// count counts what the menu shows.
func count(r *analysis.Report, q Query) Counts {
	c := Counts{Causes: listedOnTriage(r, q), Nodes: len(r.Snap.Nodes)}
	for _, sh := range r.Snap.Shards {
		if q.InScope(sh.Namespace) {
			c.add(sh)
		}
	}
	c.forget(r.Snap)
	return c
}

func (c *Counts) add(sh *mesh.Shard) {
	c.Services += len(sh.Services) + len(sh.ServiceEntries)
	c.Workloads += len(sh.Workloads)
	c.Policies += len(sh.Authorizations) + len(sh.PeerAuths) + len(sh.RequestAuths)
	for _, g := range sh.Gateways {
		if g.Role() == mesh.RoleWaypoint {
			c.Waypoints++
		} else {
			c.Gateways++
		}
	}
	c.Gateways += len(sh.IstioGateways)
}

// forget makes unknown what could not be read and of which nothing older is
// known: no waypoint and no right to see waypoints must not look the same.
func (c *Counts) forget(s *mesh.Snapshot) {
	for _, k := range []struct {
		resource string
		count    *int
	}{
		{mesh.ResourceServices, &c.Services},
		{mesh.ResourcePods, &c.Workloads},
		{mesh.ResourceNodes, &c.Nodes},
		{mesh.ResourceGateways, &c.Waypoints},
		{mesh.ResourceGateways, &c.Gateways},
		{mesh.ResourceAuthorizationPolicies, &c.Policies},
	} {
		if st := s.Sources.Kind(k.resource).State; *k.count == 0 && !st.Readable() && st != mesh.SourceAbsent {
			*k.count = notCounted
		}
	}
}
