package cluster

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/waylight/waylight/e2e/wait"
)

var crdKind = schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}

// InstallGatewayAPI installs the standard channel of the Gateway API as its Go module ships it.
func (c *Cluster) InstallGatewayAPI(t testing.TB) {
	t.Helper()
	c.installCRDs(t, "sigs.k8s.io/gateway-api", "config/crd/standard/gateway.networking.k8s.io_*.yaml")
}

// InstallIstio installs Istio's own kinds as the istio.io/api module ships them.
func (c *Cluster) InstallIstio(t testing.TB) {
	t.Helper()
	c.installCRDs(t, "istio.io/api", "kubernetes/customresourcedefinitions.gen.yaml")
}

// installCRDs applies the CustomResourceDefinitions in a module's files and waits until the API server serves them.
func (c *Cluster) installCRDs(t testing.TB, module, pattern string) {
	t.Helper()
	dir, err := moduleDir(module)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no file of %s matches %s: %v", module, pattern, err)
	}
	var installed []schema.GroupKind
	for _, file := range files {
		for _, object := range readManifest(t, file) {
			// The folder also has admission policies for upgrades, which a new cluster does not need.
			if object.GroupVersionKind() == crdKind {
				c.apply(t, object)
				installed = append(installed, definedBy(object))
			}
		}
	}
	wait.For(t, wait.Limit, "the API server serves the kinds of "+module, func() error { return c.served(installed) })
}

// definedBy answers the kind that a CustomResourceDefinition defines.
func definedBy(crd *unstructured.Unstructured) schema.GroupKind {
	group, _, _ := unstructured.NestedString(crd.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
	return schema.GroupKind{Group: group, Kind: kind}
}

// served asks the API server's discovery anew; a kind is listed there after it is established.
func (c *Cluster) served(kinds []schema.GroupKind) error {
	c.mapper.Reset()
	for _, kind := range kinds {
		if _, err := c.mapper.RESTMapping(kind); err != nil {
			return err
		}
	}
	return nil
}

func readManifest(t testing.TB, file string) []*unstructured.Unstructured {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := parseManifest(text)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return objects
}

// parseManifest reads a stream of YAML documents and leaves out the empty ones.
func parseManifest(text []byte) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := documents.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}
