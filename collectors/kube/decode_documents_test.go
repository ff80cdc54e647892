package kube_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/kube"
)

const (
	aService = `{"apiVersion":"v1","kind":"Service","metadata":{"namespace":"shop","name":"a"}}`
	bService = `{"apiVersion":"v1","kind":"Service","metadata":{"namespace":"shop","name":"b"}}`
)

func TestReadDocuments(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"only space", " \n\n", nil},
		{"one object", aService, []string{"Service shop/a"}},
		{"objects one after the other", aService + "\n" + bService, []string{"Service shop/a", "Service shop/b"}},
		{"a List", `{"apiVersion":"v1","kind":"List","items":[` + aService + "," + bService + `],"metadata":{}}`, []string{"Service shop/a", "Service shop/b"}},
		{"a List whose kind comes last", `{"items":[` + aService + `],"kind":"List","apiVersion":"v1"}`, []string{"Service shop/a"}},
		{"an empty List as Go writes it", `{"apiVersion":"v1","kind":"List","items":null}`, nil},
		{"a typed list whose items leave the type out", `{"kind":"ServiceList","apiVersion":"v1","items":[{"metadata":{"namespace":"shop","name":"a"}}]}`, []string{"Service shop/a"}},
		{"YAML", "apiVersion: v1\nkind: Service\nmetadata:\n  namespace: shop\n  name: a\n", []string{"Service shop/a"}},
		{"YAML documents with nothing between", "---\n# a comment\n---\n" + aService + "\n---\n---\n" + bService, []string{"Service shop/a", "Service shop/b"}},
		{"a YAML List", "apiVersion: v1\nkind: List\nitems:\n- " + aService + "\n- " + bService, []string{"Service shop/a", "Service shop/b"}},
		{"kinds Waylight does not read", `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"}}` + aService, []string{"", "Service shop/a"}},
		{"a Gateway of each group", object("gateway.networking.k8s.io/v1", "Gateway", "") + "---\n" + object("networking.istio.io/v1", "Gateway", ""), []string{"Gateway shop/x", "IstioGateway shop/x"}},
		{"a ConfigMap of no interest", object("v1", "ConfigMap", "data: {a: b}"), []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, d := range documents(t, tt.text) {
				if d.Err != nil {
					t.Error(d.Err)
				}
				name := ""
				if d.Object != nil {
					name = d.Object.Ref().String()
				}
				got = append(got, name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOneBadObjectCostsOnlyItself(t *testing.T) {
	bad := `{"apiVersion":"v1","kind":"Service","metadata":{"namespace":"shop","name":"bad"},"spec":{"ports":"none"}}`
	for _, text := range []string{
		aService + bad + bService,
		`{"kind":"List","items":[` + aService + "," + bad + "," + bService + `]}`,
		"---\n" + aService + "\n---\n" + bad + "\n---\n" + bService,
		`{"kind":"List","items":[` + aService + `,7,` + bService + `]}`,
		`{"kind":"List","items":[` + aService + `,{"metadata":{"name":"what"}},` + bService + `]}`,
		`{"kind":"List","items":[` + aService + `,{"kind":"List","items":[]},` + bService + `]}`,
	} {
		good, failed := 0, 0
		for _, d := range documents(t, text) {
			if d.Object != nil {
				good++
			}
			if d.Err != nil {
				failed++
			}
		}
		if good != 2 || failed != 1 {
			t.Errorf("%d read and %d failed, want 2 and 1, in %s", good, failed, text)
		}
	}
}

func TestTextThatEndsTheReading(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"cut off in an object", aService + bService[:40], "ends in the middle"},
		{"cut off in a List", `{"kind":"List","items":[` + aService + "," + bService[:40], "ends in the middle"},
		{"cut off between items", `{"kind":"List","items":[` + aService + ",", "ends in the middle"},
		{"no object", aService + "[1,2]", "no object"},
		{"items that are no list", `{"kind":"List","items":{}}`, "no list"},
		{"broken JSON", aService + "{]", "at byte"},
		{"broken YAML", "a: b\n---\na: [\n", "document 2"},
		{"YAML that is a scalar", "hello", "document 1"},
		{"YAML that expands", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n", "document 1"},
		{"an object longer than any can be", `{"a":"` + strings.Repeat("x", 33<<20) + `"}`, "longer than 16 MiB"},
		{"a YAML document that takes too much memory", "a:\n" + strings.Repeat("- b\n", 2<<20), "longer than 4 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := kube.ReadDocuments(strings.NewReader(tt.text), func(kube.Document) {})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func TestObjectsBeforeTheEndCount(t *testing.T) {
	n := 0
	err := kube.ReadDocuments(strings.NewReader(`{"kind":"List","items":[`+aService+","+bService+`,{"api`), func(kube.Document) { n++ })
	if err == nil || n != 2 {
		t.Errorf("%d objects and error %v, want two and an error", n, err)
	}
}

// TestLongLists has more objects than one may have bytes.
func TestLongLists(t *testing.T) {
	item := `{"apiVersion":"v1","kind":"Secret","data":"` + strings.Repeat("x", 1<<20) + `"}`
	text := `{"kind":"List","items":[` + strings.Repeat(item+",", 40) + item + `]}`
	n := 0
	if err := kube.ReadDocuments(strings.NewReader(text), func(kube.Document) { n++ }); err != nil || n != 41 {
		t.Errorf("%d objects, error %v", n, err)
	}
}

func TestReaderErrorsAreToldAsTheyAre(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, before := range []string{"", aService[:20], aService, "a: b\n"} {
		r := io.MultiReader(strings.NewReader(before), iotest.ErrReader(broken))
		if err := kube.ReadDocuments(r, func(kube.Document) {}); !errors.Is(err, broken) {
			t.Errorf("after %q the error is %v", before, err)
		}
	}
}
