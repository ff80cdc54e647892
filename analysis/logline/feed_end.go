package logline

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// End is who called, or what was called.
type End struct {
	// Ref is whom people know it by: the Deployment of a pod, the Service or
	// ServiceEntry that was called. Zero where the mesh has nothing by that
	// address.
	Ref mesh.Ref
	// Pod is the pod of the newest call, zero where that is not known.
	Pod mesh.Ref
	// Address is "ip:port", or the host, as the newest line has it.
	Address string
	// Port of a destination as it was called; 0 where the line does not tell.
	Port uint16
	// Waypoint tells of a source that stands for its clients: the line that
	// would name them was not read.
	Waypoint bool
}

// Name is whom people know it by, else its address.
func (e *End) Name() string {
	switch {
	case !e.Ref.IsZero():
		return e.Ref.NamespacedName()
	case !e.Pod.IsZero():
		return e.Pod.NamespacedName()
	}
	return e.Address
}

// In tells whether the end lies in a namespace.
func (e *End) In(namespace string) bool {
	return e.Ref.Namespace == namespace || e.Ref.IsZero() && e.Pod.Namespace == namespace && namespace != ""
}

// key tells ends apart. Callers that nobody in the mesh is are one.
func (e *End) key() string {
	if e.Ref.IsZero() && e.Port == 0 {
		return ""
	}
	name := e.Ref.String()
	if e.Ref.IsZero() {
		name = e.Address
	}
	return name + ":" + strconv.Itoa(int(e.Port))
}

// From is the end as the caller of a question to the path explainer.
func (e *End) From() string {
	switch kind := strings.ToLower(e.Ref.Kind); kind {
	case "deployment", "statefulset", "daemonset", "job":
		return e.Ref.Namespace + "/" + kind + "/" + e.Ref.Name
	}
	if !e.Pod.IsZero() {
		return e.Pod.NamespacedName()
	}
	return "outside"
}

// To is the end as the target of such a question, empty where nothing can be
// asked about it.
func (e *End) To() string {
	if e.Port == 0 {
		return ""
	}
	port := ":" + strconv.Itoa(int(e.Port))
	switch {
	case e.Ref.Kind == "Service":
		return e.Ref.NamespacedName() + port
	case !e.Pod.IsZero() && e.Ref.Kind != "ServiceEntry":
		return e.Pod.Namespace + "/pod/" + e.Pod.Name + port
	}
	return e.Address
}

// podEnd is a pod, by the name a line gives it or by its address.
func podEnd(s *mesh.Snapshot, p mesh.LogPeer) End {
	out := End{Address: p.Addr}
	ip := addrPort(p.Addr)
	w := s.Workload(p.Namespace, p.Workload)
	if w == nil && ip.IsValid() {
		w = s.WorkloadByIP(ip.Addr().String())
	}
	if w == nil {
		if p.Workload != "" {
			out.Pod = mesh.Ref{Kind: "Pod", Namespace: p.Namespace, Name: p.Workload}
			out.Ref = out.Pod
		}
		return out
	}
	out.Pod, out.Ref, out.Waypoint = w.Ref(), s.ControllerOf(w), w.IsWaypoint()
	return out
}

// calledEnd is what was called: the service of a host or of an address, else
// the pod that has the address. target is where the call went to in the end.
func calledEnd(s *mesh.Snapshot, host, target string) End {
	at := addrPort(target)
	out := End{Address: target, Port: at.Port()}
	pod := (*mesh.Workload)(nil)
	if at.IsValid() {
		pod = s.WorkloadByIP(at.Addr().String())
	}
	if pod != nil {
		out.Pod = pod.Ref()
	}
	svc := serviceOf(s, host)
	if svc == nil && host == "" && at.IsValid() {
		svc = s.ServiceByVIP(at.Addr().String())
	}
	switch {
	case svc != nil:
		out.Ref, out.Port = svc.Ref(), portOf(svc, at, pod)
	case host != "":
		out.Ref, out.Address = entryOf(s, host), joined(host, at.Port())
	case pod != nil:
		out.Ref = s.ControllerOf(pod)
	}
	return out
}

// serviceOf finds the Service of a host "name.namespace.svc.domain".
func serviceOf(s *mesh.Snapshot, host string) *mesh.Service {
	parts := strings.SplitN(host, ".", 4)
	if len(parts) < 3 || parts[2] != "svc" {
		return nil
	}
	return s.Service(parts[1], parts[0])
}

// entryOf finds the ServiceEntry of a host, zero if there is none.
func entryOf(s *mesh.Snapshot, host string) mesh.Ref {
	for _, sh := range s.Shards {
		for _, e := range sh.ServiceEntries {
			if slices.Contains(e.Hosts, host) {
				return e.Ref()
			}
		}
	}
	return mesh.Ref{}
}

// portOf is the port of a Service that a call was made to: at its own address
// that is the number itself, at a pod the one that leads there.
func portOf(svc *mesh.Service, at netip.AddrPort, pod *mesh.Workload) uint16 {
	if pod == nil && svc.Port(at.Port()) != nil {
		return at.Port()
	}
	for i := range svc.Ports {
		if p := &svc.Ports[i]; leadsTo(p, at.Port(), pod) {
			return p.Port
		}
	}
	switch {
	case svc.Port(at.Port()) != nil:
		return at.Port()
	case len(svc.Ports) == 1:
		return svc.Ports[0].Port
	}
	return 0
}

// leadsTo tells that calls to a Service's port arrive at a pod's.
func leadsTo(p *mesh.ServicePort, port uint16, pod *mesh.Workload) bool {
	if n, err := strconv.ParseUint(p.TargetPort, 10, 16); err == nil {
		return uint16(n) == port
	}
	if p.TargetPort == "" {
		return p.Port == port
	}
	if pod == nil {
		return false
	}
	n, ok := pod.PortNamed(p.TargetPort)
	return ok && n == port
}

func joined(host string, port uint16) string {
	if port == 0 {
		return host
	}
	return host + ":" + strconv.Itoa(int(port))
}

// addrPort reads "ip:port", as proxies write it; the zero value where it is
// something else.
func addrPort(text string) netip.AddrPort {
	text = strings.TrimPrefix(text, "envoy://connect_originate/")
	a, err := netip.ParseAddrPort(text)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
