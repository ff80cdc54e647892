package server

import (
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/views"
)

// waypointPart is one part of what a waypoint's proxies say, in each form it is
// asked for.
type waypointPart struct {
	content func() templ.Component
	// list has every row that matches. It and asOf are there only where unread
	// is nil.
	list   func() views.DumpList
	asOf   time.Time
	source apiSource
	// unread says why nothing was read.
	unread error
}

// loadedPart is what a replica has loaded.
func loadedPart(asked waypointQuestion, l views.Loaded) waypointPart {
	part := waypointPart{
		content: func() templ.Component {
			return views.LoadedContent(views.NewLoaded(asked.report, asked.waypoint, asked.tab, l, asked.query))
		},
		list: func() views.DumpList {
			return views.NewLoadedList(asked.report, asked.waypoint, asked.tab, l, asked.query, 0)
		},
		source: envoySource(l.Read),
	}
	if l.Read.Dump == nil {
		part.unread = unreadSentence("waypoint's Envoy", l.Read.Failure, l.Read.Words())
	} else {
		part.asOf = l.Read.Dump.At
	}
	return part
}

// envoySource is the source that lists of what an Envoy has loaded rest on.
// Without a replica it is all of them.
func envoySource(read views.EnvoyRead) apiSource {
	name := "envoy"
	if !read.Pod.IsZero() {
		name += "/" + read.Pod.NamespacedName()
	}
	return apiSource{Name: name, State: read.State(), Detail: read.Words()}
}

// syncPart is what istiods say of the replicas.
func syncPart(asked waypointQuestion, reads []views.SyncRead) waypointPart {
	part := waypointPart{
		content: func() templ.Component {
			return views.SyncContent(views.NewSync(asked.report, asked.waypoint, reads, asked.query))
		},
		list:   func() views.DumpList { return views.NewSyncList(asked.report, asked.waypoint, reads, asked.query, 0) },
		source: apiSource{Name: "istiod"},
	}
	if len(reads) == 1 {
		part.source.Name += "/" + reads[0].Istiod.Name
	}
	part.source.State, part.source.Detail = views.SumSync(reads)
	var why views.ReadFailure
	for _, read := range reads {
		why = read.Failure
		if e := read.Evidence; e != nil && (part.asOf.IsZero() || e.At.Before(part.asOf)) {
			part.asOf = e.At
		}
	}
	if part.asOf.IsZero() {
		part.unread = unreadSentence("istiod", why, part.source.Detail)
	}
	return part
}

// items is the part in the API's form.
func (p *waypointPart) items(report *analysis.Report) apiList[any] {
	out := apiList[any]{Items: []any{}, Source: p.source}
	if p.unread != nil {
		return out
	}
	list := p.list()
	out.Items, out.AsOf = list.Items(report), rfc3339(p.asOf)
	out.Total = len(out.Items)
	return out
}
