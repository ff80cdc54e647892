package path

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// way is a call on its way: the hops behind it, and as whom the next one sees
// it. Where calls can go in several directions a way is forked.
type way struct {
	hops []Hop
	// legs tell of each hop between whom it stands, for lines of logs.
	legs   []hopLeg
	labels []string
	weight float64 // percent of the calls
	// from is the identity the next hop is given, pods whose addresses it sees.
	from authz.Identity
	pods []*mesh.Workload
	// behind is the waypoint that sends the call on; http tells that it answers
	// failures with a status.
	behind *passage
	http   bool
	// uses is how the sender encrypts where the destination takes it.
	uses Transport
	// node is the sender's, whose ztunnel or certificate serves it.
	node string
	// toward is the backend that the call goes to, once it is chosen.
	toward *backend
	// doubt is something unknown that may yet end the call, should nothing else
	// do so.
	doubt string
	// past is a waypoint that the call was meant for and goes past.
	past *bypass
	// unheld tells that the client should have an identity and has none.
	unheld string
}

// end is a way that came to its end.
type end struct {
	*way
	ending
}

// ending is how a call ends.
type ending struct {
	verdict       Verdict
	code, summary string // summary is a sentence without its full stop
	outcome       Outcome
}

// show adds what a statement about the hop rests on. A hop is handed on to
// several ways, which must not write into one list.
func (h *Hop) show(e ...Evidence) { h.Evidence = append(slices.Clip(h.Evidence), e...) }

// fork is a second way from here on, for a part of the calls.
func (w *way) fork(label string, share float64) *way {
	out := *w
	out.hops, out.legs, out.labels = slices.Clone(w.hops), slices.Clone(w.legs), slices.Clone(w.labels)
	if label != "" {
		out.labels = append(out.labels, label)
	}
	out.weight = w.weight * share / 100
	return &out
}

// through notes a hop that lets the call on.
func (w *way) through(h Hop) {
	w.hops = append(w.hops, h)
	l := hopLeg{senders: w.pods, toward: w.toward}
	if w.behind != nil && w.toward != nil {
		l.senders = w.behind.pods() // whichever replica took it
	}
	w.legs = append(w.legs, l)
}

// stop ends the way at a hop.
func (w *way) stop(h Hop, e ending) []end {
	if h.Code == "" {
		h.Code = e.code
	}
	w.through(h)
	return []end{{w, e}}
}

// arrive ends the way at the application.
func (w *way) arrive(h Hop, format string, args ...any) []end {
	if w.doubt != "" {
		return w.unknown(h, "%s", w.doubt)
	}
	h.Result = HopPass
	summary := fmt.Sprintf(format, args...)
	if w.past != nil {
		summary += fmt.Sprintf(", past waypoint %s: its policies and routes are NOT applied", w.past.ref.NamespacedName())
	}
	return w.stop(h, ending{verdict: Reachable, summary: summary, outcome: Outcome{Kind: OutcomeOK, Text: "The application's own answer."}})
}

// fail ends the way at a hop that breaks the call.
func (w *way) fail(h Hop, code string, o Outcome, format string, args ...any) []end {
	h.Result, h.Code = HopFail, code
	summary := fmt.Sprintf(format, args...)
	if h.Explain == "" {
		h.Explain = sentence(summary)
	}
	return w.stop(h, ending{verdict: Unreachable, code: code, summary: summary, outcome: o})
}

// unknown ends the way where something needed is not known.
func (w *way) unknown(h Hop, format string, args ...any) []end {
	h.Result = HopUnknown
	summary := fmt.Sprintf(format, args...)
	if h.Explain == "" {
		h.Explain = sentence(summary)
	}
	return w.stop(h, ending{verdict: Undetermined, code: h.Code, summary: summary, outcome: unknownOutcome})
}

var unknownOutcome = Outcome{Kind: OutcomeUnknown, Text: "Unknown."}

// cut is what a client sees whose connection breaks at this point: behind a
// waypoint that speaks HTTP it is an answer of the waypoint's.
func (w *way) cut() Outcome {
	if w.behind != nil && w.http {
		return answered(503, "the waypoint, which could not deliver the call")
	}
	return reset
}

// late is cut after a connection that was tried for ten seconds, ztunnel's and
// the waypoint's own limit.
func (w *way) late() Outcome {
	if w.behind != nil && w.http {
		return answered(503, "the waypoint, which could not connect in 10 s")
	}
	if w.uses == Plaintext {
		return Outcome{Kind: OutcomeTimeout, Text: "The connection times out."}
	}
	return Outcome{Kind: OutcomeTimeout, Text: "The connection is accepted by ztunnel and cut after 10 s without an answer."}
}

// refused is what a client sees where nothing takes its connection.
func (w *way) refused() Outcome {
	if w.behind != nil || w.uses != Plaintext {
		return w.cut()
	}
	return Outcome{Kind: OutcomeRefused, Text: "The connection is refused."}
}

var reset = Outcome{Kind: OutcomeReset, Text: "The connection is accepted and then cut without an answer."}

func answered(status int, by string) Outcome {
	return Outcome{Kind: OutcomeHTTP, Status: status, Text: fmt.Sprintf("HTTP %d from %s.", status, by)}
}

// spiffe is an identity as certificates have it, empty without one.
func spiffe(id authz.Identity) string {
	if id.Principal == "" {
		return ""
	}
	return "spiffe://" + id.Principal
}
