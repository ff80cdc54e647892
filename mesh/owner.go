package mesh

import "strings"

// podTemplateHash is the label a Deployment's controller puts on its
// ReplicaSets and their pods; it is also the last part of the ReplicaSet's
// name.
const podTemplateHash = "pod-template-hash"

// maxOwners bounds the walk up the owner references, which come from the
// cluster and may form a ring. Pod, ReplicaSet and Deployment or custom
// resource are three.
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
		if c.Owner.IsZero() || c.Owner == owner || c.deployed() {
			break
		}
		owner = c.Owner
	}
	return owner
}

// deployed tells kinds that stay what people deploy even where something owns
// them: a waypoint's Deployment belongs to its Gateway, an operator's to its
// custom resource, and it is still the Deployment whose pods are looked at.
func (c *Controller) deployed() bool {
	switch c.Kind {
	case "Deployment", "StatefulSet", "DaemonSet", "CronJob":
		return true
	}
	return false
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
