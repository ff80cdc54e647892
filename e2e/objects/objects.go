// Package objects builds the Kubernetes objects that a test's user would write: namespaces, Deployments, Services,
// waypoints and policies. What the cluster itself would add (pods, endpoints, statuses) is in package cluster.
package objects

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Labels by which things join an ambient mesh.
const (
	DataplaneMode = "istio.io/dataplane-mode"
	UseWaypoint   = "istio.io/use-waypoint"
	WaypointFor   = "istio.io/waypoint-for"
)

// AppPort is the port that every application of the tests listens on; its Services offer it as port 80.
const AppPort = 8080

// Namespace makes a namespace with labels.
func Namespace(name string, labels map[string]string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

// AmbientNamespace makes a namespace that asks to be in the mesh and names a waypoint; an empty waypoint names none.
func AmbientNamespace(name, waypoint string) *corev1.Namespace {
	labels := map[string]string{DataplaneMode: "ambient"}
	if waypoint != "" {
		labels[UseWaypoint] = waypoint
	}
	return Namespace(name, labels)
}

// Deployment makes an application with one container and a ServiceAccount name of its own, whose pods carry the label
// app=<name>.
func Deployment(namespace, name string, replicas int32) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					ServiceAccountName: name,
					Containers: []corev1.Container{{
						Name:  "app",
						Image: "registry.example/" + name + ":1",
						Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: AppPort}},
					}},
				},
			},
		},
	}
}

// Service makes a Service for the pods of the Deployment of the same name.
func Service(namespace, name string) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"app": name}},
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{"app": name},
			Ports:    []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(AppPort)}},
		},
	}
}
