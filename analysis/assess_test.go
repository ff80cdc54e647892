package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestAssessSaysNothingOfACleanMesh(t *testing.T) {
	r := assess(shop(mt.ProxiesRead(), mt.Secured())...)
	for _, f := range r.Findings {
		t.Errorf("%s %s on %s: %s", f.Severity, f.Code, f.Subject, f.Summary)
	}
	if len(r.HeldBack) > 0 || r.Ran != len(analysis.Checks()) {
		t.Errorf("%d checks ran, held back: %+v", r.Ran, r.HeldBack)
	}
}

func TestAssessSaysNothingOfALargeCleanMesh(t *testing.T) {
	s := mt.Mesh(append(mt.LargeParts(20, 80, 400, 10), mt.ProxiesRead(), mt.Secured())...)
	for _, f := range analysis.Assess(analysis.Input{Snap: s, Now: s.At}).Findings {
		t.Errorf("%s %s on %s: %s", f.Severity, f.Code, f.Subject, f.Summary)
	}
}

// What a recording holds was checked by nobody: fields can be missing in every
// combination.
func TestChecksSurviveObjectsWithoutContent(t *testing.T) {
	bare := func(kind, name string) mesh.Meta { return mesh.Meta{Kind: kind, Namespace: "shop", Name: name} }
	labelled := func(kind string) mesh.Meta {
		m := bare(kind, "labelled")
		m.Labels = map[string]string{mesh.LabelUseWaypoint: "empty", mesh.LabelDataplaneMode: "", mesh.LabelGatewayManaged: ""}
		m.Annotations = map[string]string{mesh.AnnotationRedirection: "", mesh.AnnotationCanaryWeight: ""}
		return m
	}
	addressed := &mesh.Gateway{Meta: bare("Gateway", "empty"), Class: mesh.ClassWaypoint, Addresses: []mesh.GatewayAddress{{}}}
	objects := []mesh.Object{
		addressed, &mesh.Gateway{Meta: labelled("Gateway"), Class: mesh.ClassWaypoint, Listeners: []mesh.Listener{{}}},
		&mesh.Namespace{Meta: mesh.Meta{Kind: "Namespace", Name: "shop", Labels: map[string]string{mesh.LabelUseWaypoint: ""}}},
		&mesh.Workload{Meta: bare("Pod", "p")}, &mesh.Workload{Meta: labelled("Pod"), Phase: "Running"}, &mesh.Workload{Meta: labelled("WorkloadEntry")},
		&mesh.Service{Meta: bare("Service", "s")}, &mesh.Service{Meta: labelled("Service"), Selector: map[string]string{"": ""}, Ports: []mesh.ServicePort{{}}},
		&mesh.ServiceEntry{Meta: labelled("ServiceEntry")}, &mesh.EndpointSlice{Meta: bare("EndpointSlice", "e"), Endpoints: []mesh.Endpoint{{}}},
		&mesh.Controller{Meta: labelled("Deployment")}, &mesh.Controller{Meta: bare("Job", "j"), Containers: []mesh.Container{{}}},
		&mesh.Autoscaler{Meta: bare("HorizontalPodAutoscaler", "h")}, &mesh.DisruptionBudget{Meta: bare("PodDisruptionBudget", "b")},
		&mesh.Route{Meta: bare("VirtualService", "v"), Hosts: []string{"", "."}}, &mesh.AuthorizationPolicy{Meta: bare("AuthorizationPolicy", "a"), TargetRefs: []mesh.TargetRef{{}}},
	}
	r := assess(mt.Bare(), mt.Objects(objects...))
	for _, h := range r.HeldBack {
		t.Errorf("%s: %s", h.Code, h.Detail)
	}
	for _, f := range r.Findings {
		complain(t, f)
	}
}
