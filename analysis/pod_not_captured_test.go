package analysis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestPodNotCaptured(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient)
	out := mt.NotCaptured
	optIn := mt.Objects(&mesh.CNIConfig{
		Meta: mesh.Meta{Kind: "ConfigMap", Namespace: mt.SystemNamespace, Name: "istio-cni-config"}, AmbientEnabled: true,
		Selectors: []mesh.EnablementSelector{{Pod: mesh.LabelSelector{MatchLabels: map[string]string{"mesh": "in"}}}},
	})
	testCheck(t, "POD_NOT_CAPTURED", []checkCase{
		{name: "twenty pods of one Deployment are one finding", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.Replicas(20), out)}, want: []string{"error Deployment shop/web"}},
		{name: "one pod of several is enough", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.Replicas(3), mt.OnPod(2, out))}, want: []string{"error Deployment shop/web"}},
		{name: "a pod nobody owns is the subject itself", parts: []mt.Part{ns, mt.Pod("shop", "debug", out)}, want: []string{"error Pod shop/debug"}},
		{name: "a StatefulSet", parts: []mt.Part{ns, mt.StatefulSet("shop", "db", out)}, want: []string{"error StatefulSet shop/db"}},
		{name: "the pod's own label asks, without the namespace's", parts: []mt.Part{mt.Namespace("legacy"), mt.Deployment("legacy", "batch", mt.Ambient, out)}, want: []string{"error Deployment legacy/batch"}},
		{name: "istio-cni's own selector asks", parts: []mt.Part{mt.Namespace("shop"), optIn, mt.Deployment("shop", "web", mt.Label("mesh", "in"), out)}, want: []string{"error Deployment shop/web"}},
		{name: "the pod's own label asks where the Namespace may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourceNamespaces), mt.Deployment("shop", "web", mt.Ambient, out)}, want: []string{"error Deployment shop/web"}},
		{name: "a namespace labelled long ago by somebody", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, mt.ChangedBy("kubectl", time.Minute)), mt.Deployment("shop", "web", out)}, want: []string{"error Deployment shop/web"}},
		{name: "silent: pending is another finding", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.RedirectionPending)}},
		{name: "silent: the pod opts out", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.OptedOut, out)}},
		{name: "silent: hostNetwork", parts: []mt.Part{ns, mt.DaemonSet("shop", "agent", mt.HostNetwork, out)}},
		{name: "silent: a sidecar", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.Sidecar, out)}},
		{name: "silent: a namespace istio-cni leaves out", parts: []mt.Part{mt.Namespace("kube-system", mt.Ambient), mt.Deployment("kube-system", "dns", out)}},
		{name: "silent: a waypoint's pods", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint")}},
		{name: "silent: istio-cni's own selector does not ask", parts: []mt.Part{ns, optIn, mt.Deployment("shop", "web", out)}},
		{name: "silent: finished", parts: []mt.Part{ns, mt.Job("shop", "migrate", mt.Phase("Succeeded"), out)}},
		{name: "silent: terminating", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.Terminating(), out)}},
		{name: "silent: not running yet", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.Phase("Pending"), out)}},
		{name: "silent: younger than a minute", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.Age(59*time.Second), out)}},
		{name: "silent: the namespace was labelled this moment", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, mt.ChangedBy("kubectl", 3*time.Second)), mt.Deployment("shop", "web", out)}},
		{name: "silent: no istio-cni on the node, which has the pods in affects", parts: []mt.Part{ns, mt.Node("node-a", mt.NoCNI()), mt.Deployment("shop", "web", mt.OnNode("node-a"), out)}},
		{name: "silent: a namespace that asks for nothing", parts: []mt.Part{mt.Namespace("legacy"), mt.Deployment("legacy", "batch", out)}},
		{name: "silent: the Namespace may not be read, and it would have to ask", parts: []mt.Part{mt.Forbidden(mesh.ResourceNamespaces), mt.Deployment("shop", "web", out)}},
	})
}

func TestPodNotCapturedShowsWhatAsksAndWhatIsMissing(t *testing.T) {
	f := only(t, assess(mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.Replicas(2), mt.OnNode("node-a"), mt.NotCaptured)), "POD_NOT_CAPTURED")
	for _, want := range []string{"Namespace shop metadata.labels[istio.io/dataplane-mode]: ambient", "Pod shop/web-1 metadata.annotations[ambient.istio.io/redirection]: absent"} {
		if !strings.Contains(evidenceText(f), want) {
			t.Errorf("evidence lacks %q:\n%s", want, evidenceText(f))
		}
	}
	diffText(t, []string{"kubectl -n istio-system logs pod/istio-cni-node-node-a --since=24h", "kubectl -n shop rollout restart deployment/web"}, f.Fix.Commands)
	if len(f.Affects) != 2 {
		t.Errorf("affects %v, want both pods", f.Affects)
	}
}
