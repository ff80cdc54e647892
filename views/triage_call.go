package views

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// CauseCall is what becomes of a call that a cause is about, as the path engine
// follows it: whether it fails or gets through unprotected is no matter of the
// finding alone, other policies decide too.
type CauseCall struct {
	From, To string
	Verdict  path.Verdict
	Outcome  string // what the client sees
	Path     templ.SafeURL
}

// Bounds of looking for a call, for one cause and for a page: following one
// takes a tenth of a millisecond.
const (
	callsOfCause   = 8
	callsOfPage    = 40
	callersTried   = 4
	servicesCalled = 3
)

// callSearch looks for calls that show causes, for one page.
type callSearch struct {
	report *analysis.Report
	query  Query
	left   int
}

// of finds the first call that shows what a cause does: for one that breaks
// traffic a call that fails for this very reason, for one that leaves it
// unprotected a call that gets through. It is nil where none was found: then
// the card claims nothing about single calls.
func (c *callSearch) of(g *analysis.Group) *CauseCall {
	class := worstClass(*g)
	if class == analysis.Risk {
		return nil
	}
	tries := callsOfCause
	for _, svc := range calledBy(c.report.Snap, g) {
		for _, from := range callersOf(c.report.Snap, svc) {
			if tries--; tries < 0 || c.left <= 0 {
				return nil
			}
			c.left--
			to := svc.Namespace + "/" + svc.Name + ":" + strconv.Itoa(int(svc.Ports[0].Port))
			e, err := path.Explain(c.report.Snap, nil, path.Request{From: from, To: to})
			open := class == analysis.Unprotected && err == nil && e.Verdict == path.Reachable
			if open || class == analysis.Breaks && err == nil && shows(g, e) {
				return &CauseCall{From: from, To: to, Verdict: e.Verdict, Outcome: e.Outcome.Text, Path: c.query.Links().Path(e.Request)}
			}
		}
	}
	return nil
}

// shows tells that a call fails for a reason that the group names: by its code,
// or by an object among its evidence.
func shows(g *analysis.Group, e *path.Explanation) bool {
	if e.Verdict != path.Unreachable && e.Verdict != path.Ambiguous {
		return false
	}
	if e.Code == g.Cause.Code || slices.ContainsFunc(g.Consequences, func(f analysis.Finding) bool { return f.Code == e.Code }) {
		return true
	}
	return slices.ContainsFunc(e.Hops, func(h path.Hop) bool {
		ends := h.Result == path.HopDeny || h.Result == path.HopFail
		return ends && !h.DecidedBy.IsZero() && restsOn(g, h.DecidedBy)
	})
}

func restsOn(g *analysis.Group, o mesh.Ref) bool {
	return slices.ContainsFunc(g.Members(), func(f *analysis.Finding) bool {
		return slices.ContainsFunc(f.Evidence, func(e analysis.Evidence) bool { return e.Object == o })
	})
}

// calledBy are the first Services a cause is about, or those in front of pods
// it is about.
func calledBy(s *mesh.Snapshot, g *analysis.Group) []*mesh.Service {
	var out []*mesh.Service
	for _, ref := range slices.Concat(g.Subjects(), g.Affects) {
		for _, svc := range servicesAt(s, ref) {
			if len(svc.Ports) > 0 && !slices.Contains(out, svc) {
				out = append(out, svc)
			}
			if len(out) == servicesCalled {
				return out
			}
		}
	}
	return out
}

func servicesAt(s *mesh.Snapshot, ref mesh.Ref) []*mesh.Service {
	switch o := s.Lookup(ref).(type) {
	case *mesh.Service:
		return []*mesh.Service{o}
	case *mesh.Workload:
		sh := s.Shard(ref.Namespace)
		i := slices.IndexFunc(sh.Services, func(svc *mesh.Service) bool {
			return len(svc.Selector) > 0 && mesh.LabelsMatch(svc.Selector, o.Labels)
		})
		if i >= 0 {
			return sh.Services[i : i+1]
		}
	}
	return nil
}

// callersOf are pods that could call a Service, one of each account, those of
// its own namespace first and its own pods last.
func callersOf(s *mesh.Snapshot, svc *mesh.Service) []string {
	var near, own, far []string
	for _, sh := range s.Shards {
		if len(near) >= callersTried || (sh.Namespace != svc.Namespace && len(far) >= callersTried) {
			continue
		}
		for _, a := range sh.Accounts() {
			pod := cmp.Or(running(a.Captured), running(a.Sidecars))
			switch {
			case pod == nil:
			case sh.Namespace != svc.Namespace:
				far = append(far, pod.Namespace+"/"+pod.Name)
			case mesh.LabelsMatch(svc.Selector, pod.Labels):
				own = append(own, pod.Namespace+"/"+pod.Name)
			default:
				near = append(near, pod.Namespace+"/"+pod.Name)
			}
		}
	}
	all := slices.Concat(near, far, own)
	return all[:min(len(all), callersTried)]
}

// running is the first pod that can call, nil for none.
func running(pods []*mesh.Workload) *mesh.Workload {
	i := slices.IndexFunc(pods, func(w *mesh.Workload) bool { return w.Kind == "Pod" && w.Running() && !w.IsWaypoint() })
	if i < 0 {
		return nil
	}
	return pods[i]
}
