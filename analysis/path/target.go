package path

import (
	"net/netip"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// target is what calls are addressed to: one port of a Service or ServiceEntry.
type target struct {
	ref     mesh.Ref
	service *mesh.Service      // nil for a ServiceEntry
	entry   *mesh.ServiceEntry // nil for a Service
	host    string             // full name; the first one of a ServiceEntry
	ports   []mesh.ServicePort
	binding mesh.Binding
	// podAddressed: there is no virtual address, so that calls go to pods and
	// no service waypoint sees them (istio.md A.13).
	podAddressed bool
}

// targetOf looks a Service or ServiceEntry up; nil if the snapshot has none.
func targetOf(s *mesh.Snapshot, ref mesh.Ref) *target {
	switch o := s.Lookup(ref).(type) {
	case *mesh.Service:
		return &target{
			ref: ref, service: o, host: o.Hostname(mesh.DefaultClusterDomain), ports: o.Ports,
			binding: s.ServiceBinding(o), podAddressed: o.Headless(),
		}
	case *mesh.ServiceEntry:
		t := &target{ref: ref, entry: o, ports: o.Ports, binding: s.ServiceEntryBinding(o)}
		if len(o.Hosts) > 0 {
			t.host = o.Hosts[0]
		}
		return t
	}
	return nil
}

// created is when the object was made.
func (t *target) created() time.Time {
	if t.service != nil {
		return t.service.Created
	}
	return t.entry.Created
}

// meta is the metadata of the Service or ServiceEntry.
func (t *target) meta() *mesh.Meta {
	if t.service != nil {
		return &t.service.Meta
	}
	return &t.entry.Meta
}

// port finds the port called; 0 asks for the first that is not UDP, which the
// mesh never sees.
func (t *target) port(number uint16) (mesh.ServicePort, bool) {
	for _, p := range t.ports {
		if p.Port == number || (number == 0 && p.Protocol != "UDP") {
			return p, true
		}
	}
	return mesh.ServicePort{Port: number}, false
}

// portList names the ports a service has: "80 and 443".
func (t *target) portList() string {
	var out []string
	for _, p := range t.ports {
		out = append(out, portText(p.Port))
	}
	return words(out)
}

// addresses are the virtual addresses calls to the target go to: written, or
// allocated by istiod. A range is none.
func (t *target) addresses() []netip.Addr {
	var texts []string
	if t.service != nil {
		texts = t.service.VIPs
	} else if texts = t.entry.Addresses; len(texts) == 0 {
		texts = t.entry.AutoAddresses
	}
	var out []netip.Addr
	for _, text := range texts {
		if a, err := netip.ParseAddr(text); err == nil {
			out = append(out, a)
		}
	}
	return out
}

// findHost finds who has a host name: a Service by its full name, else a
// ServiceEntry that lists it.
func findHost(s *mesh.Snapshot, host string) *target {
	if name, ok := strings.CutSuffix(host, ".svc."+mesh.DefaultClusterDomain); ok {
		service, namespace, _ := strings.Cut(name, ".")
		return targetOf(s, mesh.Ref{Kind: "Service", Namespace: namespace, Name: service})
	}
	for _, sh := range s.Shards {
		for _, e := range sh.ServiceEntries {
			for _, h := range e.Hosts {
				if hostMatches(h, host) {
					return targetOf(s, e.Ref())
				}
			}
		}
	}
	return nil
}

// fullHost completes a short name as Istio does for VirtualServices and
// DestinationRules: only a name without any dot is completed.
func fullHost(host, namespace string) string {
	if strings.ContainsAny(host, ".*") {
		return host
	}
	return host + "." + namespace + ".svc." + mesh.DefaultClusterDomain
}

// hostMatches compares host names of which either may begin with "*" (istio
// pkg/config/host Name.Matches).
func hostMatches(a, b string) bool {
	wildA, wildB := strings.HasPrefix(a, "*"), strings.HasPrefix(b, "*")
	switch {
	case wildA && wildB:
		return strings.HasSuffix(a[1:], b[1:]) || strings.HasSuffix(b[1:], a[1:])
	case wildA:
		return strings.HasSuffix(b, a[1:])
	case wildB:
		return strings.HasSuffix(a, b[1:])
	}
	return a == b
}
