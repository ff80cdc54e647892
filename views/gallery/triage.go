package gallery

import (
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
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
		of("one hop breaks several services", "", oneHop),
		of("filtered", "q=severity:critical", broken),
		of("filtered to nothing", "q=code:NO_SUCH+typo:x", broken),
		of("muted", mutedInGallery, broken),
		of("a mute ran out", "mute=WAYPOINT_NO_ENDPOINTS:Gateway/shop/waypoint%402026-11-22T10:00Z&mute=nonsense", broken),
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

// mutedInGallery mutes one cause of the broken mesh.
const mutedInGallery = "mute=WAYPOINT_NO_ENDPOINTS:Gateway/shop/waypoint%402026-11-30T10:00Z"

// oneHop is a waypoint that one policy keeps from the pods of all Services.
func oneHop() *mesh.Snapshot {
	clients := mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Principals: []string{"prod/ns/shop/sa/web"}}}}
	return mt.Mesh(shop(), mt.Objects(&mesh.AuthorizationPolicy{
		Meta:   mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "clients", SpecChange: mesh.Change{Manager: "kubectl-apply", Time: mt.Now.Add(-3 * time.Minute)}},
		Action: "ALLOW", Rules: []mesh.AuthorizationRule{clients},
	}))
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
