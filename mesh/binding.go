package mesh

import (
	"fmt"
	"slices"
)

// BindingState is what comes of an object's wish for a waypoint.
type BindingState string

// The states of a binding. All but bound mean that traffic goes without the
// waypoint, and so without the policies and routes that live there.
const (
	BindingNone        BindingState = "none"              // nothing names a waypoint
	BindingOptedOut    BindingState = "opted-out"         // use-waypoint: none
	BindingIgnored     BindingState = "ignored"           // this kind of object never has one
	BindingBound       BindingState = "bound"             // ztunnel sends through it
	BindingNotFound    BindingState = "not-found"         // no such Gateway
	BindingNotReady    BindingState = "not-ready"         // the Gateway has no address yet
	BindingDenied      BindingState = "attachment-denied" // allowedRoutes
	BindingTrafficType BindingState = "traffic-type"      // waypoint-for does not cover it
	BindingUnknown     BindingState = "unknown"           // something needed was not readable
)

// Binding says which waypoint an object is sent through and why, computed from
// the specs as istiod computes it (istio.md C.1), beside the condition istiod
// wrote.
type Binding struct {
	State BindingState
	// Waypoint is the Gateway named, zero when none is.
	Waypoint Ref
	// LabelOn carries the use-waypoint label in effect: the object itself or
	// its Namespace. Label is its value as written.
	LabelOn Ref
	Label   string
	// Reason is one sentence.
	Reason string
	// Condition is istiod's own istio.io/WaypointBound, nil if it wrote none
	// (it never writes one for pods).
	Condition *Condition
	// Canary is the second waypoint of a weighted pair, nil if not asked for.
	Canary *CanaryBinding
}

// CanaryBinding is the second waypoint that takes a share of the traffic
// (istiod and ztunnel 1.31 and newer).
type CanaryBinding struct {
	Waypoint Ref
	Weight   int // percent for the canary
	State    BindingState
	Reason   string
}

// Bound tells whether ztunnel sends through the waypoint.
func (b Binding) Bound() bool { return b.State == BindingBound }

// Failed tells that a waypoint is asked for and not in effect.
func (b Binding) Failed() bool {
	return b.State == BindingNotFound || b.State == BindingNotReady || b.State == BindingDenied || b.State == BindingTrafficType
}

// Inherited tells that the label in effect is the namespace's.
func (b Binding) Inherited() bool { return b.LabelOn.Kind == "Namespace" }

// IstiodReason is the reason istiod writes into WaypointBound for this state;
// empty where it writes none. NotFound and NotReady share one.
func (b Binding) IstiodReason() string {
	switch b.State {
	case BindingBound:
		return "WaypointAccepted"
	case BindingNotFound, BindingNotReady:
		return "WaypointIsNotReady"
	case BindingDenied:
		return "AttachmentDenied"
	case BindingTrafficType:
		return "UnsupportedTrafficType"
	}
	return ""
}

// Agrees compares the computed state with istiod's condition: unknown where
// either side has nothing to say.
func (b Binding) Agrees() Fact {
	if b.State == BindingUnknown {
		return FactUnknown
	}
	if b.Condition == nil {
		if b.IstiodReason() == "" {
			return FactYes
		}
		return FactUnknown
	}
	return FactOf(b.Condition.Reason == b.IstiodReason() && (b.Condition.Status == ConditionTrue) == b.Bound())
}

// trafficType is what an object is to a waypoint.
type trafficType string

const (
	trafficService  trafficType = "service"
	trafficWorkload trafficType = "workload"
)

// ServiceBinding computes the waypoint of a Service.
func (s *Snapshot) ServiceBinding(svc *Service) Binding {
	if svc.Type == "ExternalName" {
		return Binding{State: BindingIgnored, Reason: "istiod does not send ExternalName Services to ztunnel, so no waypoint can serve one."}
	}
	if m := svc.Labels[LabelGatewayManaged]; m == ManagedWaypoint || m == ManagedEastWest {
		return Binding{State: BindingIgnored, Reason: "It is the Service of a gateway, which never has a waypoint itself."}
	}
	b := s.bindingFor(&svc.Meta, trafficService)
	b.Condition = svc.Conditions.Find(ConditionWaypointBound)
	return b
}

// ServiceEntryBinding computes the waypoint of a ServiceEntry.
func (s *Snapshot) ServiceEntryBinding(se *ServiceEntry) Binding {
	b := s.bindingFor(&se.Meta, trafficService)
	b.Condition = se.Conditions.Find(ConditionWaypointBound)
	return b
}

// WorkloadBinding computes the waypoint of calls addressed to the workload
// itself. Service traffic never uses it.
func (s *Snapshot) WorkloadBinding(w *Workload) Binding {
	if w.GatewayName() != "" {
		return Binding{State: BindingIgnored, Reason: "It is a gateway's pod, which never has a waypoint itself."}
	}
	b := s.bindingFor(&w.Meta, trafficWorkload)
	if w.Kind == "WorkloadEntry" {
		b.Condition = w.Conditions.Find(ConditionWaypointBound)
	}
	return b
}

// NamespaceBinding computes what becomes of the use-waypoint label a namespace
// itself carries, for the Services in it that have none of their own.
func (s *Snapshot) NamespaceBinding(ns *Namespace) Binding {
	return s.inheritedBinding(ns, trafficService)
}

// bindingFor follows istiod's fetchWaypointForTarget: the object's own label
// decides alone when it has one, and a failure there never falls back to the
// namespace's waypoint.
func (s *Snapshot) bindingFor(m *Meta, t trafficType) Binding {
	if _, own := m.Labels[LabelUseWaypoint]; own {
		return s.withCanary(s.resolve(m, m, t), m, nil, t)
	}
	if inherited := s.derived.inherited()[m.Namespace]; inherited != nil {
		b := inherited.service
		if t == trafficWorkload {
			b = inherited.workload
		}
		return s.withCanary(b, m, inherited.namespace, t)
	}
	return Binding{State: BindingUnknown, Reason: "The Namespace object was not readable, and it may carry a use-waypoint label."}
}

// inherited is what the objects of a namespace get from its label: it is the
// same for all of them, and there can be thousands.
type inherited struct {
	namespace         *Meta
	service, workload Binding
}

// findInherited computes it for every namespace whose object is known.
func (s *Snapshot) findInherited() map[string]*inherited {
	out := make(map[string]*inherited, len(s.Shards))
	for _, sh := range s.Shards {
		if sh.Info != nil {
			out[sh.Namespace] = &inherited{
				namespace: &sh.Info.Meta,
				service:   s.inheritedBinding(sh.Info, trafficService),
				workload:  s.inheritedBinding(sh.Info, trafficWorkload),
			}
		}
	}
	return out
}

func (s *Snapshot) inheritedBinding(ns *Namespace, t trafficType) Binding {
	if _, has := ns.Labels[LabelUseWaypoint]; !has {
		return Binding{State: BindingNone, Reason: "Neither it nor its namespace has the label " + LabelUseWaypoint + "."}
	}
	return s.resolve(&Meta{Namespace: ns.Name}, &ns.Meta, t)
}

// resolve looks at the waypoint that labelled names, for target.
func (s *Snapshot) resolve(target, labelled *Meta, t trafficType) Binding {
	b := Binding{LabelOn: labelled.Ref(), Label: labelled.Labels[LabelUseWaypoint]}
	if b.Label == WaypointNone {
		b.State, b.Reason = BindingOptedOut, fmt.Sprintf("The label %s: none on %s opts out.", LabelUseWaypoint, b.LabelOn)
		return b
	}
	b.Waypoint = waypointRef(labelled, target.Namespace, LabelUseWaypoint, LabelUseWaypointNamespace)
	b.State, b.Reason = s.usable(b.Waypoint, target, t, b.Inherited())
	return b
}

// waypointRef reads a pair of labels from one object: the namespace label
// counts only beside the name, and counts even when it is empty.
func waypointRef(labelled *Meta, targetNamespace, nameLabel, namespaceLabel string) Ref {
	ns, given := labelled.Labels[namespaceLabel]
	if !given {
		ns = targetNamespace
	}
	return Ref{Kind: "Gateway", Namespace: ns, Name: labelled.Labels[nameLabel]}
}

// usable decides whether a Gateway can serve the target, in istiod's order:
// address, allowedRoutes, traffic type.
func (s *Snapshot) usable(wp Ref, target *Meta, t trafficType, inherited bool) (BindingState, string) {
	g := s.Gateway(wp.Namespace, wp.Name)
	switch {
	case g == nil && wp.Namespace == "":
		return BindingNotFound, fmt.Sprintf("The label %s is empty, so no Gateway can be found.", LabelUseWaypointNamespace)
	case g == nil && !s.Readable(ResourceGateways, wp.Namespace):
		return BindingUnknown, fmt.Sprintf("Gateways in namespace %s were not readable.", wp.Namespace)
	case g == nil && wp.Name == "":
		return BindingNotFound, fmt.Sprintf("The label %s is empty: it names no Gateway, and hides the namespace's.", LabelUseWaypoint)
	case g == nil:
		return BindingNotFound, fmt.Sprintf("There is no Gateway %s.", wp.NamespacedName())
	case len(g.Addresses) == 0:
		return BindingNotReady, fmt.Sprintf("Gateway %s has no address yet, so istiod does not use it.", wp.NamespacedName())
	}
	if state, reason := s.admitted(g, target.Namespace); state != BindingBound {
		return state, reason
	}
	return s.serves(g, t, inherited)
}

// AttachmentListener is the listener whose allowedRoutes decide who may use a
// Gateway as a waypoint: the one its inbound binding (or its class's) names,
// else the HBONE listener. Nil where there is neither: then its own namespace
// may (istiod makeAllowedRoutes).
func (s *Snapshot) AttachmentListener(g *Gateway) *Listener {
	binding, given := g.Annotations[AnnotationInboundBinding]
	if c := s.GatewayClass(g.Class); !given && c != nil {
		binding = c.Annotations[AnnotationInboundBinding]
	}
	if l := g.boundListener(binding); l != nil {
		return l
	}
	return g.HBONEListener()
}

// admitted checks allowedRoutes.
func (s *Snapshot) admitted(g *Gateway, namespace string) (BindingState, string) {
	l := s.AttachmentListener(g)
	switch {
	case l == nil && namespace == g.Namespace:
		return BindingBound, ""
	case l == nil:
		return BindingDenied, fmt.Sprintf("%s has no HBONE listener on 15008, so it takes its own namespace only.", g.Ref())
	}
	labels, known := s.NamespaceLabels(namespace)
	if l.From == "Selector" && !known {
		return BindingUnknown, fmt.Sprintf("Listener %s of %s admits namespaces by label, and the labels of %s were not readable.", l.Name, g.Ref(), namespace)
	}
	if !l.Admits(g.Namespace, namespace, labels) {
		return BindingDenied, fmt.Sprintf("Listener %s of %s does not admit namespace %s (allowedRoutes from: %s).", l.Name, g.Ref(), namespace, orSame(l.From))
	}
	return BindingBound, ""
}

func orSame(from string) string {
	if from == "" {
		return "Same"
	}
	return from
}

// serves checks waypoint-for. A pod that merely inherits its namespace's label
// is passed over in silence, as istiod does.
func (s *Snapshot) serves(g *Gateway, t trafficType, inherited bool) (BindingState, string) {
	kind := s.WaypointFor(g)
	if kind == string(t) || kind == "all" {
		return BindingBound, fmt.Sprintf("Bound to Gateway %s/%s.", g.Namespace, g.Name)
	}
	if t == trafficWorkload && inherited {
		return BindingNone, fmt.Sprintf("The namespace's waypoint %s/%s takes traffic of type %q only.", g.Namespace, g.Name, kind)
	}
	return BindingTrafficType, fmt.Sprintf("Gateway %s/%s takes traffic of type %q, and this is %s traffic.", g.Namespace, g.Name, kind, t)
}

// WaypointFor is the traffic a waypoint takes: the label of the Gateway, else
// of its class, else service. Unknown values are taken literally (istio.md
// C.1.6).
func (s *Snapshot) WaypointFor(g *Gateway) string {
	if v, ok := g.Labels[LabelWaypointFor]; ok {
		return v
	}
	if c := s.GatewayClass(g.Class); c != nil {
		if v, ok := c.Labels[LabelWaypointFor]; ok {
			return v
		}
	}
	return string(trafficService)
}

// Waypointless lists binding states in which the object is served directly.
func (b Binding) Waypointless() bool {
	return slices.Contains([]BindingState{BindingNone, BindingOptedOut, BindingIgnored}, b.State)
}

// IngressUsesWaypoint tells whether gateways send calls to a Service through its
// waypoint: istio.io/ingress-use-waypoint of the Service, else of its namespace
// (istio.md C.1), unknown where that may not be read. It means something only
// where the Service has a virtual address.
func (s *Snapshot) IngressUsesWaypoint(svc *Service) Fact {
	if v, own := svc.Labels[LabelIngressUseWaypoint]; own {
		return FactOf(IsTrue(v))
	}
	labels, known := s.NamespaceLabels(svc.Namespace)
	if !known {
		return FactUnknown
	}
	return FactOf(IsTrue(labels[LabelIngressUseWaypoint]))
}
