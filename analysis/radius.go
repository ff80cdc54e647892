package analysis

import "github.com/waylight/waylight/mesh"

// Radius counts whom causes hit, each once however many findings name it.
type Radius struct {
	// Services are Services and ServiceEntries, Workloads pods,
	// WorkloadEntries and their controllers.
	Services, Workloads, Nodes int
	// Namespaces are those all of them lie in.
	Namespaces int
}

// RadiusOf is the blast radius of some causes together: what they are about
// and what they affect.
func RadiusOf(groups ...Group) Radius {
	var r Radius
	seen := make(map[mesh.Ref]bool)
	namespaces := make(map[string]bool)
	count := func(ref mesh.Ref) {
		if seen[ref] {
			return
		}
		seen[ref] = true
		if ns := namespaceOf(ref); r.count(ref.Kind) && ns != "" {
			namespaces[ns] = true
		}
	}
	for i := range groups {
		for _, ref := range groups[i].Subjects() {
			count(ref)
		}
		for _, ref := range groups[i].Affects {
			count(ref)
		}
	}
	r.Namespaces = len(namespaces)
	return r
}

// count notes one object of a kind and tells whether it suffers itself, as a
// policy or a Gateway does not.
func (r *Radius) count(kind string) bool {
	switch kind {
	case "Service", "ServiceEntry":
		r.Services++
	case "Pod", "WorkloadEntry", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob":
		r.Workloads++
	case "Node":
		r.Nodes++
	case "Namespace":
	default:
		return false
	}
	return true
}
