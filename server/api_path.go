package server

import (
	"net/http"

	"github.com/waylight/waylight/views"
)

// apiPath says what becomes of one call (design 4.3).
func (s *Server) apiPath(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	request, err := views.ParsePathRequest(q.Call)
	if err != nil {
		return asBadRequest(report, err)
	}
	seen, e, err := s.explain(r, report, request)
	if err != nil {
		return asBadRequest(report, err)
	}
	return writeJSON(w, http.StatusOK, views.NewPathDocument(e, seen, report.Snap.At))
}
