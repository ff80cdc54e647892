package mesh_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestServiceBinding(t *testing.T) {
	behind := mt.Namespace("shop", mt.UseWaypoint("waypoint"))
	waypoint := mt.Waypoint("shop", "waypoint")
	class := func(labels, annotations map[string]string) mt.Part {
		return mt.Objects(&mesh.GatewayClass{Meta: mesh.Meta{Kind: "GatewayClass", Name: mesh.ClassWaypoint, Labels: labels, Annotations: annotations}})
	}
	proxyListener := mt.With(func(g *mesh.Gateway) {
		g.Listeners = append(g.Listeners, mesh.Listener{Name: "proxy", Protocol: "istio.io/PROXY", Port: 15088, From: "All"})
	})
	tests := []struct {
		name  string
		parts []mt.Part
		opts  []mt.Option
		want  mesh.BindingState
	}{
		{"no label anywhere", []mt.Part{mt.Namespace("shop"), waypoint}, nil, mesh.BindingNone},
		{"the namespace's waypoint", []mt.Part{behind, waypoint}, nil, mesh.BindingBound},
		{"its own waypoint", []mt.Part{mt.Namespace("shop"), waypoint}, []mt.Option{mt.UseWaypoint("waypoint")}, mesh.BindingBound},
		{"none opts out of the namespace's", []mt.Part{behind, waypoint}, []mt.Option{mt.UseWaypoint("none")}, mesh.BindingOptedOut},
		{"its own missing waypoint is not replaced by the namespace's", []mt.Part{behind, waypoint}, []mt.Option{mt.UseWaypoint("typo")}, mesh.BindingNotFound},
		{"an empty label names nothing and hides the namespace's", []mt.Part{behind, waypoint}, []mt.Option{mt.UseWaypoint("")}, mesh.BindingNotFound},
		{"a waypoint of another namespace that admits all", []mt.Part{mt.Waypoint("infra", "wp", mt.From("All"))}, []mt.Option{mt.UseWaypointIn("infra", "wp")}, mesh.BindingBound},
		{"an empty namespace label leads nowhere", []mt.Part{behind, waypoint}, []mt.Option{mt.UseWaypointIn("", "waypoint")}, mesh.BindingNotFound},
		{"the second label without the first is nothing", []mt.Part{mt.Namespace("shop"), waypoint}, []mt.Option{mt.Label(mesh.LabelUseWaypointNamespace, "infra")}, mesh.BindingNone},
		{"a Gateway without address", []mt.Part{behind, mt.Waypoint("shop", "waypoint", mt.NeverProgrammed())}, nil, mesh.BindingNotReady},
		{"an address is kept when the pods are gone", []mt.Part{behind, mt.Waypoint("shop", "waypoint", mt.Replicas(0))}, nil, mesh.BindingBound},
		{"from: Same refuses another namespace", []mt.Part{mt.Waypoint("infra", "wp")}, []mt.Option{mt.UseWaypointIn("infra", "wp")}, mesh.BindingDenied},
		{"from: None is Same to istiod", []mt.Part{behind, mt.Waypoint("shop", "waypoint", mt.From("None"))}, nil, mesh.BindingBound},
		{"a selector that matches", []mt.Part{mt.Namespace("shop", mt.Label("team", "a")), mt.Waypoint("infra", "wp", mt.FromNamespaces("team", "a"))}, []mt.Option{mt.UseWaypointIn("infra", "wp")}, mesh.BindingBound},
		{"a selector that does not", []mt.Part{mt.Namespace("shop"), mt.Waypoint("infra", "wp", mt.FromNamespaces("team", "a"))}, []mt.Option{mt.UseWaypointIn("infra", "wp")}, mesh.BindingDenied},
		{"a selector without its selector matches nothing", []mt.Part{mt.Namespace("shop"), mt.Waypoint("infra", "wp", mt.From("Selector"))}, []mt.Option{mt.UseWaypointIn("infra", "wp")}, mesh.BindingDenied},
		{"a selector, and the labels are unknown", []mt.Part{mt.Waypoint("infra", "wp", mt.FromNamespaces("team", "a"))}, []mt.Option{mt.UseWaypointIn("infra", "wp")}, mesh.BindingUnknown},
		{"an ingress Gateway of its own namespace is bound, though it is no waypoint", []mt.Part{mt.Gateway("shop", "edge")}, []mt.Option{mt.UseWaypoint("edge")}, mesh.BindingBound},
		{"one of another namespace is not", []mt.Part{mt.Gateway("infra", "edge")}, []mt.Option{mt.UseWaypointIn("infra", "edge")}, mesh.BindingDenied},
		{"an inbound binding names the listener that decides, by port", []mt.Part{mt.Waypoint("infra", "wp", proxyListener, mt.Annotation(mesh.AnnotationInboundBinding, "PROXY/15088"))}, []mt.Option{mt.UseWaypointIn("infra", "wp")}, mesh.BindingBound},
		{"or by protocol", []mt.Part{mt.Waypoint("infra", "wp", proxyListener, mt.Annotation(mesh.AnnotationInboundBinding, "PROXY"))}, []mt.Option{mt.UseWaypointIn("infra", "wp")}, mesh.BindingBound},
		{"the class may say so", []mt.Part{mt.Waypoint("infra", "wp", proxyListener), class(nil, map[string]string{mesh.AnnotationInboundBinding: "PROXY"})}, []mt.Option{mt.UseWaypointIn("infra", "wp")}, mesh.BindingBound},
		{"one that cannot be read leaves the HBONE listener", []mt.Part{mt.Waypoint("infra", "wp", proxyListener, mt.Annotation(mesh.AnnotationInboundBinding, "HTTP/15088"))}, []mt.Option{mt.UseWaypointIn("infra", "wp")}, mesh.BindingDenied},
		{"a workload waypoint", []mt.Part{behind, mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload"))}, nil, mesh.BindingTrafficType},
		{"a waypoint for all", []mt.Part{behind, mt.Waypoint("shop", "waypoint", mt.WaypointFor("all"))}, nil, mesh.BindingBound},
		{"a type nobody knows", []mt.Part{behind, mt.Waypoint("shop", "waypoint", mt.WaypointFor("Service"))}, nil, mesh.BindingTrafficType},
		{"the class's type", []mt.Part{behind, waypoint, class(map[string]string{mesh.LabelWaypointFor: "workload"}, nil)}, nil, mesh.BindingTrafficType},
		{"the Gateway's type beats the class's", []mt.Part{behind, mt.Waypoint("shop", "waypoint", mt.WaypointFor("service")), class(map[string]string{mesh.LabelWaypointFor: "workload"}, nil)}, nil, mesh.BindingBound},
		{"an ExternalName Service", []mt.Part{behind, waypoint}, []mt.Option{mt.With(func(s *mesh.Service) { s.Type = "ExternalName" })}, mesh.BindingIgnored},
		{"a waypoint's own Service", []mt.Part{behind, waypoint}, []mt.Option{mt.Label(mesh.LabelGatewayManaged, mesh.ManagedWaypoint)}, mesh.BindingIgnored},
		{"an east-west gateway's Service", []mt.Part{behind, waypoint}, []mt.Option{mt.Label(mesh.LabelGatewayManaged, mesh.ManagedEastWest)}, mesh.BindingIgnored},
		{"Gateways may not be read", []mt.Part{behind, mt.Forbidden(mesh.ResourceGateways)}, nil, mesh.BindingUnknown},
		{"Gateways do not exist in this cluster", []mt.Part{behind, mt.Source("kubernetes/"+mesh.ResourceGateways, mesh.SourceAbsent, "")}, nil, mesh.BindingNotFound},
		{"the waypoint's namespace is not watched", []mt.Part{mt.Scope("shop"), mt.Namespace("shop")}, []mt.Option{mt.UseWaypointIn("infra", "wp")}, mesh.BindingUnknown},
		{"the Namespace is unknown and may have a label", []mt.Part{waypoint}, nil, mesh.BindingUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mt.Mesh(append(tt.parts, mt.Service("shop", "web", tt.opts...))...)
			b := s.ServiceBinding(s.Service("shop", "web"))
			if b.State != tt.want || b.Reason == "" {
				t.Errorf("%s: %q, want %s with a reason", b.State, b.Reason, tt.want)
			}
			if want := tt.want == mesh.BindingNone || tt.want == mesh.BindingOptedOut || tt.want == mesh.BindingIgnored; b.Waypointless() != want {
				t.Errorf("Waypointless = %t", b.Waypointless())
			}
		})
	}
}

func TestWorkloadBinding(t *testing.T) {
	behind := mt.Namespace("shop", mt.UseWaypoint("waypoint"))
	own := mt.UseWaypoint("waypoint")
	workload := mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload"))
	tests := []struct {
		name  string
		parts []mt.Part
		opts  []mt.Option
		want  mesh.BindingState
	}{
		{"inherited, for workloads", []mt.Part{behind, workload}, nil, mesh.BindingBound},
		{"its own, for workloads", []mt.Part{mt.Namespace("shop"), workload}, []mt.Option{own}, mesh.BindingBound},
		{"inherited, for services: passed over in silence", []mt.Part{behind, mt.Waypoint("shop", "waypoint")}, nil, mesh.BindingNone},
		{"its own, for services: refused", []mt.Part{mt.Namespace("shop"), mt.Waypoint("shop", "waypoint")}, []mt.Option{own}, mesh.BindingTrafficType},
		{"a gateway's pod", []mt.Part{behind, workload}, []mt.Option{mt.Label(mesh.LabelGatewayName, "edge")}, mesh.BindingIgnored},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mt.Mesh(append(tt.parts, mt.Pod("shop", "p", tt.opts...))...)
			if b := s.WorkloadBinding(s.Workload("shop", "p")); b.State != tt.want {
				t.Errorf("%s: %q, want %s", b.State, b.Reason, tt.want)
			}
		})
	}
}

func TestCanaryBinding(t *testing.T) {
	canary := func(name string) mt.Option { return mt.Label(mesh.LabelUseWaypointCanary, name) }
	weight := func(w string) mt.Option { return mt.Annotation(mesh.AnnotationCanaryWeight, w) }
	own := mt.UseWaypoint("waypoint")
	both := mt.Parts(mt.Waypoint("shop", "waypoint"), mt.Waypoint("shop", "next"))
	tests := []struct {
		name      string
		namespace []mt.Option
		service   []mt.Option
		state     mesh.BindingState // empty: no canary
		weight    int
	}{
		{"asked for with a weight", nil, []mt.Option{own, canary("next"), weight("10")}, mesh.BindingBound, 10},
		{"without a weight it gets nothing", nil, []mt.Option{own, canary("next")}, mesh.BindingBound, 0},
		{"a weight beyond 100", nil, []mt.Option{own, canary("next"), weight("101")}, mesh.BindingIgnored, 0},
		{"a weight that is no number", nil, []mt.Option{own, canary("next"), weight("10%")}, mesh.BindingIgnored, 0},
		{"the primary again", nil, []mt.Option{own, canary("waypoint"), weight("10")}, mesh.BindingIgnored, 0},
		{"none is no canary", nil, []mt.Option{own, canary("none")}, "", 0},
		{"one that does not exist", nil, []mt.Option{own, canary("typo"), weight("10")}, mesh.BindingNotFound, 10},
		{"without a primary there is none", nil, []mt.Option{canary("next")}, "", 0},
		{"inherited with the primary", []mt.Option{own, canary("next"), weight("20")}, nil, mesh.BindingBound, 20},
		{"the object's weight beats the namespace's", []mt.Option{own, canary("next"), weight("20")}, []mt.Option{weight("30")}, mesh.BindingBound, 30},
		{"the object's canary beside the namespace's primary", []mt.Option{own}, []mt.Option{canary("next"), weight("5")}, mesh.BindingBound, 5},
		{"with a primary of its own the namespace's canary does not count", []mt.Option{canary("next"), weight("20")}, []mt.Option{own}, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mt.Mesh(mt.Namespace("shop", tt.namespace...), both, mt.Service("shop", "web", tt.service...))
			c := s.ServiceBinding(s.Service("shop", "web")).Canary
			switch {
			case tt.state == "" && c != nil:
				t.Errorf("canary %+v, want none", c)
			case tt.state != "" && (c == nil || c.State != tt.state || c.Weight != tt.weight):
				t.Errorf("canary %+v, want %s at %d", c, tt.state, tt.weight)
			}
		})
	}
}

func TestBindingAgreesWithIstiod(t *testing.T) {
	bound := mt.Condition(mesh.ConditionWaypointBound, mesh.ConditionTrue, "WaypointAccepted", "")
	refused := mt.Condition(mesh.ConditionWaypointBound, mesh.ConditionFalse, "WaypointIsNotReady", "")
	behind := mt.Namespace("shop", mt.UseWaypoint("waypoint"))
	tests := []struct {
		name  string
		parts []mt.Part
		opts  []mt.Option
		want  mesh.Fact
	}{
		{"both say bound", []mt.Part{behind, mt.Waypoint("shop", "waypoint")}, []mt.Option{bound}, mesh.FactYes},
		{"istiod says not ready", []mt.Part{behind, mt.Waypoint("shop", "waypoint")}, []mt.Option{refused}, mesh.FactNo},
		{"missing and never ready are one reason to istiod", []mt.Part{behind}, []mt.Option{refused}, mesh.FactYes},
		{"neither has anything to say", []mt.Part{mt.Namespace("shop")}, nil, mesh.FactYes},
		{"istiod still has a condition for a label that is gone", []mt.Part{mt.Namespace("shop")}, []mt.Option{bound}, mesh.FactNo},
		{"what could not be computed cannot be compared", []mt.Part{behind, mt.Forbidden(mesh.ResourceGateways)}, []mt.Option{bound}, mesh.FactUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mt.Mesh(append(tt.parts, mt.Service("shop", "web", tt.opts...))...)
			if got := s.ServiceBinding(s.Service("shop", "web")).Agrees(); got != tt.want {
				t.Errorf("Agrees = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestNamespaceBinding(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop", mt.UseWaypointIn("infra", "wp")), mt.Waypoint("infra", "wp", mt.From("All")), mt.Namespace("legacy"))
	b := s.NamespaceBinding(s.Shard("shop").Info)
	want := mesh.Binding{
		State: mesh.BindingBound, Waypoint: mesh.Ref{Kind: "Gateway", Namespace: "infra", Name: "wp"},
		LabelOn: mesh.Ref{Kind: "Namespace", Name: "shop"}, Label: "wp", Reason: "Bound to Gateway infra/wp.",
	}
	if diff := cmp.Diff(want, b); diff != "" || !b.Inherited() {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := s.NamespaceBinding(s.Shard("legacy").Info).State; got != mesh.BindingNone {
		t.Errorf("a namespace without label is %s", got)
	}
}
