package evidence

import (
	"fmt"
	"maps"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// FromEnvoy is what a snapshot keeps of what a waypoint's Envoy has loaded, with
// what came of comparing it.
func FromEnvoy(d *mesh.EnvoyDump, compared mesh.Comparison) *mesh.EnvoyEvidence {
	hosts := make(map[string]string, len(d.Clusters))
	for i := range d.Clusters {
		hosts[d.Clusters[i].Name] = d.Clusters[i].Host
	}
	e := &mesh.EnvoyEvidence{
		Meta:       mesh.Meta{Kind: mesh.KindEnvoyEvidence, Name: d.Pod.NamespacedName()},
		Pod:        d.Pod,
		At:         d.At,
		Version:    d.Version,
		Ejected:    make(map[string]int),
		Secrets:    d.Secrets,
		Comparison: bounded(compared),
	}
	for i := range d.Endpoints {
		if p := &d.Endpoints[i]; p.Ejected() {
			e.Ejected[firstNonEmpty(hosts[p.Cluster], p.Cluster)]++
		}
	}
	return e
}

func firstNonEmpty(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// envoyStatus is the state of an Envoy that was read: partial where some of
// what it answered could not be decoded.
func envoyStatus(d *mesh.EnvoyDump) mesh.SourceStatus {
	s := mesh.SourceStatus{Name: kindEnvoy + "/" + d.Pod.NamespacedName(), State: mesh.SourceOK, AsOf: d.At}
	lost := 0
	for _, n := range d.Skipped {
		lost += n
	}
	if lost > 0 {
		s.State = mesh.SourcePartial
		first := slices.Sorted(maps.Keys(d.Skipped))[0]
		s.Detail = fmt.Sprintf("Of what it answered %s could not be read, among them: %s.", entries(lost), plain(first))
	}
	return s
}
