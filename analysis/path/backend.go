package path

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// entrance is how a call gets into a backend.
type entrance int

const (
	throughZtunnel entrance = iota // HBONE to the node's ztunnel
	inTheClear                     // nothing of the mesh stands before the pod
	ownProxy                       // a sidecar, or a gateway's proxy
	outsideCluster                 // not a pod: Waylight does not see it
)

// backend is one address a call can end at.
type backend struct {
	workload *mesh.Workload // nil for an address without one
	address  string
	node     string
	owner    mesh.Ref
	labels   map[string]string // what subsets choose by
	port     uint16            // on the pod; 0 where it could not be resolved
	ready    bool
	entrance entrance
	// hop is the enforcement point of the ztunnel before it, nil without one.
	hop *authz.Hop
	// noZtunnel: captured, and its node has no ready ztunnel.
	noZtunnel bool
	// unfollowed: its own proxy enforces something, and this package does not
	// follow what.
	unfollowed bool
	// sent is how the sender's own memory makes it send; empty where that was
	// not read. peer is the account it expects there.
	sent Transport
	peer string
	// stale: the sender has an address there that is no more.
	stale bool
}

// see notes how a ztunnel sends to the backend.
func (b *backend) see(x *mesh.ZtunnelWorkload) {
	b.sent, b.peer = Plaintext, x.ServiceAccount
	if x.Protocol == "HBONE" {
		b.sent = HBONE
	}
}

// backendKey tells which backends may treat a call differently.
type backendKey struct {
	owner mesh.Ref
	node  string
	hop   *authz.Hop
	port  uint16
	sent  Transport
	stale bool
	entry entrance
}

func (b *backend) key() backendKey {
	return backendKey{b.owner, b.node, b.hop, b.port, b.sent, b.stale, b.entrance}
}

func (b *backend) parts() int { return 1 }

// name is how a sentence calls the backend.
func (b *backend) name() string {
	if b.workload != nil {
		return b.workload.Name
	}
	return b.address
}

// labelTunnel marks pods whose sidecar takes HBONE (istio.md C.6).
const labelTunnel = "networking.istio.io/tunnel"

// transport is how calls reach the backend.
func (b *backend) transport() Transport {
	if b.entrance == throughZtunnel || (b.entrance == ownProxy && (b.workload.IsWaypoint() || b.workload.Labels[labelTunnel] == "http")) {
		return HBONE
	}
	return Plaintext
}

// backends resolves the endpoints of a target for one port. Not known: what
// they are could not be read, and why says what.
func (p *plan) backends(t *target, port mesh.ServicePort) (list []*backend, why string) {
	if t.entry != nil {
		return p.entryBackends(t.entry, port)
	}
	namespace := t.ref.Namespace
	switch {
	case !p.snap.Readable(mesh.ResourceEndpointSlices, namespace):
		return nil, fmt.Sprintf("EndpointSlices in namespace %s were not readable, so its endpoints are unknown", namespace)
	case !p.snap.Readable(mesh.ResourcePods, namespace):
		return nil, fmt.Sprintf("pods in namespace %s were not readable, so how calls enter them is unknown", namespace)
	}
	seen := make(map[string]*backend)
	for _, slice := range p.snap.Shard(namespace).Slices(t.ref.Name) {
		number, ok := slicePort(slice, port)
		if !ok {
			continue
		}
		for i := range slice.Endpoints {
			list = p.addEndpoint(list, seen, &slice.Endpoints[i], number)
		}
	}
	return list, ""
}

// slicePort is the number a Service's port has on the endpoints of a slice;
// pods on which a named port is missing are in a slice without it.
func slicePort(slice *mesh.EndpointSlice, port mesh.ServicePort) (uint16, bool) {
	for _, p := range slice.Ports {
		if p.Name == port.Name {
			return p.Port, true
		}
	}
	return 0, false
}

// addEndpoint adds an address unless another slice listed it; ready in one of
// them is ready.
func (p *plan) addEndpoint(list []*backend, seen map[string]*backend, e *mesh.Endpoint, port uint16) []*backend {
	if len(e.Addresses) == 0 {
		return list
	}
	key := e.Addresses[0]
	if b := seen[key]; b != nil {
		b.ready = b.ready || e.IsReady()
		return list
	}
	b := &backend{address: key, node: e.Node, port: port, ready: e.IsReady(), owner: e.Target}
	if e.Target.Kind == "Pod" {
		b.workload = p.snap.Workload(e.Target.Namespace, e.Target.Name)
	} else {
		b.workload = p.snap.WorkloadByIP(key)
	}
	p.enter(b)
	seen[key] = b
	return append(list, b)
}

// enter decides how calls get in, by what istiod tells other ztunnels (istio.md
// C.6): the annotation, not the label, makes a pod reachable by HBONE.
func (p *plan) enter(b *backend) {
	w := b.workload
	if w != nil {
		b.labels = w.Labels
	}
	switch {
	case w == nil || w.Kind != "Pod":
		b.entrance = outsideCluster
		return
	case w.HasSidecar() || w.GatewayName() != "":
		b.entrance = ownProxy
		b.unfollowed = p.sidecarDecides(b)
	case w.Captured():
		b.entrance = throughZtunnel
		b.hop = p.ztunnels.Before(w)
		b.noZtunnel = p.ztunnelMissing(w.Node)
	default:
		b.entrance = inTheClear
	}
	b.owner, b.node = p.snap.ControllerOf(w), w.Node
}

// sidecarDecides tells whether policies apply to a pod that its own proxy
// enforces. Policies without targetRefs mean nothing to a waypoint.
func (p *plan) sidecarDecides(b *backend) bool {
	if b.workload.IsWaypoint() {
		return false
	}
	return len(authz.ZtunnelPolicies(p.snap, b.workload)) > 0 ||
		(b.transport() == Plaintext && authz.PeerModeOf(p.snap, b.workload).StrictOn(b.port))
}

// ztunnelMissing tells that a node is known to have no ready ztunnel.
func (p *plan) ztunnelMissing(node string) bool {
	return p.podsKnown && mesh.ReadyPod(p.snap.Ztunnels(node)) == nil
}

// entryBackends are a ServiceEntry's inline endpoints, the workloads it
// selects, or the host itself where names decide.
func (p *plan) entryBackends(e *mesh.ServiceEntry, port mesh.ServicePort) ([]*backend, string) {
	var out []*backend
	for _, inline := range e.Endpoints {
		b := &backend{address: inline.Address, port: endpointPort(inline.Ports, port), ready: true, workload: p.snap.WorkloadByIP(inline.Address)}
		b.owner = e.Ref()
		p.enter(b)
		if b.workload == nil {
			b.labels = inline.Labels
		}
		out = append(out, b)
	}
	if e.WorkloadSelector != nil {
		for _, w := range p.snap.Shard(e.Namespace).Workloads {
			if !e.WorkloadSelector.Matches(w.Labels) || w.Finished() || len(w.IPs) == 0 {
				continue
			}
			b := &backend{workload: w, address: w.IPs[0], port: endpointPort(w.Ports, port), ready: w.Kind != "Pod" || w.Ready, owner: w.Ref(), node: w.Node}
			p.enter(b)
			out = append(out, b)
		}
	}
	if len(out) == 0 && e.Resolution != "STATIC" {
		for _, h := range e.Hosts {
			out = append(out, &backend{address: h, port: port.Port, ready: true, owner: e.Ref(), entrance: outsideCluster})
		}
	}
	return out, ""
}

// endpointPort is an endpoint's own number for a port, else the target port,
// else the port itself.
func endpointPort(own map[string]uint32, port mesh.ServicePort) uint16 {
	if n, ok := own[port.Name]; ok && n <= math.MaxUint16 {
		return uint16(n)
	}
	if n, err := strconv.ParseUint(port.TargetPort, 10, 16); err == nil {
		return uint16(n)
	}
	return port.Port
}

// ip is the backend's address, the zero one for a host name.
func (b *backend) ip() netip.Addr {
	a, _ := netip.ParseAddr(b.address)
	return a
}

// readyOf keeps those that take traffic.
func readyOf(list []*backend) []*backend {
	var out []*backend
	for _, b := range list {
		if b.ready {
			out = append(out, b)
		}
	}
	return out
}

// selected keeps the backends a subset's labels choose.
func selected(list []*backend, labels map[string]string) []*backend {
	var out []*backend
	for _, b := range list {
		if mesh.LabelsMatch(labels, b.labels) {
			out = append(out, b)
		}
	}
	return out
}

// key joins the parts of an identifier.
func key(parts ...string) string { return strings.Join(parts, "/") }
