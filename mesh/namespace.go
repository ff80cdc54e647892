package mesh

// Namespace is a namespace and its labels, which carry most of ambient's
// switches.
type Namespace struct {
	Meta
	Phase string // Active or Terminating
}

// Node is a machine of the cluster.
type Node struct {
	Meta
	Ready Fact
	// BootID changes at each boot: redirection annotations outlive a reboot,
	// the rules they speak of do not (istio/istio#56652).
	BootID         string
	KubeletVersion string
	InternalIPs    []string
	Zone, Region   string
	Conditions     Conditions
	Unschedulable  bool
}

// ServiceAccount exists so that a principal in a policy can be checked.
type ServiceAccount struct{ Meta }
