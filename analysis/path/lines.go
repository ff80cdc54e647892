package path

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
)

// Lines tells the lines that proxies write about one call from those about all
// the others that they carry.
type Lines struct {
	snap *mesh.Snapshot
	// outside: the caller is nobody in the mesh; else callers are its pods.
	outside bool
	callers []*mesh.Workload
	// waypoints stand between both ends: behind one the caller's name is gone.
	waypoints []*mesh.Workload
	// to is what is called; backends are the pods that take the calls.
	to       *address
	backends []*mesh.Workload
}

// LinesOf finds both ends of a call in what the API declares. The error is a
// *BadRequestError.
func LinesOf(s *mesh.Snapshot, r Request) (*Lines, error) {
	q, err := newQuestion(s, nil, r)
	if err != nil {
		return nil, err
	}
	l := &Lines{snap: s, to: q.to, outside: q.clients[0].ref().IsZero()}
	for _, c := range q.clients {
		l.callers = append(l.callers, c.pods...)
	}
	switch {
	case q.to.target != nil:
		way := newPlan(s, q.ztunnels, q.to.target, q.to.port)
		way.findVersions()
		l.passing(way)
	case q.to.pod != nil:
		l.passing(planToPod(q))
		l.backends = append(l.backends, q.to.pod)
	}
	return l, nil
}

// planToPod is the way to a pod that is called by its own address.
func planToPod(q *question) *plan {
	way := &plan{snap: q.snap, ztunnels: q.ztunnels, trust: q.trust, target: &target{ref: q.to.pod.Ref(), podAddressed: true}, port: q.to.port}
	if b := q.snap.WorkloadBinding(q.to.pod); b.Bound() {
		way.addPassages(b)
	}
	return way
}

func (l *Lines) passing(way *plan) {
	for _, w := range way.passages {
		l.waypoints = append(l.waypoints, w.pods()...)
	}
	for _, b := range way.served() {
		if b.workload != nil {
			l.backends = append(l.backends, b.workload)
		}
	}
}

// OfCall tells whether a line is about the call, or about something that is
// trouble for every call: what proxies say of themselves, if it is grave, and
// all that applications say. One of which only one end is known, and is the
// call's, may be about it; so may one of a waypoint that sends on what anybody
// asked of it. means is what the line means.
func (l *Lines) OfCall(line *mesh.LogLine, means *mesh.LogExplanation) mesh.Fact {
	c, ok := logline.CallOf(l.snap, line)
	if !ok {
		if line.From.Writer == mesh.WriterApplication || means.Code != "" || line.Level == mesh.LogError || line.Level == mesh.LogWarn {
			return mesh.FactUnknown
		}
		return mesh.FactNo
	}
	var from, to mesh.LogPeer
	if line.Connection != nil {
		from, to = line.Connection.Source, line.Connection.Destination
	}
	source, destination := l.isCaller(&c.Source, from), l.isCalled(&c.Destination, to)
	if line.Request != nil && has(l.callers, line.From.Pod) {
		source = mesh.FactYes // the caller's own proxy, as that of a gateway
	}
	switch {
	case source == mesh.FactNo || destination == mesh.FactNo, source == mesh.FactUnknown && destination == mesh.FactUnknown:
		return mesh.FactNo
	case source == mesh.FactYes && destination == mesh.FactYes:
		return mesh.FactYes
	}
	return mesh.FactUnknown
}

// isCaller tells whether whom a line names as the source is the caller.
func (l *Lines) isCaller(e *logline.End, peer mesh.LogPeer) mesh.Fact {
	known := l.snap.Workload(e.Pod.Namespace, e.Pod.Name) != nil
	switch {
	case has(l.callers, e.Pod):
		return mesh.FactYes
	case has(l.waypoints, e.Pod):
		return mesh.FactUnknown
	case known:
		return mesh.FactNo
	case l.outside && peer.Identity == "" && e.Pod.IsZero() && e.Address != "":
		return mesh.FactYes
	}
	return l.gone(l.callers, peer)
}

// isCalled tells whether what a line names as the destination is what is called.
func (l *Lines) isCalled(e *logline.End, peer mesh.LogPeer) mesh.Fact {
	port := l.to.number()
	switch {
	case l.to.target != nil && e.Ref == l.to.target.ref:
		return mesh.FactOf(e.Port == 0 || e.Port == port)
	case has(l.backends, e.Pod):
		return mesh.FactOf(l.to.pod == nil || e.Port == 0 || e.Port == port || e.Ref.Kind == "Service")
	case e.Ref.Kind == "Service" || e.Ref.Kind == "ServiceEntry" || l.snap.Workload(e.Pod.Namespace, e.Pod.Name) != nil:
		return mesh.FactNo
	case l.to.ip.IsValid() && strings.HasPrefix(e.Address, l.to.ip.String()+":"), l.to.host != "" && strings.HasPrefix(e.Address, l.to.host+":"):
		return mesh.FactYes
	case e.Address != "" && !isAddress(e.Address):
		return mesh.FactNo // a host, and another one
	}
	return l.gone(l.backends, peer)
}

// isAddress tells "ip:port" from a host.
func isAddress(text string) bool {
	_, err := netip.ParseAddrPort(text)
	return err == nil
}

// gone tells whether an end that the mesh does not have now was one of pods:
// pods are replaced, and their account stays.
func (l *Lines) gone(pods []*mesh.Workload, peer mesh.LogPeer) mesh.Fact {
	like := func(w *mesh.Workload) bool {
		if peer.Identity != "" {
			return strings.TrimPrefix(peer.Identity, "spiffe://") == w.Principal(l.snap.TrustDomain())
		}
		return peer.Namespace == "" || peer.Namespace == w.Namespace
	}
	if slices.ContainsFunc(pods, like) {
		return mesh.FactUnknown
	}
	return mesh.FactNo
}

func has(pods []*mesh.Workload, ref mesh.Ref) bool {
	return slices.ContainsFunc(pods, func(w *mesh.Workload) bool { return w.Ref() == ref })
}
