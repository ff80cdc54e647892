package loader

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/waylight/waylight/e2e/objects"
)

// programmedWaypoint is a waypoint as istiod leaves it when all is well.
func programmedWaypoint(namespace string) *gatewayv1.Gateway {
	waypoint := objects.Waypoint(namespace, "waypoint")
	hostname := gatewayv1.HostnameAddressType
	waypoint.Status = gatewayv1.GatewayStatus{
		Addresses: []gatewayv1.GatewayStatusAddress{{Type: &hostname, Value: "waypoint." + namespace + ".svc.cluster.local"}},
		Conditions: []metav1.Condition{
			condition(gatewayv1.GatewayConditionAccepted, "Resource accepted"),
			condition(gatewayv1.GatewayConditionProgrammed, "Resource programmed"),
		},
	}
	return waypoint
}

func condition(kind gatewayv1.GatewayConditionType, message string) metav1.Condition {
	return metav1.Condition{
		Type: string(kind), Status: metav1.ConditionTrue, Reason: string(kind), Message: message,
		LastTransitionTime: metav1.NewTime(time.Now()),
	}
}
