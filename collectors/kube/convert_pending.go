package kube

import (
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/waylight/waylight/mesh"
)

type plain struct {
	metav1.TypeMeta
	metav1.ObjectMeta `json:"metadata"`
}

func convertNamespace(o *corev1.Namespace, _ *checker) mesh.Object {
	return &mesh.Namespace{Meta: metaOf("", "Namespace", o)}
}

func convertNode(o *corev1.Node, _ *checker) mesh.Object {
	return &mesh.Node{Meta: metaOf("", "Node", o)}
}

func convertPod(o *corev1.Pod, _ *checker) mesh.Object {
	return &mesh.Workload{Meta: metaOf("", "Pod", o)}
}

func convertService(o *corev1.Service, _ *checker) mesh.Object {
	return &mesh.Service{Meta: metaOf("", "Service", o)}
}

func convertServiceAccount(o *corev1.ServiceAccount, _ *checker) mesh.Object {
	return &mesh.ServiceAccount{Meta: metaOf("", "ServiceAccount", o)}
}

func convertConfigMap(o *corev1.ConfigMap, _ *checker) mesh.Object {
	return &mesh.MeshConfig{Meta: metaOf("", "ConfigMap", o)}
}

func convertEvent(o *corev1.Event, _ *checker) mesh.Object {
	return &mesh.Event{Meta: metaOf("", "Event", o)}
}

func convertEndpointSlice(o *discoveryv1.EndpointSlice, _ *checker) mesh.Object {
	return &mesh.EndpointSlice{Meta: metaOf("discovery.k8s.io", "EndpointSlice", o)}
}

func convertDeployment(o *appsv1.Deployment, _ *checker) mesh.Object {
	return &mesh.Controller{Meta: metaOf("apps", "Deployment", o)}
}

func convertStatefulSet(o *appsv1.StatefulSet, _ *checker) mesh.Object {
	return &mesh.Controller{Meta: metaOf("apps", "StatefulSet", o)}
}

func convertDaemonSet(o *appsv1.DaemonSet, _ *checker) mesh.Object {
	return &mesh.Controller{Meta: metaOf("apps", "DaemonSet", o)}
}

func convertReplicaSet(o *appsv1.ReplicaSet, _ *checker) mesh.Object {
	return &mesh.Controller{Meta: metaOf("apps", "ReplicaSet", o)}
}

func convertJob(o *batchv1.Job, _ *checker) mesh.Object {
	return &mesh.Controller{Meta: metaOf("batch", "Job", o)}
}

func convertCronJob(o *batchv1.CronJob, _ *checker) mesh.Object {
	return &mesh.Controller{Meta: metaOf("batch", "CronJob", o)}
}

func convertAutoscaler(o *autoscalingv2.HorizontalPodAutoscaler, _ *checker) mesh.Object {
	return &mesh.Autoscaler{Meta: metaOf("autoscaling", "HorizontalPodAutoscaler", o)}
}

func convertDisruptionBudget(o *policyv1.PodDisruptionBudget, _ *checker) mesh.Object {
	return &mesh.DisruptionBudget{Meta: metaOf("policy", "PodDisruptionBudget", o)}
}

func convertNetworkPolicy(o *networkingv1.NetworkPolicy, _ *checker) mesh.Object {
	return &mesh.NetworkPolicy{Meta: metaOf("networking.k8s.io", "NetworkPolicy", o)}
}

func convertGatewayClass(o *gatewayv1.GatewayClass, _ *checker) mesh.Object {
	return &mesh.GatewayClass{Meta: metaOf("g", "GatewayClass", o)}
}

func convertGateway(o *gatewayv1.Gateway, _ *checker) mesh.Object {
	return &mesh.Gateway{Meta: metaOf("g", "Gateway", o)}
}

func convertHTTPRoute(o *gatewayv1.HTTPRoute, _ *checker) mesh.Object {
	return &mesh.Route{Meta: metaOf("g", "HTTPRoute", o)}
}

func convertGRPCRoute(o *gatewayv1.GRPCRoute, _ *checker) mesh.Object {
	return &mesh.Route{Meta: metaOf("g", "GRPCRoute", o)}
}

func convertTCPRoute(o *gatewayv1.TCPRoute, _ *checker) mesh.Object {
	return &mesh.Route{Meta: metaOf("g", "TCPRoute", o)}
}

func convertTLSRoute(o *gatewayv1.TLSRoute, _ *checker) mesh.Object {
	return &mesh.Route{Meta: metaOf("g", "TLSRoute", o)}
}

func convertReferenceGrant(o *gatewayv1.ReferenceGrant, _ *checker) mesh.Object {
	return &mesh.ReferenceGrant{Meta: metaOf("g", "ReferenceGrant", o)}
}

func convertDefinition(o *plain, _ *checker) mesh.Object {
	return &mesh.CustomResourceDefinition{Meta: metaOf("networking.istio.io", "Definition", o)}
}

func convertServiceEntry(o *plain, _ *checker) mesh.Object {
	return &mesh.ServiceEntry{Meta: metaOf("networking.istio.io", "ServiceEntry", o)}
}

func convertWorkloadEntry(o *plain, _ *checker) mesh.Object {
	return &mesh.Workload{Meta: metaOf("networking.istio.io", "WorkloadEntry", o)}
}

func convertVirtualService(o *plain, _ *checker) mesh.Object {
	return &mesh.Route{Meta: metaOf("networking.istio.io", "VirtualService", o)}
}

func convertDestinationRule(o *plain, _ *checker) mesh.Object {
	return &mesh.DestinationRule{Meta: metaOf("networking.istio.io", "DestinationRule", o)}
}

func convertIstioGateway(o *plain, _ *checker) mesh.Object {
	return &mesh.IstioGateway{Meta: metaOf("networking.istio.io", "Gateway", o)}
}

func convertEnvoyFilter(o *plain, _ *checker) mesh.Object {
	return &mesh.EnvoyFilter{Meta: metaOf("networking.istio.io", "EnvoyFilter", o)}
}

func convertAuthorizationPolicy(o *plain, _ *checker) mesh.Object {
	return &mesh.AuthorizationPolicy{Meta: metaOf("networking.istio.io", "AuthorizationPolicy", o)}
}

func convertPeerAuthentication(o *plain, _ *checker) mesh.Object {
	return &mesh.PeerAuthentication{Meta: metaOf("networking.istio.io", "PeerAuthentication", o)}
}

func convertRequestAuthentication(o *plain, _ *checker) mesh.Object {
	return &mesh.RequestAuthentication{Meta: metaOf("networking.istio.io", "RequestAuthentication", o)}
}

func convertTelemetry(o *plain, _ *checker) mesh.Object {
	return &mesh.Telemetry{Meta: metaOf("networking.istio.io", "Telemetry", o)}
}

func convertWasmPlugin(o *plain, _ *checker) mesh.Object {
	return &mesh.WasmPlugin{Meta: metaOf("networking.istio.io", "WasmPlugin", o)}
}
