package path

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// explanation joins the ends of all ways: what they have in common are its
// hops, each way from where they part is a branch. Lines of logs prove hops
// only then: they are about one place of several that are alike.
func explanation(r Request, ends []end, p *prover) *Explanation {
	ends = alike(ends)
	e := &Explanation{Request: r}
	shared := commonHops(ends)
	for i := range ends {
		hops := ends[i].hops
		for j := range hops {
			hops[j].advise()
		}
	}
	p.prove(ends, shared)
	e.Hops = ends[0].hops[:shared]
	if len(ends) > 1 {
		for i := range ends {
			e.Branches = append(e.Branches, ends[i].branch(shared))
		}
	}
	total := sum(ends)
	e.Verdict, e.Code, e.Outcome = total.verdict, total.code, total.outcome
	e.Summary = sentence(total.summary)
	return e
}

func (e *end) branch(from int) Branch {
	return Branch{
		Label: strings.Join(e.labels, " · "), Weight: e.weight, Verdict: e.verdict, Code: e.code,
		Summary: sentence(e.summary), Outcome: e.outcome, Hops: e.hops[from:],
	}
}

// alike joins ends that no reader could tell apart.
func alike(ends []end) []end {
	var out []end
	for _, e := range ends {
		i := slices.IndexFunc(out, func(have end) bool {
			return slices.Equal(have.labels, e.labels) && have.ending == e.ending && reflect.DeepEqual(have.hops, e.hops)
		})
		if i < 0 {
			out = append(out, e)
			continue
		}
		out[i].weight += e.weight
	}
	slices.SortStableFunc(out, func(a, b end) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	return out
}

// commonHops counts the hops that all ways begin with.
func commonHops(ends []end) int {
	n := len(ends[0].hops)
	for _, e := range ends[1:] {
		n = min(n, len(e.hops))
		for i := range n {
			if !reflect.DeepEqual(ends[0].hops[i], e.hops[i]) {
				n = i
				break
			}
		}
	}
	return n
}

// sum is the verdict on all ways: ends that differ make it Ambiguous, what is
// unknown Undetermined unless it is sure that some calls pass and some do not.
func sum(ends []end) ending {
	by := make(map[Verdict]*end)
	for i := range ends {
		e := &ends[i]
		if by[e.verdict] == nil {
			by[e.verdict] = e // the heaviest comes first
		}
	}
	good, bad, open := by[Reachable], by[Unreachable], by[Undetermined]
	switch {
	case good != nil && bad != nil:
		return partly(ends, bad)
	case open != nil:
		return open.ending
	case bad != nil:
		return bad.ending
	}
	return good.ending
}

// partly is the ending of calls of which some pass.
func partly(ends []end, bad *end) ending {
	share := 0.0
	var labels []string
	for _, e := range ends {
		if e.verdict == Unreachable {
			share += e.weight
			if l := strings.Join(e.labels, " · "); l != "" && !slices.Contains(labels, l) {
				labels = append(labels, l)
			}
		}
	}
	out := ending{verdict: Ambiguous, code: bad.code, outcome: bad.outcome}
	where := ""
	if len(labels) > 0 {
		where = " (" + someWords(labels) + ")"
	}
	out.summary = fmt.Sprintf("about %s of such calls fail%s: %s", percent(share), where, bad.summary)
	out.outcome.Text = strings.TrimSuffix(bad.outcome.Text, ".") + " for those, the application's own answer for the others."
	return out
}
