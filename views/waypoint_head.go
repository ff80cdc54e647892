package views

import (
	"net/url"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Tabs of a waypoint's page, as they stand in the address; the others are
// TabRoutes and TabEndpoints. TabOverview is the page without a tab.
const (
	TabOverview  = "overview"
	TabListeners = "listeners"
	TabClusters  = "clusters"
	TabSecrets   = "secrets"
	TabSync      = "sync"
	TabDeclared  = "declared"
)

// waypointTabs are all of them in order, with their labels.
var waypointTabs = []struct{ name, label string }{
	{TabOverview, "Overview"},
	{TabDeclared, "Declared | loaded"},
	{TabListeners, "Listeners"},
	{TabRoutes, "Routes"},
	{TabClusters, "Clusters"},
	{TabEndpoints, "Endpoints"},
	{TabSecrets, "Secrets"},
	{TabSync, "Sync"},
}

// WaypointTab tells whether there is a tab of that name beside the overview.
func WaypointTab(name string) bool {
	for _, t := range waypointTabs[1:] {
		if t.name == name {
			return true
		}
	}
	return false
}

// WaypointHead begins every tab of a waypoint's page.
type WaypointHead struct {
	Namespace, Name, Crumb string
	Tags                   []HeadTag
	Tabs                   []ui.Tab
	Tab                    string
	Findings               []FindingCard
}

// newWaypointHead builds it for one tab. counts are what is known of the tabs,
// by name.
func newWaypointHead(r *analysis.Report, w *mesh.Waypoint, tab string, counts map[string]int, q Query) WaypointHead {
	h := WaypointHead{
		Namespace: w.Namespace, Name: w.Name, Crumb: w.Namespace + " / waypoints", Tab: tab,
		Tags: append(waypointTags(r.Snap, w), logsTag(q.Links(), LogsAsk{Waypoint: w.Ref().NamespacedName()}, "of all its replicas")), Findings: findingCards(r, q, w.Ref()),
	}
	for _, t := range waypointTabs {
		v := url.Values{}
		for _, key := range []string{paramNamespace, paramPod} {
			if value := q.params().Get(key); value != "" {
				v.Set(key, value)
			}
		}
		out := ui.Tab{Label: t.label, Current: t.name == tab, URL: withQuery(waypointPath(w.Namespace, w.Name, t.name), v)}
		if n, known := counts[t.name]; known {
			out.Count = number(n)
		}
		h.Tabs = append(h.Tabs, out)
	}
	return h
}
