package mesh

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
	if g.HBONEListener() != nil {
		return RoleWaypoint
	}
	return RoleIngress
}

// HBONEListener is the listener waypoint attachment is decided by: protocol
// HBONE on 15008 (istio.md C.1.5). Nil if there is none.
func (g *Gateway) HBONEListener() *Listener {
	for i := range g.Listeners {
		if l := &g.Listeners[i]; l.Protocol == "HBONE" && l.Port == PortHBONE {
			return l
		}
	}
	return nil
}

// Admits tells whether the listener takes routes, and so attachments, of a
// namespace with these labels. gatewayNamespace is the Gateway's own.
func (l *Listener) Admits(gatewayNamespace, namespace string, namespaceLabels map[string]string) bool {
	switch l.From {
	case "All":
		return true
	case "Selector":
		return l.Selector != nil && l.Selector.Matches(namespaceLabels)
	case "", "Same":
		return namespace == gatewayNamespace
	}
	return false
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

// GrantFrom and GrantTo are the two halves of a ReferenceGrant.
type (
	GrantFrom struct{ Group, Kind, Namespace string }
	GrantTo   struct{ Group, Kind, Name string }
)
