package mesh_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestEnrolment(t *testing.T) {
	ambient, plain := mt.Namespace("shop", mt.Ambient), mt.Namespace("shop")
	cni := func(c mesh.CNIConfig) mt.Part {
		c.Meta = mesh.Meta{Kind: "ConfigMap", Namespace: mt.SystemNamespace, Name: "istio-cni-config"}
		return mt.Objects(&c)
	}
	byPodLabel := []mesh.EnablementSelector{{Pod: mesh.LabelSelector{MatchLabels: map[string]string{"mesh": "in"}}}}
	const yes, no, unknown = mesh.FactYes, mesh.FactNo, mesh.FactUnknown
	tests := []struct {
		name    string
		parts   []mt.Part
		opts    []mt.Option
		asked   mesh.Fact
		claimed mesh.Fact
		exempt  mesh.Exemption
	}{
		{"the namespace asks, and istio-cni did", []mt.Part{ambient}, nil, yes, yes, mesh.ExemptNone},
		{"the namespace asks, and istio-cni did not", []mt.Part{ambient}, []mt.Option{mt.NotCaptured}, yes, no, mesh.ExemptNone},
		{"ztunnel has not taken the pod", []mt.Part{ambient}, []mt.Option{mt.RedirectionPending}, yes, mesh.FactPending, mesh.ExemptNone},
		{"the pod opts out of its namespace", []mt.Part{ambient}, []mt.Option{mt.OptedOut}, no, no, mesh.ExemptNone},
		{"the pod asks alone", []mt.Part{plain}, []mt.Option{mt.Ambient}, yes, yes, mesh.ExemptNone},
		{"nobody asks", []mt.Part{plain}, nil, no, no, mesh.ExemptNone},
		{"nobody asks any more and the rules are still there", []mt.Part{plain}, []mt.Option{mt.Captured}, no, yes, mesh.ExemptNone},
		{"the Namespace is unknown, and its label would decide", nil, nil, unknown, no, mesh.ExemptNone},
		{"the Namespace is unknown, and the pod asks", nil, []mt.Option{mt.Ambient}, yes, yes, mesh.ExemptNone},
		{"the Namespace is unknown, and the pod opts out", nil, []mt.Option{mt.OptedOut}, no, no, mesh.ExemptNone},
		{"istio-cni's own selector asks", []mt.Part{plain, cni(mesh.CNIConfig{Selectors: byPodLabel})}, []mt.Option{mt.Label("mesh", "in")}, yes, yes, mesh.ExemptNone},
		{"istio-cni's own selector does not know the usual label", []mt.Part{ambient, cni(mesh.CNIConfig{Selectors: byPodLabel})}, nil, no, no, mesh.ExemptNone},
		{"istio-cni's selector could not be read", []mt.Part{ambient, cni(mesh.CNIConfig{Selectors: mesh.DefaultEnablement(), Malformed: "yaml"})}, nil, unknown, no, mesh.ExemptNone},
		{"hostNetwork", []mt.Part{ambient}, []mt.Option{mt.HostNetwork}, yes, no, mesh.ExemptHostNetwork},
		{"a sidecar", []mt.Part{ambient}, []mt.Option{mt.Sidecar}, yes, no, mesh.ExemptSidecar},
		{"finished", []mt.Part{ambient}, []mt.Option{mt.Phase("Succeeded")}, yes, no, mesh.ExemptFinished},
		{"a gateway's pod", []mt.Part{ambient}, []mt.Option{mt.OptedOut, mt.Label(mesh.LabelGatewayName, "edge")}, no, no, mesh.ExemptGateway},
		{"an excluded namespace", []mt.Part{ambient, cni(mesh.CNIConfig{Selectors: mesh.DefaultEnablement(), ExcludeNamespaces: []string{"shop"}})}, nil, yes, no, mesh.ExemptNamespace},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mt.Mesh(append(tt.parts, mt.Pod("shop", "p", tt.opts...))...)
			e := s.Enrolment(s.Workload("shop", "p"))
			if e.AskedFor != tt.asked || e.Claimed != tt.claimed || e.Exempt != tt.exempt {
				t.Errorf("asked for %s, claimed %s, exempt %q; want %s, %s, %q", e.AskedFor, e.Claimed, e.Exempt, tt.asked, tt.claimed, tt.exempt)
			}
			if e.Seen != unknown || e.Proven != unknown {
				t.Errorf("seen %s, proven %s: the API server cannot tell", e.Seen, e.Proven)
			}
		})
	}
}

func TestEnrolmentSaysWhoAsks(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web"), mt.Namespace("legacy"), mt.Pod("legacy", "batch", mt.Ambient), mt.WorkloadEntry("shop", "vm", "192.0.2.7"))
	for _, tt := range []struct {
		workload *mesh.Workload
		want     mesh.Ref
	}{
		{s.Workload("shop", "web"), mesh.Ref{Kind: "Namespace", Name: "shop"}},
		{s.Workload("legacy", "batch"), mesh.Ref{Kind: "Pod", Namespace: "legacy", Name: "batch"}},
	} {
		if got := s.Enrolment(tt.workload).AskedBy; got != tt.want {
			t.Errorf("%s is asked for by %s, want %s", tt.workload.Ref(), got, tt.want)
		}
	}
	if got := s.Enrolment(s.Workload("shop", "vm")).Exempt; got != mesh.ExemptNotPod {
		t.Errorf("a WorkloadEntry is exempt as %q, want %q", got, mesh.ExemptNotPod)
	}
}
