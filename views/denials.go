package views

import (
	"fmt"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// Denials is what the logs of the proxies say of calls that fail, and how far
// that can be relied on: nothing failed, nothing could be read and nothing was
// read yet are three things.
type Denials struct {
	State    DenialsState
	Failures logline.Failures
	// Window is how far back the failures reach from At. Since is when the
	// proxies began to be followed.
	Window    time.Duration
	At, Since time.Time
	// Recorded tells that the logs are those of a recording.
	Recorded bool
	// Proxies is how many are followed, of All.
	Proxies, All int
	// Unread are those whose logs are not read. Silent counts those of the others
	// that have written nothing since, as far as can be told.
	Unread []UnreadLog
	Silent int
	// Unlogged are waypoints that write no line about requests.
	Unlogged []mesh.Ref
	// Missed counts lines that were there and not read; -1 where nobody can
	// know how many.
	Missed int
	// Problem is why no log is read at all now; empty for none.
	Problem string
}

// DenialsState is how far the logs were read.
type DenialsState string

// The states.
const (
	DenialsUnwired   DenialsState = "unwired" // no logs are read here
	DenialsReading   DenialsState = "reading" // what was written already is being read
	DenialsFollowing DenialsState = "following"
)

// Read is how many logs are read.
func (d *Denials) Read() int {
	if d.Problem != "" {
		return 0
	}
	return d.Proxies - len(d.Unread)
}

// SourceState is how far the logs can be relied on, in the words of sources.
func (d *Denials) SourceState() mesh.SourceState {
	switch {
	case d.State == DenialsUnwired:
		return mesh.SourceAbsent
	case d.Problem != "":
		return mesh.SourceDown
	case d.State == DenialsReading:
		return mesh.SourceStarting
	case d.Read() == 0 && d.inPhase(mesh.LogEnded) == len(d.Unread):
		return mesh.SourceAbsent // none, or none that has a log here
	case d.Read() == 0 && d.inPhase(mesh.LogForbidden) == len(d.Unread):
		return mesh.SourceForbidden
	case d.Read() == 0:
		return mesh.SourceDown
	case len(d.Unread) > 0 || d.Proxies < d.All || d.Missed != 0 || len(d.Unlogged) > 0:
		return mesh.SourcePartial
	}
	return mesh.SourceOK
}

// inPhase counts the logs that are not read for one kind of reason.
func (d *Denials) inPhase(p mesh.LogPhase) int {
	n := 0
	for i := range d.Unread {
		if d.Unread[i].Phase == p {
			n++
		}
	}
	return n
}

// Summary is how much was looked at: "last 10 min · logs of 4 proxies".
func (d *Denials) Summary() string {
	window := "last " + minutes(d.Window)
	if d.Recorded {
		window += " of the recording"
	}
	switch d.State {
	case DenialsUnwired:
		return ""
	case DenialsReading:
		return window + " · reading"
	}
	window += " · logs of " + plural(d.Read(), "proxy", "proxies")
	if d.Silent > 0 {
		window += fmt.Sprintf(", %d without a line", d.Silent)
	}
	return window
}

// Quiet says that nothing failed as far as was read; empty where something did
// or nothing is known.
func (d *Denials) Quiet() string {
	if d.State != DenialsFollowing || d.Read() == 0 || len(d.Failures.Groups) > 0 || d.Failures.Beyond > 0 {
		return ""
	}
	return fmt.Sprintf("No failures in the last %s in the logs of %s.", minutes(d.Window), plural(d.Read(), "proxy", "proxies"))
}

func minutes(d time.Duration) string { return fmt.Sprintf("%d min", int(d.Minutes())) }

// In keeps the failures that begin or end in a namespace; all for none.
func (d Denials) In(namespace string) Denials {
	if namespace == "" {
		return d
	}
	return d.only(func(g *logline.FailureGroup) bool { return g.Source.In(namespace) || g.Destination.In(namespace) })
}

// To keeps the failed calls to a Service or ServiceEntry.
func (d Denials) To(ref mesh.Ref) Denials {
	return d.only(func(g *logline.FailureGroup) bool { return g.Destination.Ref == ref })
}

// From keeps the failed calls that the pods of a Service make.
func (d Denials) From(s *mesh.Snapshot, ref mesh.Ref) Denials {
	svc := s.Service(ref.Namespace, ref.Name)
	return d.only(func(g *logline.FailureGroup) bool {
		w := s.Workload(g.Source.Pod.Namespace, g.Source.Pod.Name)
		return svc != nil && ref.Kind == svc.Kind && len(svc.Selector) > 0 && w != nil && w.Namespace == svc.Namespace && mesh.LabelsMatch(svc.Selector, w.Labels)
	})
}

// only keeps the groups that a condition is true of.
func (d Denials) only(keep func(*logline.FailureGroup) bool) Denials {
	var groups []logline.FailureGroup
	d.Failures.Calls = 0
	for i := range d.Failures.Groups {
		if g := &d.Failures.Groups[i]; keep(g) {
			groups = append(groups, *g)
			d.Failures.Calls += g.Count
		}
	}
	d.Failures.Groups = groups
	return d
}

// PathOfFailure is the question that asks the path explainer about failed
// calls; false where the mesh does not know what was called.
func PathOfFailure(g *logline.FailureGroup) (path.Request, bool) {
	to := g.Destination.To()
	if to == "" {
		return path.Request{}, false
	}
	r := path.Request{From: g.Source.From(), To: to, Method: g.Method, Path: g.Path}
	if !strings.HasPrefix(r.Path, "/") {
		r.Method, r.Path = "", ""
	}
	return r, true
}

// PathOfFailure is the page of that question, empty where there is none.
func (l Links) PathOfFailure(g *logline.FailureGroup) templ.SafeURL {
	r, ok := PathOfFailure(g)
	if !ok {
		return ""
	}
	return l.to(pathParams(r), string(PagePath))
}
