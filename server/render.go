package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/views"
)

// buffers are reused between renderings: a list of 4,000 services is a
// megabyte of HTML.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// wantsFragment tells that htmx asks for a page's content alone.
func wantsFragment(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-Request-Type") != "full" &&
		r.Header.Get("HX-History-Restore-Request") != "true"
}

// frame fills in what only the server knows.
func (s *Server) frame(r *http.Request, f views.Frame) views.Frame {
	f.Path = r.URL.EscapedPath()
	f.Version = s.version
	f.Now = s.now()
	if c, err := r.Cookie(views.ThemeCookie); err == nil {
		f.Theme = views.ParseTheme(c.Value)
	}
	if s.freshness != nil && f.Live() {
		f = f.WithSources(s.freshness())
	}
	if len(s.worldNames) > 1 {
		shown := s.worldOf(r).name
		for _, name := range s.worldNames {
			f.Demos = append(f.Demos, views.Demo{Name: name, Current: name == shown})
		}
	}
	return f
}

// show renders a page, or for htmx its content alone, into a buffer and then
// writes it whole: no reader ever gets half a page.
func (s *Server) show(w http.ResponseWriter, r *http.Request, status int, f views.Frame, content templ.Component) error {
	f = s.frame(r, f)
	document := views.Layout(f)
	fragment := wantsFragment(r)
	if fragment {
		document = views.Fragment(f)
	}
	buf, _ := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer buffers.Put(buf)
	if err := document.Render(templ.WithChildren(r.Context(), content), buf); err != nil {
		return fmt.Errorf("render %s: %w", f.Title, err)
	}
	neutralize(buf.Bytes())
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "HX-Request, HX-Request-Type, Cookie")
	h.Set(views.HeaderRevision, strconv.FormatUint(f.Revision, 10))
	if !f.AsOf.IsZero() {
		h.Set(views.HeaderAsOf, f.AsOf.UTC().Format(time.RFC3339))
	}
	if fragment && status == http.StatusOK && unchanged(w, r, buf.Bytes()) {
		return nil
	}
	w.WriteHeader(status)
	// A client that left before the end cannot be told of it.
	_, _ = w.Write(buf.Bytes())
	return nil
}

// unchanged answers 304 when the client already has these bytes. The hash is
// over the content itself, so a snapshot that changed something elsewhere costs
// the browser nothing.
func unchanged(w http.ResponseWriter, r *http.Request, body []byte) bool {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if !strings.Contains(r.Header.Get("If-None-Match"), tag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// showStill renders a page as it is given, from fixtures and not from a report.
func (s *Server) showStill(w http.ResponseWriter, r *http.Request, f views.Frame, content templ.Component) error {
	var buf bytes.Buffer
	if err := views.Layout(f).Render(templ.WithChildren(r.Context(), content), &buf); err != nil {
		return fmt.Errorf("render %s: %w", f.Title, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(buf.Bytes())
	return nil
}
