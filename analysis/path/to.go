package path

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// resolver turns what somebody wrote into an address.
type resolver struct {
	snap *mesh.Snapshot
	// from is the caller's namespace, which short names are completed with;
	// empty outside.
	from string
}

// resolve reads Request.To. A Service wins over a pod of the same name.
func (v *resolver) resolve(to string) (*address, error) {
	place, number, err := splitPort(to)
	if err != nil {
		return nil, err
	}
	if ip, err := netip.ParseAddr(strings.Trim(place, "[]")); err == nil {
		if number == 0 {
			return nil, bad("%q needs a port: %s, for example.", to, netip.AddrPortFrom(ip, 80))
		}
		return v.byIP(ip.Unmap(), number), nil
	}
	parts := strings.Split(place, "/")
	switch {
	case len(parts) == 1:
		return v.byHost(place, number)
	case len(parts) == 2 && parts[0] != "" && parts[1] != "":
		return v.named(parts[0], parts[1], number)
	case len(parts) == 3 && parts[0] != "" && parts[1] == "pod":
		return v.podNamed(parts[0], parts[2], number)
	}
	return nil, bad("%q does not say what is called: it is namespace/service:port, namespace/pod:port, namespace/pod/name:port, host:port, address:port or a URL.", to)
}

// splitPort takes the port off; 0 where none is written.
func splitPort(to string) (place string, port uint16, err error) {
	i := strings.LastIndex(to, ":")
	if i < 0 || strings.HasSuffix(to, "]") || (strings.Count(to, ":") > 1 && !strings.Contains(to, "]")) {
		return to, 0, nil
	}
	n, err := strconv.ParseUint(to[i+1:], 10, 16)
	if err != nil || n == 0 {
		return "", 0, bad("%q is no port; ports are numbers from 1 to 65535.", to[i+1:])
	}
	return to[:i], uint16(n), nil
}

// named reads namespace/name: a Service, else a ServiceEntry, else a pod.
func (v *resolver) named(namespace, name string, number uint16) (*address, error) {
	if svc := v.snap.Service(namespace, name); svc != nil {
		if svc.Type == "ExternalName" {
			return v.alias(svc, number, maxAliases)
		}
		return v.toTarget(targetOf(v.snap, svc.Ref()), "", number)
	}
	if t := targetOf(v.snap, mesh.Ref{Kind: "ServiceEntry", Namespace: namespace, Name: name}); t != nil {
		return v.toTarget(t, t.host, number)
	}
	if v.snap.Workload(namespace, name) != nil {
		return v.podNamed(namespace, name, number)
	}
	return nil, absent(v.snap, "Service, ServiceEntry or pod", namespace, name,
		mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourcePods, mesh.ResourceWorkloadEntries)
}

// podNamed is a call to a pod's own address.
func (v *resolver) podNamed(namespace, name string, number uint16) (*address, error) {
	w := v.snap.Workload(namespace, name)
	switch {
	case w == nil:
		return nil, noPod(v.snap, namespace, name)
	case number == 0:
		return nil, bad("A call to a pod needs a port: %s/%s:8080, for example.", namespace, name)
	case len(w.IPs) == 0:
		return nil, bad("Pod %s/%s has no address yet.", namespace, name)
	case w.Finished():
		return nil, bad("Pod %s/%s has finished (%s): nothing answers there.", namespace, name, w.Phase)
	}
	return podAddress(w, number), nil
}

func podAddress(w *mesh.Workload, number uint16) *address {
	a := &address{kind: toPod, pod: w, port: mesh.ServicePort{Port: number}}
	if len(w.IPs) > 0 {
		a.ip, _ = netip.ParseAddr(w.IPs[0])
	}
	return a
}

// toTarget is a call to a Service or ServiceEntry by name. Without a port it
// must have exactly one; a port it has not is a mistake of who asks.
func (v *resolver) toTarget(t *target, host string, number uint16) (*address, error) {
	if number == 0 {
		if len(t.ports) != 1 {
			return nil, bad("%s has the ports %s: say which.", t.ref, t.portList())
		}
		number = t.ports[0].Port
	}
	a := v.service(t, number)
	a.host = host
	if a.noPort {
		return nil, bad("%s has no port %d; it has %s.", t.ref, number, t.portList())
	}
	return a, nil
}

// service is a call to a target whatever its ports are. Headless Services
// stand for the addresses of their pods, and the port is the pods' own then.
func (v *resolver) service(t *target, number uint16) *address {
	a := &address{kind: toService, target: t}
	var ok bool
	a.port, ok = t.port(number)
	a.noPort = !ok
	if t.podAddressed {
		a.kind = toEndpoints
		a.noPort = a.noPort && !v.someoneListens(t, number)
	}
	if vips := t.addresses(); len(vips) == 1 {
		a.ip = vips[0]
	}
	return a
}

// someoneListens tells that endpoints of a headless Service declare a port of
// their own by that number.
func (v *resolver) someoneListens(t *target, number uint16) bool {
	if t.service == nil {
		return false
	}
	for _, slice := range v.snap.Shard(t.ref.Namespace).Slices(t.ref.Name) {
		for _, p := range slice.Ports {
			if p.Port == number {
				return true
			}
		}
	}
	return false
}

// byIP looks an address up as ztunnel does: a virtual address of a Service
// wins, then that of a ServiceEntry, then a pod's.
func (v *resolver) byIP(ip netip.Addr, number uint16) *address {
	text := ip.String()
	a := &address{kind: toStranger, ip: ip, port: mesh.ServicePort{Port: number}}
	if svc := v.snap.ServiceByVIP(text); svc != nil {
		a = v.service(targetOf(v.snap, svc.Ref()), number)
	} else if t := v.entryByIP(ip); t != nil {
		a = v.service(t, number)
	} else if w := v.snap.WorkloadByIP(text); w != nil {
		a = podAddress(w, number)
	} else if !v.snap.Readable(mesh.ResourcePods, "") || !v.snap.Readable(mesh.ResourceServices, "") {
		a.unknown = "not all pods and Services are readable, so who has the address is unknown"
	}
	a.ip = ip
	return a
}

// entryByIP finds the ServiceEntry that has an address, written or allocated.
// A range counts: resolution NONE makes ztunnel know it by CIDR.
func (v *resolver) entryByIP(ip netip.Addr) *target {
	for _, sh := range v.snap.Shards {
		for _, e := range sh.ServiceEntries {
			for _, text := range append(append([]string{}, e.Addresses...), e.AutoAddresses...) {
				if contains(text, ip) {
					return targetOf(v.snap, e.Ref())
				}
			}
		}
	}
	return nil
}

// contains tells whether an address or CIDR includes ip.
func contains(text string, ip netip.Addr) bool {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Contains(ip)
	}
	a, err := netip.ParseAddr(text)
	return err == nil && a.Unmap() == ip
}
