package recording

import (
	"encoding/json"
	"path"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/kubelet"
	"github.com/waylight/waylight/e2e/proxies"
)

// ofTheServer are objects that an API server has by itself.
var ofTheServer = map[string]bool{
	"Namespace default": true, "Namespace kube-system": true, "Namespace kube-public": true, "Namespace kube-node-lease": true,
	"Service default/kubernetes": true, "EndpointSlice default/kubernetes": true,
}

// Revive writes the objects into the cluster and puts the proxies, and every log, behind the kubelet.
func (r *Recording) Revive(t testing.TB, c *cluster.Cluster, k *kubelet.Kubelet) {
	t.Helper()
	for _, kind := range r.kinds() {
		for _, object := range r.objects(t, kind) {
			c.Restore(t, object)
		}
	}
	r.learnIdentities(t, c)
	pods := r.proxies(t)
	for name, containers := range r.logs(t) {
		pod := pods[name]
		pod.Containers = containers
		pods[name] = pod
	}
	for name, pod := range pods {
		namespace, name, _ := strings.Cut(name, "/")
		k.Run(namespace, name, pod)
	}
}

// proxies are the pods that were asked, by namespace/name, with what they answered.
func (r *Recording) proxies(t testing.TB) map[string]kubelet.Pod {
	t.Helper()
	pods := make(map[string]kubelet.Pod)
	for _, node := range r.below("ztunnel") {
		dir := "ztunnel/" + node
		pods[path.Join(cluster.SystemNamespace, r.ztunnelOn(t, node))] = proxies.Ztunnel(t, r.File(t, dir+"/config_dump.json"), r.newest(t, dir+"/metrics"))
	}
	for _, namespace := range r.below("envoy") {
		for _, pod := range r.below("envoy/" + namespace) {
			dir := path.Join("envoy", namespace, pod)
			pods[path.Join(namespace, pod)] = proxies.Envoy(t, r.File(t, dir+"/config_dump.json"), r.File(t, dir+"/clusters.json"), r.newest(t, dir+"/metrics"))
		}
	}
	for _, pod := range r.below("istiod") {
		pods[path.Join(cluster.SystemNamespace, pod)] = proxies.Istiod(t, r.File(t, "istiod/"+pod+"/syncz.json"))
	}
	return pods
}

// kinds are the files with objects, namespaces first, since everything else lies in them. Definitions of kinds are the
// cluster's own.
func (r *Recording) kinds() []string {
	kinds := []string{"namespaces.json"}
	for _, kind := range r.below("objects") {
		if kind != "namespaces.json" && kind != "customresourcedefinitions.json" {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func (r *Recording) objects(t testing.TB, kind string) []*unstructured.Unstructured {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	if err := json.Unmarshal(r.files["objects/"+kind], list); err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	var objects []*unstructured.Unstructured
	for i := range list.Items {
		object := &list.Items[i]
		if !ofTheServer[object.GetKind()+" "+strings.TrimPrefix(object.GetNamespace()+"/"+object.GetName(), "/")] {
			objects = append(objects, object)
		}
	}
	return objects
}

// learnIdentities asks for the UIDs of the pods, by which a ztunnel names those of its node.
func (r *Recording) learnIdentities(t testing.TB, c *cluster.Cluster) {
	t.Helper()
	for _, recorded := range r.objects(t, "pods.json") {
		now := c.Lookup(t, recorded)
		r.uids[string(recorded.GetUID())] = string(now.GetUID())
	}
}

// ztunnelOn is the name of the ztunnel pod of a node.
func (r *Recording) ztunnelOn(t testing.TB, node string) string {
	t.Helper()
	for _, pod := range r.objects(t, "pods.json") {
		on, _, _ := unstructured.NestedString(pod.Object, "spec", "nodeName")
		if on == node && pod.GetLabels()["app"] == "ztunnel" {
			return pod.GetName()
		}
	}
	t.Fatalf("the recording has no ztunnel on %s", node)
	return ""
}
