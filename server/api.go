package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
)

// apiList is how every list answers (design 4.5).
type apiList[T any] struct {
	Items  []T       `json:"items"`
	Total  int       `json:"total"`
	AsOf   string    `json:"asOf"`
	Source apiSource `json:"source"`
}

// apiSource is the state of the source a list rests on.
type apiSource struct {
	Name   string           `json:"name"`
	State  mesh.SourceState `json:"state"`
	Detail string           `json:"detail"`
}

// apiRef begins every item.
type apiRef struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// apiFinding is what an item says of a finding about it.
type apiFinding struct {
	Code     string            `json:"code"`
	Severity analysis.Severity `json:"severity"`
}

// apiCondition is a condition, whole.
type apiCondition struct {
	Type    string               `json:"type"`
	Status  mesh.ConditionStatus `json:"status"`
	Reason  string               `json:"reason"`
	Message string               `json:"message"`
	Since   string               `json:"since"`
}

// apiError is how every error answers.
type apiError struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	// Source is what would have to be read for an answer; left out where the
	// answer is known.
	Source *apiSource `json:"source,omitempty"`
}

// listOf wraps items that rest on Kubernetes kinds; its source is the one of
// them that leaves most unknown.
func listOf[T any](s *Server, r *analysis.Report, items []T, resources ...string) apiList[T] {
	sources := s.sources(r)
	st := sources.Kind(resources[0])
	for _, resource := range resources[1:] {
		if other := sources.Kind(resource); trust(other.State) < trust(st.State) {
			st = other
		}
	}
	if items == nil {
		items = []T{}
	}
	return apiList[T]{Items: items, Total: len(items), AsOf: rfc3339(st.AsOf), Source: apiSource{st.Name, st.State, st.Detail}}
}

// trust orders states by how far what they hold can be relied on, the least
// first. A kind that is not installed has no objects, which is known.
func trust(s mesh.SourceState) int {
	return slices.Index([]mesh.SourceState{mesh.SourceForbidden, mesh.SourceDown, mesh.SourceStarting, mesh.SourcePartial, mesh.SourceStale, mesh.SourceOK, mesh.SourceAbsent}, s)
}

// sources are the newest states known.
func (s *Server) sources(r *analysis.Report) mesh.Sources {
	if s.freshness != nil && r.Snap.Cluster.Origin == mesh.OriginLive {
		return s.freshness()
	}
	return r.Snap.Sources
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
	return nil
}

// apiFail answers an error in the API's form.
func apiFail(w http.ResponseWriter, status int, text string) { apiFailUnread(w, status, text, nil) }

// apiFailUnread answers an error that rests on what was not read; nil for one
// that does not.
func apiFailUnread(w http.ResponseWriter, status int, text string, u *mesh.Unread) {
	var e apiError
	e.Error.Code, e.Error.Message = http.StatusText(status), text
	if u != nil {
		e.Source = &apiSource{u.Source.Name, u.Source.State, u.Source.Detail}
		if u.Unwatched != "" {
			e.Source.State, e.Source.Detail = mesh.SourcePartial, sentence(errors.New(u.Why()))
		}
	}
	_ = writeJSON(w, status, e)
}

func refOf(r mesh.Ref) apiRef { return apiRef(r) }

func refsOf(refs []mesh.Ref) []apiRef {
	out := make([]apiRef, 0, len(refs))
	for _, r := range refs {
		out = append(out, refOf(r))
	}
	return out
}

func findingsOf(r *analysis.Report, ref mesh.Ref) []apiFinding {
	out := []apiFinding{}
	for _, f := range r.About(ref) {
		out = append(out, apiFinding{f.Code, f.Severity})
	}
	return out
}

func conditionsOf(cs mesh.Conditions) []apiCondition {
	out := make([]apiCondition, 0, len(cs))
	for _, c := range cs {
		out = append(out, apiCondition{c.Type, c.Status, c.Reason, c.Message, rfc3339(c.Since)})
	}
	return out
}

// rfc3339 is a moment in UTC, empty for none.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// orEmpty makes a list that JSON shows as [] and never as null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
