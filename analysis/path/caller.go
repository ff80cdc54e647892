package path

import (
	"net/netip"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Entry is how a caller's calls leave its pods.
type Entry string

// The entries.
const (
	EntryZtunnel Entry = "ztunnel" // captured: with its identity
	EntrySidecar Entry = "sidecar" // with its identity, past service waypoints
	EntryGateway Entry = "gateway" // an ingress, egress or east-west gateway
	EntryNone    Entry = "none"    // outside the mesh: plaintext, no identity
)

// Caller is one row of "who may call this service": the pods of an account
// whose calls leave in the same way, and what the hops decide about them.
type Caller struct {
	Account *mesh.Account
	Entry   Entry
	Pods    []*mesh.Workload
	// Principal is the identity presented; empty outside the mesh.
	Principal string
	// ViaWaypoint tells whether its calls pass the waypoint. Then Waypoint is
	// the decision there, and Destination that of the ztunnel behind, which
	// sees the waypoint and not the caller.
	ViaWaypoint bool
	Waypoint    authz.Decision
	Destination authz.Decision
	// Partly tells that some pods of the service decide otherwise.
	Partly bool
}

// Deciding is the decision that settles the call, and at which stage.
func (c *Caller) Deciding() (authz.Decision, Stage) {
	if c.ViaWaypoint && (c.Waypoint.Refused() || !c.Destination.Refused()) {
		if c.Waypoint.Verdict == authz.Allow && c.Destination.Verdict == authz.Undetermined {
			return c.Destination, StageDestination
		}
		return c.Waypoint, StageWaypoint
	}
	return c.Destination, StageDestination
}

// atFirst is the decision of the first hop that judges the caller itself.
func (c *Caller) atFirst() authz.Decision {
	if c.ViaWaypoint {
		return c.Waypoint
	}
	return c.Destination
}

// Callers lists what becomes of calls from every account of the mesh to one
// port of a Service or ServiceEntry, by policies alone: whether anything
// answers is another question. Port 0 is the first port. Accounts whose pods
// leave in different ways have a row for each.
func Callers(s *mesh.Snapshot, service mesh.Ref, port uint16) []Caller {
	t := targetOf(s, service)
	if t == nil {
		return nil
	}
	p, ok := t.port(port)
	if !ok {
		return nil
	}
	return newPlan(s, t, p).callers
}

func (p *plan) findCallers() {
	for _, sh := range p.snap.Shards {
		for _, a := range sh.Accounts() {
			before := len(p.callers)
			p.callers = p.judge.rows(p.callers, a)
			p.countIdentity(p.callers[before:])
		}
	}
}

// countIdentity counts one account by its rows.
func (p *plan) countIdentity(rows []Caller) {
	inMesh, admitted := 0, 0
	for i := range rows {
		if rows[i].Entry != EntryNone {
			inMesh = 1
			if rows[i].Admitted() {
				admitted = 1
			}
		}
	}
	p.identities += inMesh
	p.admitted += admitted
}

// judge decides about callers; what does not depend on the caller is decided
// once.
type judge struct {
	plan *plan
	// entries of the service, one for each group of pods that decide alike.
	entries []*entryPoint
	// outside is the decision about callers without identity, passed that of
	// the destinations about the waypoints.
	outside, passed judgement
	// ingress tells whether gateways use the waypoint.
	ingress bool
}

// entryPoint is a group of ready backends under the same policies and port.
type entryPoint struct {
	hop  *authz.Hop // nil: nothing of the mesh decides there
	port uint16
	pods []*backend
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
	type group struct {
		hop  *authz.Hop
		port uint16
	}
	byGroup := make(map[group]*entryPoint)
	for _, b := range list {
		g := group{b.hop, b.port}
		e := byGroup[g]
		if e == nil {
			e = &entryPoint{hop: b.hop, port: b.port}
			byGroup[g] = e
			out = append(out, e)
		}
		e.pods = append(e.pods, b)
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
		out = append(out, Caller{Account: a, Entry: EntryNone, Pods: a.Outside, Destination: j.outside.Decision, Partly: j.outside.partly})
	}
	return out
}

func (j *judge) row(c Caller) Caller {
	if c.ViaWaypoint {
		c.Waypoint = j.waypoints(&c)
		c.Destination, c.Partly = j.passed.Decision, j.passed.partly
		return c
	}
	d := j.destination(authz.Known(c.Principal), c.Pods)
	c.Destination, c.Partly = d.Decision, d.partly
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
			return authz.Decision{Verdict: authz.Undetermined, Code: authz.CodeNoneAllowed, Missing: []string{"which of the two waypoints takes the call"},
				Reason: "the waypoint and its canary decide differently"}
		}
		if i == 0 {
			out = d
		}
	}
	return out
}

// behindWaypoints is what destinations decide about calls that come from a
// waypoint.
func (j *judge) behindWaypoints() judgement {
	var out judgement
	for i, w := range j.plan.passages {
		var pods []*mesh.Workload
		if w.waypoint != nil {
			pods = w.waypoint.Pods
		}
		d := j.destination(w.identity(j.plan.trust), pods)
		if i == 0 {
			out = d
			continue
		}
		out.partly = out.partly || d.partly || d.Verdict != out.Verdict
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
	if e.hop == nil {
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

// ingressUsesWaypoint reads istio.io/ingress-use-waypoint of the Service, else
// of its namespace (istio.md C.1); it needs a virtual address.
func (p *plan) ingressUsesWaypoint() bool {
	if p.target.podAddressed || p.target.service == nil {
		return false
	}
	if v, ok := p.target.service.Labels[mesh.LabelIngressUseWaypoint]; ok {
		return isTrue(v)
	}
	labels, _ := p.snap.NamespaceLabels(p.target.ref.Namespace)
	return isTrue(labels[mesh.LabelIngressUseWaypoint])
}

// admittedAtFirst tells whether the first hop that judges the caller lets it
// on; what comes behind may still refuse the waypoint.
func (c *Caller) admittedAtFirst() bool {
	if c.ViaWaypoint {
		return !c.Waypoint.Refused()
	}
	return c.Admitted()
}

// Admitted tells whether calls of this row can get through, perhaps to some
// pods only or depending on the request.
func (c *Caller) Admitted() bool {
	if c.ViaWaypoint && c.Waypoint.Refused() {
		return false
	}
	return c.Partly || !c.Destination.Refused()
}
