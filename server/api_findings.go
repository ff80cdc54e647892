package server

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/views"
)

// isAPI tells that a program asks, or a script on a page.
func isAPI(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/ws/")
}

// apiFindings is the report of waylight check -o json (design 4.2).
func (s *Server) apiFindings(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	if q.Namespace != "" {
		report = report.In(q.Namespace)
	}
	var buf bytes.Buffer
	if err := analysis.WriteJSON(&buf, report); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-cache")
	_, _ = w.Write(buf.Bytes())
	return nil
}
