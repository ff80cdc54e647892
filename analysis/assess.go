package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Assess runs every check of the catalogue over a snapshot. It is a pure
// function: the same input gives the same report.
func Assess(in Input) *Report { return assess(in, Checks()) }

func assess(in Input, checks []Check) *Report { return new(Assessor).assess(in, checks) }

func judge(in *Input, checks []Check) *Report {
	r := &runner{in: in}
	for i := range checks {
		r.judge(&checks[i])
	}
	report := &Report{At: in.Now, Snap: in.Snap, Ran: r.ran, Checks: len(checks), counts: in.counts()}
	report.Findings = merge(r.findings)
	linkCauses(in, report.Findings, checks)
	report.HeldBack = sortHeldBack(r.held)
	report.index()
	return report
}

// runner collects what checks say.
type runner struct {
	in       *Input
	findings []Finding
	held     []HeldBack
	ran      int
}

// judge runs one check, unless something it needs is not readable.
func (r *runner) judge(c *Check) {
	held, partly := r.unread(c)
	held = append(r.unreadable(c, c.Needs), held...)
	if r.in.Snap.Cluster.Origin == mesh.OriginManifests {
		held = c.heldBackOnManifests(r.in.Snap, held)
	}
	if len(held) > 0 {
		r.held = append(r.held, held...)
		return
	}
	ran := false
	if c.Mesh != nil {
		ran = r.call(c, nil)
	} else {
		ran = r.judgeNamespaces(c)
	}
	if !ran {
		return
	}
	r.ran++
	for _, h := range append(partly, r.unreadable(c, c.Uses)...) {
		h.Partly = true
		r.held = append(r.held, h)
	}
}

// judgeNamespaces reports whether the check judged at least one namespace, or
// had none to judge. Namespaces outside the scope are nobody's question.
func (r *runner) judgeNamespaces(c *Check) bool {
	asked, judged := 0, 0
	for _, sh := range r.in.Snap.Shards {
		if !r.in.Snap.InScope(sh.Namespace) {
			continue
		}
		asked++
		if r.call(c, sh) {
			judged++
		}
	}
	return asked == 0 || judged > 0
}

// call runs a check over one namespace, or over the mesh where that is nil. Odd
// data that make it panic must not take the page down: the check is reported as
// held back there, with the reason.
func (r *runner) call(c *Check, sh *mesh.Shard) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			where := "the mesh"
			if sh != nil {
				where = "namespace " + sh.Namespace
			}
			r.held = append(r.held, HeldBack{
				Code: c.Code, Source: WaylightSource, State: mesh.SourceDown,
				Detail: fmt.Sprintf("The check failed on %s, which is a bug of Waylight: %v.", where, p),
			})
		}
		r.in.missed = nil
	}()
	var findings []Finding
	if sh != nil {
		findings = r.in.say(c, sh)
	} else {
		findings = c.Mesh(r.in)
	}
	for _, f := range findings {
		r.findings = append(r.findings, c.complete(f))
	}
	for _, h := range r.in.missed {
		h.Code, h.Partly = c.Code, true
		r.held = append(r.held, h)
	}
	return true
}

// complete fills in what the catalogue says for all findings of a check, and
// makes every list exist: documents show [] and never null.
func (c *Check) complete(f Finding) Finding {
	f.Code, f.Docs = c.Code, "/checks#"+c.Code
	f.Severity = cmp.Or(f.Severity, c.Severity)
	f.Class = cmp.Or(f.Class, c.Class)
	f.Doubt = cmp.Or(f.Doubt, c.Doubt)
	f.Evidence = append([]Evidence{}, f.Evidence...)
	f.Affects = append([]mesh.Ref{}, f.Affects...)
	f.Fix.Commands = append([]string{}, f.Fix.Commands...)
	return f
}

// unreadable lists which of the resources a check cannot rely on.
func (r *runner) unreadable(c *Check, resources []string) []HeldBack {
	var out []HeldBack
	for _, resource := range resources {
		if isProxySource(resource) {
			continue
		}
		if h, missing := missing(r.in.Snap, resource, c.Mesh != nil); missing {
			h.Code = c.Code
			out = append(out, h)
		}
	}
	return out
}

// unread lists the kinds of proxies a check needs of which too few were read,
// and those over which it judges less.
func (r *runner) unread(c *Check) (held, partly []HeldBack) {
	for _, kind := range slices.Concat(c.Needs, c.Uses) {
		if !isProxySource(kind) {
			continue
		}
		h, none, some := r.in.unreadProxies(kind)
		h.Code = c.Code
		switch {
		case (none || some && c.NeedsAll) && slices.Contains(c.Needs, kind):
			held = append(held, h)
		case some:
			partly = append(partly, h)
		}
	}
	return held, partly
}

// missing tells why a resource is not all known. For everywhere a limited
// scope is a reason too.
func missing(s *mesh.Snapshot, resource string, everywhere bool) (HeldBack, bool) {
	st := s.Sources.Kind(resource)
	if !st.State.Readable() && st.State != mesh.SourceAbsent {
		detail := cmp.Or(st.Detail, "It was not read.")
		return HeldBack{Source: st.Name, State: st.State, Detail: detail}, true
	}
	if everywhere && !s.Readable(resource, "") {
		return outOfScope(s), true
	}
	return HeldBack{}, false
}

func outOfScope(s *mesh.Snapshot) HeldBack {
	return HeldBack{Source: mesh.KubernetesSource, State: mesh.SourcePartial, Detail: "Only these namespaces are watched: " + strings.Join(s.Scope, ", ") + "."}
}

// miss notes that a running check met something it could not see: objects of a
// resource in a namespace.
func (in *Input) miss(resource, namespace string) {
	h, missing := missing(in.Snap, resource, false)
	if !missing {
		h = HeldBack{Source: mesh.KubernetesSource, State: mesh.SourcePartial, Detail: "Namespace " + namespace + " is not watched."}
	}
	in.missed = append(in.missed, h)
}

func sortHeldBack(held []HeldBack) []HeldBack {
	slices.SortStableFunc(held, func(a, b HeldBack) int {
		return cmp.Or(strings.Compare(a.Code, b.Code), strings.Compare(a.Source, b.Source), strings.Compare(a.Detail, b.Detail))
	})
	return slices.Compact(held)
}
