package views

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// noTargets leads nowhere.
var noTargets = Targets{
	Node: func(*path.Node) templ.SafeURL { return "" },
	Code: func(string) templ.SafeURL { return "" },
}

// graphs makes path graphs of every shape a mesh can have, and some it cannot.
type graphs struct{ *rand.Rand }

func (r graphs) pick(list ...string) string { return list[r.IntN(len(list))] }

func (r graphs) name() string {
	return r.pick("web", "any other workload in the mesh", "v2", "waypoint", "orders-v1 · 3", "ztunnel-qaz4p", "fraud-score-6d9f8c7b5d-x2x7k",
		strings.Repeat("a-very-long-name-", 9)+"x2x7k", "名前がとても長いワークロードの名前です", "W\u202emirror\x00\tMMMMMMMMMMMMMMMMMMMMMMMM", "")
}

func (r graphs) text() string {
	return r.pick("node-a", "2 of 2 ready, Programmed", "sees the caller as spiffe://cluster.local/ns/shop/sa/waypoint",
		"Gateway shop/wp takes traffic of type \"workload\", and this is service traffic, so the L7 policies of the waypoint are not applied to any call.",
		strings.Repeat("unbroken", 30), strings.Repeat("many short words ", 40), "")
}

func (r graphs) texts() []string {
	out := make([]string, r.IntN(3))
	for i := range out {
		out[i] = r.text()
	}
	return out
}

func (r graphs) state() path.State {
	return path.State(r.pick("ok", "ok", "ok", "bad", "warn", "bypassed", "not-reached", "unknown", ""))
}

func (r graphs) graph() *path.Graph {
	g := &path.Graph{Service: mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"}}
	limits := [...]int{path.StageCaller: 12, path.StageSource: 8, path.StageWaypoint: 2, path.StageVersion: 6, path.StageDestination: 8, path.StageBackend: 8}
	for s, most := range limits {
		for i := range r.IntN(most + 1) {
			g.Nodes = append(g.Nodes, path.Node{
				ID: fmt.Sprint(s, "/", i), Stage: path.Stage(s), State: r.state(), Title: r.name(), Lines: r.texts(), Notes: r.texts(),
				Code: r.pick("", "", "AUTHZ_WAYPOINT_IDENTITY_DENIED", "ROUTE_SHADOWED", strings.Repeat("X", 90)),
			})
		}
	}
	for range r.IntN(3 * (len(g.Nodes) + 1)) {
		g.Legs = append(g.Legs, r.leg(g.Nodes))
	}
	return g
}

// leg joins any two nodes, in any direction, or a node and nothing.
func (r graphs) leg(nodes []path.Node) path.Leg {
	l := path.Leg{
		From: "nowhere", To: "nowhere", State: r.state(), Transport: path.Transport(r.pick("hbone", "plaintext", "local", "")),
		Share: float64(r.IntN(102) - 1), Label: r.pick("", "90 %", "HBONE", "0.5 %, as declared by the HTTPRoute"),
	}
	if len(nodes) > 0 {
		l.From, l.To = nodes[r.IntN(len(nodes))].ID, nodes[r.IntN(len(nodes))].ID
	}
	return l
}

func TestNothingOverlapsInAnyDrawing(t *testing.T) {
	for seed := range uint64(400) {
		g := graphs{rand.New(rand.NewPCG(seed, 1))}.graph()
		d := NewDrawing(g, noTargets)
		for _, p := range []Picture{d.Across, d.Down} {
			t.Run(fmt.Sprint(p.Class, "/", seed), func(t *testing.T) {
				checkPicture(t, p)
				if len(p.Cards) != len(g.Nodes) {
					t.Errorf("%d cards for %d nodes", len(p.Cards), len(g.Nodes))
				}
			})
		}
	}
}

// checkPicture holds a picture to what makes it readable.
func checkPicture(t *testing.T, p Picture) {
	t.Helper()
	var taken []named
	for _, c := range p.Cards {
		taken = append(taken, named{"card " + c.Title.Text, c.Block})
		checkCard(t, c)
	}
	for _, l := range p.Labels {
		taken = append(taken, named{"label " + l.Text.Text, l.Box})
	}
	for _, h := range p.Heads {
		taken = append(taken, named{"head " + h.Text, headBox(h)})
	}
	view := Box{W: p.Width, H: p.Height}
	for i, a := range taken {
		if !a.within(view) {
			t.Errorf("%v sticks out of %v", a, view)
		}
		for _, b := range taken[:i] {
			if a.overlaps(b.Box) {
				t.Errorf("%v overlaps %v", a, b)
			}
		}
	}
	for _, l := range p.Legs {
		checkLeg(t, l, p, view)
	}
}

type named struct {
	name string
	Box
}

// within allows for rounding.
func (n named) within(view Box) bool {
	return n.X >= -0.01 && n.Y >= -0.01 && n.right() <= view.W+0.01 && n.bottom() <= view.H+0.01
}

func checkCard(t *testing.T, c Card) {
	t.Helper()
	inner := Box{X: c.Block.X + 1, Y: c.Block.Y, W: c.Block.W - 2, H: c.Block.H}
	var rows []named
	check := func(text Text, f face) {
		if text.Text == "" {
			return
		}
		rows = append(rows, named{text.Text, Box{X: text.X, Y: text.Y - 0.8*f.size, W: f.width(text.Text), H: f.size}})
		b := Box{X: text.X, Y: text.Y - f.size, W: f.width(text.Text), H: f.size}
		if !(named{"", Box{X: b.X - inner.X, Y: b.Y - inner.Y, W: b.W, H: b.H}}).within(inner) {
			t.Errorf("text %q at %v leaves its card %v", text.Text, b, c.Block)
		}
	}
	check(c.Title, faceTitle)
	check(c.Badge, faceLabel)
	for _, l := range c.More {
		check(l, faceTitle)
	}
	for _, l := range append(append([]Text(nil), c.Lines...), c.Notes...) {
		check(l, faceLine)
	}
	if c.Chip != nil {
		rows = append(rows, named{"chip", c.Chip.Box})
	}
	for i, a := range rows {
		for _, b := range rows[:i] {
			if a.overlaps(b.Box) {
				t.Errorf("in a card %v overlaps %v", a, b)
			}
		}
	}
	if c.Chip != nil {
		for _, l := range c.Chip.Lines {
			check(l, faceChip)
		}
	}
}

// checkLeg walks along a line: it stays in the picture and enters no card.
func checkLeg(t *testing.T, l Leg, p Picture, view Box) {
	t.Helper()
	for _, at := range walk(t, l.D) {
		if at[0] < 0 || at[1] < 0 || at[0] > view.W || at[1] > view.H {
			t.Fatalf("leg %q leaves the picture at %v", l.D, at)
		}
		for _, c := range p.Cards {
			if b := c.Box; at[0] > b.X+0.2 && at[0] < b.right()-0.2 && at[1] > b.Y+0.2 && at[1] < b.bottom()-0.2 {
				t.Fatalf("leg %q passes under card %q at %v", l.D, c.Title.Text, at)
			}
			if n := c.Block; at[0] > n.X+0.2 && at[0] < n.right()-0.2 && at[1] > n.Y+0.2 && at[1] < n.bottom()-0.2 {
				t.Fatalf("leg %q passes through what hangs under card %q at %v", l.D, c.Title.Text, at)
			}
		}
	}
}

// walk samples path data of the commands the layout writes.
func walk(t *testing.T, d string) [][2]float64 {
	t.Helper()
	var out [][2]float64
	var x, y float64
	fields := strings.Fields(d)
	for len(fields) > 0 {
		verb, args := fields[0][:1], []float64{parseNumber(t, fields[0][1:])}
		for fields = fields[1:]; len(fields) > 0 && fields[0][0] <= '9'; fields = fields[1:] {
			args = append(args, parseNumber(t, fields[0]))
		}
		pts := [][2]float64{{x, y}}
		switch verb {
		case "M":
			x, y = args[0], args[1]
			continue
		case "H":
			pts = append(pts, [2]float64{args[0], y})
		case "V":
			pts = append(pts, [2]float64{x, args[0]})
		default: // L, Q, C
			for i := 0; i < len(args); i += 2 {
				pts = append(pts, [2]float64{args[i], args[i+1]})
			}
		}
		for i := range 33 {
			out = append(out, bezier(pts, float64(i)/32))
		}
		x, y = pts[len(pts)-1][0], pts[len(pts)-1][1]
	}
	return out
}

func parseNumber(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// bezier is a point of a curve of any degree, by de Casteljau.
func bezier(pts [][2]float64, t float64) [2]float64 {
	p := append([][2]float64(nil), pts...)
	for n := len(p) - 1; n > 0; n-- {
		for i := range n {
			p[i] = [2]float64{p[i][0]*(1-t) + p[i+1][0]*t, p[i][1]*(1-t) + p[i+1][1]*t}
		}
	}
	return p[0]
}
