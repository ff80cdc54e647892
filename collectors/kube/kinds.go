package kube

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/waylight/waylight/mesh"
)

// Kind is one Kubernetes resource Waylight reads.
type Kind struct {
	// Resource is the name of its source, one of mesh.Resource….
	Resource string
	// Kind is the Kubernetes kind, Plural its name in URLs.
	Kind          string
	Group, Plural string
	// Versions are those whose objects Decode understands, newest first. An
	// older one has the same shape as far as Waylight reads it.
	Versions   []string
	Namespaced bool
	// CRD tells that the kind comes with a CustomResourceDefinition and may be
	// absent from the cluster.
	CRD bool
	// FieldSelector narrows lists and watches, e.g. to Warning events.
	FieldSelector string
	// New makes an empty object of the kind's generated Go type, which
	// client-go's codecs (protobuf included) decode into, and Convert
	// translates it. Both are nil for kinds that are read from JSON only: CRDs
	// and the definitions of CRDs.
	New func() runtime.Object
	// Convert returns nil for an object Waylight does not keep, and an error
	// that names object and field for one it cannot read.
	Convert func(runtime.Object) (mesh.Object, error)

	decode func(raw []byte) (mesh.Object, error)
}

// Kinds lists every resource Waylight reads.
func Kinds() []Kind { return slices.Clone(kinds) }

// kindNamed finds the Kind of an object by group and kind.
func kindNamed(group, kind string) (Kind, bool) {
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Kind == kind && k.Group == group })
	if i < 0 {
		return Kind{}, false
	}
	return kinds[i], true
}

// Ref is the reference under which an object of this kind is kept, for
// deletions that tell no more than the name.
func (k Kind) Ref(namespace, name string) mesh.Ref {
	return mesh.Ref{Kind: refKind(k.Group, k.Kind), Namespace: namespace, Name: name}
}

// Decode reads one object written as JSON. Like Convert it returns nil for an
// object Waylight does not keep.
func (k Kind) Decode(raw []byte) (mesh.Object, error) {
	o, err := k.decode(raw)
	if err != nil || o == nil {
		return nil, err
	}
	switch r := o.Ref(); {
	case k.Namespaced && r.Namespace == "":
		return nil, fmt.Errorf("%s: metadata.namespace is missing", r)
	case !k.Namespaced && r.Namespace != "":
		return nil, fmt.Errorf("%s: metadata.namespace is set, and the kind has none", r)
	}
	return o, nil
}

var kinds = []Kind{
	builtin(mesh.ResourceNamespaces, "Namespace", "v1", convertNamespace).clusterScoped(),
	builtin(mesh.ResourceNodes, "Node", "v1", convertNode).clusterScoped(),
	builtin(mesh.ResourcePods, "Pod", "v1", convertPod),
	builtin(mesh.ResourceServices, "Service", "v1", convertService),
	builtin(mesh.ResourceServiceAccounts, "ServiceAccount", "v1", convertServiceAccount),
	builtin(mesh.ResourceConfigMaps, "ConfigMap", "v1", convertConfigMap),
	builtin(mesh.ResourceEvents, "Event", "v1", convertEvent).selecting("type=" + corev1.EventTypeWarning),
	builtin(mesh.ResourceEndpointSlices, "EndpointSlice", "v1", convertEndpointSlice),
	builtin(mesh.ResourceDeployments, "Deployment", "v1", convertDeployment),
	builtin(mesh.ResourceStatefulSets, "StatefulSet", "v1", convertStatefulSet),
	builtin(mesh.ResourceDaemonSets, "DaemonSet", "v1", convertDaemonSet),
	builtin(mesh.ResourceReplicaSets, "ReplicaSet", "v1", convertReplicaSet),
	builtin(mesh.ResourceJobs, "Job", "v1", convertJob),
	builtin(mesh.ResourceCronJobs, "CronJob", "v1", convertCronJob),
	builtin(mesh.ResourceAutoscalers, "HorizontalPodAutoscaler", "v2", convertAutoscaler),
	builtin(mesh.ResourceDisruptionBudgets, "PodDisruptionBudget", "v1", convertDisruptionBudget),
	builtin(mesh.ResourceNetworkPolicies, "NetworkPolicy", "v1", convertNetworkPolicy),
	jsonOnly(mesh.ResourceCRDs, "CustomResourceDefinition", convertDefinition, "v1").clusterScoped(),
	custom(mesh.ResourceGatewayClasses, "GatewayClass", convertGatewayClass, "v1", "v1beta1").clusterScoped(),
	custom(mesh.ResourceGateways, "Gateway", convertGateway, "v1", "v1beta1"),
	custom(mesh.ResourceHTTPRoutes, "HTTPRoute", convertHTTPRoute, "v1", "v1beta1"),
	custom(mesh.ResourceGRPCRoutes, "GRPCRoute", convertGRPCRoute, "v1", "v1alpha2"),
	custom(mesh.ResourceTCPRoutes, "TCPRoute", convertTCPRoute, "v1", "v1alpha2"),
	custom(mesh.ResourceTLSRoutes, "TLSRoute", convertTLSRoute, "v1", "v1alpha3", "v1alpha2"),
	custom(mesh.ResourceReferenceGrants, "ReferenceGrant", convertReferenceGrant, "v1", "v1beta1", "v1alpha2"),
	custom(mesh.ResourceServiceEntries, "ServiceEntry", convertServiceEntry, "v1", "v1beta1", "v1alpha3"),
	custom(mesh.ResourceWorkloadEntries, "WorkloadEntry", convertWorkloadEntry, "v1", "v1beta1", "v1alpha3"),
	custom(mesh.ResourceVirtualServices, "VirtualService", convertVirtualService, "v1", "v1beta1", "v1alpha3"),
	custom(mesh.ResourceDestinationRules, "DestinationRule", convertDestinationRule, "v1", "v1beta1", "v1alpha3"),
	custom(mesh.ResourceIstioGateways, "Gateway", convertIstioGateway, "v1", "v1beta1", "v1alpha3"),
	custom(mesh.ResourceEnvoyFilters, "EnvoyFilter", convertEnvoyFilter, "v1alpha3"),
	custom(mesh.ResourceAuthorizationPolicies, "AuthorizationPolicy", convertAuthorizationPolicy, "v1", "v1beta1"),
	custom(mesh.ResourcePeerAuthentications, "PeerAuthentication", convertPeerAuthentication, "v1", "v1beta1"),
	custom(mesh.ResourceRequestAuthentications, "RequestAuthentication", convertRequestAuthentication, "v1", "v1beta1"),
	custom(mesh.ResourceTelemetries, "Telemetry", convertTelemetry, "v1", "v1alpha1"),
	custom(mesh.ResourceWasmPlugins, "WasmPlugin", convertWasmPlugin, "v1alpha1"),
	custom(mesh.ResourceTrafficExtensions, "TrafficExtension", convertTrafficExtension, "v1alpha1"),
}
