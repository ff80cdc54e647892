package analysis

import (
	"slices"

	"github.com/waylight/waylight/mesh"
)

// In limits a report to namespaces: it keeps findings whose subject or affects
// lies in one of them, those about the mesh or a node, and the causes of what
// it keeps. Without namespaces it is the report itself.
func (r *Report) In(namespaces ...string) *Report {
	if len(namespaces) == 0 {
		return r
	}
	keep := make(map[Cause]bool)
	for i := range r.Findings {
		if f := &r.Findings[i]; f.liesIn(namespaces) {
			r.keepWithCauses(keep, f)
		}
	}
	out := *r
	out.Limit, out.Findings = slices.Clone(namespaces), nil
	for i := range r.Findings {
		if keep[r.Findings[i].Key()] {
			out.Findings = append(out.Findings, r.Findings[i])
		}
	}
	out.Hidden += len(r.Findings) - len(out.Findings)
	out.index()
	return &out
}

func (r *Report) keepWithCauses(keep map[Cause]bool, f *Finding) {
	for f != nil && !keep[f.Key()] {
		keep[f.Key()] = true
		if f.CausedBy == nil {
			return
		}
		f = r.Find(*f.CausedBy)
	}
}

func (f *Finding) liesIn(namespaces []string) bool {
	if f.Subject == mesh.MeshRef || f.Subject.Kind == "Node" || slices.Contains(namespaces, namespaceOf(f.Subject)) {
		return true
	}
	return slices.ContainsFunc(f.Affects, func(r mesh.Ref) bool { return slices.Contains(namespaces, namespaceOf(r)) })
}

// namespaceOf is the namespace an object lies in; a Namespace lies in itself.
func namespaceOf(r mesh.Ref) string {
	if r.Kind == "Namespace" {
		return r.Name
	}
	return r.Namespace
}
