package traffic

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// attribution tells which declared version a request reached. Metrics carry no
// subset and no route (istio.md F), only a service, a revision and a workload.
type attribution struct {
	counts   *Counts
	service  mesh.Ref
	versions []versionMark
	// why some versions cannot be told apart; empty where all can.
	why string
}

// versionMark is what tells one version's requests from those of the others.
type versionMark struct {
	path.DeclaredVersion
	// alone: no other version is of the same service, and all its pods count.
	alone bool
	// revision is what destination_version shows of its pods; empty where that
	// is not what tells it apart.
	revision string
	// workloads are the names destination_workload can have.
	workloads map[string]bool
}

func newAttribution(c *Counts, service mesh.Ref, declared path.DeclaredSplit) *attribution {
	a := &attribution{counts: c, service: service}
	for _, v := range declared.Versions {
		a.versions = append(a.versions, versionMark{DeclaredVersion: v, workloads: workloadsOf(c.snap, v)})
	}
	for i := range a.versions {
		a.mark(&a.versions[i])
	}
	return a
}

// mark finds the label that tells a version from the others of its service:
// destination_version where the subset's label is what that shows, else
// destination_workload.
func (a *attribution) mark(m *versionMark) {
	if m.Host == "" {
		return // the waypoint answers these itself
	}
	others := a.sameService(m)
	if len(others) == 0 && m.Subset == nil {
		m.alone = true
		return
	}
	m.revision = revisionOf(m.DeclaredVersion)
	for _, o := range others {
		if revisionOf(o.DeclaredVersion) == m.revision || revisionOf(o.DeclaredVersion) == "" {
			m.revision = ""
		}
	}
	if m.revision != "" {
		return
	}
	for _, o := range others {
		for name := range m.workloads {
			if o.workloads[name] {
				a.why = fmt.Sprintf("%s and %s have pods of the same workload and revision: metrics do not tell them apart", m.Title, o.Title)
			}
		}
	}
	if len(m.workloads) == 0 && !m.Broken {
		a.why = fmt.Sprintf("the pods of %s are not known", m.Title)
	}
}

func (a *attribution) sameService(m *versionMark) []*versionMark {
	var out []*versionMark
	for i := range a.versions {
		o := &a.versions[i]
		if o != m && o.Host == m.Host {
			out = append(out, o)
		}
	}
	return out
}

// revisionOf is the revision that the labels of a subset ask of its pods, if
// that is what metrics show of them.
func revisionOf(v path.DeclaredVersion) string {
	if v.Subset == nil {
		return ""
	}
	asked := (&mesh.Workload{Meta: mesh.Meta{Labels: v.Subset.Labels}}).CanonicalRevision()
	if !slices.Contains(slices.Collect(maps.Values(v.Subset.Labels)), asked) {
		return "" // the subset asks for other labels
	}
	if slices.ContainsFunc(v.Pods, func(w *mesh.Workload) bool { return w.CanonicalRevision() != asked }) {
		return ""
	}
	return asked
}

func workloadsOf(s *mesh.Snapshot, v path.DeclaredVersion) map[string]bool {
	out := make(map[string]bool)
	for _, w := range v.Pods {
		out[s.ControllerOf(w).Name], out[w.Name] = true, true
	}
	return out
}

// flows gives each version its requests, and those that no version got.
func (a *attribution) flows() (of [][]*mesh.RequestFlow, rest []*mesh.RequestFlow) {
	of = make([][]*mesh.RequestFlow, len(a.versions))
	for _, service := range a.services() {
		for _, f := range a.counts.requestsTo(service, ReporterWaypoint) {
			if i := a.versionOf(service, f); i >= 0 {
				of[i] = append(of[i], f)
			} else {
				rest = append(rest, f)
			}
		}
	}
	return of, rest
}

// count counts the requests of each version, and notes in the split what no
// version got.
func (a *attribution) count(s *Split) []int {
	of, rest := a.flows()
	counts := make([]int, len(of))
	for i, flows := range of {
		sum := 0.0
		for _, f := range flows {
			sum += f.Count
		}
		counts[i] = whole(sum)
		s.Sample += counts[i]
	}
	elsewhere := make(map[string]float64)
	var refused, lost float64
	for _, f := range rest {
		switch {
		case f.Count == 0: // how long requests took stands in flows of its own
		case f.Destination.Workload != "":
			elsewhere[a.name(f)] += f.Count
		case Failed(f):
			lost += f.Count
		default:
			refused += f.Count
		}
	}
	s.Refused, s.Lost = whole(refused), whole(lost)
	for _, name := range slices.Sorted(maps.Keys(elsewhere)) {
		s.Elsewhere = append(s.Elsewhere, OtherShare{Name: name, Count: whole(elsewhere[name])})
	}
	return counts
}

// whole rounds what Prometheus extrapolated.
func whole(n float64) int { return int(math.Round(n)) }

// services are those requests are counted under: the one that is called, and
// the ones its routes send to.
func (a *attribution) services() []mesh.Ref {
	out := []mesh.Ref{a.service}
	for _, v := range a.versions {
		if v.Host != "" && !slices.Contains(out, v.Service) {
			out = append(out, v.Service)
		}
	}
	return out
}

// versionOf is the version a request counted under a service reached, -1 for
// none.
func (a *attribution) versionOf(service mesh.Ref, f *mesh.RequestFlow) int {
	if f.Destination.Workload == "" {
		return -1
	}
	for i, v := range a.versions {
		switch {
		case v.Host == "":
		case v.Service != service:
			// Waypoints count under the backend's own service. Should one count
			// under the service that was called, the pods tell.
			if service == a.service && v.workloads[f.Destination.Workload] {
				return i
			}
		case v.alone, v.revision != "" && f.Destination.Version == v.revision, v.revision == "" && v.workloads[f.Destination.Workload]:
			return i
		}
	}
	return -1
}

// name is how requests to pods of no version are called.
func (a *attribution) name(f *mesh.RequestFlow) string {
	name := f.Destination.Workload
	if f.Destination.Version != "" {
		name += " " + f.Destination.Version
	}
	return name
}
