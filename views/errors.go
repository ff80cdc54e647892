package views

import (
	"net/http"
	"strconv"
)

// ErrorModel is a page that says why there is no other.
type ErrorModel struct {
	Status string
	Title  string
	// Text is one sentence for people; it holds nothing a stranger may not
	// know.
	Text string
	// Unread is set where nobody knows whether there is what was asked for.
	Unread *UnreadAnswer
	Ways   []Way
	Links  Links
}

// Way is a way on from an error.
type Way struct {
	Text string
	Page Page
}

// NewError builds the page for an HTTP status. An empty text takes the usual
// one of that status.
func NewError(status int, text string, q Query) ErrorModel {
	m := ErrorModel{Status: strconv.Itoa(status), Links: q.Links(), Text: text}
	usual := ""
	switch status {
	case http.StatusNotFound:
		m.Title, usual = "Not found", "There is nothing at this address. The object may have been deleted, or it may lie in a namespace that cannot be read."
		m.Ways = []Way{{"Search for it", PageSearch}, {"All services", PageServices}, {"What Waylight can see", PageSources}}
	case http.StatusForbidden:
		m.Title, usual = "Refused", "This request is not allowed."
	case http.StatusServiceUnavailable:
		m.Title, usual = "Not available", "Waylight cannot answer this now. It keeps trying."
		m.Ways = []Way{{"What Waylight can see", PageSources}}
	case http.StatusBadRequest, http.StatusMethodNotAllowed:
		m.Title, usual = "Not understood", "This request makes no sense to Waylight."
	default:
		m.Title, usual = "Something broke in Waylight", "Waylight failed to make this page. The reason is in its log; the mesh itself is not touched by this."
		m.Ways = []Way{{"Triage", PageTriage}}
	}
	if m.Text == "" {
		m.Text = usual
	}
	return m
}
