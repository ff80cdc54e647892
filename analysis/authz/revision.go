package authz

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// inRevision tells whether the istiod of a mesh reads an object. Without a
// label istio.io/rev every one does; with it only the one of that revision
// (istio's config.LabelsInRevision). With several istiods it is not known which
// of them a proxy has.
func inRevision(s *mesh.Snapshot, labels map[string]string) mesh.Fact {
	revision, labelled := labels[mesh.LabelRevision]
	if !labelled {
		return mesh.FactYes
	}
	istiods := s.Istiods()
	if len(istiods) == 0 || !s.Readable(mesh.ResourceDeployments, "") {
		return mesh.FactUnknown
	}
	out := mesh.FactNo
	for i, c := range istiods {
		is := mesh.FactNo
		switch own, known := c.Labels[mesh.LabelRevision]; {
		case !known:
			is = mesh.FactUnknown
		case own == revision:
			is = mesh.FactYes
		}
		if i > 0 && is != out {
			return mesh.FactUnknown
		}
		out = is
	}
	return out
}

// otherRevision says why an object is left alone; empty where it is read. open
// tells that this is not known.
func otherRevision(s *mesh.Snapshot, m *mesh.Meta) (why string, open bool) {
	switch inRevision(s, m.Labels) {
	case mesh.FactNo:
		return fmt.Sprintf("its label istio.io/rev gives it to the istiod of revision %q, which there is none of here", m.Labels[mesh.LabelRevision]), false
	case mesh.FactUnknown:
		return fmt.Sprintf("%s, which its label istio.io/rev gives to revision %q", m.Ref(), m.Labels[mesh.LabelRevision]), true
	}
	return "", false
}
