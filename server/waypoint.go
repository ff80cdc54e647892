package server

import (
	"net/http"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// pageWaypoint shows a tab of a waypoint with what its proxies say, or writes it
// as ?format=csv or json.
func (s *Server) pageWaypoint(w http.ResponseWriter, r *http.Request) error {
	asked, err := s.waypointAsked(r)
	if err != nil {
		return err
	}
	fresh := r.URL.Query().Has("fresh")
	part := s.readWaypoint(r, asked, fresh)
	switch format := r.URL.Query().Get("format"); {
	case format == "csv":
		if part.unread != nil {
			return part.unread
		}
		list := part.list()
		return writeCSV(w, &list, fileName("waypoint", asked.waypoint.Namespace, asked.waypoint.Name, asked.tab))
	case format == "json":
		return writeJSON(w, http.StatusOK, part.items(asked.report))
	case fresh && part.unread == nil:
		return seeOther(w, r)
	}
	name := asked.waypoint.Namespace + "/" + asked.waypoint.Name
	return s.show(w, r, http.StatusOK, views.NewFrame(asked.report, asked.query, views.PageWaypoints, name), part.content())
}

// apiWaypointPart is one part of what a waypoint's proxies say.
func (s *Server) apiWaypointPart(w http.ResponseWriter, r *http.Request) error {
	asked, err := s.waypointAsked(r)
	if err != nil {
		return err
	}
	part := s.readWaypoint(r, asked, r.URL.Query().Has("fresh"))
	return writeJSON(w, http.StatusOK, part.items(asked.report))
}

// waypointQuestion is what an address asks of a waypoint.
type waypointQuestion struct {
	report   *analysis.Report
	waypoint *mesh.Waypoint
	tab      string
	query    views.Query
}

func (s *Server) waypointAsked(r *http.Request) (waypointQuestion, error) {
	q := waypointQuestion{report: s.report(r), tab: param(r, "tab"), query: views.ParseQuery(r.URL.Query())}
	ns, name := param(r, "ns"), param(r, "name")
	if !views.WaypointTab(q.tab) {
		return q, notFound("A waypoint has no part %s.", q.tab)
	}
	if q.waypoint = q.report.Snap.Waypoint(ns, name); q.waypoint == nil {
		return q, aWaypoint.absent(q.report, ns, name)
	}
	return q, nil
}

// readWaypoint reads what a tab needs: one replica's Envoy, or every istiod.
func (s *Server) readWaypoint(r *http.Request, asked waypointQuestion, fresh bool) waypointPart {
	if asked.tab == views.TabSync {
		return syncPart(asked, s.readSyncs(r, asked.report, fresh))
	}
	l := views.Loaded{Read: s.readEnvoy(r, asked.report, asked.waypoint, asked.query.Pod, fresh)}
	if l.Read.Dump != nil && asked.tab == views.TabDeclared {
		l.Pairs = drift.Envoy(asked.report.Snap, l.Read.Dump, asked.waypoint.Gateway, l.Read.Dump.At)
	}
	return loadedPart(asked, l)
}
