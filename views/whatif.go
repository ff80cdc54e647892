package views

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis/kubectl"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Change is what somebody would do to a mesh.
type Change struct {
	Objects []mesh.Object
	// Gone are deleted.
	Gone []mesh.Ref
	// Ignored says of what was pasted without being judged by, one sentence
	// each.
	Ignored []string
}

// Tried is a call before and after a change, both as the API declares them:
// proxies would be told of the change, so that what they have in memory now
// says nothing about after.
type Tried struct {
	Before, After *path.Explanation
	Applied       []AppliedChange
	Ignored       []string
	// Cells are the callers of the service addressed whose access changes, of
	// Callers in all. Service is zero where the call is not addressed to one.
	Service mesh.Ref
	Port    uint16
	Cells   []CellChange
	Callers int
	// LeftOut are the proxies on the path, by source, whose memory is not
	// looked at.
	LeftOut []string
}

// AppliedChange is one object of a change. Kind is added, changed or deleted.
type AppliedChange struct {
	Object mesh.Ref
	Kind   string
}

// CellChange is one caller whose access changes.
type CellChange struct {
	Namespace, Name string
	Entry           path.Entry
	Before, After   Access
	Reason          string // after
}

// Gains tells whether the caller may do more than before.
func (c CellChange) Gains() bool { return accessRank(c.After) > accessRank(c.Before) }

func accessRank(a Access) int {
	return slices.Index([]Access{AccessNo, AccessUnknown, AccessDepends, AccessPartly, AccessYes}, a)
}

// Try follows a call through the mesh as it is and as it would be. The mesh
// itself is not touched. The error is a *path.BadRequestError about the call
// or the change.
func Try(s *mesh.Snapshot, request path.Request, c Change) (*Tried, error) {
	if len(c.Objects)+len(c.Gone) == 0 {
		return nil, &path.BadRequestError{Text: "There is nothing to try: paste an object or name one to delete."}
	}
	t := &Tried{Ignored: c.Ignored}
	for _, r := range c.Gone {
		if s.Lookup(r) == nil {
			return nil, &path.BadRequestError{Text: "There is no " + r.String() + " to delete."}
		}
		t.Applied = append(t.Applied, AppliedChange{r, "deleted"})
	}
	for _, o := range c.Objects {
		kind := "changed"
		if s.Lookup(o.Ref()) == nil {
			kind = "added"
		}
		t.Applied = append(t.Applied, AppliedChange{o.Ref(), kind})
	}
	next := s.With(c.Objects, c.Gone)
	var err error
	if t.Before, err = path.Explain(s, nil, request); err != nil {
		return nil, err
	}
	if t.After, err = path.Explain(next, nil, request); err != nil {
		if bad, ok := errors.AsType[*path.BadRequestError](err); ok {
			return nil, &path.BadRequestError{Text: "After the change: " + bad.Text}
		}
		return nil, err
	}
	involved, err := path.Involved(s, request)
	if err != nil {
		return nil, err
	}
	for _, n := range involved.Nodes {
		t.LeftOut = append(t.LeftOut, "ztunnel/"+n)
	}
	for _, p := range involved.Waypoints {
		t.LeftOut = append(t.LeftOut, "envoy/"+p.NamespacedName())
	}
	t.compare(s, next, request)
	return t, nil
}

// compare finds the callers whose access changes.
func (t *Tried) compare(was, next *mesh.Snapshot, request path.Request) {
	var ok bool
	if t.Service, t.Port, ok = path.Addressed(was, request); !ok {
		return
	}
	type row struct {
		namespace, name string
		entry           path.Entry
	}
	before := make(map[row]Access)
	rows := path.Callers(was, t.Service, t.Port)
	t.Callers = len(rows)
	for i := range rows {
		c := &rows[i]
		before[row{c.Account.Namespace, c.Account.Name, c.Entry}] = AccessOf(c)
	}
	rows = path.Callers(next, t.Service, t.Port)
	for i := range rows {
		c := &rows[i]
		k := row{c.Account.Namespace, c.Account.Name, c.Entry}
		if a := AccessOf(c); before[k] != a && before[k] != "" {
			d, _ := c.Deciding()
			t.Cells = append(t.Cells, CellChange{k.namespace, k.name, k.entry, before[k], a, d.Reason})
		}
	}
}

// ParseRef reads an object to delete, "AuthorizationPolicy/shop/orders" or
// "Namespace/shop".
func ParseRef(line string) (mesh.Ref, bool) {
	parts := strings.Split(strings.TrimSpace(line), "/")
	switch {
	case slices.Contains(parts, ""):
		return mesh.Ref{}, false
	case len(parts) == 2:
		return mesh.Ref{Kind: parts[0], Name: parts[1]}, true
	case len(parts) == 3:
		return mesh.Ref{Kind: parts[0], Namespace: parts[1], Name: parts[2]}, true
	}
	return mesh.Ref{}, false
}

// WhatIfAnswer is what a form for a change was filled with, and what came of it.
type WhatIfAnswer struct {
	Path PathAnswer
	// Objects and Gone are as typed.
	Objects, Gone string
	Problem       string
	Tried         *Tried // nil where nothing was tried, or could be
}

// WhatIfModel is the page that tries a change on a call.
type WhatIfModel struct {
	Action, Back  templ.SafeURL
	Keep          []ui.Param
	Call          string
	Objects, Gone string
	Problem       string
	// Get are commands that print what decides about the call now.
	Get                []string
	Tried              bool
	Before, After      WhatIfSide
	Applied            []AppliedRow
	Ignored            []string
	Gain, Lose         []CellRow
	GainMore, LoseMore int
	Unchanged          string // how many callers stay as they are; empty without a matrix
	LeftOut            string
	Same               bool
	Service            ObjectLink
}

// WhatIfSide is a call on one side of a change.
type WhatIfSide struct {
	Title   string
	Verdict path.Verdict
	Summary string
	Code    CodeLink
	Outcome string
	Hops    []PathHop
}

// AppliedRow is one object of a change.
type AppliedRow struct {
	Word   string
	Object ObjectLink
}

// CellRow is one caller whose access changes.
type CellRow struct{ Name, Entry, Before, After, Reason string }

// maxCells bounds the callers listed on each side; the rest is counted.
const maxCells = 500

// NewWhatIf builds the page.
func NewWhatIf(s *mesh.Snapshot, a WhatIfAnswer, q Query) WhatIfModel {
	l := q.Links()
	r := a.Path.Request
	m := WhatIfModel{
		Action: templ.SafeURL(pathWhatIf), Back: l.Path(r), Keep: params(q.params()), Call: r.From + " → " + r.To,
		Objects: a.Objects, Gone: a.Gone, Problem: cmp.Or(a.Problem, a.Path.Problem),
	}
	if e := a.Path.Explanation; e != nil {
		m.Get = deciders(e)
	}
	if t := a.Tried; t != nil {
		m.fill(s, t, q)
	}
	return m
}

func (m *WhatIfModel) fill(s *mesh.Snapshot, t *Tried, q Query) {
	m.Tried, m.Ignored = true, t.Ignored
	m.Before, m.After = newWhatIfSide(s, q, "Now, as declared", t.Before), newWhatIfSide(s, q, "After the change", t.After)
	m.Same = len(t.Cells) == 0 && t.Before.Verdict == t.After.Verdict && t.Before.Code == t.After.Code && t.Before.Summary == t.After.Summary
	for _, c := range t.Applied {
		m.Applied = append(m.Applied, AppliedRow{c.Kind, NewObjectLink(s, q, c.Object)})
	}
	for _, c := range t.Cells {
		before, _ := accessWord(c.Before)
		after, _ := accessWord(c.After)
		row := CellRow{c.Namespace + "/" + c.Name, entryWord(c.Entry), before, after, c.Reason}
		switch {
		case c.Gains() && len(m.Gain) < maxCells:
			m.Gain = append(m.Gain, row)
		case c.Gains():
			m.GainMore++
		case len(m.Lose) < maxCells:
			m.Lose = append(m.Lose, row)
		default:
			m.LoseMore++
		}
	}
	if !t.Service.IsZero() {
		m.Service = NewObjectLink(s, q, t.Service)
		m.Unchanged = plural(t.Callers-len(t.Cells), "caller") + " of " + number(t.Callers) + " stay as they are"
	}
	m.LeftOut = "Nothing was changed in the cluster. Both sides are judged by what the API declares"
	if len(t.LeftOut) > 0 {
		m.LeftOut += "; what " + strings.Join(t.LeftOut, ", ") + " have in memory is left out, since istiod would tell them of the change"
	}
	m.LeftOut += "."
}

func newWhatIfSide(s *mesh.Snapshot, q Query, title string, e *path.Explanation) WhatIfSide {
	h := hopBuilder{snap: s, query: q, client: clientIdentity(e)}
	return WhatIfSide{
		Title: title, Verdict: e.Verdict, Summary: e.Summary, Code: catalogued(e.Code, q.Links()), Outcome: e.Outcome.Text, Hops: h.hops(e.Hops, 1),
	}
}

// deciders are commands that print each object that decides about a call, so
// that it can be edited. A snapshot does not hold objects as they are written.
func deciders(e *path.Explanation) []string {
	var out []string
	add := func(hops []path.Hop) {
		for i := range hops {
			r := hops[i].DecidedBy
			if r.IsZero() || r.Kind == "Mesh" {
				continue
			}
			if c := kubectl.Get(r); !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	add(e.Hops)
	for i := range e.Branches {
		add(e.Branches[i].Hops)
	}
	return out
}
