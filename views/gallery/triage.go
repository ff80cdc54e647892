package gallery

import (
	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

func triage() []Entry {
	content := func(r *analysis.Report, q views.Query) templ.Component {
		return views.TriageContent(views.NewTriage(r, q))
	}
	of := func(name, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("triage/"+name, views.PageTriage, "Triage", parameters, snap, content)
	}
	return []Entry{
		of("quiet", "", quiet),
		of("broken", "", broken),
		of("broken in one namespace", "ns=billing", broken),
		of("unknown namespace", "ns=nowhere", broken),
		of("services nobody reaches", "", denied),
		of("starting", "", startingMesh),
		of("empty cluster", "", empty),
		of("forbidden kinds", "", forbidden),
		of("kubernetes down", "", withSource(mesh.KubernetesSource, mesh.SourceDown, "Get \"https://10.0.0.1:443/version\": dial tcp 10.0.0.1:443: connect: connection refused")),
		of("kubernetes stale", "", withSource(mesh.KubernetesSource, mesh.SourceStale, "The watch of pods ended and could not be opened again.")),
		of("recorded", "", recorded),
		withDemos(of("demo", "", demo)),
		of("shared link", "at=2026-11-23T05:00:00Z", broken),
		of("500 services", "", many),
		of("hostile names", "", hostile),
	}
}

// withDemos offers recordings to choose from.
func withDemos(e Entry) Entry {
	page := e.Page
	e.Page = func() (views.Frame, templ.Component) {
		f, c := page()
		f.Demos = []views.Demo{{Name: "guide-as-written", Current: true}, {Name: "clean"}, {Name: "waypoint-label-typo"}, {Name: "waypoint-no-endpoints"}}
		return f, c
	}
	return e
}
