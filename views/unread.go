package views

import (
	"slices"
	"strconv"

	"github.com/waylight/waylight/mesh"
)

// UnreadAnswer stands where an answer would be that rests on what was not read.
type UnreadAnswer struct {
	// Text says in a sentence what nobody knows.
	Text    string
	Notices []SourceNotice
	// Watched are the namespaces that are, where what was asked for lies in
	// another; empty else.
	Watched string
}

func newUnreadAnswer(text string, u *mesh.Unread) *UnreadAnswer {
	if u.Unwatched != "" {
		return &UnreadAnswer{Text: text, Watched: sentenceList(u.Scope)}
	}
	return &UnreadAnswer{Text: text, Notices: []SourceNotice{newSourceNotice(u.Resource, u.Source)}}
}

// NewUnread builds the page of something of which nobody knows whether it
// exists: "workload shop/web". It is no missing page, and becomes the page that
// was asked for once that is known.
func NewUnread(status int, what string, u *mesh.Unread, q Query) ErrorModel {
	m := ErrorModel{
		Status: strconv.Itoa(status), Title: "Not known", Links: q.Links(),
		Unread: newUnreadAnswer(mesh.Whether(what)+".", u),
		Ways:   []Way{{"What Waylight can see", PageSources}, {"Search for it", PageSearch}},
	}
	switch {
	case u.Unwatched != "":
		m.Title = "Not watched"
		m.Unread.Text = mesh.Whether(what) + ": namespace " + u.Unwatched + " is not watched."
	case u.Source.State == mesh.SourceStarting:
		m.Title = "Not read yet"
	case u.Source.State == mesh.SourceForbidden:
		m.Title = "May not be read"
	}
	return m
}

// incomplete tells that there may be objects of these kinds nobody knows of, in
// the namespace of the query or anywhere.
func incomplete(s *mesh.Snapshot, q Query, resources ...string) bool {
	return slices.ContainsFunc(resources, func(r string) bool { return !s.Readable(r, q.Namespace) })
}

// watched is what an empty list means where only some namespaces are watched.
// noun is what it lists, in the plural.
func (e EmptyList) watched(s *mesh.Snapshot, q Query, noun string) EmptyList {
	switch {
	case s.Scope == nil:
		return e
	case q.Namespace == "":
		return EmptyList{"No " + noun + " where Waylight looks", "It watches " + sentenceList(s.Scope) + " only. What lies in other namespaces is unknown."}
	case !s.InScope(q.Namespace):
		return EmptyList{"Namespace " + q.Namespace + " is not watched", "Whether there are " + noun + " is unknown: Waylight watches " + sentenceList(s.Scope) + " only."}
	}
	return e
}
