package views

import (
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// roleView is the file with the rights that reading the mesh needs.
const roleView = "deploy/rbac/view.yaml"

// SourceNotice says on a page that a kind it lives from cannot be relied on.
type SourceNotice struct {
	State  mesh.SourceState
	What   string // "Services"
	Detail string // the missing right, the last error
	// Since is when the state began, or of when the data is where it is stale.
	Since time.Time
}

// sourceNotices lists what stands between a page and the truth. A kind that is
// not installed has no objects, which is no news here.
func sourceNotices(s *mesh.Snapshot, resources ...string) []SourceNotice {
	var out []SourceNotice
	seen := make(map[string]bool)
	for _, r := range resources {
		st := s.Sources.Kind(r)
		if st.State == mesh.SourceOK || st.State == mesh.SourceAbsent || seen[st.Name] {
			continue
		}
		seen[st.Name] = true
		out = append(out, newSourceNotice(r, st))
	}
	return out
}

// newSourceNotice is about a kind, or about all of them where it has no state of
// its own. What was never read has not stopped to answer.
func newSourceNotice(resource string, st mesh.SourceStatus) SourceNotice {
	n := SourceNotice{State: st.State, What: mesh.ResourceTitle(resource), Detail: st.Detail, Since: sinceOf(st)}
	if st.Name == mesh.KubernetesSource {
		n.What = "The Kubernetes API"
	}
	if st.State == mesh.SourceDown && st.AsOf.IsZero() {
		n.Since = time.Time{}
	}
	return n
}

// unreadable says why a kind's objects in a namespace are not all known; empty
// where they are.
func unreadable(s *mesh.Snapshot, resource, namespace string) string {
	if s.Readable(resource, namespace) {
		return ""
	}
	if namespace != "" && !s.InScope(namespace) {
		return "Namespace " + namespace + " is not watched."
	}
	st := s.Sources.Kind(resource)
	switch {
	case st.State == mesh.SourceStarting:
		return mesh.ResourceTitle(resource) + " were not read yet."
	case st.State == mesh.SourceForbidden:
		return mesh.ResourceTitle(resource) + " may not be read: " + st.Detail + "."
	case st.Detail != "":
		return mesh.ResourceTitle(resource) + " could not be read: " + st.Detail
	}
	return mesh.ResourceTitle(resource) + " could not be read."
}

// scopeNote says that only some namespaces are watched; empty for all.
func scopeNote(s *mesh.Snapshot) string {
	if s.Scope == nil {
		return ""
	}
	return "only namespaces " + strings.Join(s.Scope, ", ") + " are watched"
}
