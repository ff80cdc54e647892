package cluster

import (
	"encoding/json"
	"testing"

	istionetworking "istio.io/client-go/pkg/apis/networking/v1"
	istiosecurity "istio.io/client-go/pkg/apis/security/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// manager is the field manager under which the tests write, as it appears in managedFields.
const manager = "e2e"

// kinds knows which API group, version and kind each Go type of a test's objects is.
var kinds = newKinds()

func newKinds() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		scheme.AddToScheme, gatewayv1.Install, istiosecurity.AddToScheme, istionetworking.AddToScheme,
	} {
		if err := add(s); err != nil {
			panic(err) // two types for one kind: a mistake in this list
		}
	}
	return s
}

// Object is a Kubernetes object of any kind as its Go type.
type Object interface {
	runtime.Object
	metav1.Object
}

// Apply writes objects as `kubectl apply --server-side` does: it creates what is not there and changes what is, and
// reads the answer back into the object, so that it has a UID. A status is written too, see ApplyStatus.
func (c *Cluster) Apply(t testing.TB, objects ...Object) {
	t.Helper()
	for _, object := range objects {
		content := toUnstructured(t, object)
		written := c.apply(t, content)
		if hasStatus(content) {
			written = c.apply(t, statusOf(content), "status")
		}
		fill(t, object, written)
	}
}

// ApplyStatus writes only the status of an object, through the status subresource as a kubelet or a controller does.
func (c *Cluster) ApplyStatus(t testing.TB, object Object) {
	t.Helper()
	c.apply(t, statusOf(toUnstructured(t, object)), "status")
}

func (c *Cluster) apply(t testing.TB, content *unstructured.Unstructured, subresources ...string) *unstructured.Unstructured {
	t.Helper()
	client := c.resource(t, content.GroupVersionKind(), content.GetNamespace())
	options := metav1.ApplyOptions{FieldManager: manager, Force: true}
	written, err := client.Apply(t.Context(), content.GetName(), content, options, subresources...)
	if err != nil {
		t.Fatalf("apply %s %s/%s %s: %v", content.GetKind(), content.GetNamespace(), content.GetName(), subresources, err)
	}
	return written
}

func hasStatus(content *unstructured.Unstructured) bool {
	status, _ := content.Object["status"].(map[string]any)
	return len(status) > 0
}

// statusOf is the object without its spec, which the status subresource does not take.
func statusOf(content *unstructured.Unstructured) *unstructured.Unstructured {
	only := &unstructured.Unstructured{Object: map[string]any{"status": content.Object["status"]}}
	only.SetGroupVersionKind(content.GroupVersionKind())
	only.SetNamespace(content.GetNamespace())
	only.SetName(content.GetName())
	return only
}

// Get reads the object with the name and namespace of object into it.
func (c *Cluster) Get(t testing.TB, object Object) error {
	t.Helper()
	content, err := c.client(t, object).Get(t.Context(), object.GetName(), metav1.GetOptions{})
	if err != nil {
		return err
	}
	fill(t, object, content)
	return nil
}

// Delete removes an object at once.
func (c *Cluster) Delete(t testing.TB, object Object) {
	t.Helper()
	now := int64(0)
	options := metav1.DeleteOptions{GracePeriodSeconds: &now}
	if err := c.client(t, object).Delete(t.Context(), object.GetName(), options); err != nil {
		t.Fatal(err)
	}
}

// Label sets one label of an object, as `kubectl label --overwrite` does.
func (c *Cluster) Label(t testing.TB, object Object, key, value string) {
	t.Helper()
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": map[string]string{key: value}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.client(t, object).Patch(t.Context(), object.GetName(), types.MergePatchType, patch, metav1.PatchOptions{FieldManager: manager})
	if err != nil {
		t.Fatal(err)
	}
}

func (c *Cluster) client(t testing.TB, object Object) dynamic.ResourceInterface {
	t.Helper()
	return c.resource(t, kindOf(t, object), object.GetNamespace())
}

// resource answers the client for a kind, under the plural that the API server itself says.
func (c *Cluster) resource(t testing.TB, kind schema.GroupVersionKind, namespace string) dynamic.ResourceInterface {
	t.Helper()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		t.Fatal(err)
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return c.dynamic.Resource(mapping.Resource)
	}
	return c.dynamic.Resource(mapping.Resource).Namespace(namespace)
}

// fill reads what the API server answered into the object's Go type.
func fill(t testing.TB, object Object, content *unstructured.Unstructured) {
	t.Helper()
	text, err := content.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, object); err != nil {
		t.Fatal(err)
	}
}

func kindOf(t testing.TB, object Object) schema.GroupVersionKind {
	t.Helper()
	found, _, err := kinds.ObjectKinds(object)
	if err != nil {
		t.Fatal(err)
	}
	return found[0]
}

// toUnstructured goes by way of JSON, because Istio's types have a JSON form of their own.
func toUnstructured(t testing.TB, object Object) *unstructured.Unstructured {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	content := &unstructured.Unstructured{}
	if err := json.Unmarshal(text, &content.Object); err != nil {
		t.Fatal(err)
	}
	content.SetGroupVersionKind(kindOf(t, object))
	content.SetManagedFields(nil)
	return content
}
