package meshtest

import (
	"fmt"
	"time"

	"github.com/waylight/waylight/mesh"
)

// waypoint is a Gateway with what istiod makes for it.
type waypoint struct {
	*mesh.Gateway
	pods        *podSet
	autoscaler  *mesh.Autoscaler
	gatewayOnly bool
}

// Waypoint is a programmed istio-waypoint Gateway with its Deployment, Service
// and one ready pod. It admits its own namespace and takes service traffic.
// Options for sets of pods (Replicas, Ready, OnPod, OnNode) fit it.
func Waypoint(namespace, name string, opts ...Option) Part {
	return func(b *builder) {
		w := newWaypoint(namespace, name)
		apply(w, opts)
		b.addWaypoint(w)
	}
}

func newWaypoint(namespace, name string) *waypoint {
	g := &mesh.Gateway{Meta: meta("Gateway", namespace, name), Class: mesh.ClassWaypoint}
	g.Listeners = []mesh.Listener{{Name: "mesh", Protocol: "HBONE", Port: mesh.PortHBONE, From: "Same"}}
	g.Addresses = []mesh.GatewayAddress{{Type: "Hostname", Value: name + "." + namespace + ".svc.cluster.local"}}
	w := &waypoint{Gateway: g, pods: newPodSet("Deployment", namespace, name)}
	Condition(mesh.ConditionAccepted, mesh.ConditionTrue, "Accepted", "Resource accepted")(g)
	Condition(mesh.ConditionProgrammed, mesh.ConditionTrue, "Programmed", "Resource programmed, assigned to service(s) "+name+"."+namespace+".svc.cluster.local:15008")(g)
	for key, value := range managedLabels(name) {
		w.pods.Labels[key] = value
		w.pods.template.Labels[key] = value
	}
	delete(w.pods.template.Labels, "app")
	w.pods.template.Labels[mesh.LabelDataplaneMode] = mesh.DataplaneNone
	w.pods.template.Containers = []mesh.Container{{Name: "istio-proxy", Ready: true, StartedAt: w.pods.template.Started}}
	w.pods.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{mesh.LabelGatewayName: name}}
	return w
}

func managedLabels(gateway string) map[string]string {
	return map[string]string{mesh.LabelGatewayName: gateway, mesh.LabelGatewayManaged: mesh.ManagedWaypoint}
}

func (b *builder) addWaypoint(w *waypoint) {
	b.add(w.Gateway)
	if w.gatewayOnly {
		return
	}
	b.addPodSet(w.pods)
	svc := &mesh.Service{Meta: meta("Service", w.Namespace, w.Name), Type: "ClusterIP", InternalTrafficPolicy: "Cluster"}
	svc.Labels = managedLabels(w.Name)
	svc.VIPs = []string{b.vip()}
	svc.Selector = map[string]string{mesh.LabelGatewayName: w.Name}
	svc.Ports = []mesh.ServicePort{{Name: "status-port", Port: 15021, Protocol: "TCP", AppProtocol: "tcp"}, {Name: "mesh", Port: mesh.PortHBONE, Protocol: "TCP", AppProtocol: "hbone"}}
	b.add(svc)
	if w.autoscaler != nil {
		b.add(w.autoscaler)
	}
}

func waypointOf(o mesh.Object) *waypoint {
	w, ok := o.(*waypoint)
	if !ok {
		panic(fmt.Sprintf("meshtest: option for a waypoint does not fit %s", o.Ref()))
	}
	return w
}

// WaypointFor sets the traffic type a waypoint takes.
func WaypointFor(kind string) Option { return Label(mesh.LabelWaypointFor, kind) }

// NeverProgrammed takes a waypoint's addresses away and gives the reason
// istiod would: none of its pods was ever ready.
func NeverProgrammed() Option {
	return func(o mesh.Object) {
		w := waypointOf(o)
		w.Addresses = nil
		w.pods.ready = 0
		Condition(mesh.ConditionProgrammed, mesh.ConditionFalse, "AddressNotAssigned", "Failed to assign to any requested addresses: no instances found for hostname "+w.Name+"."+w.Namespace+".svc.cluster.local")(w)
	}
}

// GatewayOnly leaves a waypoint without all that istiod makes for it.
func GatewayOnly() Option {
	return func(o mesh.Object) { waypointOf(o).gatewayOnly = true }
}

// From sets whom the HBONE listener admits: Same, All, Selector or None. A
// selector is given with FromNamespaces.
func From(from string) Option {
	return func(o mesh.Object) { waypointOf(o).Listeners[0].From = from }
}

// FromNamespaces admits namespaces that have a label.
func FromNamespaces(key, value string) Option {
	return func(o mesh.Object) {
		l := &waypointOf(o).Listeners[0]
		l.From, l.Selector = "Selector", &mesh.LabelSelector{MatchLabels: map[string]string{key: value}}
	}
}

// Autoscaled gives a waypoint a HorizontalPodAutoscaler.
func Autoscaled(minimum, maximum int32) Option {
	return func(o mesh.Object) {
		w := waypointOf(o)
		w.autoscaler = &mesh.Autoscaler{Meta: meta("HorizontalPodAutoscaler", w.Namespace, w.Name), MinReplicas: minimum, MaxReplicas: maximum}
		w.autoscaler.Target = mesh.Ref{Kind: "Deployment", Namespace: w.Namespace, Name: w.Name}
	}
}

// Gateway is an ingress Gateway of class istio with an HTTP listener on 80 and
// an address, but without pods.
func Gateway(namespace, name string, opts ...Option) Part {
	g := &mesh.Gateway{Meta: meta("Gateway", namespace, name), Class: "istio"}
	g.Listeners = []mesh.Listener{{Name: "http", Protocol: "HTTP", Port: 80, From: "Same"}}
	g.Addresses = []mesh.GatewayAddress{{Type: "IPAddress", Value: "203.0.113.10"}}
	apply(g, opts)
	return Objects(g)
}

// hourAgo is when conditions were written that nobody dates.
func hourAgo() time.Time { return Now.Add(-time.Hour) }
