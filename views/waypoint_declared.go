package views

import (
	"cmp"
	"slices"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// pairBook is a dump with what the API declares beside it.
type pairBook struct {
	*envoyBook
	pairs []drift.Pair
}

// newPairBook puts what differs first: it is what people come for.
func newPairBook(r *analysis.Report, w *mesh.Waypoint, d *mesh.EnvoyDump, pairs []drift.Pair, q Query) *pairBook {
	pairs = slices.Clone(pairs)
	slices.SortStableFunc(pairs, func(a, b drift.Pair) int { return cmp.Compare(pairRank(a.State), pairRank(b.State)) })
	return &pairBook{newEnvoyBook(r, w, d, q), pairs}
}

func pairRank(s drift.PairState) int {
	return slices.Index([]drift.PairState{drift.PairDiffers, drift.PairSettling, drift.PairUnknown, drift.PairSame}, s)
}

// declaredPart lists what a waypoint is told to do beside what it does.
var declaredPart = dumpPart[*pairBook, drift.Pair]{
	tab: TabDeclared, noun: "things",
	rows:      func(b *pairBook) []drift.Pair { return b.pairs },
	namespace: func(p *drift.Pair) string { return p.Object.Namespace },
	id: func(p *drift.Pair) []string {
		return []string{string(p.Part), p.Object.Kind, p.Object.Namespace, p.Object.Name, p.Name}
	},
	only: func(p *drift.Pair) string {
		return exactly("part", string(p.Part)) + " " + exactly("kind", p.Object.Kind) + " " + exactly("object", p.Object.NamespacedName()) + " " + exactly("name", orWord(p.Name, "none"))
	},
	item:   newPairItem,
	ref:    func(_ *pairBook, p *drift.Pair) mesh.Ref { return p.Object },
	keys:   []string{"state", "part", "ns", "kind", "object", "name"},
	fields: pairFields,
	columns: []dumpColumn[*pairBook, drift.Pair]{
		{key: "object", label: "Object", cell: pairObject, compare: compareBy(func(p *drift.Pair) string { return p.Object.NamespacedName() })},
		{key: "kind", exported: true, label: "Kind", cell: func(_ *pairBook, p *drift.Pair) DumpCell { return textCell(p.Object.Kind) }, compare: compareBy(func(p *drift.Pair) string { return p.Object.Kind })},
		{key: "part", label: "Part", cell: func(_ *pairBook, p *drift.Pair) DumpCell { return pairPart(p) }, compare: func(a, b *drift.Pair) int {
			return cmp.Compare(slices.Index(drift.Parts(), a.Part), slices.Index(drift.Parts(), b.Part))
		}},
		{key: "declared", label: "Declared", class: "side", hint: "what the API says", cell: func(_ *pairBook, p *drift.Pair) DumpCell { return pairSide(p, p.Declared, "not declared") }, compare: compareBy(func(p *drift.Pair) string { return p.Declared })},
		{key: "loaded", label: "Loaded", class: "side", hint: "what this Envoy has", cell: func(_ *pairBook, p *drift.Pair) DumpCell { return pairSide(p, p.Loaded, "not loaded") }, compare: compareBy(func(p *drift.Pair) string { return p.Loaded })},
		{key: "state", label: "State", cell: func(_ *pairBook, p *drift.Pair) DumpCell { return pairState(p) }, compare: func(a, b *drift.Pair) int { return cmp.Compare(pairRank(a.State), pairRank(b.State)) }},
	},
}

func pairFields(_ *pairBook, p *drift.Pair, key string) ([]string, bool) {
	switch key {
	case "":
		return []string{p.Object.NamespacedName(), p.Name, p.Declared, p.Loaded, p.Why}, true
	case "state":
		return []string{string(p.State)}, true
	case "part":
		return []string{string(p.Part)}, true
	case "ns":
		return []string{orWord(p.Object.Namespace, "none")}, true
	case "kind":
		return []string{p.Object.Kind}, true
	case "object":
		return objectWords(p.Object), true
	case "name":
		return []string{orWord(p.Name, "none")}, true
	}
	return nil, false
}

func pairObject(b *pairBook, p *drift.Pair) DumpCell {
	c := monoCell(p.Object.NamespacedName())
	c.Note = cellText(p.Object.Kind)
	if objects := b.made(p.Object, mesh.Ref{}, 0, "").Objects; len(objects) > 0 {
		c.URL = objects[0].URL
	}
	return c
}

// pairPart names what of the object it is: "route rule 2".
func pairPart(p *drift.Pair) DumpCell {
	return DumpCell{Text: cellText(string(p.Part)), Note: cellText(p.Name)}
}

func pairState(p *drift.Pair) DumpCell {
	c := DumpCell{Text: cellText(string(p.State)), Note: cellText(p.Why)}
	switch p.State {
	case drift.PairSame:
		c.Tone = ui.ToneGood
	case drift.PairDiffers:
		c.Tone = ui.ToneBad
	case drift.PairSettling:
		c.Tone = ui.ToneWarn
	default:
		c.Tone = ui.ToneUnknown
	}
	return c
}

// pairSide is one side. Nothing there is a fact, unless that side could not be
// read.
func pairSide(p *drift.Pair, words, none string) DumpCell {
	switch {
	case words != "":
		return textCell(words)
	case p.State == drift.PairUnknown:
		return DumpCell{Text: "unknown", Tone: ui.ToneUnknown}
	case p.State == drift.PairSame:
		return DumpCell{Text: none, Tone: toneSoft}
	}
	return DumpCell{Text: none, Tone: ui.ToneBad}
}

// countPairs says how many pairs are in which state, worst first: "2 differ, 1
// unknown, 40 are the same".
func countPairs(pairs []drift.Pair) string {
	counts := make(map[drift.PairState]int)
	for i := range pairs {
		counts[pairs[i].State]++
	}
	var words []string
	for _, s := range []struct {
		state     drift.PairState
		one, many string
	}{
		{drift.PairDiffers, "differs", "differ"},
		{drift.PairSettling, "changed just now", "changed just now"},
		{drift.PairUnknown, "cannot be told", "cannot be told"},
		{drift.PairSame, "is the same", "are the same"},
	} {
		switch n := counts[s.state]; n {
		case 0:
		case 1:
			words = append(words, "1 "+s.one)
		default:
			words = append(words, number(n)+" "+s.many)
		}
	}
	return sentenceList(words)
}

type pairItem struct {
	DumpItem
	Namespace string          `json:"namespace"`
	Name      string          `json:"name"`
	Part      drift.Part      `json:"part"`
	What      string          `json:"what"`
	State     drift.PairState `json:"state"`
	Declared  string          `json:"declared"`
	Loaded    string          `json:"loaded"`
	Why       string          `json:"why"`
}

func newPairItem(p *drift.Pair, head DumpItem) any {
	head.Kind = p.Object.Kind
	return pairItem{head, p.Object.Namespace, p.Object.Name, p.Part, p.Name, p.State, p.Declared, p.Loaded, p.Why}
}
