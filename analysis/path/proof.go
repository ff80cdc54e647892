package path

import (
	"fmt"
	"slices"
	"time"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
)

// prover looks for lines of logs that show what hops do with a call. They never
// change a verdict: a line tells of a call that was, and what proxies have in
// memory and the API declares tells of the next one.
type prover struct {
	*question
	logs Logs // nil where none were read
	read map[mesh.LogSource][]said
}

// hopLeg is between whom a hop stands: the pods whose addresses it sees, and the
// backend behind it.
type hopLeg struct {
	senders []*mesh.Workload
	toward  *backend
}

// said is a line that is about a call.
type said struct {
	line  *mesh.LogLine
	call  logline.Call
	means mesh.LogExplanation
}

func (q *question) prover() *prover {
	logs, _ := q.dumps.(Logs)
	return &prover{question: q, logs: logs}
}

// prove adds proof to the hops that ends have in common, and to those of each
// alone. Where calls go several ways, a line about one of them contradicts no
// other.
func (p *prover) prove(ends []end, shared int) {
	if p.logs == nil {
		return
	}
	p.read = make(map[mesh.LogSource][]said)
	for i := range ends {
		for j := range ends[i].hops {
			if i == 0 || j >= shared {
				p.hop(&ends[i], j, len(ends) == 1 || j < shared)
			}
		}
	}
}

// hop looks for lines about one hop of a way.
func (p *prover) hop(e *end, i int, strict bool) {
	h := &e.hops[i]
	lines := p.about(e, i)
	if len(lines) == 0 || h.Result == HopUnknown || h.Result == HopSkipped {
		return
	}
	changed, what := p.lastChange(h, e.legs[i])
	newest := lines[0]
	agree := slices.DeleteFunc(slices.Clone(lines), func(s showing) bool { return !s.agrees(h) || !s.line.Time.After(changed) })
	// What the proxy before wrote is of the same calls, and counts where nothing
	// else is there.
	if own := slices.DeleteFunc(slices.Clone(agree), func(s showing) bool { return !s.own }); len(own) > 0 {
		agree = own
	}
	switch {
	case !newest.agrees(h) && strict:
		h.contradicted(newest, changed, what)
	case len(agree) > 0:
		h.proven(agree)
	}
}

// proven makes proof of lines that agree, newest first.
func (h *Hop) proven(agree []showing) {
	h.Basis, h.Proof = Proven, &Proof{Lines: len(agree), Newest: agree[0].line}
	h.Evidence = slices.Insert(slices.Clip(h.Evidence), 0, lineEvidence(agree[0].line))
}

// contradicted says that the newest line shows something else, and whether that
// was before something changed that the hop rests on.
func (h *Hop) contradicted(s showing, changed time.Time, what mesh.Ref) {
	x := lineEvidence(s.line)
	if !s.line.Time.After(changed) {
		x.Text += fmt.Sprintf(" (otherwise, but before %s changed at %s)", what, changed.UTC().Format("15:04:05"))
		h.show(x)
		return
	}
	h.show(x)
	text := fmt.Sprintf("The log shows it otherwise at %s: %s. Nothing that this rests on is known to have changed since; what was deleted meanwhile leaves no trace.", s.line.Time.UTC().Format("15:04:05"), s.words())
	if h.Contradiction != "" {
		text = h.Contradiction + " " + text
	}
	h.Contradiction = text
}

// lastChange is when something last changed that a hop rests on, as far as the
// snapshot tells: the policies and routes that decide, what is called, who
// calls.
func (p *prover) lastChange(h *Hop, l hopLeg) (at time.Time, what mesh.Ref) {
	refs := []mesh.Ref{h.Ref, h.DecidedBy}
	if p.to.target != nil {
		refs = append(refs, p.to.target.ref)
	}
	for _, e := range h.Evidence {
		refs = append(refs, e.Object)
	}
	for _, w := range l.senders {
		refs = append(refs, w.Ref())
	}
	if l.toward != nil && l.toward.workload != nil {
		refs = append(refs, l.toward.workload.Ref())
	}
	for _, r := range refs {
		if o := p.snap.Lookup(r); o != nil && o.Metadata().ChangedAt().After(at) {
			at, what = o.Metadata().ChangedAt(), r
		}
	}
	return at, what
}
