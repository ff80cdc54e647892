package views

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// ZtunnelsModel is the matrix of the nodes' ztunnels.
type ZtunnelsModel struct {
	Starting bool
	Notices  []SourceNotice
	// Read says how much of the mesh the dumps speak of: "dumps of 37 of 200
	// nodes read".
	Read string
	// Oldest is when the oldest of those dumps was read; zero for none.
	Oldest time.Time
	// RereadURL has all of them read now; empty where none can be.
	RereadURL templ.SafeURL
	Table     ui.Table
	Rows      []ZtunnelLine
	Empty     EmptyList
}

// ZtunnelLine is the ztunnel of one node.
type ZtunnelLine struct {
	ID, Node string
	URL      templ.SafeURL
	// Ztunnel is what the pods say of themselves; Needed tells that pods of the
	// node depend on it.
	Ztunnel Component
	Needed  bool
	// Version is what the ztunnel says it is, or the image's tag; VersionNote
	// says which.
	Version, VersionNote string
	Connected            ConnectedCell
	Workloads            CountCell
	Services             CountCell
	Policies             CountCell
	Certificates         CertificatesCell
	// Differences counts where the dump disagrees with the API.
	Differences CountCell
	// Read is when the dump was read; zero if it was not, and Unread says why.
	Read     time.Time
	Unread   string
	Tone     ui.Tone
	Partial  string // entries that could not be decoded
	Findings FindingsCell
	// Load is what was counted.
	Load  ZtunnelLoad
	state mesh.SourceState
}

var ztunnelKeys = []string{"node", "ready", "version", "connected", "certificates", "read", "finding"}

// NewZtunnels builds the matrix from what the snapshot keeps of the dumps.
func NewZtunnels(r *analysis.Report, q Query) ZtunnelsModel {
	if starting(r.Snap) {
		return ZtunnelsModel{Starting: true}
	}
	m := ZtunnelsModel{
		Notices:   sourceNotices(r.Snap, mesh.ResourceNodes, mesh.ResourcePods),
		RereadURL: rereadAllURL(r.Snap, q),
	}
	b, names := newZtunnelLines(r, q), ztunnelNodes(r.Snap)
	for _, name := range names {
		if line := b.line(name); q.Filter.Match(line.fields) {
			m.Rows = append(m.Rows, line)
		}
	}
	SortRows(m.Rows, q.Sort, ztunnelOrders)
	m.Read, m.Oldest = readWords(r.Snap, len(names))
	m.Table = ztunnelsTable(q, len(m.Rows), len(names))
	m.Table.Incomplete = !r.Snap.Readable(mesh.ResourceNodes, "")
	m.Empty = EmptyList{"No nodes", "The cluster has no machine that a ztunnel could run on."}
	if len(names) > 0 {
		m.Empty = EmptyList{"No ztunnel matches the filter", "Clear it to see all " + number(len(names)) + "."}
	}
	return m
}

// ztunnelNodes lists all nodes, and those only their ztunnel is known of, such
// as where Nodes may not be read.
func ztunnelNodes(s *mesh.Snapshot) []string {
	names := make(map[string]bool)
	for _, n := range s.Nodes {
		names[n.Name] = true
	}
	for _, e := range s.ZtunnelEvidences() {
		names[e.Name] = true
	}
	for _, st := range s.Sources {
		if node, ok := strings.CutPrefix(st.Name, "ztunnel/"); ok {
			names[node] = true
		}
	}
	out := make([]string, 0, len(names))
	for n := range names {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// readWords says how many nodes' dumps were read, and when the oldest was.
func readWords(s *mesh.Snapshot, nodes int) (words string, oldest time.Time) {
	read := s.ZtunnelEvidences()
	for _, e := range read {
		if oldest.IsZero() || e.At.Before(oldest) {
			oldest = e.At
		}
	}
	words = "dumps of " + number(len(read))
	if !s.Readable(mesh.ResourceNodes, "") {
		return words + " of an unknown number of nodes read", oldest
	}
	return words + " of " + plural(nodes, "node") + " read", oldest
}

var ztunnelOrders = map[string]func(a, b ZtunnelLine) int{
	"node":         By(func(l ZtunnelLine) string { return l.Node }),
	"ready":        func(a, b ZtunnelLine) int { return cmp.Compare(a.Ztunnel.Ready, b.Ztunnel.Ready) },
	"version":      By(func(l ZtunnelLine) string { return l.Version }),
	"connected":    func(a, b ZtunnelLine) int { return cmp.Compare(a.Connected.Fact, b.Connected.Fact) },
	"load":         By(func(l ZtunnelLine) int { return l.Load.Connections.Ready }),
	"workloads":    By(func(l ZtunnelLine) int { return l.Workloads.Ready }),
	"services":     By(func(l ZtunnelLine) int { return l.Services.Ready }),
	"policies":     By(func(l ZtunnelLine) int { return l.Policies.Ready }),
	"certificates": func(a, b ZtunnelLine) int { return a.Certificates.Soonest.Compare(b.Certificates.Soonest) },
	"differences":  By(func(l ZtunnelLine) int { return l.Differences.Ready }),
	"read":         func(a, b ZtunnelLine) int { return a.Read.Compare(b.Read) },
	"findings":     By(func(l ZtunnelLine) int { return l.Findings.Worst }),
}

func ztunnelsTable(q Query, shown, total int) ui.Table {
	l, path := q.Links(), string(PageZtunnels)
	return ui.Table{
		ID: "ztunnels", Caption: "The ztunnel of each node", Noun: "nodes", Shown: shown, Total: total,
		Filter: l.FilterBox(path, q, ztunnelKeys...),
		Columns: []ui.Column{
			l.Column(path, q, "node", "Node", ""), l.Column(path, q, "ready", "Ready", ""),
			l.Column(path, q, "version", "Version", ""),
			withHint(l.Column(path, q, "connected", "Connected", ""), "to which istiod, by what istiod says"),
			l.Column(path, q, "workloads", "Workloads", "num"), l.Column(path, q, "services", "Services", "num"), l.Column(path, q, "policies", "Policies", "num"),
			withHint(l.Column(path, q, "certificates", "Certificates", "text"), "identities of the node's pods; sorted by the next to expire"),
			withHint(l.Column(path, q, "differences", "Drift", "num"), "where the dump disagrees with what the API says"),
			withHint(l.Column(path, q, "load", "A minute", ""), "connections it took or opened, and what failed, as counted"),
			l.Column(path, q, "read", "Last read", "text"), l.Column(path, q, "findings", "Findings", ""),
		},
	}
}

func (l *ZtunnelLine) fields(key string) ([]string, bool) {
	switch key {
	case "":
		return []string{l.Node, l.Version, l.Ztunnel.Versions, l.Connected.Istiod}, true
	case "node":
		return []string{l.Node}, true
	case "ready":
		return []string{string(l.Ztunnel.Ready)}, true
	case "version":
		return []string{l.Version}, true
	case "connected":
		return []string{string(l.Connected.Fact), l.Connected.Istiod}, true
	case "certificates":
		return []string{l.Certificates.Word}, true
	case "read":
		return []string{string(l.state)}, true
	case "finding":
		return l.Findings.filterWords(), true
	}
	return nil, false
}
