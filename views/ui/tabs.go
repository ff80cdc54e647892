package ui

import "github.com/a-h/templ"

// Tab is one tab of a page. Each has an address of its own, so that it can be
// shared and works without scripts.
type Tab struct {
	Label   string
	Count   string // behind the label; empty for none
	URL     templ.SafeURL
	Current bool
}
