package gallery

import (
	"net/url"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

func checks() []Entry {
	of := func(name, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("checks/"+name, views.PageChecks, "Checks", parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			return views.ChecksContent(views.NewChecks(r, q))
		})
	}
	return []Entry{
		of("all", "", broken),
		of("filtered", "q=severity:critical", broken),
		of("no match", "q=severity:odd+color:red", broken),
		of("held back", "sort=-now", forbidden),
	}
}

func sources() []Entry {
	of := func(name, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("sources/"+name, views.PageSources, "Sources", parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			return views.SourcesContent(views.NewSources(r, nil, q))
		})
	}
	return []Entry{
		of("fine", "", quiet),
		of("forbidden kinds", "", forbidden),
		of("down", "", withSource(mesh.KubernetesSource, mesh.SourceDown, "dial tcp 10.0.0.1:443: connect: connection refused")),
		of("stale", "", withSource(mesh.KubernetesSource, mesh.SourceStale, "The watch ended.")),
		of("starting", "", startingMesh),
		of("filtered", "q=state:down", ztunnelsDown),
		of("scope", "", twoNamespaces),
		of("200 ztunnels down", "", ztunnelsDown),
		of("hostile names", "", hostile),
	}
}

// pasted is a line as ztunnel writes it.
const pasted = `2026-11-23T07:42:51.218Z error access connection complete src.addr=10.244.0.7:38112 src.workload="web-1" src.namespace="shop" ` +
	`dst.addr=10.244.0.9:15008 dst.hbone_addr=10.96.0.5:80 dst.service="orders.shop.svc.cluster.local" error="http status: 401 Unauthorized"`

func search() []Entry {
	of := func(name, text string, snap func() *mesh.Snapshot) Entry {
		return state("search/"+name, views.PageSearch, "Search", "q="+url.QueryEscape(text), snap, func(r *analysis.Report, q views.Query) templ.Component {
			return views.SearchContent(views.NewSearch(r, q))
		})
	}
	return []Entry{
		of("empty", "", quiet),
		of("a name", "orders", quiet),
		of("a log line", pasted, quiet),
		of("nothing found", "no-such-thing", quiet),
		of("many", "service", many),
		of("forbidden kinds", "web", forbidden),
		of("hostile text", markup, hostile),
	}
}

func errors() []Entry {
	of := func(name string, status int, text string) Entry {
		return state("errors/"+name, "", name, "", quiet, func(_ *analysis.Report, q views.Query) templ.Component {
			return views.ErrorContent(views.NewError(status, text, q))
		})
	}
	return []Entry{
		of("not found", 404, ""),
		of("object not found", 404, "There is no Service shop/"+markup+"."),
		of("refused", 403, "This host name is not allowed. Start Waylight with --allowed-host to use it."),
		of("broken", 500, ""),
		of("unavailable", 503, ""),
	}
}
