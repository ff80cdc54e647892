package meshtest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/waylight/waylight/mesh"
)

// build adds what a healthy mesh has and assembles twice: what istio-cni and
// istiod would write follows from a snapshot of the rest.
func (b *builder) build() *mesh.Snapshot {
	if !b.bare {
		b.addSystem()
	}
	for ns, objects := range b.namespaces {
		b.namespaces[ns] = append(objects, endpoints(objects)...)
	}
	draft := b.snapshot()
	for _, sh := range draft.Shards {
		for _, w := range sh.Workloads {
			redirect(draft, w)
		}
		for _, svc := range sh.Services {
			bound(&svc.Conditions, draft.ServiceBinding(svc))
		}
		for _, se := range sh.ServiceEntries {
			bound(&se.Conditions, draft.ServiceEntryBinding(se))
		}
	}
	b.addEvidence(draft)
	b.addTraffic(draft)
	return b.snapshot()
}

func (b *builder) snapshot() *mesh.Snapshot {
	c := b.content
	for _, ns := range slices.Sorted(maps.Keys(b.namespaces)) {
		c.Shards = append(c.Shards, mesh.NewShard(ns, slices.Clone(b.namespaces[ns])))
	}
	return mesh.NewSnapshot(c)
}

// addSystem adds istiod, and the nodes with their components.
func (b *builder) addSystem() {
	if len(b.namespaces[SystemNamespace]) == 0 {
		Namespace(SystemNamespace)(b)
	}
	istiod := newPodSet("Deployment", SystemNamespace, "istiod")
	istiod.Labels["app"] = "istiod"
	istiod.nodes = []string{defaultNodes[0]}
	b.addPodSet(istiod)
	for _, name := range b.nodeOrder {
		b.addNode(b.nodes[name])
	}
}

// redirect writes istio-cni's annotation on a selected pod unless a test said
// something about it.
func redirect(s *mesh.Snapshot, w *mesh.Workload) {
	if value, said := w.Annotations[mesh.AnnotationRedirection]; said {
		if value == "" {
			delete(w.Annotations, mesh.AnnotationRedirection)
		}
		return
	}
	e := s.Enrolment(w)
	if e.AskedFor == mesh.FactYes && e.Exempt == mesh.ExemptNone && w.Phase == "Running" {
		w.Annotations[mesh.AnnotationRedirection] = "enabled"
	}
}

// bound writes istiod's condition unless a test wrote one.
func bound(list *mesh.Conditions, b mesh.Binding) {
	if b.IstiodReason() == "" || list.Find(mesh.ConditionWaypointBound) != nil {
		return
	}
	c := mesh.Condition{Type: mesh.ConditionWaypointBound, Status: mesh.ConditionFalse, Reason: b.IstiodReason(), Since: hourAgo()}
	c.Message = fmt.Sprintf("waypoint %q is not ready", b.Waypoint.NamespacedName())
	if b.Bound() {
		c.Status, c.Message = mesh.ConditionTrue, "Successfully attached to waypoint "+b.Waypoint.NamespacedName()
	}
	*list = append(*list, c)
}

// endpoints makes an EndpointSlice for each Service of a namespace that
// selects pods and has none yet.
func endpoints(objects []mesh.Object) []mesh.Object {
	written := make(map[string]bool)
	var pods []*mesh.Workload
	for _, o := range objects {
		switch o := o.(type) {
		case *mesh.EndpointSlice:
			written[o.Service] = true
		case *mesh.Workload:
			if o.Kind == "Pod" && !o.Finished() {
				pods = append(pods, o)
			}
		}
	}
	var out []mesh.Object
	for _, o := range objects {
		if svc, ok := o.(*mesh.Service); ok && len(svc.Selector) > 0 && !written[svc.Name] {
			out = append(out, endpointSlice(svc, pods))
		}
	}
	return out
}

func endpointSlice(svc *mesh.Service, pods []*mesh.Workload) *mesh.EndpointSlice {
	e := &mesh.EndpointSlice{Meta: meta("EndpointSlice", svc.Namespace, svc.Name+"-1"), Service: svc.Name}
	e.Created, e.UID = svc.Created, "uid-slice-"+svc.UID
	var first *mesh.Workload
	for _, p := range pods {
		if !mesh.LabelsMatch(svc.Selector, p.Labels) {
			continue
		}
		if first == nil {
			first = p
		}
		ready := p.Ready && p.Running()
		e.Endpoints = append(e.Endpoints, mesh.Endpoint{Addresses: p.IPs, Ready: &ready, Serving: &ready, Node: p.Node, Target: p.Ref()})
	}
	for _, p := range svc.Ports {
		e.Ports = append(e.Ports, mesh.EndpointPort{Name: p.Name, Port: resolved(p, first), Protocol: p.Protocol, AppProtocol: p.AppProtocol})
	}
	return e
}

// resolved is the port number on the pods; 0 where a named port is on none.
func resolved(p mesh.ServicePort, pod *mesh.Workload) uint16 {
	if p.TargetPort == "" {
		return p.Port
	}
	if n, err := strconv.ParseUint(p.TargetPort, 10, 16); err == nil {
		return uint16(n)
	}
	if pod != nil {
		for i := range pod.Containers {
			for _, cp := range pod.Containers[i].Ports {
				if cp.Name == p.TargetPort {
					return cp.Port
				}
			}
		}
	}
	return 0
}
