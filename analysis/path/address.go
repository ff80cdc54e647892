package path

import (
	"net/netip"

	"github.com/waylight/waylight/mesh"
)

// address is what a call is addressed to. How it is addressed, and not what it
// means, decides which waypoint it passes (istio.md A.13).
type address struct {
	kind addressKind
	// host is the name the client uses, "" where it is not known; ip is set
	// where an address was written or a name stands for exactly one.
	host string
	ip   netip.Addr
	// target is the Service or ServiceEntry, nil for pods and strangers; its
	// port is the service's.
	target *target
	port   mesh.ServicePort
	// pod is who has the address, for toPod.
	pod *mesh.Workload
	// via notes an alias on the way, nameless why a name stands for nothing.
	via, nameless string
	unknown       string // what is not readable and would decide
	noPort        bool   // the service has no such port
}

// addressKind is how ztunnel will look at the address.
type addressKind int

const (
	// toService: a virtual address of a Service or ServiceEntry.
	toService addressKind = iota
	// toEndpoints: a name that stands for the addresses of pods, of which the
	// client takes one.
	toEndpoints
	// toPod: the address of one pod.
	toPod
	// toStranger: an address the mesh does not know.
	toStranger
	// toNothing: a name that does not resolve.
	toNothing
)

// number is the port the client connects to.
func (a *address) number() uint16 { return a.port.Port }

// portMissing tells that nothing can be connected to: a virtual address has the
// ports of its Service and no others, while those of pods are their own.
func (a *address) portMissing() bool { return a.noPort && a.kind == toService }
