package kube_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

func TestMetadata(t *testing.T) {
	got := decoded[*mesh.ServiceAccount](t, `
apiVersion: v1
kind: ServiceAccount
metadata:
  namespace: shop
  name: web
  uid: 1f2e
  generation: 4
  creationTimestamp: "2026-11-23T08:00:00+01:00"
  deletionTimestamp: "2026-11-23T09:00:00Z"
  labels: {app: web, empty: ""}
`).Meta
	want := mesh.Meta{
		Kind: "ServiceAccount", Namespace: "shop", Name: "web", UID: "1f2e", Generation: 4,
		Labels:   map[string]string{"app": "web", "empty": ""},
		Created:  time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC),
		Deleting: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
}

func TestAnnotationsKept(t *testing.T) {
	tests := []struct {
		key  string
		kept bool
	}{
		{"ambient.istio.io/redirection", true},
		{"istio.io/use-waypoint-canary-weight", true},
		{"istio.io/dry-run", true},
		{"sidecar.istio.io/status", true},
		{"networking.istio.io/traffic-distribution", true},
		{"gateway.networking.k8s.io/controller", true},
		{"kubectl.kubernetes.io/last-applied-configuration", false},
		{"install.operator.istio.io/last-applied-configuration", false},
		{"sidecar.istio.io/userVolume", false},
		{"sidecar.istio.io/status-of-mine", false},
		{"proxy.istio.io/overrides", false},
		{"notistio.io/x", false},
		{"istio.io", false},
		{"vault.example/token", false},
	}
	for _, tt := range tests {
		sa := decoded[*mesh.ServiceAccount](t, `{apiVersion: v1, kind: ServiceAccount, metadata: {namespace: shop, name: x, annotations: {"`+tt.key+`": v}}}`)
		if _, kept := sa.Annotations[tt.key]; kept != tt.kept {
			t.Errorf("%s kept: %v, want %v", tt.key, kept, tt.kept)
		}
	}
}

func TestLongTextsAreCutAndSaySo(t *testing.T) {
	long := strings.Repeat("ä", 10_000)
	svc := decoded[*mesh.Service](t, `
apiVersion: v1
kind: Service
metadata:
  namespace: shop
  name: x
  annotations: {istio.io/x: `+long+`}
status:
  conditions: [{type: istio.io/WaypointBound, message: `+long+`}]
`)
	for what, got := range map[string]string{"annotation": svc.Annotations["istio.io/x"], "message": svc.Conditions[0].Message} {
		if len(got) > 5<<10 || !strings.HasPrefix(got, "ää") || !strings.HasSuffix(got, " bytes more)") {
			t.Errorf("the %s has %d bytes and ends in %q", what, len(got), got[len(got)-20:])
		}
	}
}

func TestControlCharactersStay(t *testing.T) {
	svc := decoded[*mesh.Service](t, `{"apiVersion":"v1","kind":"Service","metadata":{"namespace":"shop","name":"x"},"status":{"conditions":[{"type":"A","message":"\u001b[31m\u0000red"}]}}`)
	if got := svc.Conditions[0].Message; got != "\x1b[31m\x00red" {
		t.Errorf("message %q", got)
	}
}

func TestOwner(t *testing.T) {
	tests := []struct {
		name, owners string
		want         mesh.Ref
	}{
		{"none", `[]`, mesh.Ref{}},
		{"only one that does not control", `[{apiVersion: apps/v1, kind: ReplicaSet, name: a}]`, mesh.Ref{}},
		{"the controlling one of two", `[{apiVersion: v1, kind: ConfigMap, name: a, controller: false}, {apiVersion: apps/v1, kind: ReplicaSet, name: b, controller: true}]`, mesh.Ref{Kind: "ReplicaSet", Namespace: "shop", Name: "b"}},
		{"a static pod's Node", `[{apiVersion: v1, kind: Node, name: node-a, controller: true}]`, mesh.Ref{Kind: "Node", Name: "node-a"}},
		{"a Gateway of the Gateway API", `[{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, name: wp, controller: true}]`, mesh.Ref{Kind: "Gateway", Namespace: "shop", Name: "wp"}},
		{"a Gateway of Istio", `[{apiVersion: networking.istio.io/v1, kind: Gateway, name: gw, controller: true}]`, mesh.Ref{Kind: "IstioGateway", Namespace: "shop", Name: "gw"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pod := decoded[*mesh.Workload](t, "{apiVersion: v1, kind: Pod, metadata: {namespace: shop, name: x, ownerReferences: "+tt.owners+"}}")
			if pod.Owner != tt.want {
				t.Errorf("owner %v, want %v", pod.Owner, tt.want)
			}
		})
	}
}

func TestLastChanges(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 23, hour, 0, 0, 0, time.UTC) }
	tests := []struct {
		name, entries string
		spec, status  mesh.Change
	}{
		{"nobody", `[]`, mesh.Change{}, mesh.Change{}},
		{
			"the newest of each counts",
			`[{manager: kubectl, time: "2026-11-23T08:00:00Z"}, {manager: helm, time: "2026-11-23T10:00:00Z"}, {manager: kubelet, subresource: status, time: "2026-11-23T11:00:00Z"}, {manager: argocd, time: "2026-11-23T09:00:00Z"}]`,
			mesh.Change{Manager: "helm", Time: at(10)},
			mesh.Change{Manager: "kubelet", Time: at(11)},
		},
		{
			"within one second the later entry counts",
			`[{manager: a, time: "2026-11-23T08:00:00Z"}, {manager: b, time: "2026-11-23T08:00:00Z"}]`,
			mesh.Change{Manager: "b", Time: at(8)},
			mesh.Change{},
		},
		{
			"fields that are nothing but status are status, also without a subresource",
			`[{manager: istiod, time: "2026-11-23T08:00:00Z", fieldsV1: {"f:status": {"f:conditions": {}}}}, {manager: kubectl, time: "2026-11-23T07:00:00Z", fieldsV1: {"f:spec": {}, "f:status": {}}}]`,
			mesh.Change{Manager: "kubectl", Time: at(7)},
			mesh.Change{Manager: "istiod", Time: at(8)},
		},
		{"another subresource is the spec", `[{manager: hpa, subresource: scale, time: "2026-11-23T08:00:00Z"}]`, mesh.Change{Manager: "hpa", Time: at(8)}, mesh.Change{}},
		{"an entry without a time tells nothing", `[{manager: old}]`, mesh.Change{}, mesh.Change{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := decoded[*mesh.Service](t, "{apiVersion: v1, kind: Service, metadata: {namespace: shop, name: x, managedFields: "+tt.entries+"}}")
			if o.SpecChange != tt.spec || o.StatusChange != tt.status {
				t.Errorf("spec %v and status %v, want %v and %v", o.SpecChange, o.StatusChange, tt.spec, tt.status)
			}
		})
	}
}
