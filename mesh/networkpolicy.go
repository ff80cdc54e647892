package mesh

// NetworkPolicy of Kubernetes. An isolated pod takes only what a rule admits.
type NetworkPolicy struct {
	Meta
	PodSelector LabelSelector
	// Isolates tells for which directions it counts (policyTypes, defaulted as
	// Kubernetes does).
	IsolatesIngress, IsolatesEgress bool
	Ingress, Egress                 []NetworkRule
}

// NetworkRule is one ingress or egress rule. No peers: any peer; no ports: any
// port.
type NetworkRule struct {
	Peers []NetworkPeer
	Ports []NetworkPort
}

// NetworkPeer is either pods (with namespaces) or an IP block.
type NetworkPeer struct {
	PodSelector       *LabelSelector
	NamespaceSelector *LabelSelector
	CIDR              string
	Except            []string
}

// NetworkPort is a port, a named port or a range.
type NetworkPort struct {
	Protocol string // TCP unless said otherwise
	Port     uint16 // 0 with an empty Name: every port
	EndPort  uint16 // 0: a single port
	Name     string
}
