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
		what := mesh.ResourceTitle(r)
		if st.Name == mesh.KubernetesSource {
			what = "The Kubernetes API"
		}
		out = append(out, SourceNotice{State: st.State, What: what, Detail: st.Detail, Since: sinceOf(st)})
	}
	return out
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
