package server

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"
)

// param is one segment of the path. chi hands out the escaped form where a
// path has one.
func param(r *http.Request, name string) string {
	raw := chi.URLParam(r, name)
	if s, err := url.PathUnescape(raw); err == nil {
		return s
	}
	return raw
}
