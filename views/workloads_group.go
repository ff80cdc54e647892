package views

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// workloadGroups collects pods under their owners.
type workloadGroups struct {
	report       *analysis.Report
	snap         *mesh.Snapshot
	query        Query
	links        Links
	groups       []groupDraft
	at           map[mesh.Ref]int
	shown, total int
}

// groupDraft is a group while pods are added.
type groupDraft struct {
	WorkloadGroup
	members    []podFacts
	ready, all int
	nodes      []string
	accounts   []string
	findings   []analysis.Finding
}

func (b *workloadGroups) addShard(sh *mesh.Shard) {
	b.total += len(sh.Workloads)
	for _, w := range sh.Workloads {
		p := podFacts{report: b.report, snap: b.snap, w: w, owner: b.snap.ControllerOf(w), enrolment: b.snap.Enrolment(w)}
		if b.query.Filter.Empty() || b.query.Filter.Match(p.fields) {
			b.shown++
			b.group(&p).add(p)
		}
	}
}

func (b *workloadGroups) group(p *podFacts) *groupDraft {
	i, ok := b.at[p.owner]
	if !ok {
		i = len(b.groups)
		b.at[p.owner] = i
		b.groups = append(b.groups, groupDraft{WorkloadGroup: WorkloadGroup{
			ID:        ui.ID("workload", p.owner.Kind, p.owner.Namespace, p.owner.Name),
			Owner:     ObjectLink{Kind: p.owner.Kind, Name: p.owner.Name, URL: b.links.Object(b.snap, p.owner)},
			Namespace: p.w.Namespace,
		}, findings: b.report.About(p.owner)})
	}
	return &b.groups[i]
}

// add counts a pod in.
func (g *groupDraft) add(p podFacts) {
	g.members = append(g.members, p)
	e := p.enrolment
	g.AskedFor.add(e.AskedFor)
	g.Claimed.add(e.Claimed)
	g.Seen.add(e.Seen)
	g.Proven.add(e.Proven)
	if !p.w.Finished() {
		g.all++
	}
	if podReady(p.w) == mesh.FactYes {
		g.ready++
	}
	if p.w.Node != "" {
		g.nodes = addOnce(g.nodes, p.w.Node)
	}
	g.accounts = addOnce(g.accounts, p.account())
	if out := outWords(e); out != "" {
		g.Out = addOnce(g.Out, out)
	}
	g.addFindings(p.report.About(p.w.Ref()))
}

// row prints a pod by itself.
func (p *podFacts) row(l Links) PodRow {
	w, e := p.w, p.enrolment
	row := PodRow{
		ID: ui.ID("pod", w.Kind, w.Namespace, w.Name), Namespace: w.Namespace, Name: w.Name, URL: l.Workload(w.Namespace, w.Name),
		Ready: podReady(w), Trouble: podTrouble(w), Identity: p.account(),
		AskedFor: e.AskedFor, Claimed: e.Claimed, Seen: e.Seen, Proven: e.Proven, Out: outWords(e),
		Findings: newFindingsCell(p.report.About(w.Ref())),
	}
	if w.Node != "" {
		row.Node = ObjectLink{Name: w.Node, URL: l.Node(w.Node)}
	}
	return row
}

// addFindings keeps each finding once: one about all pods of a Deployment
// affects each of them.
func (g *groupDraft) addFindings(list []analysis.Finding) {
	for i := range list {
		known := slices.ContainsFunc(g.findings, func(f analysis.Finding) bool { return f.Key() == list[i].Key() })
		if !known {
			g.findings = append(g.findings, list[i])
		}
	}
}

func addOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// listPods tells whether the list is short enough to show every pod.
func (b *workloadGroups) listPods() bool { return b.shown <= podsListed }

func (b *workloadGroups) finish() []WorkloadGroup {
	out := make([]WorkloadGroup, 0, len(b.groups))
	for i := range b.groups {
		g := &b.groups[i]
		g.Ready = newCountCell(g.ready, g.all)
		if g.all == 0 {
			g.Ready = wordCell("finished")
		}
		g.Nodes = some(g.nodes, 2)
		g.Identity = some(g.accounts, 2)
		g.Findings = newFindingsCell(g.findings)
		if b.listPods() || len(g.members) == 1 {
			for j := range g.members {
				g.Pods = append(g.Pods, g.members[j].row(b.links))
			}
		}
		out = append(out, g.WorkloadGroup)
	}
	slices.SortStableFunc(out, func(a, b WorkloadGroup) int {
		if a.Namespace != b.Namespace {
			return strings.Compare(a.Namespace, b.Namespace)
		}
		return strings.Compare(a.Owner.Name, b.Owner.Name)
	})
	return out
}

// FactTally counts the answers of many pods to one question.
type FactTally struct{ Yes, No, Pending, Unknown int }

func (t *FactTally) add(f mesh.Fact) {
	switch f {
	case mesh.FactYes:
		t.Yes++
	case mesh.FactNo:
		t.No++
	case mesh.FactPending:
		t.Pending++
	default:
		t.Unknown++
	}
}

// TallyPart is one of the answers and how many gave it; Count is empty where
// all gave the same.
type TallyPart struct {
	Fact  mesh.Fact
	Count string
}

// Parts lists the answers that were given.
func (t FactTally) Parts() []TallyPart {
	var out []TallyPart
	for _, p := range []struct {
		fact mesh.Fact
		n    int
	}{{mesh.FactYes, t.Yes}, {mesh.FactPending, t.Pending}, {mesh.FactNo, t.No}, {mesh.FactUnknown, t.Unknown}} {
		if p.n > 0 {
			out = append(out, TallyPart{p.fact, number(p.n)})
		}
	}
	if len(out) == 1 {
		out[0].Count = ""
	}
	return out
}

// rank sorts the worst first: pending, then no, then unknown, then yes.
func (t FactTally) rank() int {
	switch {
	case t.Pending > 0:
		return 0
	case t.No > 0:
		return 1
	case t.Unknown > 0:
		return 2
	}
	return 3
}
