package traffic

import (
	"strings"

	"github.com/waylight/waylight/mesh"
)

// ownerKinds are what the workload label of a metric can name, in the order
// they are looked for: istiod calls a workload like its Deployment where it
// recognises one, and otherwise like what owns the pod.
var ownerKinds = [...]string{"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "CronJob", "Job"}

// Owner is the workload that a peer of a flow is: what people deploy. It is
// zero where the labels name none, or one that the snapshot does not have.
func Owner(s *mesh.Snapshot, p mesh.TrafficPeer) mesh.Ref {
	if p.Workload == "" || p.Namespace == "" {
		return mesh.Ref{}
	}
	sh := s.Shard(p.Namespace)
	if w := sh.WorkloadNamed(p.Workload); w != nil {
		return s.ControllerOf(w)
	}
	for _, kind := range ownerKinds {
		if c := sh.ControllerNamed(kind, p.Workload); c != nil {
			return c.Ref()
		}
	}
	return ownerByPods(s, p)
}

// ownerByPods finds the owner where controllers may not be read: their names
// stand in those of their pods' ReplicaSets.
func ownerByPods(s *mesh.Snapshot, p mesh.TrafficPeer) mesh.Ref {
	for _, w := range s.Shard(p.Namespace).Workloads {
		if owner := s.ControllerOf(w); owner.Name == p.Workload {
			return owner
		}
	}
	return mesh.Ref{}
}

// OwnedBy lists the pods of an owner.
func OwnedBy(s *mesh.Snapshot, owner mesh.Ref) []*mesh.Workload {
	if owner.IsZero() {
		return nil
	}
	var out []*mesh.Workload
	for _, w := range s.Shard(owner.Namespace).Workloads {
		if s.ControllerOf(w) == owner {
			out = append(out, w)
		}
	}
	return out
}

// identity is a principal as policies write it; metrics have it with the scheme.
func identity(principal string) string { return strings.TrimPrefix(principal, "spiffe://") }
