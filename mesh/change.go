package mesh

import (
	"slices"
	"time"
)

// SameFrame tells whether two snapshots differ at most in what is of one
// namespace alone: its pods, apart from those of the mesh itself, and the
// objects whose status follows pods (controllers, EndpointSlices, autoscalers,
// disruption budgets, events). Nodes, whose status is written all the time, and
// what proxies said are not part of the frame either, but for what it says of
// all namespaces (AdmitsWaypoints); see SameEvidence.
//
// Objects are compared by pointer: one that was read anew counts as another.
func (s *Snapshot) SameFrame(old *Snapshot) bool {
	return s.Cluster == old.Cluster &&
		(s.Scope == nil) == (old.Scope == nil) && slices.Equal(s.Scope, old.Scope) &&
		slices.EqualFunc(s.Sources, old.Sources, sameState) &&
		s.AdmitsWaypoints() == old.AdmitsWaypoints() &&
		slices.Equal(s.GatewayClasses, old.GatewayClasses) && slices.Equal(s.CRDs, old.CRDs) &&
		sameFrames(s.Shards, old.Shards)
}

// sameState leaves out when a source was heard of last: that is said of every
// snapshot anew.
func sameState(a, b SourceStatus) bool {
	return a.Name == b.Name && a.State == b.State && a.Detail == b.Detail
}

// SameEvidence tells whether two snapshots hold the same of what proxies and
// istiods said.
func (s *Snapshot) SameEvidence(old *Snapshot) bool {
	a, b := &s.evidence, &old.evidence
	return slices.Equal(a.ztunnels, b.ztunnels) && slices.Equal(a.envoys, b.envoys) &&
		slices.Equal(a.syncs, b.syncs) && slices.Equal(a.levels, b.levels) && a.traffic == b.traffic
}

// sameFrames walks two lists of shards, both sorted by namespace.
func sameFrames(a, b []*Shard) bool {
	for len(a) > 0 || len(b) > 0 {
		x, y := emptyShard, emptyShard
		if len(b) == 0 || len(a) > 0 && a[0].Namespace <= b[0].Namespace {
			x, a = a[0], a[1:]
		}
		if len(b) > 0 && (x == emptyShard || x.Namespace == b[0].Namespace) {
			y, b = b[0], b[1:]
		}
		if x != y && !slices.Equal(x.frame(), y.frame()) {
			return false
		}
	}
	return true
}

// frame lists what other namespaces can depend on.
func (s *Shard) frame() []Object {
	return slices.DeleteFunc(s.objects(), func(o Object) bool {
		w, isWorkload := o.(*Workload)
		return followsPods(o) || isWorkload && w.Kind == "Pod" && !w.partOfMesh()
	})
}

// followsPods tells kinds whose objects change whenever pods do.
func followsPods(o Object) bool {
	switch o.(type) {
	case *Controller, *EndpointSlice, *Autoscaler, *DisruptionBudget, *Event:
		return true
	}
	return false
}

// partOfMesh tells the pods of the mesh's own parts: gateways, waypoints among
// them, ztunnel, istio-cni and istiod.
func (w *Workload) partOfMesh() bool {
	app := w.Labels["app"]
	return app == "ztunnel" || app == "istiod" || w.GatewayName() != "" || w.Labels["k8s-app"] == "istio-cni-node"
}

// PartsOfMesh lists the workloads of this namespace that are the mesh itself,
// by name: pods of gateways and waypoints, of ztunnel, istio-cni and istiod,
// whatever their state.
func (s *Shard) PartsOfMesh() []*Workload { return s.index.parts }

// LastChange is the newest moment at which something of the namespace was made
// or its spec changed, apart from what follows pods. It can lie in the future
// where clocks differ, and is zero for an empty namespace.
func (s *Shard) LastChange() time.Time { return s.index.lastChange() }

func (s *Shard) findLastChange() time.Time {
	var last time.Time
	for _, o := range s.objects() {
		if at := o.Metadata().ChangedAt(); at.After(last) && !followsPods(o) {
			last = at
		}
	}
	return last
}
