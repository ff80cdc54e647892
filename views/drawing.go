package views

import (
	"math"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis/path"
)

// Drawing is a request path laid out for the page: the same graph twice, since
// an SVG cannot reflow, and once as a list for those who do not see it. The
// style sheet shows one of the pictures and hides the other from everybody.
type Drawing struct {
	// Name says in one line what the pictures show.
	Name         string
	Across, Down Picture
	Steps        []Step
	Legend       []LegendItem
	Remarks      []Remark
}

// Step is one entry of the list that equals the drawing: a node with
// everything that is said about it, and where the call goes from there.
type Step struct {
	Stage, Title string
	Href         templ.SafeURL
	Facts        []string
	// Seen is where proxies were found to have what the step states; zero where
	// it is expected only.
	Seen path.Sighting
	Code string
	Next string
}

// LegendItem explains a kind of line that occurs in the drawing.
type LegendItem struct {
	Class string // of the sample line; empty for a remark without one
	Core  bool   // the line is hollow
	Text  string
	At    time.Time // what the text speaks of; zero for nothing
}

// width is that of the sample line.
func (i LegendItem) width() string {
	if i.Core {
		return px(legPlain + legCasing)
	}
	return px(legPlain)
}

// Remark is a sentence beside the drawing.
type Remark struct {
	State      path.State
	Code, Text string
	CodeHref   templ.SafeURL // empty where there is no code
}

// Picture is one SVG in its own user units.
type Picture struct {
	Class         string // across or down
	Width, Height float64
	Heads         []Text
	Legs          []Leg
	Labels        []Label
	Cards         []Card
}

// ViewBox is the attribute of the same name.
func (p Picture) ViewBox() string { return "0 0 " + px(p.Width) + " " + px(p.Height) }

// Box is a rectangle.
type Box struct{ X, Y, W, H float64 }

func (b Box) right() float64  { return b.X + b.W }
func (b Box) bottom() float64 { return b.Y + b.H }
func (b Box) midX() float64   { return b.X + b.W/2 }

// translate moves what is drawn at the origin to the box.
func (b Box) translate() string { return "translate(" + px(b.X) + " " + px(b.Y) + ")" }

// overlaps tells whether two rectangles share more than an edge.
func (b Box) overlaps(o Box) bool {
	return b.X < o.right() && o.X < b.right() && b.Y < o.bottom() && o.Y < b.bottom()
}

// Text is one line of text at its baseline. Full is the whole text where Text
// is shortened, else empty.
type Text struct {
	X, Y       float64
	Text, Full string
}

// Leg is a line between two cards.
type Leg struct {
	D     string // path data
	Class string
	Width float64
	// Core is the width of the gap inside a hollow line, 0 for a solid one.
	Core  float64
	Title string
}

// Label is a short text on a leg.
type Label struct {
	Box  Box
	Text Text
}

// Card is a node: a box with a title, facts, the code of what is wrong, and
// notes under it.
type Card struct {
	// Box is the outlined rectangle, Block everything that belongs to the card.
	Box, Block Box
	Class      string
	Href       templ.SafeURL
	// Name is the accessible name: the title and what is said about it. Detail is
	// what was counted, for who points at the card.
	Name, Detail string
	// Title is a name; More is the second line of one made of words.
	Title Text
	More  []Text
	Lines []Text
	// Badge is the label of the only leg that leads here, where the layout has
	// no room for it on the leg itself.
	Badge Text
	// Mark is the outline of the state's mark in 12 by 12 units, at MarkAt.
	Mark   string
	MarkAt Box
	Chip   *Chip
	Notes  []Text
}

// Chip is the code of a finding or hop on the drawing. It may take two lines.
type Chip struct {
	Box   Box
	Code  string
	Href  templ.SafeURL
	Lines []Text
}

// px formats a coordinate to a tenth, which is finer than a pixel anywhere.
func px(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// NewDrawing lays a graph out.
func NewDrawing(g *path.Graph, to Targets) Drawing {
	return Drawing{
		Name:   printable("Request path of " + g.Service.NamespacedName() + " port " + strconv.Itoa(int(g.Port.Port))),
		Across: layAcross(g, to), Down: layDown(g, to),
		Steps: newSteps(g, to), Legend: newLegend(g), Remarks: newRemarks(g, to),
	}
}

func newRemarks(g *path.Graph, to Targets) []Remark {
	out := make([]Remark, 0, len(g.Remarks))
	for _, r := range g.Remarks {
		m := Remark{State: r.State, Code: printable(r.Code), Text: printable(r.Text)}
		if m.Code != "" {
			m.CodeHref = to.Code(m.Code)
		}
		out = append(out, m)
	}
	return out
}
