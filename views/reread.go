package views

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/mesh"
)

// live tells that a mesh is watched, so that its proxies can be asked again. A
// recording holds one answer of each.
func live(s *mesh.Snapshot) bool {
	return s.Cluster.Origin == mesh.OriginLive || s.Cluster.Origin == ""
}

// rereadURL has the proxies of a page read anew; empty where nothing new can be
// read.
func rereadURL(s *mesh.Snapshot, path string, q Query) templ.SafeURL {
	if !live(s) {
		return ""
	}
	return withParam(path, q, paramFresh, "1")
}

// rereadAllURL is the same for every ztunnel; empty also where none is read.
func rereadAllURL(s *mesh.Snapshot, q Query) templ.SafeURL {
	asked := slices.ContainsFunc(s.Sources, func(st mesh.SourceStatus) bool { return strings.HasPrefix(st.Name, "ztunnel/") })
	if !asked && len(s.ZtunnelEvidences()) == 0 {
		return ""
	}
	return rereadURL(s, string(PageZtunnels), q)
}
