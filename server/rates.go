package server

import (
	"net/http"

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
