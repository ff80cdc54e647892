package mesh

import "strconv"

// Labels and annotations of Istio ambient and the Gateway API.
const (
	LabelDataplaneMode        = "istio.io/dataplane-mode"
	LabelUseWaypoint          = "istio.io/use-waypoint"
	LabelUseWaypointNamespace = "istio.io/use-waypoint-namespace"
	LabelUseWaypointCanary    = "istio.io/use-waypoint-canary"
	LabelUseWaypointCanaryNS  = "istio.io/use-waypoint-canary-namespace"
	LabelWaypointFor          = "istio.io/waypoint-for"
	LabelIngressUseWaypoint   = "istio.io/ingress-use-waypoint"
	LabelRevision             = "istio.io/rev"
	LabelInjection            = "istio-injection"
	LabelGatewayName          = "gateway.networking.k8s.io/gateway-name"
	LabelGatewayManaged       = "gateway.istio.io/managed"
	LabelCanonicalName        = "service.istio.io/canonical-name"
	LabelCanonicalRevision    = "service.istio.io/canonical-revision"

	AnnotationRedirection    = "ambient.istio.io/redirection"
	AnnotationSidecarStatus  = "sidecar.istio.io/status"
	AnnotationCanaryWeight   = "istio.io/use-waypoint-canary-weight"
	AnnotationDryRun         = "istio.io/dry-run"
	AnnotationInboundBinding = "ambient.istio.io/waypoint-inbound-binding"
)

// Values of the labels above.
const (
	DataplaneAmbient = "ambient"
	DataplaneNone    = "none"
	// WaypointNone as a use-waypoint value opts out, also of the namespace's.
	WaypointNone = "none"
	// ManagedWaypoint is the value of LabelGatewayManaged on what istiod's mesh
	// controller made for a waypoint, ManagedEastWest for an east-west gateway.
	ManagedWaypoint = "istio.io-mesh-controller"
	ManagedEastWest = "istio.io-eastwest-controller"
)

// Ports of the ambient data plane.
const (
	PortHBONE = 15008
)

// IsTrue reads a switch in a label or annotation as istiod does
// (strconv.ParseBool): what is no boolean is off.
func IsTrue(value string) bool {
	on, err := strconv.ParseBool(value)
	return err == nil && on
}
