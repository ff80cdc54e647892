package server

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// A page is a builder that makes a view model from one report and what the
// address asks for, and a component that draws the model. These two adapters
// turn such pairs into handlers.

// listPage is a page of the menu.
func listPage[M any](s *Server, page views.Page, title string, build func(*analysis.Report, views.Query) M, draw func(M) templ.Component) http.HandlerFunc {
	return s.page(func(w http.ResponseWriter, r *http.Request) error {
		report, q := s.report(r), views.ParseQuery(r.URL.Query())
		return s.show(w, r, http.StatusOK, views.NewFrame(report, q, page, title), draw(build(report, q)))
	})
}

// objectPage is the page of one object, named in the path by namespace and
// name. kind is what it can be.
func objectPage[M any](s *Server, page views.Page, kind objectKind, build func(r *analysis.Report, namespace, name string, q views.Query) (M, bool), draw func(M) templ.Component) http.HandlerFunc {
	return s.page(func(w http.ResponseWriter, r *http.Request) error {
		report, q := s.report(r), views.ParseQuery(r.URL.Query())
		namespace, name := param(r, "ns"), param(r, "name")
		m, ok := build(report, namespace, name, q)
		if !ok {
			return kind.absent(report, namespace, name)
		}
		return s.show(w, r, http.StatusOK, views.NewFrame(report, q, page, join(namespace, name)), draw(m))
	})
}

func join(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}

func (s *Server) pageSources(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	m := views.NewSources(report, s.sources(report), q)
	return s.show(w, r, http.StatusOK, views.NewFrame(report, q, views.PageSources, "Sources"), views.SourcesContent(m))
}

// pageTriage shows what is broken by the objects, and what fails by the logs.
func (s *Server) pageTriage(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	m := views.NewTriage(report, q).WithDenials(report, q, s.worldOf(r).denials.look(r.Context(), false))
	return s.show(w, r, http.StatusOK, views.NewFrame(report, q, views.PageTriage, "Triage"), views.TriageContent(m))
}

// pageService has a tab in its path beside the name.
func (s *Server) pageService(w http.ResponseWriter, r *http.Request) {
	build := func(report *analysis.Report, namespace, name string, q views.Query) (views.ServiceModel, bool) {
		m, ok := views.NewService(report, namespace, name, param(r, "tab"), q)
		if ok {
			o := report.Snap.Lookup(mesh.Ref{Kind: m.Kind, Namespace: namespace, Name: name})
			m = m.WithDenials(report, q, s.worldOf(r).denials.look(r.Context(), false)).WithQueries(s.rateQueries(r, o))
			if m.Tab == views.TabRates {
				m = m.WithHistory(report, q, s.history(r, report, o, q.Span, q.HistoryNow))
			}
		}
		return m, ok
	}
	objectPage(s, views.PageServices, aService, build, views.ServiceContent)(w, r)
}

// pagePolicy has the policy's kind in its path before the name.
func (s *Server) pagePolicy(w http.ResponseWriter, r *http.Request) {
	build := func(report *analysis.Report, namespace, name string, q views.Query) (views.PolicyModel, bool) {
		return views.NewPolicy(report, param(r, "kind"), namespace, name, q)
	}
	s.page(func(w http.ResponseWriter, r *http.Request) error {
		kind, ok := policyKind(param(r, "kind"))
		if !ok {
			return notFound("There is no kind of policies %s.", param(r, "kind"))
		}
		objectPage(s, views.PagePolicies, kind, build, views.PolicyContent)(w, r)
		return nil
	})(w, r)
}

// newNode fits the page of a node, which has no namespace, to objectPage.
func newNode(r *analysis.Report, _, name string, q views.Query) (views.NodeModel, bool) {
	return views.NewNode(r, name, q)
}

// pageSearch leads straight to the only thing a text can mean.
func (s *Server) pageSearch(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	m := views.NewSearch(report, q)
	if m.Target != "" {
		http.Redirect(w, r, string(m.Target), http.StatusSeeOther)
		return nil
	}
	return s.show(w, r, http.StatusOK, views.NewFrame(report, q, views.PageSearch, "Search"), views.SearchContent(m))
}

// refuse answers with an error in the form the client asked for: JSON below
// /api and /ws, else a page. Those who may not see the frame get a bare page.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, text string) {
	if isAPI(r) {
		apiFail(w, status, text)
		return
	}
	q := views.ParseQuery(r.URL.Query())
	m := views.NewError(status, text, q)
	if status == http.StatusNotFound || status == http.StatusBadRequest {
		frame := views.NewFrame(s.report(r), q, "", m.Title)
		if err := s.show(w, r, status, frame, views.ErrorContent(m)); err == nil {
			return
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := views.BareError(m).Render(r.Context(), w); err != nil {
		s.log.Error("the error page failed", "err", err)
	}
}
