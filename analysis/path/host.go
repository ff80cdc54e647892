package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// maxAliases bounds how many ExternalName Services are followed: they can form
// a ring.
const maxAliases = 8

// byHost looks a name up as the client's resolver would: completed with the
// search list of its pod, then as it stands.
func (v *resolver) byHost(host string, number uint16) (*address, error) {
	if number == 0 {
		return nil, bad("%q needs a port: %s:80, for example.", host, host)
	}
	if !isHost(host) {
		return nil, bad("%q is no host name.", host)
	}
	a := v.lookup(host, number, maxAliases)
	a.host = strings.ToLower(strings.TrimSuffix(host, "."))
	if number != 80 {
		a.host += fmt.Sprintf(":%d", number) // as clients write it into Host
	}
	return a, nil
}

func isHost(s string) bool {
	return len(s) <= 253 && !strings.HasPrefix(s, ".") && !strings.ContainsFunc(s, func(c rune) bool {
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		return !plain && c != '-' && c != '.' && c != '_'
	})
}

// clusterSuffix ends the names that the cluster's own DNS answers for.
const clusterSuffix = ".svc." + mesh.DefaultClusterDomain

func (v *resolver) lookup(host string, number uint16, aliases int) *address {
	host = strings.ToLower(host)
	for _, name := range v.candidates(host) {
		if a := v.absolute(name, number, aliases); a != nil {
			return a
		}
	}
	absolute := strings.TrimSuffix(host, ".")
	a := &address{kind: toStranger, port: mesh.ServicePort{Port: number}}
	if !strings.Contains(absolute, ".") || strings.HasSuffix(absolute, "."+mesh.DefaultClusterDomain) || strings.HasSuffix(absolute, ".svc") {
		a.kind, a.nameless = toNothing, fmt.Sprintf("no Service has the name %s", absolute)
		if !v.snap.Readable(mesh.ResourceServices, "") {
			a.unknown = "not all Services are readable, so whether one has the name " + absolute + " is unknown"
		}
	}
	return a
}

// candidates are the full names that a name can stand for in a pod, in the
// order its resolver tries them (ndots:5). Outside there is no search list.
func (v *resolver) candidates(host string) []string {
	if name, ok := strings.CutSuffix(host, "."); ok {
		return []string{name}
	}
	if v.from == "" || strings.Count(host, ".") >= 5 {
		return []string{host}
	}
	return []string{host + "." + v.from + clusterSuffix, host + clusterSuffix, host + "." + mesh.DefaultClusterDomain, host}
}

// absolute finds who has a full name; nil if nobody has.
func (v *resolver) absolute(host string, number uint16, aliases int) *address {
	if name, ok := strings.CutSuffix(host, clusterSuffix); ok {
		if a := v.inCluster(strings.Split(name, "."), number, aliases); a != nil {
			return a
		}
	}
	if name, ok := strings.CutSuffix(host, ".pod."+mesh.DefaultClusterDomain); ok {
		first, _, _ := strings.Cut(name, ".")
		if ip, err := netip.ParseAddr(strings.ReplaceAll(first, "-", ".")); err == nil {
			return v.byIP(ip, number)
		}
	}
	if t := v.entryByHost(host); t != nil {
		return v.service(t, number)
	}
	return nil
}

// inCluster reads service.namespace, and pod.service.namespace as StatefulSets
// name their pods.
func (v *resolver) inCluster(labels []string, number uint16, aliases int) *address {
	n := len(labels)
	if n < 2 || n > 3 {
		return nil
	}
	svc := v.snap.Service(labels[n-1], labels[n-2])
	switch {
	case svc == nil:
		return nil
	case n == 3:
		return v.statefulPod(svc, labels[0], number)
	case svc.Type == "ExternalName":
		a, err := v.alias(svc, number, aliases)
		if err != nil {
			return nil
		}
		return a
	}
	return v.service(targetOf(v.snap, svc.Ref()), number)
}

// statefulPod finds the pod behind name.service: DNS knows the endpoints of a
// headless Service by their host names.
func (v *resolver) statefulPod(svc *mesh.Service, name string, number uint16) *address {
	w := v.snap.Workload(svc.Namespace, name)
	if w == nil || !svc.Headless() || !mesh.LabelsMatch(svc.Selector, w.Labels) || len(w.IPs) == 0 {
		return nil
	}
	return podAddress(w, number)
}

// alias follows an ExternalName Service, which is nothing but a name in DNS.
func (v *resolver) alias(svc *mesh.Service, number uint16, aliases int) (*address, error) {
	if number == 0 {
		return nil, bad("%s is an alias for %s: say which port.", svc.Ref(), svc.ExternalName)
	}
	a := &address{kind: toNothing, port: mesh.ServicePort{Port: number}, nameless: fmt.Sprintf("%s is an alias of an alias without end", svc.Ref())}
	if aliases > 0 {
		a = v.lookup(strings.TrimSuffix(svc.ExternalName, ".")+".", number, aliases-1)
	}
	a.via = fmt.Sprintf("%s is an alias in DNS for %s", svc.Ref(), svc.ExternalName)
	return a, nil
}

// entryByHost finds the ServiceEntry for a host: the one that has it exactly,
// else the one with the longest wildcard. Of several the caller's own
// namespace wins, then the older one (istio.md A.6: a host may be in several).
func (v *resolver) entryByHost(host string) *target {
	var best *mesh.ServiceEntry
	bestHost := ""
	for _, sh := range v.snap.Shards {
		for _, e := range sh.ServiceEntries {
			for _, h := range e.Hosts {
				if covers(h, host) && v.visible(e) && (best == nil || closer(h, bestHost) || (h == bestHost && v.nearer(e, best))) {
					best, bestHost = e, h
				}
			}
		}
	}
	if best == nil {
		return nil
	}
	return targetOf(v.snap, best.Ref())
}

// visible reads exportTo from the caller's namespace: since 1.31 ztunnel keeps
// entries of visibility Namespace to their own.
func (v *resolver) visible(e *mesh.ServiceEntry) bool {
	return len(e.ExportTo) == 0 || !slices.Equal(e.ExportTo, []string{"."}) || e.Namespace == v.from
}

func (v *resolver) nearer(a, b *mesh.ServiceEntry) bool {
	if (a.Namespace == v.from) != (b.Namespace == v.from) {
		return a.Namespace == v.from
	}
	return a.Created.Before(b.Created)
}
