package views

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/text"
	"github.com/waylight/waylight/views/ui"
)

// PathAnswer is a call that was asked about, with what came of it.
type PathAnswer struct {
	Request path.Request
	// Problem says in a sentence why the question cannot be answered; then, and
	// where nothing was asked, Explanation is nil.
	Problem string
	// Unread is set where the question may make sense, and nobody knows.
	Unread      *mesh.Unread
	Explanation *path.Explanation
	// Seen is what could be read of the proxies; nil where nothing was asked.
	Seen *PathSeen
}

// PathModel is the page of one call.
type PathModel struct {
	Form PathForm
	// Unknown says why nobody knows whether the question makes sense; nil else.
	Unknown *UnreadAnswer
	// Answered tells that there is a verdict; the fields below are about it.
	Answered bool
	Verdict  path.Verdict
	Summary  string
	Code     CodeLink
	Outcome  string
	Chat     string
	Basis    path.Basis
	Drawing  Drawing
	Hops     []PathHop
	Branches []PathBranch
	// Note says what the answer rests on: as of when, how many proxies.
	Note   string
	Unread []PathUnread
	// UnreadLogs are the logs of which no line could prove a hop.
	UnreadLogs []UnreadReason
	// Again reads the proxies anew, empty where they cannot be; WhatIf is where a
	// change is tried.
	Again, WhatIf templ.SafeURL
	// Logs are of every proxy on the path.
	Logs templ.SafeURL
}

// PathUnread is a proxy that could not be asked about the call.
type PathUnread struct {
	Name, Why string
	// Role is the file with the role that grants a missing right, empty where
	// none is missing.
	Role string
}

// PathBranch is one of several ways calls go.
type PathBranch struct {
	ID             string
	Label, Weight  string
	Verdict        path.Verdict
	Code           CodeLink
	Summary        string
	Outcome        string
	Hops           []PathHop
	FirstHopNumber int
}

// NewPath builds the page of a call.
func NewPath(r *analysis.Report, a PathAnswer, q Query) PathModel {
	m := PathModel{Form: newPathForm(r, a, q)}
	if a.Unread != nil {
		m.Unknown, m.Form.Problem = newUnreadAnswer(a.Problem, a.Unread), ""
	}
	e := a.Explanation
	if e == nil {
		return m
	}
	l := q.Links()
	m.Answered, m.Verdict, m.Summary, m.Outcome = true, e.Verdict, e.Summary, e.Outcome.Text
	m.Code = catalogued(e.Code, l)
	m.Basis = weakest(e)
	m.WhatIf, m.Logs = l.WhatIf(a.Request), l.LogsOfCall(a.Request)
	if live(r.Snap) {
		m.Again = l.pathAgain(a.Request)
	}
	m.Note = pathNote(r.Snap, a.Seen)
	m.Chat = strings.TrimSpace(pathText(r, a, string(l.Path(a.Request))).Markdown())
	h := hopBuilder{snap: r.Snap, query: q, client: clientIdentity(e)}
	m.Hops = h.hops(e.Hops, 1)
	for i := range e.Branches {
		m.Branches = append(m.Branches, h.branch(&e.Branches[i], i, len(e.Hops)+1))
	}
	m.Drawing = drawCall(r, e, q)
	m.Unread, m.UnreadLogs = pathUnread(a.Seen), unreadLogs(a.Seen.LogsUnread)
	return m
}

func pathText(r *analysis.Report, a PathAnswer, link string) text.Path {
	t := text.Path{Explanation: a.Explanation, Asked: a.Request, At: r.Snap.At, Cluster: r.Snap.Cluster.Name, Link: link}
	for why := range a.Seen.UnreadWords() {
		t.Unread = append(t.Unread, why)
	}
	return t
}

// weakest is what the whole answer can rest on: the least that any hop that
// handles the call rests on.
func weakest(e *path.Explanation) path.Basis {
	rank := map[path.Basis]int{path.Expected: 0, path.Seen: 1, path.Proven: 2}
	out := path.Proven
	for i := range e.Hops {
		// The application is nobody's to read.
		if h := &e.Hops[i]; h.Kind != path.HopBackend && h.Result != path.HopSkipped && rank[h.Basis] < rank[out] {
			out = h.Basis
		}
	}
	return out
}

// pathNote says what an answer rests on.
func pathNote(s *mesh.Snapshot, seen *PathSeen) string {
	read := len(seen.Proxies) - len(seen.Unread())
	note := "predicted from the mesh as of " + ui.Clockface(s.At)
	switch {
	case len(seen.Proxies) == 0:
		return note + "; no proxy is on the way"
	case read == 0:
		return note + "; no proxy was read"
	}
	oldest := time.Time{}
	for _, p := range seen.Proxies {
		if p.Read() && (oldest.IsZero() || p.At.Before(oldest)) {
			oldest = p.At
		}
	}
	return note + ", and from the memory of " + plural(read, "proxy", "proxies") + " read at " + ui.Clockface(oldest)
}

func pathUnread(seen *PathSeen) []PathUnread {
	var out []PathUnread
	for _, p := range seen.Unread() {
		u := PathUnread{Name: p.Source, Why: p.Why()}
		if p.Failure == ReadForbidden {
			u.Role = roleProxies
		}
		out = append(out, u)
	}
	if seen.More > 0 {
		out = append(out, PathUnread{Name: plural(seen.More, "more proxy", "more proxies"), Why: "too many for one question; name one pod as the caller"})
	}
	return out
}

// hopsNote says in which order hops stand.
func hopsNote(m PathModel) string {
	if len(m.Branches) > 0 {
		return "what all calls have in common; then each way they can go"
	}
	return "in the order the call meets them"
}

// unreadLead says what it means that proxies could not be read.
func unreadLead(list []PathUnread) string {
	return plural(len(list), "proxy", "proxies") + " on this path could not be asked. What is said of them is expected from the API, and they may have something else:"
}
