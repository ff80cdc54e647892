package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// LogLevels reads what the ztunnels of one mesh log, and changes it when a
// person has confirmed that. It is called by many requests at once.
type LogLevels interface {
	// Changeable tells that levels may be changed here.
	Changeable() bool
	// Read asks a ztunnel of a node for its level now. pod is
	// "namespace/name" of one of the node's ztunnels, empty for the Ready one.
	// An error that knows more than its text is an *UnreadError.
	Read(ctx context.Context, node, pod string) (*mesh.ZtunnelLogLevel, error)
	// Change carries an order out, whoever waits for it, and answers the level
	// as it is then. Its errors are those of Read, and ErrLogLevelMoved.
	Change(ctx context.Context, order LogLevelOrder) (*mesh.ZtunnelLogLevel, error)
}

// LogLevelOrder is a change of a ztunnel's log level that was confirmed.
type LogLevelOrder struct {
	Node, Pod string // as of LogLevels.Read
	// Change is what to log beside the default; the zero one is a reset.
	Change mesh.LogChange
	For    time.Duration
	// Seen is the filter that the order is about; empty for any.
	Seen string
	// From is the address the request came from.
	From string
}

// ErrLogLevelMoved says that a level is not what it was when the change was
// asked for. Nothing was changed.
var ErrLogLevelMoved = errors.New("somebody else changed this log level in the meantime")

// levelDeadline is how long a page waits for a ztunnel's level.
const levelDeadline = 6 * time.Second

// lockedText is why a change is refused.
const lockedText = "Log levels cannot be changed here: this Waylight was not started with --allow-log-level."

// pageLogLevel shows what a ztunnel logs, with the form to change it.
func (s *Server) pageLogLevel(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	node, err := ztunnelNode(r, report)
	if err != nil {
		return err
	}
	return s.showLogLevel(w, r, http.StatusOK, report, node, views.ParseLogLevelWish(r.URL.Query()), q)
}

func (s *Server) showLogLevel(w http.ResponseWriter, r *http.Request, status int, report *analysis.Report, node string, wish views.LogLevelWish, q views.Query) error {
	m := views.NewLogLevel(report, node, s.readLogLevel(r, report, node, wish.Pod), wish, q)
	return s.showStanding(w, r, status, report, q, node, views.LogLevelContent(m))
}

// pageLogConfirm shows what a change would do. It changes nothing.
func (s *Server) pageLogConfirm(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	node, err := ztunnelNode(r, report)
	if err != nil {
		return err
	}
	if err := s.mayChange(r); err != nil {
		return err
	}
	return s.askLogLevel(w, r, http.StatusOK, report, node, views.ParseLogLevelWish(r.URL.Query()), q)
}

// askLogLevel asks whether a wish is meant. One that cannot be done leads back
// to the form.
func (s *Server) askLogLevel(w http.ResponseWriter, r *http.Request, status int, report *analysis.Report, node string, wish views.LogLevelWish, q views.Query) error {
	if wish.Problem != "" {
		return s.showLogLevel(w, r, http.StatusBadRequest, report, node, wish, q)
	}
	read := s.readLogLevel(r, report, node, wish.Pod)
	if read.Level == nil {
		return s.showStanding(w, r, http.StatusOK, report, q, node, views.LogLevelContent(views.NewLogLevel(report, node, read, wish, q)))
	}
	return s.showStanding(w, r, status, report, q, node, views.LogConfirmContent(views.NewLogConfirm(report, node, read.Level, wish, q)))
}

// postLogLevel changes a level if what it does was shown and confirmed.
func (s *Server) postLogLevel(w http.ResponseWriter, r *http.Request) error {
	report := s.report(r)
	node, err := ztunnelNode(r, report)
	if err != nil {
		return err
	}
	if err := s.mayChange(r); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badRequest("The form could not be read.")
	}
	q, wish := views.ParseQuery(r.PostForm), views.ParseLogLevelWish(r.PostForm)
	if wish.Problem != "" || !wish.Confirmed || wish.Seen == "" {
		return s.askLogLevel(w, r, http.StatusBadRequest, report, node, wish, q)
	}
	_, err = s.changeLogLevel(r, report, node, wish)
	switch {
	case errors.Is(err, ErrLogLevelMoved):
		return s.askLogLevel(w, r, http.StatusConflict, report, node, wish, q)
	case err != nil:
		return err
	}
	to := string(views.LogLevelAfter(node, wish, q))
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // G710: it begins with the page's own path, and the rest is escaped
	return nil
}

// showStanding shows a page that does not renew itself: it holds a form, and
// each time it is made a ztunnel is asked. Its forms say where they come from:
// with the policy of all other pages a browser sends Origin: null, which may be
// anybody's.
func (s *Server) showStanding(w http.ResponseWriter, r *http.Request, status int, report *analysis.Report, q views.Query, node string, content templ.Component) error {
	w.Header().Set("Referrer-Policy", "same-origin")
	w.Header().Set("Cache-Control", "no-store")
	f := views.NewFrame(report, q, views.PageZtunnels, "Log level of "+node)
	f.Still = true
	return s.show(w, r, status, f, content)
}

// ztunnelNode is the node that an address names.
func ztunnelNode(r *http.Request, report *analysis.Report) (string, error) {
	node := param(r, "node")
	if !knownNode(report.Snap, node) {
		return "", aNode.absent(report, "", node)
	}
	return node, nil
}

// mayChange refuses where levels are only read.
func (s *Server) mayChange(r *http.Request) error {
	if levels := s.logLevels(s.worldOf(r).name); levels == nil || !levels.Changeable() {
		return &statusError{status: http.StatusForbidden, text: lockedText}
	}
	return nil
}

// readLogLevel asks a ztunnel for a page, which shows whatever comes of it.
func (s *Server) readLogLevel(r *http.Request, report *analysis.Report, node, pod string) views.LogLevelRead {
	levels := s.logLevels(s.worldOf(r).name)
	if levels == nil {
		return views.LogLevelRead{Failure: views.ReadUnwired}
	}
	pod, err := chosenZtunnel(report.Snap, node, pod)
	if err != nil {
		return views.LogLevelRead{Failure: views.ReadAbsent, Detail: err.Error()}
	}
	ctx, cancel := context.WithTimeout(r.Context(), levelDeadline)
	defer cancel()
	level, err := levels.Read(ctx, node, pod)
	if err != nil {
		why, detail := unread(err)
		return views.LogLevelRead{Failure: why, Detail: detail}
	}
	return views.LogLevelRead{Level: level, Changeable: levels.Changeable()}
}

// chosenZtunnel is one of a node's ztunnels by its name: a browser may choose
// between them, and may not choose what Waylight connects to.
func chosenZtunnel(snap *mesh.Snapshot, node, pod string) (string, error) {
	if pod == "" {
		return "", nil
	}
	chosen := views.NamedPod(snap.Ztunnels(node), pod)
	if chosen == nil {
		return "", notFound("None of this node's ztunnels is the pod %s.", oneLine(pod))
	}
	return chosen.Namespace + "/" + chosen.Name, nil
}

// changeLogLevel carries a confirmed wish out. Its errors are for the client.
func (s *Server) changeLogLevel(r *http.Request, report *analysis.Report, node string, wish views.LogLevelWish) (*mesh.ZtunnelLogLevel, error) {
	pod, err := chosenZtunnel(report.Snap, node, wish.Pod)
	if err != nil {
		return nil, err
	}
	level, err := s.logLevels(s.worldOf(r).name).Change(r.Context(), LogLevelOrder{
		Node: node, Pod: pod, Change: wish.Change, For: wish.For, Seen: wish.Seen, From: r.RemoteAddr,
	})
	if err == nil || errors.Is(err, ErrLogLevelMoved) {
		return level, err
	}
	return nil, notChanged(err)
}

// notChanged says why a level was not changed, or that this is not known.
func notChanged(err error) error {
	why, detail := unread(err)
	switch why {
	case views.ReadTimedOut:
		return &statusError{status: http.StatusGatewayTimeout, text: "The ztunnel did not answer in time. The level may have been changed or not: look at it again."}
	case views.ReadForbidden:
		return &statusError{status: http.StatusForbidden, text: "The log level was not changed. Missing right: " + detail + ". The role is in deploy/rbac/loglevel.yaml."}
	}
	return &statusError{status: http.StatusBadGateway, text: "The log level was not changed: " + detail + "."}
}
