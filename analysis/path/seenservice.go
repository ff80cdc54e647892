package path

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// view is a service as the caller's ztunnel has it in memory. The zero value is
// a ztunnel that was not read.
type view struct {
	dump    *mesh.ZtunnelDump
	service *mesh.ZtunnelService // nil: it does not know the service
}

// seen tells that the ztunnel's memory can be relied on: it was read whole,
// and the object is not younger than that.
func (v *view) seen() bool { return v.dump != nil && v.dump.Skipped == 0 }

// viewOf looks the target of a call up in the dump of a node.
func (q *question) viewOf(node string) view {
	v := view{dump: q.ztunnelDump(node)}
	if v.dump == nil {
		return v
	}
	t := q.to.target
	for _, s := range v.dump.Services {
		if s.Hostname == t.host && s.Namespace == t.ref.Namespace {
			v.service = s
			break
		}
	}
	if v.service == nil && v.dump.At.Before(t.created()) {
		v.dump = nil // older than the service
	}
	return v
}

// waypoints are those the ztunnel sends calls to, with their weights.
func (v *view) waypoints() []mesh.ZtunnelWeightedWaypoint {
	switch s := v.service; {
	case s == nil:
		return nil
	case len(s.Weighted) > 0:
		return s.Weighted
	case s.Waypoint != nil:
		return []mesh.ZtunnelWeightedWaypoint{{ZtunnelDestination: *s.Waypoint, Weight: 100}}
	}
	return nil
}

// serviceAt finds the service that a destination names: by host, or by a
// virtual address. Nil if the ztunnel does not know it.
func (v *view) serviceAt(d mesh.ZtunnelDestination) *mesh.ZtunnelService {
	for _, s := range v.dump.Services {
		if d.Hostname != "" && s.Hostname == d.Hostname && s.Namespace == d.Namespace {
			return s
		}
		if d.Address != "" && slices.Contains(s.VIPs, d.Network+"/"+d.Address) {
			return s
		}
	}
	return nil
}

// workloads finds those behind endpoints, by UID. A dump has all of the mesh in
// no certain order: one look for all of them is cheaper than an index.
func (v *view) workloads(endpoints []mesh.ZtunnelEndpoint) map[string]*mesh.ZtunnelWorkload {
	out := make(map[string]*mesh.ZtunnelWorkload, len(endpoints))
	for i := range endpoints {
		out[endpoints[i].WorkloadUID] = nil
	}
	for _, w := range v.dump.Workloads {
		if _, wanted := out[w.UID]; wanted {
			out[w.UID] = w
		}
	}
	return out
}

// healthy are the endpoints of a service that ztunnel sends to, for one port: a
// workload it knows, which has the port, and is healthy unless the service
// takes all (publishNotReadyAddresses).
func (v *view) healthy(s *mesh.ZtunnelService, port uint16) []seenEndpoint {
	var out []seenEndpoint
	known := v.workloads(s.Endpoints)
	for _, e := range s.Endpoints {
		w := known[e.WorkloadUID]
		target, has := e.Ports[port]
		if w == nil || !has {
			continue
		}
		status := e.Status
		if status == "" {
			status = w.Status
		}
		if status == "Unhealthy" && s.LoadBalancer.HealthPolicy != "AllowAll" {
			continue
		}
		out = append(out, seenEndpoint{w, target})
	}
	return out
}

// seenEndpoint is one workload of a service with the port there.
type seenEndpoint struct {
	*mesh.ZtunnelWorkload
	port uint16
}

// pod is the workload in the API; nil where it is none of its pods, or gone.
func (e *seenEndpoint) pod(s *mesh.Snapshot) *mesh.Workload {
	w := s.Workload(e.Namespace, e.Name)
	if w == nil || w.Finished() {
		return nil
	}
	return w
}

// isPod tells by the UID what a workload was made of (istio.md A.5).
func isPod(uid string) bool { return strings.Contains(uid, "//Pod/") }

// ip is the first address of the workload.
func (e *seenEndpoint) ip() string {
	if len(e.IPs) == 0 {
		return e.Hostname
	}
	return e.IPs[0]
}

// stale tells that the endpoint is gone: the pod is no more, or has another
// address by now.
func (e *seenEndpoint) stale(s *mesh.Snapshot) bool {
	if !isPod(e.UID) || !s.Readable(mesh.ResourcePods, e.Namespace) || len(e.IPs) == 0 {
		return false
	}
	w := e.pod(s)
	if w == nil {
		return true
	}
	_, err := netip.ParseAddr(e.ip())
	return err == nil && len(w.IPs) > 0 && !slices.Contains(w.IPs, e.ip())
}
