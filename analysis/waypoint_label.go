package analysis

import (
	"slices"

	"github.com/waylight/waylight/mesh"
)

// asker is something that carries a use-waypoint label of its own, with what
// becomes of it.
type asker struct {
	// Subject is what has to be edited: the object, or the owner whose
	// template gives its pods the label.
	Subject mesh.Ref
	// Labelled is the object whose label was read.
	Labelled *mesh.Meta
	Binding  mesh.Binding
	// Affects is whose calls the label decides about.
	Affects []mesh.Ref
}

// askers lists what asks for a waypoint in a namespace and ends in one of the
// states. A label on the Namespace is one asker for all that inherit it.
func (in *Input) askers(sh *mesh.Shard, states ...mesh.BindingState) []asker {
	all := remember(in, sh, SightNamespace, "askers", func() []asker { return in.findAskers(sh) })
	var out []asker
	for _, a := range all {
		switch {
		case slices.Contains(states, a.Binding.State):
			out = append(out, a)
		case a.Binding.State == mesh.BindingUnknown:
			in.miss(mesh.ResourceGateways, a.Binding.Waypoint.Namespace)
		}
	}
	return out
}

func (in *Input) findAskers(sh *mesh.Shard) []asker {
	var found []asker
	if a, ok := in.namespaceAsker(sh); ok {
		found = append(found, a)
	}
	for _, svc := range sh.Services {
		found = in.appendOwn(found, svc.Ref(), &svc.Meta, in.Snap.ServiceBinding(svc))
	}
	for _, se := range sh.ServiceEntries {
		found = in.appendOwn(found, se.Ref(), &se.Meta, in.Snap.ServiceEntryBinding(se))
	}
	for _, w := range sh.Workloads {
		if _, own := w.Labels[mesh.LabelUseWaypoint]; own && !w.Finished() && w.Deleting.IsZero() {
			found = in.appendOwn(found, in.labelCarrier(w, mesh.LabelUseWaypoint), &w.Meta, in.Snap.WorkloadBinding(w))
		}
	}
	return found
}

// appendOwn adds an object that carries the label itself.
func (in *Input) appendOwn(found []asker, subject mesh.Ref, m *mesh.Meta, b mesh.Binding) []asker {
	if b.LabelOn != m.Ref() {
		return found
	}
	return append(found, asker{Subject: subject, Labelled: m, Binding: b, Affects: []mesh.Ref{m.Ref()}})
}

// namespaceAsker is the namespace's own label with the Services and
// ServiceEntries that inherit it.
func (in *Input) namespaceAsker(sh *mesh.Shard) (asker, bool) {
	if sh.Info == nil || !sh.Info.Deleting.IsZero() {
		return asker{}, false
	}
	b := in.Snap.NamespaceBinding(sh.Info)
	if b.LabelOn.IsZero() {
		return asker{}, false
	}
	a := asker{Subject: sh.Info.Ref(), Labelled: &sh.Info.Meta, Binding: b}
	for _, svc := range sh.Services {
		if in.Snap.ServiceBinding(svc).LabelOn == a.Subject {
			a.Affects = append(a.Affects, svc.Ref())
		}
	}
	for _, se := range sh.ServiceEntries {
		if in.Snap.ServiceEntryBinding(se).LabelOn == a.Subject {
			a.Affects = append(a.Affects, se.Ref())
		}
	}
	return a, true
}

// askerEvidence is the label, the namespace beside it, and what istiod wrote
// about the first object concerned.
func (in *Input) askerEvidence(a asker) []Evidence {
	out := []Evidence{labelEvidence(a.Labelled, mesh.LabelUseWaypoint)}
	if _, given := a.Labelled.Labels[mesh.LabelUseWaypointNamespace]; given {
		out = append(out, labelEvidence(a.Labelled, mesh.LabelUseWaypointNamespace))
	}
	for _, r := range a.Affects {
		if c := in.bindingOf(r).Condition; c != nil {
			return append(out, conditionEvidence(r, c))
		}
	}
	return out
}

// bindingOf computes the binding of whatever kind of object it is.
func (in *Input) bindingOf(r mesh.Ref) mesh.Binding {
	switch o := in.Snap.Lookup(r).(type) {
	case *mesh.Service:
		return in.Snap.ServiceBinding(o)
	case *mesh.ServiceEntry:
		return in.Snap.ServiceEntryBinding(o)
	case *mesh.Workload:
		return in.Snap.WorkloadBinding(o)
	}
	return mesh.Binding{State: mesh.BindingUnknown}
}

// labelled says where a label stands, in a sentence.
func (a asker) labelled() string {
	if a.Subject != a.Labelled.Ref() {
		return "the pod template of " + a.Subject.String()
	}
	return a.Subject.String()
}

// relabel is the command that sets the label on what carries it; an empty
// value takes it away.
func (f Fix) relabel(subject mesh.Ref, labelled *mesh.Meta, key, value string) Fix {
	if subject != labelled.Ref() {
		return f.change("-n", subject.Namespace, "patch", kubectlName(subject), "--type=merge", "-p", templateLabelPatch(subject.Kind, map[string]string{key: value}))
	}
	args := []string{"label", kubectlName(subject), key + "=" + value, "--overwrite"}
	if value == "" {
		args = args[:2]
		args = append(args, key+"-")
	}
	if subject.Namespace != "" {
		args = append([]string{"-n", subject.Namespace}, args...)
	}
	return f.change(args...)
}
