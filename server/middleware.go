package server

import (
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// observe times requests by route pattern: raw paths hold names from the
// cluster and would be an unbounded label.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		seen := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(seen, r)
		route := chi.RouteContext(r.Context()).RoutePattern()
		if route == "" {
			route = "other"
		}
		s.metrics.requests.WithLabelValues(route, strconv.Itoa(seen.Status())).Observe(time.Since(began).Seconds())
	})
}

// recoverPanics turns a panic in a handler into a plain error page and a log
// line with the stack: one odd object must not end the process.
func (s *Server) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			s.log.Error("handler panicked", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			s.refuse(w, r, http.StatusInternalServerError, internalText)
		}()
		next.ServeHTTP(w, r)
	})
}

// handler is a handler that can fail. Nothing may have been written when it
// returns an error.
type handler func(w http.ResponseWriter, r *http.Request) error

// page wraps a handler whose errors are shown to people.
func (s *Server) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// fail answers an error once, and logs what the client is not told.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if absent, ok := errors.AsType[*absentError](err); ok {
		s.refuseAbsent(w, r, absent)
		return
	}
	status, text := statusOf(err)
	if status >= http.StatusInternalServerError {
		s.log.Error("request failed", "path", r.URL.Path, "err", err)
	}
	s.refuse(w, r, status, text)
}
