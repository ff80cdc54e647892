package server

import (
	"net/http"

	"github.com/waylight/waylight/mesh"
)

// apiSourceItem is one source of evidence.
type apiSourceItem struct {
	apiRef
	State  mesh.SourceState `json:"state"`
	Detail string           `json:"detail"`
	AsOf   string           `json:"asOf"`
	Since  string           `json:"since"`
}

func (s *Server) apiSources(w http.ResponseWriter, r *http.Request) error {
	rep := s.report(r)
	var items []apiSourceItem
	for _, st := range s.sources(rep) {
		items = append(items, apiSourceItem{apiRef{Kind: "Source", Name: st.Name}, st.State, st.Detail, rfc3339(st.AsOf), rfc3339(st.Since)})
	}
	return writeJSON(w, http.StatusOK, listOf(s, rep, items, ""))
}
