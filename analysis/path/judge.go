package path

import (
	"net/netip"
	"slices"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// judge decides about callers; what does not depend on the caller is decided
// once.
type judge struct {
	plan *plan
	// entries of the service, one for each group of pods that decide alike.
	entries []*entryPoint
	// outside is the decision about callers without identity, passed that of
	// the destinations about the waypoints.
	outside, passed judgement
	// seen is the waypoint that passed is about.
	seen *passage
	// ingress tells whether gateways use the waypoint.
	ingress bool
	// made holds the decisions given so far: few, shared by many callers.
	made []*authz.Decision
}

// share returns the one copy of a decision.
func (j *judge) share(d authz.Decision) *authz.Decision {
	for _, have := range j.made {
		if have.Reason == d.Reason && have.Verdict == d.Verdict && have.Code == d.Code && have.Policy == d.Policy && have.Rule == d.Rule {
			return have
		}
	}
	made := d
	j.made = append(j.made, &made)
	return &made
}

// entryPoint is a group of ready backends under the same policies and port.
type entryPoint struct {
	hop        *authz.Hop // nil: no ztunnel decides there
	port       uint16
	unfollowed bool
	pods       []*backend
}

// judgement is a decision that may differ between the pods of a service.
type judgement struct {
	authz.Decision
	partly bool
}

func (p *plan) newJudge() *judge {
	j := &judge{plan: p, entries: entryPoints(p.served()), ingress: p.ingressUsesWaypoint()}
	j.outside = j.destination(authz.NoIdentity, nil)
	j.passed = j.behindWaypoints()
	return j
}

// entryPoints groups the ready backends; before any is ready, all of them,
// since policies hold whether or not somebody answers.
func entryPoints(all []*backend) []*entryPoint {
	list := readyOf(all)
	if len(list) == 0 {
		list = all
	}
	var out []*entryPoint
	for _, b := range list {
		i := slices.IndexFunc(out, func(e *entryPoint) bool {
			return e.hop == b.hop && e.port == b.port && e.unfollowed == b.unfollowed
		})
		if i < 0 {
			i = len(out)
			out = append(out, &entryPoint{hop: b.hop, port: b.port, unfollowed: b.unfollowed})
		}
		out[i].pods = append(out[i].pods, b)
	}
	return out
}

func (j *judge) rows(out []Caller, a *mesh.Account) []Caller {
	principal := a.Principal(j.plan.trust)
	add := func(entry Entry, pods []*mesh.Workload, viaWaypoint bool) {
		if len(pods) > 0 {
			out = append(out, j.row(Caller{Account: a, Entry: entry, Pods: pods, Principal: principal, ViaWaypoint: viaWaypoint}))
		}
	}
	passes := len(j.plan.passages) > 0
	add(EntryZtunnel, a.Captured, passes)
	add(EntrySidecar, a.Sidecars, false)
	add(EntryGateway, a.Gateways, passes && j.ingress)
	if len(a.Outside) > 0 {
		out = append(out, Caller{Account: a, Entry: EntryNone, Pods: a.Outside, Destination: j.share(j.outside.Decision), Partly: j.outside.partly})
	}
	return out
}

func (j *judge) row(c Caller) Caller {
	if c.ViaWaypoint {
		c.Waypoint = j.share(j.waypoints(&c))
		c.Destination, c.Partly = j.share(j.passed.Decision), j.passed.partly
		return c
	}
	d := j.destination(authz.Known(c.Principal), c.Pods)
	c.Destination, c.Partly = j.share(d.Decision), d.partly
	return c
}

// waypoints is what the waypoint decides, or both of a weighted pair; where
// they differ the answer is open.
func (j *judge) waypoints(c *Caller) authz.Decision {
	call := authz.Call{From: authz.Known(c.Principal), Port: j.plan.port.Port}
	var out authz.Decision
	for i, w := range j.plan.passages {
		d := decideFrom(w.hop, call, c.Pods)
		if i > 0 && d.Verdict != out.Verdict {
			return authz.Decision{
				Verdict: authz.Undetermined, Code: mesh.CodeNoneAllowed, Missing: []string{"which of the two waypoints takes the call"},
				Reason: "the waypoint and its canary decide differently",
			}
		}
		if i == 0 {
			out = d
		}
	}
	return out
}

// behindWaypoints is what destinations decide about calls that come from a
// waypoint; of two it is the one that is refused.
func (j *judge) behindWaypoints() judgement {
	var out judgement
	for i, w := range j.plan.passages {
		d := j.destination(w.identity(j.plan.trust), w.pods())
		switch {
		case i == 0:
			out, j.seen = d, w
		case d.Verdict != out.Verdict && d.Refused():
			out, j.seen = judgement{d.Decision, true}, w
		default:
			out.partly = out.partly || d.partly || d.Verdict != out.Verdict
		}
	}
	return out
}

// destination is what the ztunnels before the service's pods decide.
func (j *judge) destination(from authz.Identity, pods []*mesh.Workload) judgement {
	out := judgement{Decision: authz.Decision{Verdict: authz.Allow, Reason: "nothing of the mesh stands before the service"}}
	for i, e := range j.entries {
		d := e.decide(from, pods)
		switch {
		case i == 0:
			out.Decision = d
		case d.Verdict != out.Verdict:
			out.partly = true
			if d.Refused() {
				out.Decision = d // the refusal is what a reader asks about
			}
		}
	}
	return out
}

func (e *entryPoint) decide(from authz.Identity, pods []*mesh.Workload) authz.Decision {
	switch {
	case e.unfollowed:
		return authz.Decision{
			Verdict: authz.Undetermined, Unread: []string{"the pods' own proxies"},
			Reason: "the pods have a proxy of their own, and what its policies decide is not followed here",
		}
	case e.hop == nil:
		return authz.Decision{Verdict: authz.Allow, Reason: "nothing of the mesh stands before the pod"}
	}
	call := authz.Call{From: from, Port: e.port}
	if len(e.pods) == 1 {
		call.Destination = e.pods[0].ip()
	}
	return decideFrom(e.hop, call, pods)
}

// decideFrom decides for callers with several addresses: only where a policy
// asks for the address is each tried, and open what differs between them.
func decideFrom(h *authz.Hop, call authz.Call, pods []*mesh.Workload) authz.Decision {
	var sources []netip.Addr
	if h.AsksForSource() {
		sources = addressesOf(pods)
	}
	if len(sources) == 0 {
		return h.Decide(call)
	}
	var out authz.Decision
	for i, a := range sources {
		call.Source = a
		d := h.Decide(call)
		if i > 0 && d.Verdict != out.Verdict {
			call.Source = netip.Addr{}
			return h.Decide(call)
		}
		out = d
	}
	return out
}

// ingressUsesWaypoint tells whether gateways send calls through the waypoint; it
// needs a virtual address.
func (p *plan) ingressUsesWaypoint() bool {
	return !p.target.podAddressed && p.target.service != nil && p.snap.IngressUsesWaypoint(p.target.service) == mesh.FactYes
}
