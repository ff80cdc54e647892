package server

import (
	"bytes"
	"net/http"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// apiAccess is one row of a matrix: an account that calls, or a service that is
// called, and what policies say of it.
type apiAccess struct {
	apiRef
	Port      uint16     `json:"port"`
	Entry     path.Entry `json:"entry"`
	Pods      int        `json:"pods"`
	Principal string     `json:"principal"`
	// May is yes, no, partly (some pods admit it), depends (on the request) or
	// unknown.
	May       views.Access `json:"may"`
	DecidedBy apiRef       `json:"decidedBy"`
	Rule      int          `json:"rule"`
	Code      string       `json:"code"`
	Reason    string       `json:"reason"`
	// Path asks what becomes of such a call.
	Path string `json:"path"`
	// Connections are null where they are not known, and of callees.
	Connections *apiCallerLinks `json:"connections"`
}

// apiCallerLinks is what was counted of a caller's connections.
type apiCallerLinks struct {
	Opened float64 `json:"opened"`
	// MTLS is the percentage under mTLS of Sample connections; null where it is
	// of none.
	MTLS   *float64 `json:"mtls"`
	Sample float64  `json:"sample"`
	// Complete is false where not all who count them were read.
	Complete bool `json:"complete"`
}

// callerLinksOf is nil for what is not known.
func callerLinksOf(l *views.CallerLinks) *apiCallerLinks {
	if !l.Known() {
		return nil
	}
	out := &apiCallerLinks{Opened: l.Opened, Sample: l.Sample, Complete: l.Complete}
	if l.Share >= 0 {
		out.MTLS = &l.Share
	}
	return out
}

// apiCallers lists who may call a port of a service (?port=, else its first).
func (s *Server) apiCallers(w http.ResponseWriter, r *http.Request) error {
	rep, q := s.report(r), views.ParseQuery(r.URL.Query())
	service := mesh.Ref{Kind: "Service", Namespace: param(r, "ns"), Name: param(r, "name")}
	if q.Kind == "ServiceEntry" {
		service.Kind = q.Kind
	}
	if rep.Snap.Lookup(service) == nil {
		kind := aKubeService
		if service.Kind == "ServiceEntry" {
			kind = aServiceEntry
		}
		return kind.absent(rep, service.Namespace, service.Name)
	}
	port, ok := views.MatrixPort(rep.Snap, service, q.Port)
	if !ok && q.Port != 0 {
		return badRequest("%s has no port %d.", service, q.Port)
	}
	rows := views.Callers(rep, service, port, q)
	return s.writeAccess(w, r, rows, fileName("callers", service.Namespace, service.Name))
}

// apiCallees lists what a workload may call.
func (s *Server) apiCallees(w http.ResponseWriter, r *http.Request) error {
	rep, q := s.report(r), views.ParseQuery(r.URL.Query())
	wl := rep.Snap.Workload(param(r, "ns"), param(r, "name"))
	if wl == nil {
		return aWorkload.absent(rep, param(r, "ns"), param(r, "name"))
	}
	rows := views.Callees(rep.Snap, wl, q)
	return s.writeAccess(w, r, rows, fileName("callees", wl.Namespace, wl.Name))
}

// writeAccess writes rows as JSON, or as ?format=csv.
func (s *Server) writeAccess(w http.ResponseWriter, r *http.Request, rows []views.AccessRow, file string) error {
	if r.URL.Query().Get("format") == "csv" {
		var buf bytes.Buffer
		if err := views.WriteAccessCSV(&buf, rows); err != nil {
			return err
		}
		return sendCSV(w, &buf, file)
	}
	items := make([]apiAccess, 0, len(rows))
	for i := range rows {
		a := &rows[i]
		items = append(items, apiAccess{
			apiRef: apiRef{a.Kind, a.Namespace, a.Name}, Port: a.Port, Entry: a.Entry, Pods: a.Pods, Principal: a.Principal, May: a.Access,
			DecidedBy: refOf(a.Policy), Rule: a.Rule, Code: a.Code.Code, Reason: a.Reason, Path: string(a.Path),
			Connections: callerLinksOf(a.Counted),
		})
	}
	return writeJSON(w, http.StatusOK, listOf(s, s.report(r), items, mesh.ResourceAuthorizationPolicies))
}
