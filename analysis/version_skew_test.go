package analysis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// image sets the image of a pod's first container, and the container's name.
func image(container, reference string) mt.Option {
	return mt.With(func(w *mesh.Workload) { w.Containers[0].Name, w.Containers[0].Image = container, reference })
}

func istiodPod(name, reference string, opts ...mt.Option) mt.Part {
	return mt.Pod(mt.SystemNamespace, name, append([]mt.Option{mt.Label("app", "istiod"), image("discovery", reference)}, opts...)...)
}

func ztunnelPod(node, reference string, opts ...mt.Option) mt.Part {
	return mt.Pod(mt.SystemNamespace, "ztunnel-"+node, append([]mt.Option{mt.Label("app", "ztunnel"), mt.OnNode(node), image("istio-proxy", reference)}, opts...)...)
}

func cniPod(node, reference string) mt.Part {
	return mt.Pod(mt.SystemNamespace, "istio-cni-"+node, mt.Label("k8s-app", "istio-cni-node"), mt.OnNode(node), image("install-cni", reference))
}

func TestVersionSkew(t *testing.T) {
	istiod := istiodPod("istiod-1", "docker.io/istio/pilot:1.31.0-distroless")
	fires, rollout := []string{"warning Mesh"}, []string{"info Mesh"}
	said := func(version string) mt.Part {
		return mt.Objects(&mesh.ZtunnelEvidence{
			Meta: mesh.Meta{Kind: mesh.KindZtunnelEvidence, Name: "node-a"}, Pod: ref("Pod", mt.SystemNamespace, "ztunnel-node-a"), At: mt.Now, Version: mesh.ZtunnelVersion{IstioVersion: version},
		})
	}
	tests := []checkCase{
		{name: "ztunnel two releases behind", parts: []mt.Part{istiod, ztunnelPod("node-a", "docker.io/istio/ztunnel:1.29.4")}, want: fires},
		{name: "one node of two behind", parts: []mt.Part{istiod, ztunnelPod("node-a", "istio/ztunnel:1.31.0"), ztunnelPod("node-b", "istio/ztunnel:1.28.0")}, want: fires},
		{name: "istio-cni behind", parts: []mt.Part{istiod, cniPod("node-a", "istio/install-cni:1.29.0")}, want: fires},
		{name: "a waypoint ahead", parts: []mt.Part{istiod, mt.Waypoint("shop", "waypoint", image("istio-proxy", "istio/proxyv2:1.33.1"))}, want: fires},
		{name: "a distribution's suffix, a port and a digest", parts: []mt.Part{istiod, ztunnelPod("node-a", "registry.example:5000/istio/ztunnel:v1.28.3-asm.4@sha256:abc")}, want: fires},
		{name: "the label tells where the image does not", parts: []mt.Part{istiod, ztunnelPod("node-a", "istio/ztunnel@sha256:abc", mt.Label("app.kubernetes.io/version", "1.29.0"))}, want: fires},
		{name: "what ztunnel says of itself beats its image", parts: []mt.Part{istiod, ztunnelPod("node-a", "istio/ztunnel:1.31.0"), said("1.28.1")}, want: fires},
		{name: "a rollout under way", parts: []mt.Part{istiod, ztunnelPod("node-a", "istio/ztunnel:1.31.0", mt.Age(2*time.Minute)), ztunnelPod("node-b", "istio/ztunnel:1.29.0")}, want: rollout},
		{name: "a mixture that stands is no rollout", parts: []mt.Part{istiod, ztunnelPod("node-a", "istio/ztunnel:1.31.0", mt.Age(time.Hour)), ztunnelPod("node-b", "istio/ztunnel:1.29.0")}, want: fires},
		{name: "silent: one release behind", parts: []mt.Part{istiod, ztunnelPod("node-a", "istio/ztunnel:1.30.9"), cniPod("node-a", "istio/install-cni:1.30.0")}},
		{name: "silent: patch releases apart", parts: []mt.Part{istiod, ztunnelPod("node-a", "istio/ztunnel:1.31.9")}},
		{name: "silent: what was behind is going away", parts: []mt.Part{istiod, ztunnelPod("node-a", "istio/ztunnel:1.28.0", mt.Terminating())}},
		{name: "silent: a label on a waypoint is its user's own", parts: []mt.Part{istiod, mt.Waypoint("shop", "waypoint", mt.OnPod(1, mt.Label("app.kubernetes.io/version", "1.20.0")))}},
		{name: "silent: an image of the same name in another container", parts: []mt.Part{istiod, ztunnelPod("node-a", "istio/ztunnel:1.31.0", mt.With(func(w *mesh.Workload) {
			w.Containers = append(w.Containers, mesh.Container{Name: "metrics-agent", Image: "example/agent:1.20.0"})
		}))}},
		{name: "silent: nothing names a version", parts: nil},
		{name: "silent: pods may not be read", parts: []mt.Part{istiod, ztunnelPod("node-a", "istio/ztunnel:1.29.4"), mt.Forbidden(mesh.ResourcePods)}},
	}
	for _, odd := range []string{"latest", "1.32-dev", "unknown", "1.0.0", "2.1.0", "sha-1.20.0", "1.20", "latest-distroless", "1.32-alpha.20ee3ab", ""} {
		tests = append(tests, checkCase{name: "silent: " + odd + " is no release", parts: []mt.Part{istiod, ztunnelPod("node-a", "istio/ztunnel:"+odd, mt.Label("app.kubernetes.io/version", odd)), said(odd)}})
	}
	testCheck(t, "VERSION_SKEW", tests)
}

func TestVersionSkewShowsATable(t *testing.T) {
	f := only(t, assess(
		istiodPod("istiod-1", "istio/pilot:1.31.0"),
		ztunnelPod("node-a", "istio/ztunnel:1.29.0"), ztunnelPod("node-b", "istio/ztunnel:1.29.0"), ztunnelPod("node-c", "istio/ztunnel:1.31.0"),
	), "VERSION_SKEW")
	text := evidenceText(f)
	for _, want := range []string{`(istiod, 1 pod with "1.31.0")`, `(ztunnel, 2 pods with "1.29.0")`, `(ztunnel, 1 pod with "1.31.0")`} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
	if want := "Ztunnel runs 1.29 and istiod 1.31: that is 2 minor releases apart."; f.Summary != want {
		t.Errorf("summary %q, want %q", f.Summary, want)
	}
}
