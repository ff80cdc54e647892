package gallery

import (
	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

// onePath shows the page of one call with every verdict and in every state.
func onePath() []Entry {
	of := func(name, parameters string, snap func() *mesh.Snapshot, proxies ...views.PathProxy) Entry {
		return state("path/"+name, views.PagePath, "Path of one call", parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			return views.PathContent(views.NewPath(r, answer(r, q, proxies), q))
		})
	}
	read := views.PathProxy{Source: "ztunnel/node-a", At: mt.Now}
	return []Entry{
		of("empty", "", quiet),
		of("reachable", "from=shop/deployment/web&to=shop/orders:80&path=/api/items", quiet, read),
		of("unreachable", "from=shop/deployment/web&to=shop/orders:80", broken, read),
		of("denied", "from=shop/deployment/web&to=shop/orders:80", denied),
		of("ambiguous", "from=shop/deployment/web&to=shop/orders:80", split),
		of("undetermined", "from=shop/deployment/web&to=shop/orders:80", forbidden),
		of("outside", "from=outside&to=shop/orders:80", quiet),
		of("headers and token", "from=shop/deployment/web&to=shop/orders:80&header=x-canary:+always&jwt=valid&jwt-issuer=https://issuer.example&jwt-claim=groups%3Dadmins", split),
		of("proxies forbidden", "from=shop/deployment/web&to=shop/orders:80", quiet, read,
			views.PathProxy{Source: "envoy/shop/waypoint-1", Failure: views.ReadForbidden, Detail: "create pods/portforward in shop"},
			views.PathProxy{Source: "ztunnel/node-b", Failure: views.ReadTimedOut}),
		of("bad request", "from=shop/deployment/nobody&to=shop/orders:80", quiet),
		of("bad header", "from=shop/deployment/web&to=shop/orders:80&header=nonsense", quiet),
		of("hostile request", "from=%3Cb%3Eshop%3C/b%3E/x&to=%3Cscript%3E:80", quiet),
		of("shared before", "from=shop/deployment/web&to=shop/orders:80&at=2026-11-22T06:00:00Z", quiet),
	}
}

// answer asks as the server does, with proxies that were asked in vain or said
// nothing else than the API.
func answer(r *analysis.Report, q views.Query, proxies []views.PathProxy) views.PathAnswer {
	request, err := views.ParsePathRequest(q.Call)
	a := views.PathAnswer{Request: request, Seen: &views.PathSeen{Proxies: proxies}}
	if len(q.Call) == 0 {
		return a
	}
	if err == nil {
		a.Explanation, err = path.Explain(r.Snap, a.Seen, request)
	}
	if err != nil {
		a.Problem = err.Error()
	}
	return a
}

// whatIf shows changes that are tried on a call.
func whatIf() []Entry {
	of := func(name string, snap func() *mesh.Snapshot, problem string, change views.Change) Entry {
		return state("whatif/"+name, views.PagePath, "What if?", "from=shop/deployment/web&to=shop/orders:80", snap, func(r *analysis.Report, q views.Query) templ.Component {
			a := views.WhatIfAnswer{Path: answer(r, q, nil), Problem: problem}
			if len(change.Objects)+len(change.Gone) > 0 {
				a.Tried, _ = views.Try(r.Snap, a.Path.Request, change) // written in this package
				a.Objects = "kind: AuthorizationPolicy"
			}
			return views.WhatIfContent(views.NewWhatIf(r.Snap, a, q))
		})
	}
	deny := &mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "deny-all"}, Action: "ALLOW"}
	other := &mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "billing", Name: "deny-all"}, Action: "ALLOW"}
	return []Entry{
		of("form", denied, "", views.Change{}),
		of("lose", quiet, "", views.Change{Objects: []mesh.Object{deny}, Ignored: []string{"Secret shop/tls is of no kind that Waylight judges calls by"}}),
		of("gain", denied, "", views.Change{Gone: []mesh.Ref{deny.Ref()}}),
		of("nothing changes", quiet, "", views.Change{Objects: []mesh.Object{other}}),
		of("not readable", quiet, "The objects cannot be read: document 1: did not find expected node content.", views.Change{}),
	}
}

// access shows the matrices.
func access() []Entry {
	callers := func(name, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("callers/"+name, views.PageServices, "shop/orders", parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			m, _ := views.NewService(r, "shop", "orders", views.TabCallers, q)
			return views.ServiceContent(m)
		})
	}
	return []Entry{
		callers("all", "", quiet),
		callers("refused", "", denied),
		callers("filtered", "q=may:yes", quiet),
		callers("no match", "q=nothing-like-it", quiet),
		callers("policies forbidden", "", without(mesh.ResourceAuthorizationPolicies)),
		state("callees/all", views.PageWorkloads, "web", "", quiet, func(r *analysis.Report, q views.Query) templ.Component {
			m, _ := views.NewCallees(r, "shop", firstPod(r.Snap, "web"), q)
			return views.CalleesContent(m)
		}),
	}
}

// firstPod is a pod of a Deployment of the namespace shop.
func firstPod(s *mesh.Snapshot, deployment string) string {
	for _, w := range s.Shard("shop").Workloads {
		if s.ControllerOf(w).Name == deployment {
			return w.Name
		}
	}
	return ""
}
