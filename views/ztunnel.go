package views

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Tabs of a ztunnel's page beside TabPolicies, as they stand in the address.
const (
	TabWorkloads    = "workloads"
	TabServices     = "services"
	TabCertificates = "certificates"
	TabConnections  = "connections"
)

// ZtunnelModel is what one ztunnel has in its memory.
type ZtunnelModel struct {
	Node    string
	NodeURL templ.SafeURL
	Level   HeadTag // its log level, as it was read last
	Tags    []HeadTag
	// Unread says why there is no dump; nil where there is one.
	Unread *DumpUnread
	// Old is what is known from an earlier read where this one failed; a zero
	// time for nothing.
	Old time.Time
	// The rest is there only where a dump was read.
	At      time.Time
	Pod     ObjectLink
	Skipped string
	Version string
	Config  []LabelRow
	Local   string // what the node's own pods are doing
	Pending []ObjectLink
	// Others are further ztunnels of the node, as during an upgrade.
	Others    []PodChoice
	RereadURL templ.SafeURL
	Tabs      []ui.Tab
	Tab       string
	DumpTable
	Findings []FindingCard
	// Load is what was counted, whether or not a dump was read.
	Load ZtunnelLoad
}

// PodChoice is one pod of several.
type PodChoice struct {
	Name    string
	URL     templ.SafeURL
	Current bool
}

// ZtunnelTab is the part of a dump that an address names, and false for one
// that there is not. The empty name is the first.
func ZtunnelTab(name string) (string, bool) {
	switch name {
	case "":
		return TabWorkloads, true
	case TabWorkloads, TabServices, TabPolicies, TabCertificates, TabConnections:
		return name, true
	}
	return "", false
}

// NewZtunnelList lists one part of a dump as a query asks. limit bounds the
// rows, 0 gives all.
func NewZtunnelList(r *analysis.Report, d *mesh.ZtunnelDump, tab string, q Query, limit int) DumpList {
	b := newZtunnelBook(r, d, q)
	switch tab {
	case TabServices:
		return servicesPart.list(b, limit)
	case TabPolicies:
		return policiesPart.list(b, limit)
	case TabCertificates:
		return certificatesPart.list(b, limit)
	case TabConnections:
		return connectionsPart.list(b, limit)
	}
	return workloadsPart.list(b, limit)
}

// NewZtunnel builds a tab of the page of a node's ztunnel from what was read of
// it.
func NewZtunnel(r *analysis.Report, node, tab string, read ZtunnelRead, q Query) ZtunnelModel {
	path := ztunnelPath(node, tab)
	m := ZtunnelModel{
		Node: node, Tab: tab, Tags: ztunnelTags(r.Snap, node, read), Others: podChoices(r.Snap, node, path, read, q),
		RereadURL: rereadURL(r.Snap, path, q), Findings: findingCards(r, q, mesh.Ref{Kind: "Node", Name: node}),
	}
	m.Tags = append(m.Tags, logsTag(q.Links(), LogsAsk{Sources: []string{string(mesh.ZtunnelLogs(node))}}, "of this ztunnel"))
	m.Load = newZtunnelLoad(r, node)
	m.Level = levelOf(r.Snap, node, q)
	if r.Snap.Node(node) != nil {
		m.NodeURL = q.Links().Node(node)
	}
	if read.Dump == nil {
		m.Unread = read.unread()
		if e := r.Snap.ZtunnelEvidence(node); e != nil {
			m.Old = e.At
		}
		return m
	}
	m.describe(r.Snap, read.Dump, q)
	m.fill(r, read.Dump, path, q)
	return m
}

// ztunnelTags say what the node's pods say of themselves, and which version
// answered.
func ztunnelTags(s *mesh.Snapshot, node string, read ZtunnelRead) []HeadTag {
	var tags []HeadTag
	switch componentReady(s, s.Ztunnels(node)) {
	case mesh.FactYes:
		tags = append(tags, HeadTag{Text: "ready", Tone: ui.ToneGood})
	case mesh.FactNo:
		tags = append(tags, HeadTag{Text: "not ready", Tone: ui.ToneBad})
	default:
		tags = append(tags, HeadTag{Text: "readiness unknown", Tone: ui.ToneUnknown})
	}
	if read.Dump != nil {
		if v := versionWord(read.Dump.Version); v != "" {
			tags = append(tags, HeadTag{Text: v, Title: "the version it says it is"})
		}
	}
	return tags
}

// versionWord is a version as people say it; empty where the build does not
// know its own.
func versionWord(v mesh.ZtunnelVersion) string {
	for _, s := range []string{v.IstioVersion, v.Version} {
		if s != "" && s != "unknown" {
			return cellText(s)
		}
	}
	return ""
}

// versionWords is all that a ztunnel says of its build.
func versionWords(v mesh.ZtunnelVersion) string {
	var words []string
	for _, part := range []LabelRow{
		{Key: "Istio", Value: v.IstioVersion},
		{Key: "ztunnel", Value: v.Version},
		{Key: "revision", Value: v.GitRevision},
		{Key: "build", Value: v.BuildStatus},
	} {
		if part.Value != "" {
			words = append(words, part.Key+" "+cellText(part.Value))
		}
	}
	return orWord(strings.Join(words, ", "), "not said")
}

// podChoices are the ztunnels of a node where there are several.
func podChoices(s *mesh.Snapshot, node, path string, read ZtunnelRead, q Query) []PodChoice {
	pods := s.Ztunnels(node)
	if len(pods) < 2 {
		return nil
	}
	shown := mesh.ReadyPod(pods)
	if p := NamedPod(pods, q.Pod); p != nil {
		shown = p
	} else if read.Dump != nil {
		shown = NamedPod(pods, read.Dump.Pod.NamespacedName())
	}
	out := make([]PodChoice, 0, len(pods))
	for _, p := range pods {
		out = append(out, PodChoice{Name: p.Namespace + "/" + p.Name, URL: withParam(path, q, paramPod, p.Namespace+"/"+p.Name), Current: p == shown})
	}
	return out
}

// NamedPod finds a pod of a list by "namespace/name" or by its name alone; nil
// if there is none.
func NamedPod(pods []*mesh.Workload, name string) *mesh.Workload {
	for _, p := range pods {
		if name != "" && (name == p.Name || name == p.Namespace+"/"+p.Name) {
			return p
		}
	}
	return nil
}

// describe says where the dump is from and what it says of itself.
func (m *ZtunnelModel) describe(s *mesh.Snapshot, d *mesh.ZtunnelDump, q Query) {
	m.At, m.Skipped = d.At, skippedWords(d)
	if !d.Pod.IsZero() {
		m.Pod = ObjectLink{Kind: "Pod", Name: d.Pod.NamespacedName()}
		if s.Workload(d.Pod.Namespace, d.Pod.Name) != nil {
			m.Pod.URL = q.Links().Workload(d.Pod.Namespace, d.Pod.Name)
		}
	}
	m.Version = versionWords(d.Version)
	for _, key := range slices.Sorted(maps.Keys(d.Config)) {
		m.Config = append(m.Config, LabelRow{Key: cellText(key), Value: cellText(d.Config[key])})
	}
	m.describeLocal(s, d, q)
}

// describeLocal says whom of the node's pods the ztunnel serves, which is what
// decides whether they are in the mesh.
func (m *ZtunnelModel) describeLocal(s *mesh.Snapshot, d *mesh.ZtunnelDump, q Query) {
	if !d.LocalKnown {
		m.Local = "This dump does not say which pods of the node the ztunnel serves, so their connections are unknown."
		return
	}
	up := 0
	for i := range d.Local {
		l := &d.Local[i]
		if l.State == "Up" {
			up++
			continue
		}
		pod := ObjectLink{Kind: cellText(orWord(l.State, "state unknown")), Name: cellText(orWord(podRef(l).NamespacedName(), l.PodUID))}
		if s.Workload(l.Namespace, l.Name) != nil {
			pod.URL = q.Links().Workload(l.Namespace, l.Name)
		}
		m.Pending = append(m.Pending, pod)
	}
	m.Local = "It serves " + plural(up, "pod") + " of this node."
	if n := len(m.Pending); n > 0 {
		m.Local += " It does not serve " + number(n) + " that it was told of:"
	}
}

// fill makes the list of the tab.
func (m *ZtunnelModel) fill(r *analysis.Report, d *mesh.ZtunnelDump, path string, q Query) {
	m.DumpTable = newDumpTable(NewZtunnelList(r, d, m.Tab, q, DumpRowLimit), q, path)
	m.Tabs = ztunnelTabs(d, m.Node, m.Tab, q)
	m.Empty = emptyPart(&m.List, d, q)
}

func ztunnelTabs(d *mesh.ZtunnelDump, node, current string, q Query) []ui.Tab {
	connections := 0
	for i := range d.Local {
		connections += len(d.Local[i].Inbound) + len(d.Local[i].Outbound)
	}
	tab := func(name, label string, n int) ui.Tab {
		v := url.Values{}
		for _, key := range []string{paramNamespace, paramPod} {
			if value := q.params().Get(key); value != "" {
				v.Set(key, value)
			}
		}
		return ui.Tab{Label: label, Count: number(n), Current: name == current, URL: withQuery(ztunnelPath(node, name), v)}
	}
	tabs := []ui.Tab{
		tab(TabWorkloads, "Workloads", len(d.Workloads)), tab(TabServices, "Services", len(d.Services)), tab(TabPolicies, "Policies", len(d.Policies)),
		tab(TabCertificates, "Certificates", len(d.Certificates)), tab(TabConnections, "Connections", connections),
	}
	if !d.LocalKnown {
		tabs[len(tabs)-1].Count = "?"
	}
	return tabs
}

// emptyPart says why a list has no row: nothing matches, there is nothing, or
// it is not known.
func emptyPart(l *DumpList, d *mesh.ZtunnelDump, q Query) EmptyList {
	switch {
	case l.Total > 0:
		return EmptyList{"Nothing matches the filter", "Clear it to see all " + number(l.Total) + " " + l.noun + "."}
	case l.Tab == TabConnections && !d.LocalKnown:
		return EmptyList{"Connections are unknown", "This dump does not say which pods of the node the ztunnel serves."}
	case q.Namespace != "":
		return EmptyList{"No " + l.noun + " in namespace " + q.Namespace, "This ztunnel may have some of other namespaces."}
	}
	return EmptyList{"No " + l.noun, strings.TrimSpace(map[string]string{
		TabWorkloads:    "This ztunnel has been told of no workload: nothing can be sent through the mesh from this node.",
		TabServices:     "This ztunnel has been told of no service: calls to service addresses leave it unchanged.",
		TabPolicies:     "This ztunnel enforces no policy: it lets every connection in.",
		TabCertificates: "This ztunnel holds no identity: no pod of this node is in the mesh.",
		TabConnections:  "No pod of this node had a connection open at the moment the dump was read.",
	}[l.Tab])}
}
