package path

import (
	"fmt"
	"net/netip"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Codes of findings that explain a broken hop of the drawn path.
// The table is docs/checks.md.
const (
	codeWaypointNotFound      = "WAYPOINT_NOT_FOUND"
	codeWaypointNotProgrammed = "WAYPOINT_NOT_PROGRAMMED"
	codeAttachmentDenied      = "WAYPOINT_ATTACHMENT_DENIED"
	codeTrafficType           = "WAYPOINT_TRAFFIC_TYPE_MISMATCH"
	codePodAddressed          = "WAYPOINT_BYPASSED_POD_ADDRESSED"
	codeWrongGateway          = "WAYPOINT_WRONG_GATEWAY"
	codeWaypointNoEndpoints   = "WAYPOINT_NO_ENDPOINTS"
	codeIdentityDenied        = "AUTHZ_WAYPOINT_IDENTITY_DENIED"
	codeDenyHitsWaypoint      = "AUTHZ_DENY_HITS_WAYPOINT"
	codeZtunnelMissing        = "ZTUNNEL_MISSING_ON_NODE"
	codeNotCaptured           = "POD_NOT_CAPTURED"
	codeNoEndpoints           = "SERVICE_NO_ENDPOINTS"
	codeSubsetUndefined       = "SUBSET_UNDEFINED"
	codeSubsetEmpty           = "SUBSET_EMPTY"
	codeBackendMissing        = "ROUTE_BACKEND_MISSING"
	codeNoDefault             = "ROUTE_NO_DEFAULT"
	codeShadowed              = "ROUTE_SHADOWED"
	codeNoWaypoint            = "ROUTE_NO_WAYPOINT"
	codeTargetNotBound        = "AUTHZ_TARGET_NOT_BOUND"
	codeFault                 = "FAULT_ACTIVE"
)

// passage is a waypoint that calls pass, with what it enforces.
type passage struct {
	ref      mesh.Ref
	waypoint *mesh.Waypoint // nil where the Gateway is no waypoint
	share    float64        // of the calls, in percent
	hop      *authz.Hop
	// state tells whether the waypoint takes calls at all.
	state   State
	code    string
	explain string
	// endpoints are those the caller's ztunnel sends to; nil where it was not
	// read. Then basis is Seen.
	endpoints []seenEndpoint
	basis     Basis
	evidence  []Evidence
}

// bypass is a waypoint asked for and not in the path.
type bypass struct {
	ref     mesh.Ref
	code    string
	explain string
	state   State
	basis   Basis
}

// findPassages decides which waypoint calls pass. Addressing decides first: a
// service waypoint is for calls to the virtual address, a workload waypoint
// for those to pods (istio.md A.13).
func (p *plan) findPassages() {
	b := p.target.binding
	switch {
	case p.target.podAddressed && b.Bound():
		p.bypass = &bypass{
			ref: b.Waypoint, code: codePodAddressed, state: StateWarn,
			explain: "The Service is headless: calls go to pod addresses, and a waypoint for services never sees them",
		}
		p.workloadPassage()
	case p.target.podAddressed:
		p.workloadPassage()
	case b.Bound():
		p.addPassages(b)
	case b.Failed():
		p.bypass = &bypass{ref: b.Waypoint, code: bindingCode(b.State), explain: b.Reason, state: StateBad}
	case b.State == mesh.BindingUnknown:
		p.bypass = &bypass{ref: b.Waypoint, explain: b.Reason, state: StateUnknown}
	}
}

func bindingCode(s mesh.BindingState) string {
	switch s {
	case mesh.BindingNotFound:
		return codeWaypointNotFound
	case mesh.BindingNotReady:
		return codeWaypointNotProgrammed
	case mesh.BindingDenied:
		return codeAttachmentDenied
	}
	return codeTrafficType
}

// workloadPassage is the waypoint of calls addressed to the pods, where all of
// a Service's pods share one.
func (p *plan) workloadPassage() {
	if p.target.service == nil {
		return
	}
	var shared mesh.Binding
	for i, w := range p.selectedPods() {
		b := p.snap.WorkloadBinding(w)
		if !b.Bound() || (i > 0 && b.Waypoint != shared.Waypoint) {
			return
		}
		shared = b
	}
	if shared.Bound() {
		p.addPassages(shared)
	}
}

func (p *plan) selectedPods() []*mesh.Workload {
	var out []*mesh.Workload
	if len(p.target.service.Selector) == 0 {
		return nil
	}
	for _, w := range p.snap.Shard(p.target.ref.Namespace).Workloads {
		if !w.Finished() && mesh.LabelsMatch(p.target.service.Selector, w.Labels) {
			out = append(out, w)
		}
	}
	return out
}

func (p *plan) addPassages(b mesh.Binding) {
	rest := 100.0
	var canary *passage
	if c := b.Canary; c != nil && c.State == mesh.BindingBound && c.Weight > 0 {
		rest -= float64(c.Weight)
		canary = p.newPassage(c.Waypoint, float64(c.Weight))
	}
	if rest > 0 {
		p.passages = append(p.passages, p.newPassage(b.Waypoint, rest))
	}
	if canary != nil {
		p.passages = append(p.passages, canary)
	}
}

func (p *plan) newPassage(ref mesh.Ref, share float64) *passage {
	g := p.snap.Gateway(ref.Namespace, ref.Name)
	if g == nil { // gone, or not readable: what targets it by name is still known
		g = &mesh.Gateway{Meta: mesh.Meta{Kind: ref.Kind, Namespace: ref.Namespace, Name: ref.Name}}
	}
	out := &passage{ref: ref, share: share, state: StateOK, waypoint: p.snap.Waypoint(ref.Namespace, ref.Name)}
	service := p.target.ref
	if p.target.podAddressed {
		service = mesh.Ref{}
	}
	out.hop = authz.AtWaypoint(p.snap, g, authz.Target{Service: service, Port: p.port})
	switch w := out.waypoint; {
	case w == nil:
		out.state, out.code = StateBad, codeWrongGateway
		out.explain = fmt.Sprintf("Gateway %s is no waypoint: istiod binds it all the same, and ztunnel refuses every call because it does not know such a waypoint", ref.NamespacedName())
	case !w.EndpointsKnown:
		out.state = StateUnknown
		out.explain = "whether it has ready endpoints is unknown: EndpointSlices were not readable"
	case w.ReadyEndpoints == 0:
		out.evidence = []Evidence{{Source: mesh.KubernetesSource, Object: mesh.Ref{Kind: "Service", Namespace: ref.Namespace, Name: ref.Name}, Field: "EndpointSlices", Text: fmt.Sprintf("0 of %d ready", w.AllEndpoints)}}
		out.state, out.code = StateBad, codeWaypointNoEndpoints
		out.explain = "it is bound and has no ready endpoint, so calls are refused and not sent around it (fail-closed)"
	}
	return out
}

// identity is whom the hops behind a waypoint see as the caller.
func (w *passage) identity(trust string) authz.Identity {
	if w.waypoint != nil {
		return authz.Known(w.waypoint.Principal(trust))
	}
	return authz.Known(mesh.Principal(trust, w.ref.Namespace, w.ref.Name))
}

// pods are the waypoint's own, whose addresses the hops behind it see.
func (w *passage) pods() []*mesh.Workload {
	if w.waypoint == nil {
		return nil
	}
	return w.waypoint.Pods
}

func addressesOf(pods []*mesh.Workload) []netip.Addr {
	var out []netip.Addr
	for _, w := range pods {
		for _, ip := range w.IPs {
			if a, err := netip.ParseAddr(ip); err == nil {
				out = append(out, a)
			}
		}
	}
	return out
}
