package kube_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/kube"
)

func TestReadManifest(t *testing.T) {
	tests := []struct {
		name, text    string
		want, ignored []string
		err           string
	}{
		{"nothing", "", nil, nil, ""},
		{"a policy as kubectl prints it", object("security.istio.io/v1", "AuthorizationPolicy", "spec: {action: DENY}"), []string{"AuthorizationPolicy shop/x"}, nil, ""},
		{"several documents", "---\n" + aService + "\n---\n" + bService, []string{"Service shop/a", "Service shop/b"}, nil, ""},
		{"a kind Waylight does not read is named", `{"apiVersion":"v1","kind":"Secret","metadata":{"namespace":"shop","name":"s"}}` + aService, []string{"Service shop/a"}, []string{"Secret shop/s is of no kind that Waylight judges calls by"}, ""},
		{"an object without a namespace, which would be put nowhere", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n", nil, nil, "metadata.namespace is missing"},
		{"an object without a name", "apiVersion: v1\nkind: Service\nmetadata: {namespace: shop}\n", nil, nil, "metadata.name"},
		{"an object that stands there twice", aService + aService, nil, nil, "stands there twice"},
		{"what is no YAML", "kind: [", nil, nil, "document 1"},
		{"what is no object", "just words", nil, nil, "no object"},
		{"a namespace needs none", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n", []string{"Namespace shop"}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			objects, ignored, err := kube.Manifests{}.ReadManifest(tt.text)
			var got []string
			for _, o := range objects {
				got = append(got, o.Ref().String())
			}
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.ignored, ignored); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzReadManifest(f *testing.F) {
	f.Add(aService)
	f.Add("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		objects, ignored, err := kube.Manifests{}.ReadManifest(text)
		if err != nil && len(objects)+len(ignored) > 0 {
			t.Error("a manifest that cannot be read is read in part")
		}
		for _, o := range objects {
			if o.Ref().Name == "" {
				t.Error("an object without a name")
			}
		}
	})
}
