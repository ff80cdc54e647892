package kube_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
)

func TestNamespace(t *testing.T) {
	got := decoded[*mesh.Namespace](t, "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}, status: {phase: Terminating}}")
	if got.Phase != "Terminating" || got.Labels[mesh.LabelDataplaneMode] != "ambient" || got.Ref() != (mesh.Ref{Kind: "Namespace", Name: "shop"}) {
		t.Errorf("got %+v", got)
	}
	if got := decoded[*mesh.Namespace](t, "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"); got.Phase != "Active" {
		t.Errorf("a namespace without a phase is %q", got.Phase)
	}
}

func TestNode(t *testing.T) {
	got := decoded[*mesh.Node](t, `
apiVersion: v1
kind: Node
metadata: {name: node-a, labels: {topology.kubernetes.io/zone: eu-1a, topology.kubernetes.io/region: eu-1}}
spec: {unschedulable: true}
status:
  nodeInfo: {bootID: b-1, kubeletVersion: v1.37.2}
  addresses: [{type: Hostname, address: node-a}, {type: InternalIP, address: 172.18.0.2}, {type: InternalIP, address: "fd00::2"}]
  conditions: [{type: Ready, status: "True", reason: KubeletReady}]
`)
	sameButMeta(t, got, &mesh.Node{
		Ready: mesh.FactYes, BootID: "b-1", KubeletVersion: "v1.37.2", InternalIPs: []string{"172.18.0.2", "fd00::2"},
		Zone: "eu-1a", Region: "eu-1", Unschedulable: true,
		Conditions: mesh.Conditions{{Type: "Ready", Status: "True", Reason: "KubeletReady"}},
	})
}

func TestNodeReadiness(t *testing.T) {
	for conditions, want := range map[string]mesh.Fact{
		`[]`:                                 mesh.FactUnknown,
		`[{type: Ready, status: "True"}]`:    mesh.FactYes,
		`[{type: Ready, status: "False"}]`:   mesh.FactNo,
		`[{type: Ready, status: "Unknown"}]`: mesh.FactUnknown,
	} {
		got := decoded[*mesh.Node](t, "{apiVersion: v1, kind: Node, metadata: {name: node-a}, status: {conditions: "+conditions+"}}")
		if got.Ready != want {
			t.Errorf("with conditions %s ready is %s, want %s", conditions, got.Ready, want)
		}
	}
}

func TestDefinitionKeepsServedVersions(t *testing.T) {
	got := decoded[*mesh.CustomResourceDefinition](t, `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gateways.gateway.networking.k8s.io}
spec:
  group: gateway.networking.k8s.io
  names: {plural: gateways, kind: Gateway}
  versions: [{name: v1, served: true, schema: {openAPIV3Schema: {type: object}}}, {name: v1alpha2, served: false}, {name: v1beta1, served: true}]
`)
	sameButMeta(t, got, &mesh.CustomResourceDefinition{Group: "gateway.networking.k8s.io", Resource: "gateways", Served: []string{"v1", "v1beta1"}})
}
