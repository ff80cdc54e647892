package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestNamespaceInjectionConflict(t *testing.T) {
	injection := func(value string) mt.Option { return mt.Label(mesh.LabelInjection, value) }
	revision := mt.Label(mesh.LabelRevision, "1-31")
	fires := []string{"warning Namespace shop"}
	testCheck(t, "NAMESPACE_INJECTION_CONFLICT", []checkCase{
		{name: "ambient and istio-injection=enabled", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, injection("enabled"))}, want: fires},
		{name: "ambient and a revision", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, revision)}, want: fires},
		{name: "silent: istio-injection=disabled", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, injection("disabled"))}},
		{name: "silent: istio-injection=disabled beats the revision", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, injection("disabled"), revision)}},
		{name: "silent: sidecars only", parts: []mt.Part{mt.Namespace("shop", injection("enabled"))}},
		{name: "silent: ambient opted out", parts: []mt.Part{mt.Namespace("shop", mt.OptedOut, injection("enabled"))}},
		{name: "silent: ambient only", parts: []mt.Part{mt.Namespace("shop", mt.Ambient)}},
		{name: "silent: the namespace is going away", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, revision, mt.Terminating())}},
	})
}

func TestNamespaceInjectionConflictAffectsPodsThatHaveASidecar(t *testing.T) {
	f := only(t, assess(
		mt.Namespace("shop", mt.Ambient, mt.Label(mesh.LabelInjection, "enabled")),
		mt.Deployment("shop", "web", mt.Replicas(2), mt.OnPod(2, mt.Sidecar)),
	), "NAMESPACE_INJECTION_CONFLICT")
	if len(f.Affects) != 1 || f.Affects[0] != ref("Pod", "shop", "web-2") {
		t.Errorf("affects %v, want the pod with a sidecar", f.Affects)
	}
	diffText(t, []string{"kubectl label namespace/shop istio-injection-"}, f.Fix.Changing())
}
