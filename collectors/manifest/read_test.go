package manifest_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/manifest"
	"github.com/waylight/waylight/mesh"
)

const policy = `# rendered by a tool
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: orders
  annotations:
    istio.io/dry-run: "true"
spec:
  rules:
  - to:
    - operation: {methods: [GET]}
  - to:
    - operation:
        paths: [/x]
`

func read(t *testing.T, text string, options manifest.Options) *manifest.Set {
	t.Helper()
	s, err := manifest.Read([]string{manifest.Stdin}, strings.NewReader(text), options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func snapshot(s *manifest.Set) *mesh.Snapshot {
	a := collectors.NewAssembler(nil, time.Now)
	s.Load(a)
	return a.Snapshot()
}

func TestFormsOfManifests(t *testing.T) {
	one := `{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[{"port":80}]}}`
	tests := []struct {
		name, text string
		want       []string
	}{
		{"one object", policy, []string{"AuthorizationPolicy default/orders"}},
		{"several documents, one of them empty, one a comment", "---\n---\n# nothing\n---\n" + policy + "---\n" + one, []string{"AuthorizationPolicy default/orders", "Service default/web"}},
		{"JSON", one, []string{"Service default/web"}},
		{"a List in JSON", `{"apiVersion":"v1","kind":"List","items":[` + one + `]}`, []string{"Service default/web"}},
		{"a List in YAML", "apiVersion: v1\nkind: List\nitems:\n- " + one, []string{"Service default/web"}},
		{"an anchor beside its alias", "apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: &l {app: web}}\nspec: {selector: *l, ports: [{port: 80}]}\n", []string{"Service default/web"}},
		{"an empty namespace is none", "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: }\nspec: {ports: [{port: 80}]}\n", []string{"Service default/web"}},
		{"a kind without namespaces loses one", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, namespace: default}\n", []string{"Namespace shop"}},
		{"nothing", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := read(t, tt.text, manifest.Options{})
			var got []string
			for _, ref := range tt.want {
				kind, name, _ := strings.Cut(ref, " ")
				ns, name, in := strings.Cut(name, "/")
				if !in {
					ns, name = "", ns
				}
				if _, _, ok := s.Locate(mesh.Ref{Kind: kind, Namespace: ns, Name: name}, ""); ok {
					got = append(got, ref)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || s.Len() != len(tt.want) {
				t.Errorf("%d objects (-want +got):\n%s", s.Len(), diff)
			}
		})
	}
}

func TestBrokenManifestsAreNamedByFileAndLine(t *testing.T) {
	service := "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
	tests := []struct{ name, text, want string }{
		{"no YAML", "a: b\nc: [\n", "-:2: this is no YAML"},
		{"no YAML in the second document", "a: b\n---\nx: y\n  z: 1\n", "-:4: this is no YAML"},
		{"a template that nobody rendered", "{{- if .Values.x }}\nkind: Service\n{{- end }}\n", "-:1: this is no YAML"},
		{"a text", "hello\n", "-:1: this is no object"},
		{"no kind", "a: b\n", "-:1: Object without a readable name: its kind is missing"},
		{"a field of another type", "\n" + service + "spec: {ports: nothing}\n", "-:2: Service default/web: spec.ports is a string"},
		{"the same object twice", service + "---\n" + service, "-:5: Service default/web stands in -:1 already"},
		{"what kustomize reads", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", "-:1: this is what kustomize makes manifests of"},
		{"a version nobody serves", "apiVersion: gateway.networking.k8s.io/v9\nkind: Gateway\nmetadata: {name: a}\n", `-:1: Gateway a: version "v9"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := manifest.Read([]string{manifest.Stdin}, strings.NewReader(tt.text), manifest.Options{})
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is %v, want one line that begins with %q", err, tt.want)
			}
		})
	}
}

func TestFoldersAreReadWhole(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.yaml": policy, "deep/er/b.yml": "kind: ConfigMap\napiVersion: v1\nmetadata: {name: x, namespace: shop}\n", "README.md": "no manifest"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := manifest.Read([]string{dir}, nil, manifest.Options{})
	if err != nil || s.Files != 2 {
		t.Fatalf("%d files, %v", s.Files, err)
	}
	if _, err := manifest.Read([]string{t.TempDir()}, nil, manifest.Options{}); err == nil || !strings.Contains(err.Error(), "there is no .yaml") {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := manifest.Read([]string{filepath.Join(dir, "nothing")}, nil, manifest.Options{}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a path that does not exist: %v", err)
	}
}

func TestOtherKindsAreCounted(t *testing.T) {
	s := read(t, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b}\n---\napiVersion: x.y/v1\nkind: Odd\nmetadata: {name: c}\n", manifest.Options{})
	if want := map[string]int{"Secret": 2, "Odd": 1}; !maps.Equal(s.Others, want) || s.Len() != 0 {
		t.Errorf("others %v and %d kept, want %v and none", s.Others, s.Len(), want)
	}
}

func TestFieldsAreLocated(t *testing.T) {
	s := read(t, policy, manifest.Options{Namespace: "shop"})
	ref := mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "orders"}
	for field, want := range map[string]int{
		"":                                       2,
		"metadata.name":                          5,
		"metadata.namespace":                     4, // written nowhere: its parent is
		"metadata.labels[app]":                   4,
		"metadata.annotations[istio.io/dry-run]": 7,
		"spec.rules":                             9,
		"spec.rules[0]":                          10,
		"spec.rules[1].to[0].operation.paths":    14,
		"spec.rules[7]":                          9,
		"status.conditions[x]":                   2,
	} {
		file, line, ok := s.Locate(ref, field)
		if got := fmt.Sprint(file, ":", line, ok); got != fmt.Sprint("-:", want, true) {
			t.Errorf("%s is at %s, want line %d", field, got, want)
		}
	}
}

func TestWhatAClusterWouldAdd(t *testing.T) {
	deployment := "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a}]}}}\n"
	namespace := "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}\n"
	service := "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{port: 80}]}\n"
	s := snapshot(read(t, namespace+deployment+service, manifest.Options{}))
	sh := s.Shard("shop")
	if len(sh.Workloads) != 1 || !sh.Workloads[0].Captured() || sh.Workloads[0].Owner.Name != "web" {
		t.Errorf("the template stands for %+v, want one captured pod", sh.Workloads)
	}
	if sh.Services[0].Headless() || sh.Info.Labels["kubernetes.io/metadata.name"] != "shop" {
		t.Error("the Service has no address, or the Namespace no label of its name")
	}
	headless := snapshot(read(t, strings.Replace(service, "{ports", "{clusterIP: None, ports", 1), manifest.Options{}))
	if !headless.Shard("shop").Services[0].Headless() {
		t.Error("a headless Service got an address")
	}
	if w := snapshot(read(t, deployment, manifest.Options{})).Shard("shop").Workloads; len(w) != 1 || w[0].Captured() {
		t.Error("without the Namespace nobody knows whether pods are captured")
	}
}

func TestHowFarManifestsCanBeReliedOn(t *testing.T) {
	some := snapshot(read(t, policy, manifest.Options{}))
	all := snapshot(read(t, policy, manifest.Options{Complete: true}))
	for _, resource := range []string{mesh.ResourceServices, mesh.ResourceGateways} {
		if some.Readable(resource, "default") || !all.Readable(resource, "default") {
			t.Errorf("%s: readable %t, and %t where they are complete", resource, some.Readable(resource, "default"), all.Readable(resource, "default"))
		}
	}
	for _, resource := range []string{mesh.ResourcePods, mesh.ResourceEndpointSlices, mesh.ResourceServiceAccounts, mesh.ResourceGatewayClasses} {
		if all.Readable(resource, "default") {
			t.Errorf("%s are written by controllers, and count as read", resource)
		}
	}
}

// FuzzRead reads anything as a manifest.
func FuzzRead(f *testing.F) {
	f.Add(policy)
	f.Add("a: &a [*a]\n---\n{\"items\": [{}]}")
	f.Add("items: {a: b}\nkind: List")
	f.Fuzz(func(_ *testing.T, text string) {
		s, err := manifest.Read([]string{manifest.Stdin}, strings.NewReader(text), manifest.Options{})
		if err == nil {
			snapshot(s)
		}
	})
}
