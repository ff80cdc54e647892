package server

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/views"
)

// pagePath is the page of one call. What is wrong with the question stands in
// its form; the answer is then a bad request, for whoever asks by program.
func (s *Server) pagePath(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	a, err := s.answerPath(r, report, q.Call)
	if err != nil {
		return err
	}
	if r.URL.Query().Has("fresh") && a.Explanation != nil && !wantsFragment(r) {
		return seeOther(w, r)
	}
	status := http.StatusOK
	if a.Problem != "" {
		status = s.problemStatus(w, report, a.Unread)
	}
	return s.show(w, r, status, views.NewFrame(report, q, views.PagePath, pathTitle(a)), views.PathContent(views.NewPath(report, a, q)))
}

func pathTitle(a views.PathAnswer) string {
	if a.Explanation == nil {
		return "Path of one call"
	}
	return string(a.Explanation.Verdict) + " · " + a.Request.From + " → " + a.Request.To
}

// answerPath reads the proxies on the path of a call and says what becomes of
// it. A question that makes no sense has a Problem; the error is anything else.
func (s *Server) answerPath(r *http.Request, report *analysis.Report, call url.Values) (views.PathAnswer, error) {
	request, err := views.ParsePathRequest(call)
	a := views.PathAnswer{Request: request}
	if len(call) == 0 {
		return a, nil
	}
	if err == nil {
		a.Seen, a.Explanation, err = s.explain(r, report, request)
	}
	if bad, ok := errors.AsType[*path.BadRequestError](err); ok {
		a.Problem, a.Unread = bad.Text, bad.Unread
		return a, nil
	}
	return a, err
}

// explain reads the proxies on the path of a call, and then follows it.
func (s *Server) explain(r *http.Request, report *analysis.Report, request path.Request) (*views.PathSeen, *path.Explanation, error) {
	involved, err := path.Involved(report.Snap, request)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), dumpDeadline)
	defer cancel()
	world := s.worldOf(r).name
	readers := PathReaders{Dumps: s.dumps(world), Logs: s.logs(world)}
	seen := ReadPath(ctx, report.Snap, readers, PathLogsSince(report.Snap, s.now()), involved, r.URL.Query().Has("fresh"))
	e, err := path.Explain(report.Snap, seen, request)
	return seen, e, err
}
