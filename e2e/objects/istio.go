package objects

import (
	security "istio.io/api/security/v1beta1"
	typev1beta1 "istio.io/api/type/v1beta1"
	istiosecurity "istio.io/client-go/pkg/apis/security/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// hbonePort is where a waypoint's listener must be.
const hbonePort = 15008

// Waypoint makes the Gateway that `istioctl waypoint apply` makes.
func Waypoint(namespace, name string) *gatewayv1.Gateway {
	return &gatewayv1.Gateway{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name, Labels: map[string]string{WaypointFor: "service"},
		},
		Spec: gatewayv1.GatewaySpec{
			GatewayClassName: "istio-waypoint",
			Listeners:        []gatewayv1.Listener{{Name: "mesh", Port: hbonePort, Protocol: "HBONE"}},
		},
	}
}

// AllowPolicy makes an AuthorizationPolicy that lets one principal call the pods with the label app=<app>.
func AllowPolicy(namespace, name, app, principal string) *istiosecurity.AuthorizationPolicy {
	return &istiosecurity.AuthorizationPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: security.AuthorizationPolicy{
			Selector: &typev1beta1.WorkloadSelector{MatchLabels: map[string]string{"app": app}},
			Action:   security.AuthorizationPolicy_ALLOW,
			Rules: []*security.Rule{{
				From: []*security.Rule_From{{Source: &security.Source{Principals: []string{principal}}}},
			}},
		},
	}
}
