package server

import (
	"errors"
	"net/http"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// Manifests reads Kubernetes objects that somebody pasted. It never talks to a
// cluster.
type Manifests interface {
	// ReadManifest decodes objects in YAML or JSON; ignored says which of them
	// are of no use here, one sentence each. The error is for the person who
	// pasted them.
	ReadManifest(text string) (objects []mesh.Object, ignored []string, err error)
}

// maxManifest bounds what is pasted: YAML takes a hundred times its size while
// it is parsed.
const maxManifest = 256 << 10

// readChange makes a change of what was pasted. The error is a
// *path.BadRequestError.
func (s *Server) readChange(objects string, gone []string) (views.Change, error) {
	var c views.Change
	switch {
	case s.manifests == nil:
		return c, &path.BadRequestError{Text: "This Waylight reads no objects from text."}
	case len(objects) > maxManifest:
		return c, &path.BadRequestError{Text: "The objects are longer than 256 KiB: leave out what is not to change."}
	}
	var err error
	if c.Objects, c.Ignored, err = s.manifests.ReadManifest(objects); err != nil {
		return c, &path.BadRequestError{Text: "The objects cannot be read: " + oneLine(err.Error()) + "."}
	}
	for _, line := range gone {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		ref, ok := views.ParseRef(line)
		if !ok {
			return c, &path.BadRequestError{Text: oneLine(line) + " names no object: write Kind/namespace/name."}
		}
		c.Gone = append(c.Gone, ref)
	}
	return c, nil
}

// pageWhatIf shows the form for a change, with the call in its address.
func (s *Server) pageWhatIf(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	return s.showWhatIf(w, r, http.StatusOK, report, q, s.aboutCall(report, q))
}

// aboutCall is the call that a change is tried on, as it is declared now.
func (s *Server) aboutCall(report *analysis.Report, q views.Query) views.WhatIfAnswer {
	request, err := views.ParsePathRequest(q.Call)
	a := views.WhatIfAnswer{Path: views.PathAnswer{Request: request}}
	if err == nil {
		a.Path.Explanation, err = path.Explain(report.Snap, nil, request)
	}
	if err != nil {
		a.Path.Problem = err.Error()
	}
	return a
}

// postWhatIf tries a change. It works without scripts; the origin of a form was
// checked before.
func (s *Server) postWhatIf(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badRequest("The form could not be read, or is longer than 1 MiB.")
	}
	report, q := s.report(r), views.ParseQuery(r.PostForm)
	a := s.aboutCall(report, q)
	a.Objects, a.Gone = r.PostForm.Get("objects"), r.PostForm.Get("gone")
	status := http.StatusOK
	change, err := s.readChange(a.Objects, strings.FieldsFunc(a.Gone, func(c rune) bool { return c == '\n' || c == ',' || c == ' ' }))
	if err == nil && a.Path.Problem == "" {
		a.Tried, err = views.Try(report.Snap, a.Path.Request, change)
	}
	if bad, ok := errors.AsType[*path.BadRequestError](err); ok {
		a.Problem = bad.Text
	} else if err != nil {
		return err
	}
	if a.Problem != "" || a.Path.Problem != "" {
		status = http.StatusBadRequest
	}
	return s.showWhatIf(w, r, status, report, q, a)
}

// showWhatIf shows a page that does not renew itself, since it holds what
// somebody typed. Its form says where it comes from: with the policy of other
// pages a browser sends Origin: null, which may be anybody's.
func (s *Server) showWhatIf(w http.ResponseWriter, r *http.Request, status int, report *analysis.Report, q views.Query, a views.WhatIfAnswer) error {
	w.Header().Set("Referrer-Policy", "same-origin")
	w.Header().Set("Cache-Control", "no-store")
	f := views.NewFrame(report, q, views.PagePath, "What if?")
	f.Still = true
	return s.show(w, r, status, f, views.WhatIfContent(views.NewWhatIf(report.Snap, a, q)))
}
