package bundle

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// statuses are the states of all sources: as the manifest has them, made worse
// by what could not be read, sorted by name.
func (b *Bundle) statuses(read *reading) []mesh.SourceStatus {
	states := make(map[string]mesh.SourceStatus)
	for _, s := range b.Manifest.Sources {
		states[s.Name] = s
	}
	b.addKubernetes(states, read)
	b.addFolders(states)
	out := slices.Collect(maps.Values(states))
	slices.SortFunc(out, func(x, y mesh.SourceStatus) int { return strings.Compare(x.Name, y.Name) })
	return out
}

func (b *Bundle) addKubernetes(states map[string]mesh.SourceStatus, read *reading) {
	whole, listed := states[mesh.KubernetesSource]
	if !listed {
		whole = b.unlistedKubernetes(len(read.objects) > 0)
	}
	if whole.State.Readable() && !slices.ContainsFunc(b.files, holdsObjects) {
		// A cluster has namespaces at least: this is no empty one.
		whole.State, whole.AsOf, whole.Detail = mesh.SourceDown, time.Time{}, "The manifest lists it, and the bundle holds nothing of it."
	}
	if len(read.lost) > 0 && whole.State.Readable() {
		whole.State, whole.Detail = mesh.SourcePartial, bounded(read.lost[0])
	}
	states[mesh.KubernetesSource] = whole
	for resource, t := range read.unread {
		b.worsen(states, resource, mesh.SourcePartial, t.String())
	}
	for resource, reason := range read.broken {
		b.worsen(states, resource, mesh.SourceDown, reason)
	}
}

// unlistedKubernetes is the state of objects nobody says anything about: those
// that are there are real, but that others are missing proves nothing.
func (b *Bundle) unlistedKubernetes(objects bool) mesh.SourceStatus {
	s := mesh.SourceStatus{Name: mesh.KubernetesSource, State: mesh.SourceDown, Detail: "The bundle holds no Kubernetes objects, and its manifest does not list them."}
	if objects {
		s.State, s.AsOf = mesh.SourcePartial, b.Manifest.RecordedAt
		s.Detail = "The manifest does not say which Kubernetes objects were read."
	}
	return s
}

// worsen gives a kind a state of its own, unless it is known already that
// nothing can be said about it.
func (b *Bundle) worsen(states map[string]mesh.SourceStatus, resource string, to mesh.SourceState, detail string) {
	name := mesh.KubernetesSource + "/" + resource
	was, own := states[name]
	if !own {
		was = mesh.SourceStatus{State: states[mesh.KubernetesSource].State}
	}
	if !was.State.Readable() && was.State != mesh.SourcePartial {
		return
	}
	s := mesh.SourceStatus{Name: name, State: to, Detail: bounded(strings.TrimSpace(was.Detail + " " + detail))}
	if to == mesh.SourcePartial {
		s.AsOf = b.Manifest.RecordedAt
	}
	states[name] = s
}

// addFolders compares what the manifest says of proxies, istiod and Prometheus
// with what is there. Log files stand for themselves.
func (b *Bundle) addFolders(states map[string]mesh.SourceStatus) {
	present := make(map[string]bool)
	for _, f := range b.files {
		present[f.Source] = true
	}
	for source := range present {
		if _, listed := states[source]; !listed && inFolder(source) && !strings.HasPrefix(source, "logs/") {
			states[source] = mesh.SourceStatus{Name: source, State: mesh.SourceOK, Detail: "The manifest does not list it.", AsOf: b.Manifest.RecordedAt}
		}
	}
	for source, s := range states {
		if s.State.Readable() && inFolder(source) && !present[source] {
			states[source] = mesh.SourceStatus{Name: source, State: mesh.SourceDown, Detail: "The manifest lists it, and the bundle holds nothing of it."}
		}
	}
}

// inFolder tells that a source has files of its own, which Kubernetes and its
// kinds have not.
func inFolder(source string) bool {
	folder, _, _ := strings.Cut(source, "/")
	return slices.Contains([]string{"ztunnel", "envoy", "istiod", "prometheus", "logs"}, folder)
}
