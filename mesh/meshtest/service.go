package meshtest

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// Service is a ClusterIP Service that selects app=name. Without a Port option
// it has port 80, named http, to 8080.
func Service(namespace, name string, opts ...Option) Part {
	return func(b *builder) {
		s := &mesh.Service{Meta: meta("Service", namespace, name), Type: "ClusterIP", InternalTrafficPolicy: "Cluster", SessionAffinity: "None"}
		s.Selector = map[string]string{"app": name}
		s.VIPs = []string{b.vip()}
		apply(s, opts)
		if len(s.Ports) == 0 {
			TargetPort(80, "http", "8080")(s)
		}
		b.add(s)
	}
}

func (b *builder) vip() string {
	b.services++
	return fmt.Sprintf("10.96.%d.%d", b.services/250, b.services%250+1)
}

// Port adds a port that goes to the same number on the pods.
func Port(number uint16, name string) Option { return TargetPort(number, name, "") }

// TargetPort adds a port with its target, a number or a container port's name.
func TargetPort(number uint16, name, target string) Option {
	p := mesh.ServicePort{Name: name, Port: number, TargetPort: target, Protocol: "TCP"}
	return func(o mesh.Object) {
		switch o := o.(type) {
		case *mesh.Service:
			o.Ports = append(o.Ports, p)
		case *mesh.ServiceEntry:
			o.Ports = append(o.Ports, p)
		default:
			panic(fmt.Sprintf("meshtest: %s has no ports", o.Ref()))
		}
	}
}

// Selects replaces a Service's selector by one label; Selects("", "") leaves
// it without one.
func Selects(key, value string) Option {
	return With(func(s *mesh.Service) {
		s.Selector = nil
		if key != "" {
			s.Selector = map[string]string{key: value}
		}
	})
}

// Headless takes the Service's virtual address away.
var Headless = With(func(s *mesh.Service) { s.VIPs = nil })

// ServiceEntry is a mesh-external host resolved by DNS, with an address istiod
// allocated and port 443 unless a Port option says otherwise.
func ServiceEntry(namespace, name, host string, opts ...Option) Part {
	return func(b *builder) {
		s := &mesh.ServiceEntry{Meta: meta("ServiceEntry", namespace, name), Hosts: []string{host}, Location: "MESH_EXTERNAL", Resolution: "DNS"}
		b.services++
		s.AutoAddresses = []string{fmt.Sprintf("240.240.%d.%d", b.services/250, b.services%250+1)}
		apply(s, opts)
		if len(s.Ports) == 0 {
			Port(443, "tls")(s)
		}
		b.add(s)
	}
}
