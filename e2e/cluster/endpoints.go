package cluster

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// PublishEndpoints does what the EndpointSlice controller would do for a Service with these pods. Ready decides for all
// of them, which is how a test takes a waypoint's endpoints away and gives them back.
func (c *Cluster) PublishEndpoints(t testing.TB, service *corev1.Service, pods []*corev1.Pod, ready bool) {
	t.Helper()
	c.Apply(t, EndpointSlice(service, pods, ready))
}

// EndpointSlice makes the slice of a Service with the given pods.
func EndpointSlice(service *corev1.Service, pods []*corev1.Pod, ready bool) *discoveryv1.EndpointSlice {
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: service.Namespace, Name: service.Name + "-e2e",
			Labels: map[string]string{
				discoveryv1.LabelServiceName: service.Name,
				discoveryv1.LabelManagedBy:   "endpointslice-controller.k8s.io",
			},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
	}
	for _, port := range service.Spec.Ports {
		slice.Ports = append(slice.Ports, endpointPort(port))
	}
	for _, pod := range pods {
		slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
			Addresses:  []string{pod.Status.PodIP},
			Conditions: discoveryv1.EndpointConditions{Ready: &ready, Serving: &ready},
			NodeName:   &pod.Spec.NodeName,
			TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		})
	}
	return slice
}

// endpointPort resolves a Service's port to the pods' port; the tests use numbers only.
func endpointPort(port corev1.ServicePort) discoveryv1.EndpointPort {
	number, protocol := port.Port, corev1.ProtocolTCP
	if port.TargetPort.Type == intstr.Int && port.TargetPort.IntVal != 0 {
		number = port.TargetPort.IntVal
	}
	return discoveryv1.EndpointPort{Name: &port.Name, Port: &number, Protocol: &protocol}
}
