package views

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// drawCall draws one call with the means of a service's drawing: each hop is a
// card, and where calls go different ways each way has its cards.
func drawCall(r *analysis.Report, e *path.Explanation, q Query) Drawing {
	d := callDrawing{request: e.Request}
	last := d.chain("", e.Hops, -1)
	for i := range e.Branches {
		b := &e.Branches[i]
		d.end(d.chain(last, b.Hops, b.Weight), b.Verdict)
	}
	if len(e.Branches) == 0 {
		d.end(last, e.Verdict)
	}
	d.label()
	slices.SortStableFunc(d.graph.Nodes, func(a, b path.Node) int { return int(a.Stage) - int(b.Stage) })
	l := q.Links()
	out := NewDrawing(&d.graph, Targets{
		Code: l.Check,
		Node: func(n *path.Node) templ.SafeURL {
			if u := l.Object(r.Snap, n.Ref); u != "" || n.Code == "" {
				return u
			}
			return l.Check(n.Code)
		},
	})
	out.Name = printable("The call from " + e.Request.From + " to " + e.Request.To)
	return out
}

// callDrawing turns hops into nodes and legs.
type callDrawing struct {
	request path.Request
	graph   path.Graph
}

// chain draws hops that follow one another behind the node from, and returns
// the last of them. share is the part of the calls that go this way, -1 for
// all.
func (d *callDrawing) chain(from string, hops []path.Hop, share float64) string {
	for i := range hops {
		h := &hops[i]
		id := d.node(h, from)
		if h.Result == path.HopSkipped {
			continue // beside the line
		}
		d.join(from, id, h, share)
		from = id
	}
	return from
}

func (d *callDrawing) node(h *path.Hop, from string) string {
	// A hop that differs only in what it is to another branch is the same card.
	id := ui.ID(string(h.Kind), h.Name, h.Node, string(h.Result), h.Code)
	if slices.ContainsFunc(d.graph.Nodes, func(n path.Node) bool { return n.ID == id }) {
		return id
	}
	n := path.Node{
		ID: id, Stage: d.stageOf(h.Kind, from), State: hopState(h.Result), Title: shortTitle(h), Code: h.Code, Ref: h.Ref, Basis: h.Basis, Explain: h.Explain,
	}
	if n.State == path.StateOK || n.State == path.StateBypassed {
		n.Code = ""
		if h.Contradiction != "" {
			n.State, n.Code = path.StateWarn, h.Code
		}
	}
	kind := hopWords(h.Kind)
	if h.Node != "" && h.Node != h.Name {
		kind += " on " + h.Node
	}
	if !strings.EqualFold(kind, n.Title) {
		n.Lines = append(n.Lines, kind)
	}
	if h.Identity != "" && h.Kind != path.HopClient {
		n.Notes = append(n.Notes, "sees "+authz.ShortPrincipal(strings.TrimPrefix(h.Identity, "spiffe://"), ""))
	}
	d.graph.Nodes = append(d.graph.Nodes, n)
	return id
}

func shortTitle(h *path.Hop) string {
	if h.Name == "" {
		return hopWords(h.Kind)
	}
	return h.Name
}

// stageOf is the column of a hop. Two that follow one another never share one.
func (d *callDrawing) stageOf(k path.HopKind, from string) path.Stage {
	stage := map[path.HopKind]path.Stage{
		path.HopClient: path.StageCaller, path.HopDNS: path.StageSource, path.HopSidecar: path.StageSource, path.HopIngressGateway: path.StageSource,
		path.HopSourceZtunnel: path.StageSource, path.HopWaypoint: path.StageWaypoint, path.HopDestinationZtunnel: path.StageDestination, path.HopBackend: path.StageBackend,
	}[k]
	for _, n := range d.graph.Nodes {
		if n.ID == from && n.Stage >= stage && stage < path.StageBackend {
			return n.Stage + 1
		}
	}
	return stage
}

// join adds a leg. Branches that share one add up.
func (d *callDrawing) join(from, to string, h *path.Hop, share float64) {
	if from == "" {
		return
	}
	if i := slices.IndexFunc(d.graph.Legs, func(l path.Leg) bool { return l.From == from && l.To == to }); i >= 0 {
		if have := &d.graph.Legs[i]; have.Share >= 0 && share >= 0 {
			have.Share += share
		}
		return
	}
	leg := path.Leg{From: from, To: to, Transport: h.Transport, State: hopState(h.Result), Share: share}
	if leg.State == path.StateUnknown {
		leg.State = path.StateOK
	}
	d.graph.Legs = append(d.graph.Legs, leg)
}

// label writes shares on the legs where calls part.
func (d *callDrawing) label() {
	leaving := make(map[string]int)
	for _, l := range d.graph.Legs {
		leaving[l.From]++
	}
	for i := range d.graph.Legs {
		switch l := &d.graph.Legs[i]; {
		case leaving[l.From] < 2:
			l.Share = -1
		case l.Share >= 0:
			l.Label = percent(l.Share)
		}
	}
}

// end draws whom a call that ends before was for.
func (d *callDrawing) end(last string, v path.Verdict) {
	i := slices.IndexFunc(d.graph.Nodes, func(n path.Node) bool { return n.ID == last })
	if i < 0 || d.graph.Nodes[i].Stage == path.StageBackend || v == path.Reachable {
		return
	}
	state := path.StateNotReached
	if d.graph.Nodes[i].State != path.StateBad {
		state = path.StateUnknown
	}
	const id = "addressed"
	if !slices.ContainsFunc(d.graph.Nodes, func(n path.Node) bool { return n.ID == id }) {
		d.graph.Nodes = append(d.graph.Nodes, path.Node{ID: id, Stage: path.StageBackend, State: state, Title: d.request.To, Ref: mesh.Ref{}, Basis: path.Expected})
	}
	d.graph.Legs = append(d.graph.Legs, path.Leg{From: last, To: id, State: state, Share: -1})
}
