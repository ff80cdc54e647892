package views

import (
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
		Unread: newUnreadAnswer("Nobody knows whether there is a "+what+".", u),
		Ways:   []Way{{"What Waylight can see", PageSources}, {"Search for it", PageSearch}},
	}
	switch {
	case u.Unwatched != "":
		m.Title = "Not watched"
		m.Unread.Text = "Nobody knows whether there is a " + what + ": namespace " + u.Unwatched + " is not watched."
	case u.Source.State == mesh.SourceStarting:
		m.Title = "Not read yet"
	case u.Source.State == mesh.SourceForbidden:
		m.Title = "May not be read"
	}
	return m
}
