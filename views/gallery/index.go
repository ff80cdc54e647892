package gallery

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/views"
)

// Index is the page that leads to all others.
func Index() (views.Frame, templ.Component) {
	var groups []group
	for _, e := range Entries() {
		page, name, _ := strings.Cut(e.Name, "/")
		if len(groups) == 0 || groups[len(groups)-1].Name != page {
			groups = append(groups, group{Name: page})
		}
		last := &groups[len(groups)-1]
		last.Entries = append(last.Entries, link{Name: name, URL: templ.SafeURL((&url.URL{Path: "/" + e.Name}).EscapedPath())})
	}
	s := quiet()
	r := analysis.Assess(analysis.Input{Snap: s, Now: s.At})
	return frame(r, views.Query{}, "", "Gallery"), index(groups)
}
