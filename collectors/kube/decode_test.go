package kube_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waylight/waylight/collectors/kube"
	"github.com/waylight/waylight/mesh"
)

// documents decodes a text.
func documents(t *testing.T, text string) []kube.Document {
	t.Helper()
	var out []kube.Document
	if err := kube.ReadDocuments(strings.NewReader(text), func(d kube.Document) { out = append(out, d) }); err != nil {
		t.Fatalf("the text cannot be read: %v", err)
	}
	return out
}

// decoded is the one object of a YAML text.
func decoded[T mesh.Object](t *testing.T, text string) T {
	t.Helper()
	all := documents(t, text)
	if len(all) != 1 {
		t.Fatalf("got %d documents, want one", len(all))
	}
	if all[0].Err != nil {
		t.Fatal(all[0].Err)
	}
	o, ok := all[0].Object.(T)
	if !ok {
		t.Fatalf("decoded as %T, want %T", all[0].Object, o)
	}
	return o
}

// object is a namespaced object of what follows its metadata, in YAML lines or
// within braces.
func object(apiVersion, kind, body string) string {
	if rest, braces := strings.CutPrefix(body, "{"); braces {
		return "{apiVersion: " + apiVersion + ", kind: " + kind + ", metadata: {namespace: shop, name: x}, " + rest
	}
	return "apiVersion: " + apiVersion + "\nkind: " + kind + "\nmetadata: {namespace: shop, name: x}\n" + body
}

// sameButMeta compares objects without what they all share.
func sameButMeta(t *testing.T, got, want mesh.Object) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(mesh.Meta{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
}

func TestKindsAreComplete(t *testing.T) {
	seen := make(map[string]bool)
	for _, k := range kube.Kinds() {
		name := k.Plural
		if k.Group != "" {
			name += "." + k.Group
		}
		switch {
		case name != k.Resource:
			t.Errorf("%s is called %s as a source", name, k.Resource)
		case seen[k.Resource]:
			t.Errorf("%s is there twice", k.Resource)
		case len(k.Versions) == 0:
			t.Errorf("%s has no version", k.Resource)
		case (k.New == nil) != (k.Convert == nil):
			t.Errorf("%s has only one of New and Convert", k.Resource)
		case k.CRD && k.New != nil:
			t.Errorf("%s is a CRD with a generated type, which its JSON may not fit", k.Resource)
		}
		seen[k.Resource] = true
	}
}

// TestBothWaysAgree decodes an object of each built-in kind from JSON and
// through its generated type.
func TestBothWaysAgree(t *testing.T) {
	for _, k := range kube.Kinds() {
		if k.New == nil {
			continue
		}
		t.Run(k.Kind, func(t *testing.T) {
			// The name is one that ConfigMaps are kept under, the type one that
			// Events are.
			raw := `{"metadata":{"namespace":"shop","name":"istio-cni-config","labels":{"a":"b"}},"type":"Warning"}`
			if k.Kind != "Event" {
				raw = strings.Replace(raw, `,"type":"Warning"`, "", 1)
			}
			if !k.Namespaced {
				raw = strings.Replace(raw, `"namespace":"shop",`, "", 1)
			}
			typed := k.New()
			if err := json.Unmarshal([]byte(raw), typed); err != nil {
				t.Fatal(err)
			}
			byType, err := k.Convert(typed)
			if err != nil {
				t.Fatal(err)
			}
			byJSON, err := k.Decode([]byte(raw))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(byType, byJSON); diff != "" {
				t.Errorf("by type and by JSON (-type +json):\n%s", diff)
			}
			if want := k.Ref(byJSON.Metadata().Namespace, "istio-cni-config"); byJSON.Ref() != want {
				t.Errorf("decoded as %v, and Ref says %v", byJSON.Ref(), want)
			}
		})
	}
}

func TestConvertRefusesOtherTypes(t *testing.T) {
	kinds := kube.Kinds()
	if _, err := kinds[0].Convert(kinds[1].New()); err == nil {
		t.Error("a Node was converted as a Namespace")
	}
}

func TestErrorsNameObjectAndField(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"a wrong type in a pod", object("v1", "Pod", "spec: {hostNetwork: often}"), []string{"Pod shop/x", "spec.hostNetwork", "string"}},
		{"a wrong type in a policy", object("security.istio.io/v1", "AuthorizationPolicy", "spec: {rules: [{to: [{operation: {ports: [80]}}]}]}"), []string{"AuthorizationPolicy shop/x", "ports", "number"}},
		{"a port that is none", object("v1", "Service", "spec: {ports: [{port: 80}, {port: 99999}]}"), []string{"Service shop/x", "spec.ports[1].port", "99999"}},
		{"a port below zero", object("v1", "Service", "spec: {ports: [{port: -1}]}"), []string{"spec.ports[0].port", "-1"}},
		{"a container's port", object("v1", "Pod", "spec: {containers: [{name: app, ports: [{containerPort: 70000}]}]}"), []string{"containers[app].ports[0].containerPort"}},
		{"an amount that is none", object("v1", "Pod", "spec: {containers: [{name: app, resources: {limits: {cpu: lots}}}]}"), []string{"Pod shop/x"}},
		{"a duration that is none", object("networking.istio.io/v1", "VirtualService", "spec: {http: [{}, {timeout: soon}]}"), []string{"VirtualService shop/x", "spec.http[1].timeout", "soon"}},
		{"a port as a key", object("security.istio.io/v1", "PeerAuthentication", "spec: {portLevelMtls: {http: {mode: STRICT}}}"), []string{"spec.portLevelMtls", "http"}},
		{"an observedGeneration that is none", object("security.istio.io/v1", "PeerAuthentication", `status: {conditions: [{observedGeneration: "new"}]}`), []string{"observedGeneration", "new"}},
		{"no name", "apiVersion: v1\nkind: Pod\nmetadata: {namespace: shop}", []string{"Pod", "metadata.name"}},
		{"a name that is too long", "apiVersion: v1\nkind: Pod\nmetadata: {namespace: shop, name: " + strings.Repeat("x", 300) + "}", []string{"longer than a name"}},
		{"no namespace", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}", []string{"Pod x", "metadata.namespace"}},
		{"a namespace where there is none", object("v1", "Node", ""), []string{"Node shop/x", "metadata.namespace"}},
		{"metadata of another type", "apiVersion: v1\nkind: Pod\nmetadata: [x]", []string{"Pod without a readable name", "metadata"}},
		{"a version nobody knows", object("security.istio.io/v7", "AuthorizationPolicy", ""), []string{"AuthorizationPolicy shop/x", "v7", "v1beta1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all := documents(t, tt.text)
			if len(all) != 1 || all[0].Err == nil || all[0].Object != nil {
				t.Fatalf("got %+v, want one error", all)
			}
			for _, word := range tt.want {
				if !strings.Contains(all[0].Err.Error(), word) {
					t.Errorf("the error %q does not say %q", all[0].Err, word)
				}
			}
		})
	}
}
