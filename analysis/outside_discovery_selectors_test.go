package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// meshConfig is istiod's configuration of the default revision.
func meshConfig(change func(*mesh.MeshConfig)) mt.Part {
	c := &mesh.MeshConfig{
		Meta:          mesh.Meta{Kind: "ConfigMap", Namespace: mt.SystemNamespace, Name: "istio"},
		RootNamespace: mesh.DefaultRootNamespace, TrustDomain: mesh.DefaultTrustDomain,
	}
	change(c)
	return mt.Objects(c)
}

func TestOutsideDiscoverySelectors(t *testing.T) {
	selects := meshConfig(func(c *mesh.MeshConfig) {
		c.DiscoverySelectors = []mesh.LabelSelector{{MatchLabels: map[string]string{"mesh": "in"}}}
	})
	canary := mt.Objects(&mesh.MeshConfig{
		Meta: mesh.Meta{Kind: "ConfigMap", Namespace: mt.SystemNamespace, Name: "istio-canary"}, Revision: "canary",
		RootNamespace: mesh.DefaultRootNamespace, TrustDomain: mesh.DefaultTrustDomain,
	})
	out := mt.Namespace("shop", mt.Ambient)
	testCheck(t, "OUTSIDE_DISCOVERY_SELECTORS", []checkCase{
		{name: "captured pods where istiod does not look", parts: []mt.Part{selects, out, mt.Deployment("shop", "web", mt.Replicas(2))}, want: []string{"critical Namespace shop"}},
		{name: "silent: the selectors match the namespace", parts: []mt.Part{selects, mt.Namespace("shop", mt.Ambient, mt.Label("mesh", "in")), mt.Deployment("shop", "web")}},
		{name: "silent: no selectors mean every namespace", parts: []mt.Part{meshConfig(func(*mesh.MeshConfig) {}), out, mt.Deployment("shop", "web")}},
		{name: "silent: nothing is captured there", parts: []mt.Part{selects, mt.Namespace("legacy"), mt.Deployment("legacy", "web")}},
		{name: "silent: the namespace was labelled this minute", parts: []mt.Part{selects, mt.Namespace("shop", mt.Ambient, mt.ChangedBy("kubectl", 20*time.Second)), mt.Deployment("shop", "web")}},
		{name: "silent: another revision's istiod looks there", parts: []mt.Part{selects, canary, out, mt.Deployment("shop", "web")}},
		{name: "silent: the configuration may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourceConfigMaps), out, mt.Deployment("shop", "web")}},
	})
}
