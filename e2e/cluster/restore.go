package cluster

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Restore writes an object that was read from another cluster, status and all. What belongs to that cluster alone is left
// out, and a node gets this cluster's kubelet.
func (c *Cluster) Restore(t testing.TB, object *unstructured.Unstructured) {
	t.Helper()
	object = object.DeepCopy()
	for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink"} {
		unstructured.RemoveNestedField(object.Object, "metadata", field)
	}
	if object.GetKind() == "Node" {
		c.serveFromKubelet(t, object)
	}
	c.apply(t, object)
	if hasStatus(object) {
		c.apply(t, statusOf(object), "status")
	}
}

// Lookup reads the object of the same kind, namespace and name.
func (c *Cluster) Lookup(t testing.TB, object *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	found, err := c.resource(t, object.GroupVersionKind(), object.GetNamespace()).Get(t.Context(), object.GetName(), metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (c *Cluster) serveFromKubelet(t testing.TB, object *unstructured.Unstructured) {
	t.Helper()
	mine := toUnstructured(t, c.node(object.GetName()))
	for _, field := range []string{"addresses", "daemonEndpoints"} {
		value, _, err := unstructured.NestedFieldCopy(mine.Object, "status", field)
		if err != nil {
			t.Fatal(err)
		}
		if err := unstructured.SetNestedField(object.Object, value, "status", field); err != nil {
			t.Fatal(err)
		}
	}
}
