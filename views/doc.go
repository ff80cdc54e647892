// Package views holds the pages: for each a view model with a pure builder from
// one report and a typed query (New<Page>), and a templ component that prints
// the model (<Page>Content). Strings are formatted, classes chosen and URLs
// built in Go; a template holds only if, for and calls.
//
// Layout wraps a page into the whole document, Fragment into what a live update
// asks for. Both take a Frame and set the clock of all relative times.
package views
