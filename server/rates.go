package server

import (
	"net/http"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// rateQueries is the PromQL behind what a page says of a Service or
// ServiceEntry; none where no Prometheus is asked.
func (s *Server) rateQueries(r *http.Request, o mesh.Object) []views.RateQuery {
	var hosts []string
	switch o := o.(type) {
	case *mesh.Service:
		hosts = []string{o.Hostname(mesh.DefaultClusterDomain)}
	case *mesh.ServiceEntry:
		hosts = o.Hosts
	}
	var out []views.RateQuery
	for _, q := range s.queriesOf(r, hosts) {
		out = append(out, views.RateQuery(q))
	}
	return out
}

// proxyQueries is the PromQL behind what a page says of the load of a proxy.
func (s *Server) proxyQueries(r *http.Request, of func(Metrics) []MetricQuery) []views.RateQuery {
	charts := s.charts(s.worldOf(r).name)
	if charts == nil {
		return nil
	}
	var out []views.RateQuery
	for _, q := range of(charts) {
		out = append(out, views.RateQuery(q))
	}
	return out
}

// pageWaypointHead is the page of a waypoint as it is declared and as it runs.
func (s *Server) pageWaypointHead(w http.ResponseWriter, r *http.Request) {
	build := func(report *analysis.Report, namespace, name string, q views.Query) (views.WaypointModel, bool) {
		m, ok := views.NewWaypoint(report, namespace, name, q)
		return m.WithQueries(s.proxyQueries(r, Metrics.WaypointQueries)), ok
	}
	objectPage(s, views.PageWaypoints, aWaypoint, build, views.WaypointContent)(w, r)
}
