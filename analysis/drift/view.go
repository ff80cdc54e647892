package drift

import (
	"cmp"
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// view is what the API says, as far as a dump of a certain moment can be held
// against it.
type view struct {
	snap *mesh.Snapshot
	// before is the moment until which a change must have arrived.
	before time.Time
	// reach and policies remember answers by namespace, reads what was
	// readable.
	reach, policies map[string]bool
	reads           map[read]bool
}

// read is a kind of objects in a namespace.
type read struct{ resource, namespace string }

// newView looks at a snapshot for a dump of a moment; now is the moment
// ages are counted to.
func newView(s *mesh.Snapshot, at, now time.Time) view {
	v := view{snap: s, before: now, reach: make(map[string]bool), policies: make(map[string]bool), reads: make(map[read]bool)}
	if !at.IsZero() && at.Before(now) {
		v.before = at
	}
	v.before = v.before.Add(-settlingTime)
	return v
}

// impossible says why nothing can be compared: it is not known which
// namespaces istiod looks at. Empty if it is.
func (v *view) impossible() string {
	config := v.snap.MeshConfig()
	switch {
	case config.Malformed != "":
		return "The mesh configuration cannot be read, so it is not known which namespaces istiod looks at."
	case !v.snap.Readable(mesh.ResourceConfigMaps, cmp.Or(config.Namespace, config.RootNamespace)):
		return "ConfigMaps were not readable, so it is not known which namespaces istiod looks at."
	}
	return ""
}

// readable is Snapshot.Readable, which is asked for every workload here.
func (v *view) readable(resource, namespace string) bool {
	key := read{resource, namespace}
	is, known := v.reads[key]
	if !known {
		is = v.snap.Readable(resource, namespace)
		v.reads[key] = is
	}
	return is
}

// reaches tells that a namespace is watched by us and not left out by istiod's
// discoverySelectors.
func (v *view) reaches(namespace string) bool {
	in, known := v.reach[namespace]
	if !known {
		in = v.snap.InScope(namespace) && v.discovered(namespace)
		v.reach[namespace] = in
	}
	return in
}

func (v *view) discovered(namespace string) bool {
	selectors := v.snap.MeshConfig().DiscoverySelectors
	if selectors == nil {
		return true
	}
	labels, known := v.snap.NamespaceLabels(namespace)
	return known && slices.ContainsFunc(selectors, func(s mesh.LabelSelector) bool { return s.Matches(labels) })
}

// settled tells that the objects something follows from have not changed for
// a while; nil ones do not count.
func (v *view) settled(objects ...*mesh.Meta) bool { return v.moving(objects...) == nil }

// moving is the first of the objects that changed just now; nil for none.
func (v *view) moving(objects ...*mesh.Meta) *mesh.Meta {
	for _, m := range objects {
		if m != nil && (m.ChangedAt().After(v.before) || m.StatusChange.Time.After(v.before) || !m.Deleting.IsZero()) {
			return m
		}
	}
	return nil
}

// namespace is the Namespace's metadata, nil where it is not known.
func (v *view) namespace(name string) *mesh.Meta {
	if info := v.snap.Shard(name).Info; info != nil {
		return &info.Meta
	}
	return nil
}
