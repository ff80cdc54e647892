package mesh

import (
	"cmp"
	"slices"
	"strings"
)

// Waypoint is a Gateway that is one, with what belongs to it.
type Waypoint struct {
	*Gateway
	// For is the traffic type in effect: service, workload, all, none.
	For string
	// Service is what the Gateway's address leads to. Service, Deployment,
	// Autoscaler and Budget are nil when absent or not readable.
	Service    *Service
	Deployment *Controller
	Autoscaler *Autoscaler
	Budget     *DisruptionBudget
	Pods       []*Workload
	// ReadyEndpoints are the ready addresses in the EndpointSlices of its
	// Service, AllEndpoints all of them. EndpointsKnown is false where the
	// slices were not readable, or the address leads to no Service.
	ReadyEndpoints, AllEndpoints int
	EndpointsKnown               bool
	// Dependents are the Services, ServiceEntries and workloads that are bound
	// to it; Askers those that name it and are not bound, for whatever reason.
	Dependents, Askers []Ref
}

// Principal is the identity calls have after passing the waypoint: that of its
// pods' ServiceAccount, which istiod names like the Gateway.
func (w *Waypoint) Principal(trustDomain string) string {
	if len(w.Pods) > 0 {
		return w.Pods[0].Principal(trustDomain)
	}
	return Principal(trustDomain, w.Namespace, w.Name)
}

// HasAddress tells whether istiod hands the waypoint out. Addresses are set
// once a pod was ready and never taken away again (istio.md C.1.4).
func (w *Waypoint) HasAddress() bool { return len(w.Addresses) > 0 }

// Waypoints lists all waypoints, by namespace and name.
func (s *Snapshot) Waypoints() []*Waypoint { return s.derived.waypoints() }

// Waypoint finds one by its Gateway's name, nil if there is none.
func (s *Snapshot) Waypoint(namespace, name string) *Waypoint {
	list := s.Waypoints()
	i, ok := slices.BinarySearchFunc(list, name, func(w *Waypoint, name string) int {
		return cmp.Or(strings.Compare(w.Namespace, namespace), strings.Compare(w.Name, name))
	})
	if !ok {
		return nil
	}
	return list[i]
}

func (s *Snapshot) findWaypoints() []*Waypoint {
	var out []*Waypoint
	byRef := make(map[Ref]*Waypoint)
	for _, sh := range s.Shards {
		for _, g := range sh.Gateways {
			if g.Role() == RoleWaypoint {
				w := s.newWaypoint(sh, g)
				out, byRef[g.Ref()] = append(out, w), w
			}
		}
	}
	s.collectDependents(byRef)
	return out
}

func (s *Snapshot) newWaypoint(sh *Shard, g *Gateway) *Waypoint {
	w := &Waypoint{Gateway: g, For: s.WaypointFor(g)}
	service := s.serviceBehind(g)
	w.Service = s.Service(service.Namespace, service.Name)
	w.Deployment = sh.ControllerNamed("Deployment", g.Name)
	for _, p := range sh.PartsOfMesh() {
		if p.GatewayName() == g.Name {
			w.Pods = append(w.Pods, p)
		}
	}
	target := Ref{Kind: "Deployment", Namespace: g.Namespace, Name: g.Name}
	if i := slices.IndexFunc(sh.Autoscalers, func(a *Autoscaler) bool { return a.Target == target }); i >= 0 {
		w.Autoscaler = sh.Autoscalers[i]
	}
	w.Budget = budgetOf(sh, w.Pods)
	w.EndpointsKnown = !service.IsZero() && s.Readable(ResourceEndpointSlices, service.Namespace)
	w.ReadyEndpoints, w.AllEndpoints = s.Shard(service.Namespace).CountEndpoints(service.Name)
	return w
}

// serviceBehind names the Service a waypoint's address leads to, as istiod
// resolves it: a hostname before an IP address (istio.md C.1.10). A Gateway
// without address will get the Service istiod makes, which has its name. Zero
// for an address that is no Service's, such as a proxy outside the cluster.
func (s *Snapshot) serviceBehind(g *Gateway) Ref {
	if len(g.Addresses) == 0 {
		return Ref{Kind: "Service", Namespace: g.Namespace, Name: g.Name}
	}
	for _, a := range g.Addresses {
		if parts := strings.SplitN(a.Value, ".", 4); a.Type == "Hostname" && len(parts) > 2 && parts[2] == "svc" {
			return Ref{Kind: "Service", Namespace: parts[1], Name: parts[0]}
		}
	}
	for _, a := range g.Addresses {
		if svc := s.ServiceByVIP(a.Value); svc != nil {
			return svc.Ref()
		}
	}
	return Ref{}
}

func budgetOf(sh *Shard, pods []*Workload) *DisruptionBudget {
	if len(pods) == 0 {
		return nil
	}
	for _, b := range sh.DisruptionBudgets {
		if b.Selector != nil && b.Selector.Matches(pods[0].Labels) {
			return b
		}
	}
	return nil
}

// CountEndpoints counts a Service's distinct addresses, ready and all. An
// address that several slices list counts once.
func (s *Shard) CountEndpoints(service string) (ready, all int) {
	seen := make(map[string]bool)
	for _, sl := range s.Slices(service) {
		for _, e := range sl.Endpoints {
			key := strings.Join(e.Addresses, ",")
			if was, ok := seen[key]; !ok || (!was && e.IsReady()) {
				seen[key] = e.IsReady()
			}
		}
	}
	for _, r := range seen {
		all++
		if r {
			ready++
		}
	}
	return ready, all
}

// collectDependents asks every object for its binding and notes it with the
// waypoint. Order follows namespace and name.
func (s *Snapshot) collectDependents(byRef map[Ref]*Waypoint) {
	note := func(r Ref, b Binding) {
		w := byRef[b.Waypoint]
		switch {
		case w == nil:
		case b.Bound():
			w.Dependents = append(w.Dependents, r)
		case b.Failed():
			w.Askers = append(w.Askers, r)
		}
	}
	for _, sh := range s.Shards {
		for _, svc := range sh.Services {
			note(svc.Ref(), s.ServiceBinding(svc))
		}
		for _, se := range sh.ServiceEntries {
			note(se.Ref(), s.ServiceEntryBinding(se))
		}
		s.workloadDependents(sh, note)
	}
}

// workloadDependents leaves out the pods, mostly all, that have no label of
// their own where the namespace's binds none.
func (s *Snapshot) workloadDependents(sh *Shard, note func(Ref, Binding)) {
	list := sh.index.labelled
	if in := s.derived.inherited()[sh.Namespace]; in != nil && (in.workload.Bound() || in.workload.Failed()) {
		list = sh.Workloads
	}
	for _, w := range list {
		if !w.Finished() {
			note(w.Ref(), s.WorkloadBinding(w))
		}
	}
}
