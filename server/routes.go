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
	guard := chi.Chain(s.checkHost, s.checkOrigin, limitBody)
	r.NotFound(guard.HandlerFunc(s.page(func(http.ResponseWriter, *http.Request) error {
		return notFound("There is no such page.")
	})).ServeHTTP)
	r.MethodNotAllowed(guard.HandlerFunc(s.page(func(http.ResponseWriter, *http.Request) error {
		return &statusError{status: http.StatusMethodNotAllowed, text: "Waylight only reads: this address takes GET."}
	})).ServeHTTP)
	// Probes come from the kubelet with a pod's address as Host.
	r.Get("/healthz", handleHealthz)
	r.Get("/readyz", s.handleReadyz)
	r.Group(func(r chi.Router) {
		r.Use(guard...)
		r.Get("/events", s.page(s.handleEvents))
		r.Get("/ws/logs", s.page(s.handleLogs))
		r.Group(func(r chi.Router) {
			r.Use(s.observe, middleware.Compress(compressLevel))
			r.Use(middleware.GetHead)
			r.Handle("/static/*", static.Handler())
			r.Handle("/metrics", s.metrics.handler())
			r.Group(s.pages)
			r.Route("/api/v1", s.api)
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
	r.Get(string(views.PageServices), listPage(s, views.PageServices, "Services", views.NewServices, views.ServicesContent))
	r.Get("/services/{ns}/{name}", s.pageService)
	r.Get("/services/{ns}/{name}/{tab}", s.pageService)
	r.Get("/services/{ns}/{name}/rates/history", s.page(s.partHistory))
	r.Get(string(views.PagePath), s.page(s.pagePath))
	r.Get("/path/whatif", s.page(s.pageWhatIf))
	r.Post("/path/whatif", s.page(s.postWhatIf))
	r.Get(string(views.PageWorkloads), listPage(s, views.PageWorkloads, "Workloads", views.NewWorkloads, views.WorkloadsContent))
	r.Get("/workloads/{ns}/{name}", objectPage(s, views.PageWorkloads, aWorkload, views.NewWorkload, views.WorkloadContent))
	r.Get("/workloads/{ns}/{name}/callees", objectPage(s, views.PageWorkloads, aWorkload, views.NewCallees, views.CalleesContent))
	r.Get(string(views.PageNodes), listPage(s, views.PageNodes, "Nodes", views.NewNodes, views.NodesContent))
	r.Get("/nodes/{name}", objectPage(s, views.PageNodes, aNode, newNode, views.NodeContent))
	r.Get(string(views.PageZtunnels), s.pageZtunnels(listPage(s, views.PageZtunnels, "ztunnels", views.NewZtunnels, views.ZtunnelsContent)))
	r.Get("/ztunnels/{node}", s.page(s.pageZtunnel))
	r.Get("/ztunnels/{node}/loglevel", s.page(s.pageLogLevel))
	r.Get("/ztunnels/{node}/loglevel/confirm", s.page(s.pageLogConfirm))
	r.Post("/ztunnels/{node}/loglevel", s.page(s.postLogLevel))
	r.Get("/ztunnels/{node}/{tab}", s.page(s.pageZtunnel))
	r.Get(string(views.PageWaypoints), listPage(s, views.PageWaypoints, "Waypoints", views.NewWaypoints, views.WaypointsContent))
	r.Get("/waypoints/{ns}/{name}", s.pageWaypointHead)
	r.Get("/waypoints/{ns}/{name}/{tab}", s.page(s.pageWaypoint))
	r.Get(string(views.PagePolicies), listPage(s, views.PagePolicies, "Policies", views.NewPolicies, views.PoliciesContent))
	r.Get("/policies/{kind}/{ns}/{name}", s.pagePolicy)
	r.Get(string(views.PageGateways), listPage(s, views.PageGateways, "Gateways", views.NewGateways, views.GatewaysContent))
	r.Get("/gateways/{ns}/{name}", objectPage(s, views.PageGateways, aGateway, views.NewGateway, views.GatewayContent))
	r.Get(string(views.PageLogs), s.page(s.pageLogs))
	r.Get(string(views.PageChecks), listPage(s, views.PageChecks, "Checks", views.NewChecks, views.ChecksContent))
	r.Get(string(views.PageSources), s.page(s.pageSources))
	r.Get(string(views.PageSearch), s.page(s.pageSearch))
}

// api is for programs (design 4.5).
func (s *Server) api(r chi.Router) {
	r.Get("/findings", s.page(s.apiFindings))
	r.Get("/sources", s.page(s.apiSources))
	r.Get("/services", s.page(s.apiServices))
	r.Get("/services/{ns}/{name}", s.page(s.apiServiceDetail))
	r.Get("/services/{ns}/{name}/callers", s.page(s.apiCallers))
	r.Get("/services/{ns}/{name}/chart", s.page(s.apiServiceChart))
	r.Get("/services/{ns}/{name}/denials", s.page(s.apiServiceDenials))
	r.Get("/services/{ns}/{name}/endpoints", s.page(s.apiServiceEndpoints))
	r.Get("/services/{ns}/{name}/findings", s.page(s.apiServiceFindings))
	r.Get("/services/{ns}/{name}/rates", s.page(s.apiServiceRates))
	r.Get("/denials", s.page(s.apiDenials))
	r.Get("/path", s.page(s.apiPath))
	r.Post("/whatif", s.page(s.apiTry))
	r.Get("/workloads", s.page(s.apiWorkloads))
	r.Get("/workloads/{ns}/{name}", s.page(s.apiWorkloadDetail))
	r.Get("/workloads/{ns}/{name}/callees", s.page(s.apiCallees))
	r.Get("/nodes", s.page(s.apiNodes))
	r.Get("/nodes/{name}", s.page(s.apiNodeDetail))
	r.Get("/ztunnels", s.page(s.apiZtunnels))
	r.Get("/ztunnels/{node}", s.page(s.apiZtunnelDetail))
	r.Get("/ztunnels/{node}/loglevel", s.page(s.apiLogLevelDetail))
	r.Post("/ztunnels/{node}/loglevel", s.page(s.apiChangeLogLevel))
	r.Get("/ztunnels/{node}/{tab}", s.page(s.apiZtunnelPart))
	r.Get("/waypoints", s.page(s.apiWaypoints))
	r.Get("/waypoints/{ns}/{name}", s.page(s.apiWaypointDetail))
	r.Get("/waypoints/{ns}/{name}/{tab}", s.page(s.apiWaypointPart))
	r.Get("/gateways", s.page(s.apiGateways))
	r.Get("/policies", s.page(s.apiPolicies))
}
