package views

import (
	"fmt"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// FailingNow is what fails as proxies counted it: services by the share of their
// requests, and connections by the hop that several have in common.
type FailingNow struct {
	// Note says who counted. Unknown says why nothing is known; then the rest is
	// empty.
	Note, Unknown string
	Services      []FailingRequests
	MoreServices  int
	Hops          []FailingLinks
	MoreHops      int
	// Quiet says what was counted and did not fail, Gaps what was not counted.
	Quiet string
	Gaps  []string
}

// FailingRequests is a service of which requests fail.
type FailingRequests struct {
	ID      string
	Service ObjectLink
	Share   string
	Rate    string
	// Codes are the answers, the most first.
	Codes string
}

// FailingLinks are connections that fail, by what they have in common.
type FailingLinks struct {
	ID, Where string
	Common    ObjectLink
	Edges     []FailingEdge
	More      int
}

// FailingEdge are the connections from one workload to another.
type FailingEdge struct {
	From, To   ObjectLink
	Share, How string
}

// Rows of the panel; the rest is counted.
const failingRows = 8

func newFailingNow(r *analysis.Report, q Query) FailingNow {
	c := r.Counts()
	if c == nil {
		return FailingNow{Unknown: "No traffic was counted: there is no Prometheus, and no two readings of the proxies."}
	}
	f := FailingNow{Note: countedNote(c.Traffic())}
	all := f.addRequests(r, q)
	f.addLinks(r, q)
	if len(f.Services) == 0 && len(f.Hops) == 0 {
		f.Quiet = quietLine(all, q)
	}
	f.addGaps(r, q)
	return f
}

func quietLine(requests float64, q Query) string {
	switch {
	case q.Namespace != "":
		return "In " + q.Namespace + " no failed request was counted, and no connections fail in numbers."
	case requests == 0:
		return "No waypoint counted a request, and no connections fail in numbers."
	}
	return "None of " + amount(requests) + " requests failed, and no connections fail in numbers."
}

// addRequests returns how many requests were counted in all.
func (f *FailingNow) addRequests(r *analysis.Report, q Query) float64 {
	list, all := r.Counts().Errors()
	for i := range list {
		e := &list[i]
		if !q.InScope(e.Service.Namespace) {
			continue
		}
		if len(f.Services) == failingRows {
			f.MoreServices++
			continue
		}
		share, _ := e.ErrorShare()
		f.Services = append(f.Services, FailingRequests{
			ID: ui.ID("failing-requests", e.Service.String()), Service: ratesLink(q, e.Service),
			Share: percentText(share) + " of " + amount(e.Count), Rate: amount(e.PerSecond) + "/s", Codes: codesText(failedCodes(e.Codes)),
		})
	}
	return all
}

// ratesLink leads to what was counted of a service.
func ratesLink(q Query, service mesh.Ref) ObjectLink {
	return ObjectLink{Kind: kindWord(service), Name: service.NamespacedName(), URL: q.Links().ServicePort(service, 0, TabRates)}
}

// failedCodes are the answers that are failures.
func failedCodes(codes []traffic.CodeCount) []traffic.CodeCount {
	var out []traffic.CodeCount
	for _, c := range codes {
		if traffic.Failed(&mesh.RequestFlow{Code: c.Code, GRPCStatus: c.GRPCStatus}) {
			out = append(out, c)
		}
	}
	return out
}

func (f *FailingNow) addLinks(r *analysis.Report, q Query) {
	for _, hop := range r.Counts().FailingHops() {
		g := newFailingLinks(r.Snap, q, hop)
		switch {
		case len(g.Edges) == 0:
		case len(f.Hops) == failingRows:
			f.MoreHops++
		default:
			f.Hops = append(f.Hops, g)
		}
	}
}

func newFailingLinks(s *mesh.Snapshot, q Query, hop traffic.FailingHop) FailingLinks {
	side := "to"
	if hop.From {
		side = "from"
	}
	g := FailingLinks{ID: ui.ID("failing-links", side, hop.Common.String()), Common: NewObjectLink(s, q, hop.Common), Where: "connections " + side}
	for i := range hop.Edges {
		e := &hop.Edges[i]
		if !q.InScope(e.Source.Namespace) && !q.InScope(e.Destination.Namespace) {
			continue
		}
		if len(g.Edges) == failingRows {
			g.More++
			continue
		}
		share, _ := e.FailedShare()
		edge := FailingEdge{From: NewObjectLink(s, q, e.Source), To: NewObjectLink(s, q, e.Destination), Share: percentText(share) + " of " + amount(e.All()), How: flagsText(e.Ended)}
		if len(e.Services) > 0 {
			edge.To = ratesLink(q, e.Services[0])
		}
		g.Edges = append(g.Edges, edge)
	}
	return g
}

// addGaps names what was not counted: a proxy that was not read, and services
// whose requests nobody sees.
func (f *FailingNow) addGaps(r *analysis.Report, q Query) {
	t := r.Counts().Traffic()
	if n := len(t.Unread); n > 0 {
		f.Gaps = append(f.Gaps, fmt.Sprintf("%s not counted: %s: %s", plural(n, "proxy", "proxies"), t.Unread[0].Proxy.NamespacedName(), cellText(t.Unread[0].Reason)))
	}
	if t.Dropped > 0 {
		f.Gaps = append(f.Gaps, plural(t.Dropped, "series were", "series were")+" too many to keep")
	}
	if n := servicesWithoutWaypoint(r.Snap, q); n > 0 {
		f.Gaps = append(f.Gaps, "no requests of "+plural(n, "service")+": no waypoint counts them, only their connections are known")
	}
}

// servicesWithoutWaypoint counts those in scope that have pods in the mesh and
// no waypoint, and so no requests that anybody counts.
func servicesWithoutWaypoint(s *mesh.Snapshot, q Query) int {
	n := 0
	for _, svc := range calledServices(s, q) {
		if !s.ServiceBinding(svc).Bound() {
			n++
		}
	}
	return n
}
