package kube

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// keptEnv are the variables Waylight reads from Istio's own components, by
// name or, with an underscore at the end, by prefix. Values of all other
// variables, and of all other workloads, never enter the process's memory:
// environments are where credentials live.
var keptEnv = []string{
	"AMBIENT_", // istiod's and istio-cni's ambient features
	"AUTHZ_POLICY_INFO_LOGGING",
	"BLOCKED_CIDRS_IN_JWKS_URIS",
	"CA_ADDRESS",
	"CA_TRUSTED_NODE_ACCOUNTS",
	"CLUSTER_ID",
	"DEBUG_ENDPOINT_AUTH_ALLOWED_NAMESPACES",
	"ENABLE_DEBUG_ENDPOINT_AUTH",
	"ENABLE_INGRESS_WAYPOINT_ROUTING",
	"ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES",
	"EXCLUDE_NAMESPACES",
	"HOST_PROBE_SNAT_IP",
	"HOST_PROBE_SNAT_IPV6",
	"ISTIO_META_CLUSTER_ID",
	"LOG_FORMAT",
	"NETWORK",
	"PILOT_", // istiod's feature flags
	"REVISION",
	"RUST_LOG",
	"XDS_ADDRESS",
}

// istioContainers are the containers whose variables are read, each known by
// its name and a label of its pod (charts istio-discovery, ztunnel and
// istio-cni).
var istioContainers = map[string]struct{ label, value string }{
	"discovery":   {"app", "istiod"},
	"istio-proxy": {"app", "ztunnel"},
	"install-cni": {"k8s-app", "istio-cni-node"},
}

// envOf keeps literal values only: what comes from a Secret, a ConfigMap or a
// field is not in the object.
func envOf(in *corev1.Container, labels map[string]string) map[string]string {
	component, ok := istioContainers[in.Name]
	if !ok || labels[component.label] != component.value {
		return nil
	}
	var out map[string]string
	for _, e := range in.Env {
		if e.ValueFrom != nil || !envKept(e.Name) {
			continue
		}
		if out == nil {
			out = make(map[string]string)
		}
		out[share(e.Name)] = share(bounded(e.Value, maxEnv))
	}
	return out
}

func envKept(name string) bool {
	for _, kept := range keptEnv {
		if name == kept || strings.HasSuffix(kept, "_") && strings.HasPrefix(name, kept) {
			return true
		}
	}
	return false
}
