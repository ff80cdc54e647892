package views

import (
	"strconv"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Callees lists what a workload may call, as Callers does.
func Callees(s *mesh.Snapshot, w *mesh.Workload, q Query) []AccessRow {
	return findCallees(s, w, q, 0).rows
}

// findCallees keeps no more than so many rows; 0 keeps all.
func findCallees(s *mesh.Snapshot, w *mesh.Workload, q Query, limit int) foundRows {
	var found foundRows
	all := path.Callees(s, w)
	for i := range all {
		c := &all[i]
		if !q.InScope(c.Service.Namespace) {
			continue
		}
		found.take(q, limit, func() AccessRow {
			a := newAccessRow(&c.Caller)
			a.Kind, a.Namespace, a.Name, a.Port = c.Service.Kind, c.Service.Namespace, c.Service.Name, c.Port.Port
			return a
		})
	}
	found.first(q, limit)
	l, from := q.Links(), w.Ref().NamespacedName()
	for i := range found.rows {
		a := &found.rows[i]
		service, port := mesh.Ref{Kind: a.Kind, Namespace: a.Namespace, Name: a.Name}, strconv.Itoa(int(a.Port))
		to := service.NamespacedName() + ":" + port
		a.ID = ui.ID(a.Kind, a.Namespace, a.Name, port)
		a.Object = ObjectLink{Kind: kindWord(service), Name: to, URL: l.ServicePort(service, a.Port, TabCallers)}
		a.Path = l.Path(path.Request{From: from, To: to})
		a.fill(s, q)
	}
	return found
}

// CalleesModel is the page of what a workload may call.
type CalleesModel struct {
	Crumb, Name string
	URL         templ.SafeURL // of the workload
	Matrix      AccessTab
}

// NewCallees builds that page, and false if the snapshot holds no such
// workload. It follows every service of the mesh, and so stands on no page that
// is read for other reasons.
func NewCallees(r *analysis.Report, namespace, name string, q Query) (CalleesModel, bool) {
	w := findWorkload(r.Snap, namespace, name, q.Kind)
	if w == nil {
		return CalleesModel{}, false
	}
	return CalleesModel{
		Crumb: namespace + " / workloads", Name: name, URL: q.Links().Workload(namespace, name), Matrix: newCalleesTab(r.Snap, q, w),
	}, true
}

// Callees is the page of what a workload may call.
func (l Links) Callees(namespace, name string) templ.SafeURL {
	return l.to(nil, string(PageWorkloads), namespace, name, "callees")
}

// newCalleesTab is "what may this workload call".
func newCalleesTab(s *mesh.Snapshot, q Query, w *mesh.Workload) AccessTab {
	found := findCallees(s, w, q, accessRowLimit)
	address := string(Links{}.Callees(w.Namespace, w.Name))
	t := AccessTab{
		Rows: found.rows, Table: accessTable(q, address, "callees", "Service", found.matched, found.total),
		Notices: sourceNotices(s, mesh.ResourceServices, mesh.ResourceAuthorizationPolicies, mesh.ResourcePeerAuthentications),
		Lead:    "Every port of every service, by policies as they are declared; whether anything answers is another question.",
		CSVURL:  exportOf("/api/v1"+address, q, "csv"), JSONURL: exportOf("/api/v1"+address, q, ""),
		Empty: EmptyList{"Nothing to call", "No service in scope has a port."},
	}
	if found.total > 0 {
		t.Empty = EmptyList{"No service matches the filter", "Clear it to see all " + number(found.total) + "."}
	}
	t.truncate(found)
	return t
}
