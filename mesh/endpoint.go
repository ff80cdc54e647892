package mesh

// EndpointSlice is one slice of a Service's endpoints.
type EndpointSlice struct {
	Meta
	Service   string // label kubernetes.io/service-name
	Ports     []EndpointPort
	Endpoints []Endpoint
}

// EndpointPort is a resolved port: named target ports have their number here.
type EndpointPort struct {
	Name        string
	Port        uint16
	Protocol    string
	AppProtocol string
}

// Endpoint is one address a Service sends to.
type Endpoint struct {
	Addresses []string
	// Ready is nil where the slice leaves it out, which means ready.
	Ready, Serving, Terminating *bool
	Node, Zone                  string
	// Target is the pod, zero for an address without one.
	Target Ref
}

// IsReady reads the ready condition as Kubernetes defines it: absent is ready.
func (e Endpoint) IsReady() bool { return e.Ready == nil || *e.Ready }
