package kube

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/waylight/waylight/mesh"
)

// convertConfigMap keeps istiod's mesh configuration and istio-cni's. The
// former is known by its key: injection templates and root certificates are
// called istio-… as well.
func convertConfigMap(o *corev1.ConfigMap, _ *checker) mesh.Object {
	if o.Name == "istio-cni-config" {
		config := readCNIConfig(o.Data)
		config.Meta = metaOf(corev1.GroupName, "ConfigMap", o)
		return config
	}
	revision, ok := strings.CutPrefix(o.Name, "istio")
	text, has := o.Data["mesh"]
	if !ok || !has || revision != "" && !strings.HasPrefix(revision, "-") {
		return nil
	}
	config := readMeshConfig(text)
	config.Meta = metaOf(corev1.GroupName, "ConfigMap", o)
	config.Revision = strings.TrimPrefix(revision, "-")
	return config
}
