package server

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/waylight/waylight/static"
	"github.com/waylight/waylight/views"
)

// compressLevel trades little size for much speed: pages are made on demand.
const compressLevel = 4

// Handler is everything the server answers. It can be read top to bottom.
func (s *Server) Handler() http.Handler {
	r := chi.NewRouter()
	r.Use(s.recoverPanics, securityHeaders)
	// Probes come from the kubelet with a pod's address as Host.
	r.Get("/healthz", handleHealthz)
	r.Get("/readyz", s.handleReadyz)
	r.Group(func(r chi.Router) {
		r.Use(s.checkHost, s.checkOrigin, limitBody)
		r.Get("/events", s.page(s.handleEvents))
		r.Group(func(r chi.Router) {
			r.Use(s.observe, middleware.Compress(compressLevel))
			r.Handle("/static/*", static.Handler())
			r.Handle("/metrics", s.metrics.handler())
			r.Group(s.pages)
			r.Route("/api/v1", s.api)
			r.NotFound(s.page(func(http.ResponseWriter, *http.Request) error { return notFound("There is no such page.") }))
		})
	})
	return r
}

// MetricsHandler is for an address of its own: probes and scrapes, nothing
// else.
func (s *Server) MetricsHandler() http.Handler {
	r := chi.NewRouter()
	r.Get("/healthz", handleHealthz)
	r.Get("/readyz", s.handleReadyz)
	r.Handle("/metrics", s.metrics.handler())
	return r
}

// pages are for people. Each answers plain HTML, and to htmx its content alone.
func (s *Server) pages(r chi.Router) {
	r.Use(s.rememberWorld)
	r.Get(string(views.PageTriage), s.page(s.pageTriage))
	r.Get(string(views.PageServices), s.page(s.pageServices))
	r.Get("/services/{ns}/{name}", s.page(s.pageService))
	r.Get("/services/{ns}/{name}/{tab}", s.page(s.pageService))
	r.Get(string(views.PageWorkloads), s.page(s.pageWorkloads))
	r.Get("/workloads/{ns}/{name}", s.page(s.pageWorkload))
	r.Get(string(views.PageNodes), s.page(s.pageNodes))
	r.Get("/nodes/{name}", s.page(s.pageNode))
	r.Get(string(views.PageWaypoints), s.page(s.pageWaypoints))
	r.Get("/waypoints/{ns}/{name}", s.page(s.pageWaypoint))
	r.Get(string(views.PagePolicies), s.page(s.pagePolicies))
	r.Get("/policies/{kind}/{ns}/{name}", s.page(s.pagePolicy))
	r.Get(string(views.PageGateways), s.page(s.pageGateways))
	r.Get("/gateways/{ns}/{name}", s.page(s.pageGateway))
	r.Get(string(views.PageChecks), s.page(s.pageChecks))
	r.Get(string(views.PageSources), s.page(s.pageSources))
	r.Get(string(views.PageSearch), s.page(s.pageSearch))
}

// api is for programs (design 4.5).
func (s *Server) api(r chi.Router) {
	r.Get("/findings", s.page(s.apiFindings))
	r.Get("/sources", s.page(s.apiSources))
	r.Get("/services", s.page(s.apiServices))
	r.Get("/services/{ns}/{name}", s.page(s.apiServiceDetail))
	r.Get("/services/{ns}/{name}/endpoints", s.page(s.apiServiceEndpoints))
	r.Get("/services/{ns}/{name}/findings", s.page(s.apiServiceFindings))
	r.Get("/workloads", s.page(s.apiWorkloads))
	r.Get("/workloads/{ns}/{name}", s.page(s.apiWorkloadDetail))
	r.Get("/nodes", s.page(s.apiNodes))
	r.Get("/nodes/{name}", s.page(s.apiNodeDetail))
	r.Get("/waypoints", s.page(s.apiWaypoints))
	r.Get("/waypoints/{ns}/{name}", s.page(s.apiWaypointDetail))
	r.Get("/gateways", s.page(s.apiGateways))
	r.Get("/policies", s.page(s.apiPolicies))
}
