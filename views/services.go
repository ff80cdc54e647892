package views

import (
	"cmp"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// ServicesModel is the list of Services and ServiceEntries.
type ServicesModel struct {
	Starting bool
	Notices  []SourceNotice
	Table    ui.Table
	Rows     []ServiceRow
	// Empty says why there is no row.
	Empty EmptyList
}

// EmptyList is what stands in place of a table without rows.
type EmptyList struct{ Title, Meaning string }

// ServiceRow is one Service or ServiceEntry.
type ServiceRow struct {
	ID, Kind, Namespace, Name string
	URL                       templ.SafeURL
	// Addresses are virtual addresses or hosts, Title all of them.
	Addresses, AddressTitle string
	Ports                   string
	Waypoint                BindingCell
	Endpoints               CountCell
	MTLS                    MTLSCell
	Findings                FindingsCell
	hosts                   []string
	protocols               []string
}

// serviceKeys are the words of the filter.
var serviceKeys = []string{"ns", "name", "kind", "waypoint", "protocol", "endpoints", "mtls", "finding"}

// NewServices builds the list.
func NewServices(r *analysis.Report, q Query) ServicesModel {
	if starting(r.Snap) {
		return ServicesModel{Starting: true}
	}
	m := ServicesModel{Notices: sourceNotices(r.Snap, mesh.ResourceServices, mesh.ResourceServiceEntries)}
	total := 0
	for _, sh := range r.Snap.Shards {
		if q.InScope(sh.Namespace) {
			total += len(sh.Services) + len(sh.ServiceEntries)
		}
	}
	b := newServiceRows(r, q)
	m.Rows = make([]ServiceRow, 0, total)
	for _, sh := range r.Snap.Shards {
		if q.InScope(sh.Namespace) {
			m.Rows = b.appendShard(m.Rows, sh)
		}
	}
	SortRows(m.Rows, q.Sort, serviceOrders)
	m.Table = servicesTable(q, len(m.Rows), total)
	m.Table.Note = scopeNote(r.Snap)
	m.Table.Incomplete = incomplete(r.Snap, q, mesh.ResourceServices, mesh.ResourceServiceEntries)
	m.Empty = emptyServices(q, total)
	if total == 0 {
		m.Empty = m.Empty.watched(r.Snap, q, "services")
	}
	return m
}

var serviceOrders = map[string]func(a, b ServiceRow) int{
	"name": By(func(r ServiceRow) string { return r.Name }),
	"ns":   By(func(r ServiceRow) string { return r.Namespace }),
	"waypoint": func(a, b ServiceRow) int {
		return cmp.Or(cmp.Compare(a.Waypoint.Word, b.Waypoint.Word), cmp.Compare(a.Waypoint.Name, b.Waypoint.Name))
	},
	"endpoints": By(func(r ServiceRow) int { return r.Endpoints.Ready }),
	"mtls":      By(func(r ServiceRow) string { return r.MTLS.Text }),
	"findings":  By(func(r ServiceRow) int { return r.Findings.Worst }),
}

func servicesTable(q Query, shown, total int) ui.Table {
	l, path := q.Links(), string(PageServices)
	return ui.Table{
		ID: "services", Caption: "Services and ServiceEntries", Noun: "services", Shown: shown, Total: total,
		Filter: l.FilterBox(path, q, serviceKeys...),
		Columns: []ui.Column{
			l.Column(path, q, "name", "Service", ""),
			l.Column(path, q, "ns", "Namespace", ""),
			{Label: "Addresses"},
			{Label: "Ports", Hint: "with the protocol each is declared to carry; auto: undeclared, a waypoint detects it"},
			l.Column(path, q, "waypoint", "Waypoint", ""),
			l.Column(path, q, "endpoints", "Endpoints ready", ""),
			l.Column(path, q, "mtls", "mTLS asked", ""),
			l.Column(path, q, "findings", "Findings", ""),
		},
	}
}

func emptyServices(q Query, total int) EmptyList {
	switch {
	case total > 0:
		return EmptyList{"No service matches the filter", "Clear it to see all " + number(total) + "."}
	case q.Namespace != "":
		return EmptyList{"No service in namespace " + q.Namespace, "Calls there can only be addressed to pods."}
	}
	return EmptyList{"No services", "Nothing in this cluster has a name that calls could be addressed to."}
}

// fields answers the filter.
func (r *ServiceRow) fields(key string) ([]string, bool) {
	switch key {
	case "":
		return append([]string{r.Namespace + "/" + r.Name, r.Kind, r.Waypoint.Name, r.Ports}, r.hosts...), true
	case "ns":
		return []string{r.Namespace}, true
	case "name":
		return []string{r.Name}, true
	case "kind":
		return []string{r.Kind}, true
	case "waypoint":
		return r.Waypoint.filterWords(), true
	case "protocol":
		return r.protocols, true
	case "endpoints":
		return r.Endpoints.filterWords(), true
	case "mtls":
		return []string{strings.ReplaceAll(r.MTLS.Text, " ", "-")}, true
	case "finding":
		return r.Findings.filterWords(), true
	}
	return nil, false
}
