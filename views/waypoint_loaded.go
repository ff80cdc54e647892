package views

import (
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/mesh"
)

// LoadedModel is a tab of a waypoint's page with what one of its replicas has
// loaded.
type LoadedModel struct {
	WaypointHead
	// Replicas are the choices where there are several; Others says which of how
	// many is shown.
	Replicas []PodChoice
	Others   string
	// Unread says why there is no dump; nil where there is one. Old is when it
	// was read before, a zero time for never.
	Unread    *DumpUnread
	Old       time.Time
	RereadURL templ.SafeURL
	// The rest is there only where a dump was read.
	At       time.Time
	Pod      ObjectLink
	NotReady bool // the pod is not Ready, and answered
	Version  string
	Skipped  []string
	Summary  string // of what is declared and loaded; empty on other tabs
	DumpTable
}

// Loaded is what was read for such a page: the dump, and where that was asked
// for the pairs of what is declared and loaded.
type Loaded struct {
	Read  EnvoyRead
	Pairs []drift.Pair
}

// NewLoadedList lists one part of a dump as a query asks. limit bounds the rows,
// 0 gives all.
func NewLoadedList(r *analysis.Report, w *mesh.Waypoint, tab string, l Loaded, q Query, limit int) DumpList {
	if tab == TabDeclared {
		return declaredPart.list(newPairBook(r, w, l.Read.Dump, l.Pairs, q), limit)
	}
	b := newEnvoyBook(r, w, l.Read.Dump, q)
	switch tab {
	case TabRoutes:
		return routesPart.list(b, limit)
	case TabClusters:
		return clustersPart.list(b, limit)
	case TabEndpoints:
		return endpointsPart.list(b, limit)
	case TabSecrets:
		return secretsPart.list(b, limit)
	}
	return listenersPart.list(b, limit)
}

// NewLoaded builds a tab of the page of a waypoint from what was read of one of
// its replicas.
func NewLoaded(r *analysis.Report, w *mesh.Waypoint, tab string, l Loaded, q Query) LoadedModel {
	path := waypointPath(w.Namespace, w.Name, tab)
	m := LoadedModel{
		WaypointHead: newWaypointHead(r, w, tab, loadedCounts(l), q), Replicas: replicaChoices(w, path, l.Read.Pod, q),
		RereadURL: rereadURL(r.Snap, path, q),
	}
	if n := len(w.Pods); n > 1 {
		m.Others = "One of " + number(n) + " replicas is shown:"
	}
	d := l.Read.Dump
	if d == nil {
		m.Unread = l.Read.unread()
		if e := r.Snap.EnvoyEvidence(l.Read.Pod.Namespace, l.Read.Pod.Name); e != nil {
			m.Old = e.At
		}
		return m
	}
	m.At, m.Version, m.Skipped = d.At, envoyVersion(d), skippedParts(d)
	m.describePod(r.Snap, l.Read.Pod, q)
	m.DumpTable = newDumpTable(NewLoadedList(r, w, tab, l, q, DumpRowLimit), q, path)
	m.Empty = emptyLoaded(&m.List, q)
	if tab == TabDeclared {
		m.Summary = countPairs(l.Pairs)
	}
	return m
}

// describePod says which pod answered.
func (m *LoadedModel) describePod(s *mesh.Snapshot, pod mesh.Ref, q Query) {
	m.Pod = ObjectLink{Kind: "Pod", Name: cellText(pod.NamespacedName())}
	if w := s.Workload(pod.Namespace, pod.Name); w != nil {
		m.Pod.URL, m.NotReady = q.Links().Workload(pod.Namespace, pod.Name), !w.Ready
	}
}

func envoyVersion(d *mesh.EnvoyDump) string {
	switch {
	case d.Version != "" && d.EnvoyVersion != "":
		return cellText("Istio " + d.Version + ", Envoy " + d.EnvoyVersion)
	case d.EnvoyVersion != "":
		return cellText("Envoy " + d.EnvoyVersion + "; it does not say of which release of Istio")
	}
	return cellText(orWord(d.Version, "not said"))
}

// loadedCounts are the counts that stand at the tabs.
func loadedCounts(l Loaded) map[string]int {
	d := l.Read.Dump
	if d == nil {
		return nil
	}
	chains := 0
	for i := range d.Listeners {
		chains += max(len(d.Listeners[i].Chains), 1)
	}
	return map[string]int{TabListeners: chains, TabRoutes: len(d.Routes), TabClusters: len(d.Clusters), TabEndpoints: len(d.Endpoints), TabSecrets: len(d.Secrets)}
}

// replicaChoices are the replicas where there are several.
func replicaChoices(w *mesh.Waypoint, path string, shown mesh.Ref, q Query) []PodChoice {
	if len(w.Pods) < 2 {
		return nil
	}
	out := make([]PodChoice, 0, len(w.Pods))
	for _, p := range w.Pods {
		out = append(out, PodChoice{Name: p.Name, URL: withParam(path, q, paramPod, p.Name), Current: p.Ref() == shown})
	}
	return out
}

// emptyLoaded says why a list has no row, and what that does to traffic.
func emptyLoaded(l *DumpList, q Query) EmptyList {
	switch {
	case l.Total > 0:
		return EmptyList{"Nothing matches the filter", "Clear it to see all " + number(l.Total) + " " + l.noun + "."}
	case q.Namespace != "":
		return EmptyList{"No " + l.noun + " for namespace " + q.Namespace, "This Envoy may have some for others."}
	}
	return EmptyList{"No " + l.noun, emptyMeaning(l.Tab)}
}

// emptyMeaning is what it does to traffic that an Envoy has nothing of a kind.
func emptyMeaning(tab string) string {
	switch tab {
	case TabListeners:
		return "Nothing listens: every connection to this replica is refused."
	case TabRoutes:
		return "No HTTP request finds a way through this replica: it answers 404."
	case TabClusters:
		return "There is nowhere to send a request: it answers 503."
	case TabEndpoints:
		return "No cluster has an endpoint: requests fail with 503."
	case TabSecrets:
		return "It holds no certificate: it can neither accept nor open an HBONE connection."
	}
	return "Neither the API nor this Envoy has anything to compare."
}
