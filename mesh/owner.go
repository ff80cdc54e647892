package mesh

import "strings"

// podTemplateHash is the label a Deployment's controller puts on its
// ReplicaSets and their pods; it is also the last part of the ReplicaSet's
// name.
const podTemplateHash = "pod-template-hash"

// maxOwners bounds the walk up the owner references, which come from the
// cluster and may form a ring. Pod, ReplicaSet, Deployment and whatever
// custom resource owns that are four.
const maxOwners = 6

// ControllerOf names what people deploy when they want this workload: the
// Deployment behind a ReplicaSet, the CronJob behind a Job, the StatefulSet,
// the custom resource; the workload itself where nothing owns it. The answer
// can name an object that the snapshot does not hold.
func (s *Snapshot) ControllerOf(w *Workload) Ref { return s.Shard(w.Namespace).controllerOf(w) }

func (s *Shard) controllerOf(w *Workload) Ref {
	if w.Owner.IsZero() {
		return w.Ref()
	}
	owner := w.Owner
	for range maxOwners {
		c := s.ControllerNamed(owner.Kind, owner.Name)
		if c == nil {
			return deploymentBehind(owner, w)
		}
		if c.Owner.IsZero() || c.Owner == owner {
			break
		}
		owner = c.Owner
	}
	return owner
}

// deploymentBehind reads the Deployment's name out of a ReplicaSet's, for
// clusters in which ReplicaSets may not be read: the Deployment controller
// names them <deployment>-<pod-template-hash>. Other owners stay as they are.
func deploymentBehind(owner Ref, w *Workload) Ref {
	hash := w.Labels[podTemplateHash]
	if owner.Kind != "ReplicaSet" || hash == "" {
		return owner
	}
	name, ok := strings.CutSuffix(owner.Name, "-"+hash)
	if !ok || name == "" {
		return owner
	}
	return Ref{Kind: "Deployment", Namespace: owner.Namespace, Name: name}
}
