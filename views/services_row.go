package views

import (
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// serviceRows builds rows; it remembers what many rows have in common.
type serviceRows struct {
	report *analysis.Report
	snap   *mesh.Snapshot
	query  Query
	links  Links
	mtls   *mtlsModes
	// noEndpoints says why the slices of the present namespace are unknown.
	noEndpoints string
	// cells of the present namespace: most services share its waypoint.
	cells map[mesh.Ref]BindingCell
}

func newServiceRows(r *analysis.Report, q Query) *serviceRows {
	return &serviceRows{report: r, snap: r.Snap, query: q, links: q.Links(), mtls: newMTLSModes(r.Snap), cells: make(map[mesh.Ref]BindingCell)}
}

// appendShard adds the rows of one namespace that match the filter, Services
// and ServiceEntries in one order by name.
func (b *serviceRows) appendShard(rows []ServiceRow, sh *mesh.Shard) []ServiceRow {
	b.noEndpoints = unreadable(b.snap, mesh.ResourceEndpointSlices, sh.Namespace)
	b.mtls.enter(sh.Namespace)
	clear(b.cells)
	add := func(row ServiceRow) {
		if b.query.Filter.Empty() || b.query.Filter.Match(row.fields) {
			rows = append(rows, row)
		}
	}
	entries := sh.ServiceEntries
	for _, svc := range sh.Services {
		for len(entries) > 0 && entries[0].Name < svc.Name {
			add(b.entry(entries[0]))
			entries = entries[1:]
		}
		add(b.service(sh, svc))
	}
	for _, se := range entries {
		add(b.entry(se))
	}
	return rows
}

// binding is the cell of a waypoint in effect, made once for a namespace, or
// one of its own for everything that says why none is.
func (b *serviceRows) binding(namespace string, in mesh.Binding) BindingCell {
	if !in.Bound() {
		return newBindingCell(b.snap, b.links, namespace, in)
	}
	c, ok := b.cells[in.Waypoint]
	if !ok {
		c = newBindingCell(b.snap, b.links, namespace, in)
		b.cells[in.Waypoint] = c
	}
	c.Inherited = in.Inherited()
	return c
}

func (b *serviceRows) service(sh *mesh.Shard, svc *mesh.Service) ServiceRow {
	row := ServiceRow{
		ID: ui.ID("service", svc.Namespace, svc.Name), Kind: "Service", Namespace: svc.Namespace, Name: svc.Name,
		URL:       b.links.Service(svc.Namespace, svc.Name),
		Waypoint:  b.binding(svc.Namespace, b.snap.ServiceBinding(svc)),
		Endpoints: b.endpoints(sh, svc), MTLS: b.mtls.of(sh, svc),
		Findings: newFindingsCell(b.report.About(svc.Ref())),
		hosts:    svc.VIPs,
	}
	row.Addresses, row.AddressTitle = serviceAddresses(svc)
	row.Ports, row.protocols = portsText(svc.Ports)
	return row
}

// serviceAddresses are the virtual addresses, or why there are none.
func serviceAddresses(svc *mesh.Service) (text, title string) {
	switch {
	case svc.Type == "ExternalName":
		return "alias of " + svc.ExternalName, "ExternalName"
	case svc.Headless():
		return "headless", "It has no virtual address: calls go to pod addresses."
	}
	if len(svc.VIPs) == 1 && len(svc.ExternalAddresses) == 0 {
		return svc.VIPs[0], svc.VIPs[0]
	}
	return some(svc.VIPs, 1), strings.Join(slices.Concat(svc.VIPs, svc.ExternalAddresses), ", ")
}

func (b *serviceRows) endpoints(sh *mesh.Shard, svc *mesh.Service) CountCell {
	switch {
	case svc.Type == "ExternalName":
		return wordCell("by DNS")
	case b.noEndpoints != "":
		return unknownCell(b.noEndpoints)
	}
	return newCountCell(sh.CountEndpoints(svc.Name))
}

func (b *serviceRows) entry(se *mesh.ServiceEntry) ServiceRow {
	row := ServiceRow{
		ID: ui.ID("serviceentry", se.Namespace, se.Name), Kind: "ServiceEntry", Namespace: se.Namespace, Name: se.Name,
		URL:       b.links.ServicePort(se.Ref(), 0, ""),
		Waypoint:  b.binding(se.Namespace, b.snap.ServiceEntryBinding(se)),
		Endpoints: entryEndpoints(b.snap, se), MTLS: MTLSCell{Text: "not judged", Title: "Where a ServiceEntry leads may be outside the mesh."},
		Findings:  newFindingsCell(b.report.About(se.Ref())),
		Addresses: some(se.Hosts, 1), hosts: append(append(append([]string(nil), se.Hosts...), se.Addresses...), se.AutoAddresses...),
	}
	row.AddressTitle = strings.Join(row.hosts, ", ")
	row.Ports, row.protocols = portsText(se.Ports)
	return row
}

// entryEndpoints counts what a ServiceEntry declares or selects, and says how
// the others are found.
func entryEndpoints(s *mesh.Snapshot, se *mesh.ServiceEntry) CountCell {
	switch {
	case se.WorkloadSelector != nil:
		if why := unreadable(s, mesh.ResourcePods, se.Namespace); why != "" {
			return unknownCell(why)
		}
		ready, all := 0, 0
		for _, w := range s.Shard(se.Namespace).Workloads {
			if se.WorkloadSelector.Matches(w.Labels) && !w.Finished() {
				all++
				if w.Ready || w.Kind == "WorkloadEntry" {
					ready++
				}
			}
		}
		return newCountCell(ready, all)
	case len(se.Endpoints) > 0:
		return wordCell(number(len(se.Endpoints)) + " declared")
	case se.Resolution == "NONE":
		return wordCell("as addressed")
	}
	return wordCell("by DNS")
}

// filterWords are what endpoints: matches.
func (c CountCell) filterWords() []string {
	switch {
	case c.Unknown != "":
		return []string{"unknown"}
	case !c.Counted:
		return []string{c.Text}
	case c.Ready == 0:
		return []string{"none"}
	case c.Tone == ui.ToneWarn:
		return []string{"some"}
	}
	return []string{"all"}
}

// portsText lists ports with their declared protocol: "80 http, 9090 auto".
func portsText(ports []mesh.ServicePort) (text string, protocols []string) {
	parts := make([]string, len(ports))
	protocols = make([]string, len(ports))
	for i, p := range ports {
		protocols[i] = string(p.Declared())
		parts[i] = strconv.Itoa(int(p.Port)) + " " + protocols[i]
	}
	return some(parts, 3), protocols
}
