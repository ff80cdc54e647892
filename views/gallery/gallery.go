// Package gallery lists every state of every page, made from fixtures: what to
// look at after a change of looks, and what the tests of all pages walk over.
package gallery

import (
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// Entry is one page in one state. Name is a path: "triage/quiet".
type Entry struct {
	Name string
	Page func() (views.Frame, templ.Component)
}

// Entries lists all of them in the order of the menu. A page's states are a
// function in a file of its own, named here.
func Entries() []Entry {
	return slices.Concat(
		triage(), denials(),
		services(), service(), rates(), history(), onePath(), whatIf(), access(), workloads(), workload(), nodes(), ztunnels(), ztunnel(), logLevel(),
		waypoints(), waypointLoaded(), waypointSync(), policies(), gateways(),
		logs(), checks(), sources(), search(), errors(),
	)
}

// Find returns the entry of a name, and false if there is none.
func Find(name string) (Entry, bool) {
	all := Entries()
	i := slices.IndexFunc(all, func(e Entry) bool { return e.Name == name })
	if i < 0 {
		return Entry{}, false
	}
	return all[i], true
}

// build makes a page's content from a report and a query.
type build func(*analysis.Report, views.Query) templ.Component

// state makes an entry: a page of a mesh, as asked for by parameters ("ns=shop").
func state(name string, page views.Page, title, parameters string, snap func() *mesh.Snapshot, content build) Entry {
	return Entry{Name: name, Page: func() (views.Frame, templ.Component) {
		s := snap()
		r := analysis.Assess(analysis.Input{Snap: s, Now: s.At})
		values, _ := url.ParseQuery(parameters) // written in this package
		q := views.ParseQuery(values)
		return frame(r, q, page, title), content(r, q)
	}}
}

func frame(r *analysis.Report, q views.Query, page views.Page, title string) views.Frame {
	f := views.NewFrame(r, q, page, title)
	f.Version, f.Still = "gallery", true
	return f
}
