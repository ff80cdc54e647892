// Package uitest helps tests of pages: it renders a component into a document
// that can be asked by selector, and holds any document to the rules that all
// of Waylight's pages share.
package uitest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"github.com/waylight/waylight/static"
)

// Render prints a component as text.
func Render(tb testing.TB, c templ.Component) string {
	tb.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		tb.Fatalf("render: %v", err)
	}
	return b.String()
}

// Wrapped prints a component with another one as its children, as Layout takes
// a page.
func Wrapped(tb testing.TB, outer, inner templ.Component) string {
	tb.Helper()
	var b bytes.Buffer
	if err := outer.Render(templ.WithChildren(context.Background(), inner), &b); err != nil {
		tb.Fatalf("render: %v", err)
	}
	return b.String()
}

// Parse makes a document of rendered text.
func Parse(tb testing.TB, text string) *goquery.Document {
	tb.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		tb.Fatalf("parse: %v", err)
	}
	return doc
}

// Document renders a component and parses it.
func Document(tb testing.TB, c templ.Component) *goquery.Document {
	tb.Helper()
	return Parse(tb, Render(tb, c))
}

// Text is the text of what a selector finds, with white space folded.
func Text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// Check reports everything in a document that breaks the rules of all pages:
// the content security policy (nothing inline, nothing from elsewhere), ids
// that are there twice, icons that do not exist, fields and buttons without a
// name, and links that a cluster's name could have made.
func Check(tb testing.TB, doc *goquery.Document) {
	tb.Helper()
	for _, problem := range Problems(doc) {
		tb.Error(problem)
	}
}

// Problems lists what Check reports.
func Problems(doc *goquery.Document) []string {
	var out []string
	ids := make(map[string]bool)
	icons := static.Icons()
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		node := s.Get(0)
		out = append(out, inline(node)...)
		out = append(out, addresses(node)...)
		if id, ok := s.Attr("id"); ok {
			if ids[id] {
				out = append(out, fmt.Sprintf("id %q is there twice", id))
			}
			ids[id] = true
		}
		out = append(out, icon(node, icons)...)
		out = append(out, nameless(s)...)
	})
	return out
}

// inline finds what the policy forbids: style, script and handlers in the page.
func inline(n *html.Node) []string {
	var out []string
	switch n.Data {
	case "style":
		out = append(out, "an inline stylesheet")
	case "script":
		if attr(n, "src") == "" {
			out = append(out, "an inline script")
		}
	case "iframe", "object", "embed", "base":
		out = append(out, "an element <"+n.Data+">")
	}
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
			out = append(out, fmt.Sprintf("an attribute %s on <%s>", a.Key, n.Data))
		}
	}
	return out
}

// addresses finds links and sources that do not stay on this site. A link out
// must have been written by us, and say so by rel.
func addresses(n *html.Node) []string {
	var out []string
	for _, a := range n.Attr {
		switch a.Key {
		case "href", "src", "action", "formaction":
			here := strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//") && !strings.HasPrefix(a.Val, `/\`)
			if !here && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "?") && attr(n, "rel") != "external" {
				out = append(out, fmt.Sprintf("%s=%q on <%s> leads elsewhere", a.Key, a.Val, n.Data))
			}
		}
	}
	return out
}

func icon(n *html.Node, known []string) []string {
	if n.Data != "use" {
		return nil
	}
	_, name, _ := strings.Cut(attr(n, "href"), "#")
	if !slices.Contains(known, name) {
		return []string{fmt.Sprintf("icon %q is not in static/icons.txt", name)}
	}
	return nil
}

// nameless finds controls that a screen reader cannot name.
func nameless(s *goquery.Selection) []string {
	n := s.Get(0)
	switch n.Data {
	case "button", "a", "summary":
		if Text(s) == "" && attr(n, "aria-label") == "" && !has(n, "hidden") {
			return []string{"a <" + n.Data + "> without words"}
		}
	case "input", "select", "textarea":
		id := attr(n, "id")
		labelled := attr(n, "aria-label") != "" || s.Closest("label").Length() > 0 || (id != "" && s.Closest("html").Find(`label[for="`+id+`"]`).Length() > 0)
		if attr(n, "type") != "hidden" && !labelled {
			return []string{fmt.Sprintf("a field %q without a label", attr(n, "name"))}
		}
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}
