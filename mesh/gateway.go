package mesh

import (
	"strconv"
	"strings"
)

// GatewayClass of the Gateway API.
type GatewayClass struct {
	Meta
	ControllerName string
	Conditions     Conditions
}

// Gateway of the Gateway API: a waypoint, an ingress, an egress or an
// east-west gateway. Which one, Role tells.
type Gateway struct {
	Meta
	Class      string
	Listeners  []Listener
	Addresses  []GatewayAddress // status.addresses
	Asked      []GatewayAddress // spec.addresses
	Conditions Conditions
}

// GatewayAddress is one address with its type: IPAddress or Hostname.
type GatewayAddress struct{ Type, Value string }

// Listener of a Gateway, spec and status together.
type Listener struct {
	Name, Protocol, Hostname string
	Port                     uint16
	// From is allowedRoutes.namespaces.from: Same (also when absent), All,
	// Selector or None.
	From     string
	Selector *LabelSelector
	// AttachedRoutes and Conditions come from status; -1 when status has none.
	AttachedRoutes int32
	Conditions     Conditions
}

// GatewayRole is what a Gateway is for.
type GatewayRole string

// The roles. A class is enough for Istio's own; a foreign class counts as a
// waypoint when it has the HBONE listener waypoints have.
const (
	RoleWaypoint GatewayRole = "waypoint"
	RoleIngress  GatewayRole = "ingress"
	RoleEastWest GatewayRole = "east-west"
)

// Names of Istio's gateway classes.
const (
	ClassWaypoint             = "istio-waypoint"
	ClassAgentgatewayWaypoint = "istio-agentgateway-waypoint"
	ClassEastWest             = "istio-east-west"
	ControllerMesh            = "istio.io/mesh-controller"
)

// Role tells what the Gateway is for (istio.md C.6).
func (g *Gateway) Role() GatewayRole {
	switch g.Class {
	case ClassWaypoint, ClassAgentgatewayWaypoint:
		return RoleWaypoint
	case ClassEastWest:
		return RoleEastWest
	}
	if g.HBONEListener() != nil || g.Annotations[AnnotationInboundBinding] != "" {
		return RoleWaypoint
	}
	return RoleIngress
}

// HBONEListener is the listener by which waypoints are known: protocol HBONE
// on 15008 (istio.md C.1.5). Nil if there is none.
func (g *Gateway) HBONEListener() *Listener {
	for i := range g.Listeners {
		if l := &g.Listeners[i]; l.Protocol == "HBONE" && l.Port == PortHBONE {
			return l
		}
	}
	return nil
}

// inboundBinding reads the annotation by which foreign waypoints say how they
// are reached, "PROTOCOL" or "PROTOCOL/PORT" with protocol PROXY or NONE. ok is
// false where there is none or it cannot be read, as istiod takes it.
func inboundBinding(annotation string) (protocol string, port uint16, ok bool) {
	protocol, number, hasPort := strings.Cut(annotation, "/")
	if protocol != "PROXY" && protocol != "NONE" || strings.Contains(number, "/") {
		return "", 0, false
	}
	if hasPort {
		n, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			return protocol, 0, true
		}
		port = uint16(n)
	}
	return protocol, port, true
}

// listenerProxy is the protocol of a listener that takes PROXY headers.
const listenerProxy = "istio.io/PROXY"

// boundListener is the listener an inbound binding names: by its port, else
// by the PROXY protocol. Nil if there is none.
func (g *Gateway) boundListener(annotation string) *Listener {
	protocol, port, ok := inboundBinding(annotation)
	if !ok {
		return nil
	}
	for i := range g.Listeners {
		l := &g.Listeners[i]
		if port != 0 && l.Port == port || port == 0 && protocol == "PROXY" && l.Protocol == listenerProxy {
			return l
		}
	}
	return nil
}

// Admits tells whether the listener takes attachments of a namespace with
// these labels. gatewayNamespace is the Gateway's own. Whatever from says that
// is neither All nor Selector means Same, "None" too: that is how istiod
// decides about waypoints, while routes heed None.
func (l *Listener) Admits(gatewayNamespace, namespace string, namespaceLabels map[string]string) bool {
	switch l.From {
	case "All":
		return true
	case "Selector":
		return l.Selector != nil && l.Selector.Matches(namespaceLabels)
	}
	return namespace == gatewayNamespace
}

// IstioGateway is networking.istio.io Gateway, an ingress or egress bound to
// proxies by label.
type IstioGateway struct {
	Meta
	Selector map[string]string
	Servers  []IstioServer
}

// IstioServer is one server of an IstioGateway.
type IstioServer struct {
	Port     ServicePort
	Hosts    []string
	TLSMode  string
	Redirect bool // httpsRedirect
}

// ReferenceGrant admits references from other namespaces.
type ReferenceGrant struct {
	Meta
	From []GrantFrom
	To   []GrantTo
}

// GrantFrom is who may refer, by kind and namespace.
type GrantFrom struct{ Group, Kind, Namespace string }

// GrantTo is what may be referred to; an empty Name means every object.
type GrantTo struct{ Group, Kind, Name string }
