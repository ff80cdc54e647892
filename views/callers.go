package views

import (
	"slices"
	"strconv"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Callers lists who may call a port of a service: every account of the mesh in
// scope that satisfies the filter, in the order asked for, with what was counted
// of its connections.
func Callers(r *analysis.Report, service mesh.Ref, port uint16, q Query) []AccessRow {
	found, _ := findCallers(r, path.Callers(r.Snap, service, port), service, port, q, 0)
	return found.rows
}

// findCallers takes the callers that satisfy the filter from all there are, and
// keeps no more than so many rows; 0 keeps all.
func findCallers(r *analysis.Report, all []path.Caller, service mesh.Ref, port uint16, q Query, limit int) (foundRows, *traffic.Inbound) {
	in := r.Counts().Inbound(service)
	var found foundRows
	for i := range all {
		c := &all[i]
		if !q.InScope(c.Account.Namespace) {
			continue
		}
		found.take(q, limit, func() AccessRow {
			a := newAccessRow(c)
			a.Kind, a.Namespace, a.Name, a.Port = "ServiceAccount", c.Account.Namespace, c.Account.Name, port
			a.Counted = newCallerLinks(in, c)
			return a
		})
	}
	found.first(q, limit)
	l, to := q.Links(), service.NamespacedName()+":"+strconv.Itoa(int(port))
	for i := range found.rows {
		a := &found.rows[i]
		a.ID = ui.ID(a.Namespace, a.Name, string(a.Entry))
		a.Object = ObjectLink{Name: a.Namespace + "/" + a.Name, URL: l.Filtered(PageWorkloads, "ns:"+quoteValue(a.Namespace)+" account:"+quoteValue(a.Name))}
		a.Path = l.Path(path.Request{From: callerName(a.of), To: to})
		a.fill(r.Snap, q)
		a.Counted.complete(in, a.of)
	}
	return found, in
}

// callerName names a row so that it is asked about alone: an account stands for
// all its pods, of which some may leave in another way.
func callerName(c *path.Caller) string {
	a := c.Account
	whole := len(a.Captured)+len(a.Sidecars)+len(a.Gateways)+len(a.Outside) == len(c.Pods)
	if whole || len(c.Pods) == 0 {
		return a.Namespace + "/sa/" + a.Name
	}
	return c.Pods[0].Namespace + "/" + c.Pods[0].Name
}

// newCallersTab is "who may call this service", beside its drawing.
func newCallersTab(r *analysis.Report, q Query, g *path.Graph) AccessTab {
	service, port, all := g.Service, g.Port.Port, g.Callers()
	if all == nil { // nothing is drawn
		all = path.Callers(r.Snap, service, port)
	}
	found, in := findCallers(r, all, service, port, q, accessRowLimit)
	address := servicePath(service, TabCallers)
	t := AccessTab{
		Rows: found.rows, Table: accessTable(q, address, "callers", "Caller", found.matched, found.total), Counted: in != nil, Plain: namelessText(in),
		Notices: sourceNotices(r.Snap, mesh.ResourcePods, mesh.ResourceAuthorizationPolicies, mesh.ResourcePeerAuthentications),
		Lead:    "Every account of the mesh, by policies as they are declared; whether anything answers is another question.",
		CSVURL:  exportOf("/api/v1"+address, q, "csv"), JSONURL: exportOf("/api/v1"+address, q, ""),
		Empty: EmptyList{"Nobody is there to call it", "No account in scope has a running pod."},
	}
	if in == nil {
		t.Lead += " How their connections are secured was not counted."
	} else {
		t.Lead += " Shares of mTLS are of connections counted " + countedNote(r.Counts().Traffic()) + ", to all ports together."
		t.Table.Columns = slices.Insert(t.Table.Columns, 2, withHint(q.Links().Column(address, q, "opened", "mTLS", ""), "the share of its connections under mTLS, of how many"))
	}
	if found.total > 0 {
		t.Empty = EmptyList{"No caller matches the filter", "Clear it to see all " + number(found.total) + "."}
	}
	t.truncate(found)
	return t
}

// servicePath is the path of a tab of a service's page.
func servicePath(service mesh.Ref, tab string) string {
	return string(Links{}.ServicePort(mesh.Ref{Kind: "Service", Namespace: service.Namespace, Name: service.Name}, 0, tab))
}

// MatrixPort is the port a matrix is about: the one asked for, else the first
// of the service; false where it has no such port.
func MatrixPort(s *mesh.Snapshot, service mesh.Ref, asked uint16) (uint16, bool) {
	ports := portsOf(s.Lookup(service))
	i := slices.IndexFunc(ports, func(p mesh.ServicePort) bool { return p.Protocol != "UDP" && (asked == 0 || p.Port == asked) })
	if i < 0 {
		return asked, false
	}
	return ports[i].Port, true
}
