package analysis_test

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// cniConfig is istio-cni's configuration with the default selectors.
func cniConfig(excluded ...string) mt.Part {
	return mt.Objects(&mesh.CNIConfig{
		Meta: mesh.Meta{Kind: "ConfigMap", Namespace: mt.SystemNamespace, Name: "istio-cni-config"}, AmbientEnabled: true,
		Selectors: mesh.DefaultEnablement(), ExcludeNamespaces: excluded,
	})
}

func TestNamespaceExcluded(t *testing.T) {
	tools := mt.Namespace("tools", mt.Ambient)
	testCheck(t, "NAMESPACE_EXCLUDED", []checkCase{
		{name: "the namespace asks, and is on the list", parts: []mt.Part{tools, cniConfig("kube-system", "tools"), mt.Deployment("tools", "web")}, want: []string{"warning Namespace tools"}},
		{name: "also before it has pods", parts: []mt.Part{tools, cniConfig("tools")}, want: []string{"warning Namespace tools"}},
		{name: "a pod in it asks", parts: []mt.Part{mt.Namespace("tools"), cniConfig("tools"), mt.Deployment("tools", "web", mt.Ambient)}, want: []string{"warning Namespace tools"}},
		{name: "kube-system is left out by default", parts: []mt.Part{mt.Namespace("kube-system", mt.Ambient), mt.Deployment("kube-system", "dns")}, want: []string{"warning Namespace kube-system"}},
		{name: "silent: it is not on the list", parts: []mt.Part{tools, cniConfig("kube-system"), mt.Deployment("tools", "web")}},
		{name: "silent: nothing there asks", parts: []mt.Part{mt.Namespace("tools"), cniConfig("tools"), mt.Deployment("tools", "web")}},
		{name: "silent: istio-cni is older than 1.30 and enrols them", parts: []mt.Part{tools, cniConfig("tools"), mt.Node("node-a", mt.CNI(image("install-cni", "istio/install-cni:1.29.2"))), mt.Deployment("tools", "web")}},
		{name: "silent: the configuration may not be read", parts: []mt.Part{mt.Namespace("kube-system", mt.Ambient), mt.Forbidden(mesh.ResourceConfigMaps)}},
	})
}

func TestNamespaceExcludedShowsTheList(t *testing.T) {
	f := only(t, assess(mt.Namespace("tools", mt.Ambient), cniConfig("kube-system", "tools"), mt.Deployment("tools", "web")), "NAMESPACE_EXCLUDED")
	if want := "ConfigMap istio-system/istio-cni-config data.EXCLUDE_NAMESPACES: kube-system,tools"; !strings.Contains(evidenceText(f), want) {
		t.Errorf("evidence lacks %q:\n%s", want, evidenceText(f))
	}
}
