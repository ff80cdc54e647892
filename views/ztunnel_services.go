package views

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

type zService = mesh.ZtunnelService

// servicesPart lists every service a ztunnel knows: the columns of istioctl
// ztunnel-config service, and what it leaves out.
var servicesPart = dumpPart[*ztunnelBook, zService]{
	tab: TabServices, noun: "services",
	held:      func(b *ztunnelBook) []*zService { return b.dump.Services },
	namespace: func(s *zService) string { return s.Namespace },
	id:        func(s *zService) []string { return []string{s.Namespace, s.Hostname} },
	only:      func(s *zService) string { return exactly("ns", s.Namespace) + " " + exactly("host", s.Hostname) },
	item:      newServiceItem,
	ref:       func(b *ztunnelBook, s *zService) mesh.Ref { return b.serviceRef(s) },
	keys:      []string{"ns", "name", "host", "vip", "waypoint", "endpoints", "port", "visibility"},
	fields:    serviceFields,
	columns: []dumpColumn[*ztunnelBook, zService]{
		{key: "name", label: "Service", cell: serviceName, compare: compareBy(func(s *zService) string { return s.Name })},
		{key: "ns", label: "Namespace", cell: func(_ *ztunnelBook, s *zService) DumpCell { return monoCell(s.Namespace) }, compare: compareBy(func(s *zService) string { return s.Namespace })},
		{key: "vip", label: "Service VIP", cell: serviceVIPs, compare: compareBy(func(s *zService) string { return strings.Join(s.VIPs, ",") })},
		{key: "waypoint", label: "Waypoint", cell: serviceWaypoint, compare: compareBy(func(s *zService) string { return destinationOrder(s.Waypoint) })},
		{key: "endpoints", label: "Endpoints", hint: "healthy ones of all, by the workloads this ztunnel has", cell: healthyEndpoints, compare: func(a, b *zService) int { return cmp.Compare(len(a.Endpoints), len(b.Endpoints)) }},
		{key: "endpointStatus", label: "Endpoint status", hint: "what the service's own entry says of each", cell: endpointStatus},
		{key: "ports", label: "Ports", hint: "service port → target port", cell: func(_ *ztunnelBook, s *zService) DumpCell { return listCell(portWords(s.Ports), "none") }},
		{key: "host", folded: true, label: "Host", cell: func(_ *ztunnelBook, s *zService) DumpCell { return monoCell(s.Hostname) }, compare: compareBy(func(s *zService) string { return s.Hostname })},
		{key: "loadBalancer", folded: true, label: "Load balancing", cell: func(_ *ztunnelBook, s *zService) DumpCell { return loadBalancerCell(s.LoadBalancer) }},
		{key: "ipFamilies", folded: true, label: "IP families", cell: func(_ *ztunnelBook, s *zService) DumpCell { return textCell(orWord(s.IPFamilies, "automatic")) }, compare: compareBy(func(s *zService) string { return s.IPFamilies })},
		{key: "visibility", folded: true, label: "Visibility", cell: func(_ *ztunnelBook, s *zService) DumpCell { return textCell(orWord(s.Visibility, "not said")) }, compare: compareBy(func(s *zService) string { return s.Visibility })},
		{key: "canonical", folded: true, label: "Canonical", hint: "which of several services with one host is meant", cell: canonicalCell},
		{key: "sans", folded: true, label: "Identities asked for", hint: "subject alternative names the other end must have", cell: func(_ *ztunnelBook, s *zService) DumpCell { return listCell(s.SANs, "any of its workloads") }},
	},
}

func serviceFields(b *ztunnelBook, s *zService, key string) ([]string, bool) {
	switch key {
	case "":
		return append([]string{s.Name, s.Namespace, s.Hostname}, s.VIPs...), true
	case "ns":
		return []string{s.Namespace}, true
	case "name":
		return []string{s.Name}, true
	case "host":
		return []string{s.Hostname}, true
	case "vip":
		return orNone(withBareNames(s.VIPs)), true
	case "waypoint":
		return b.serviceWaypointWords(s), true
	case "endpoints":
		return []string{b.endpointWord(s)}, true
	case "port":
		return orNone(portNumbers(s.Ports)), true
	case "visibility":
		return []string{orWord(s.Visibility, "none")}, true
	}
	return nil, false
}

// serviceRef is the object a service was made from: a Service where the mesh
// has one of that name, else a ServiceEntry.
func (b *ztunnelBook) serviceRef(s *zService) mesh.Ref {
	ref := mesh.Ref{Kind: "Service", Namespace: s.Namespace, Name: s.Name}
	if b.snap.Service(s.Namespace, s.Name) != nil {
		return ref
	}
	for _, se := range b.snap.Shard(s.Namespace).ServiceEntries {
		if se.Name == s.Name {
			ref.Kind = "ServiceEntry"
		}
	}
	return ref
}

func serviceName(b *ztunnelBook, s *zService) DumpCell {
	c := monoCell(s.Name)
	ref := b.serviceRef(s)
	if ref.Kind == "ServiceEntry" || b.snap.Service(s.Namespace, s.Name) != nil {
		c.URL = b.links.Object(b.snap, ref)
	}
	return c
}

// serviceVIPs leaves out the slash before an address without a network.
func serviceVIPs(_ *ztunnelBook, s *zService) DumpCell {
	list := make([]string, 0, len(s.VIPs)+len(s.CIDRVIPs))
	for _, vip := range slices.Concat(s.VIPs, s.CIDRVIPs) {
		list = append(list, strings.TrimPrefix(vip, "/"))
	}
	return listCell(list, "none: headless")
}

// serviceWaypoint names the waypoint, or several with their shares.
func serviceWaypoint(b *ztunnelBook, s *zService) DumpCell {
	c := b.waypointCell(s.Waypoint, s.Namespace)
	if len(s.Weighted) == 0 {
		return c
	}
	shares := make([]string, 0, len(s.Weighted))
	for i := range s.Weighted {
		w := &s.Weighted[i]
		name := orWord(b.waypointName(&w.ZtunnelDestination, s.Namespace), "NA "+destination(&w.ZtunnelDestination))
		shares = append(shares, fmt.Sprintf("%s %d", name, w.Weight))
	}
	c.Note = "by weight: " + cellText(strings.Join(shares, ", "))
	return c
}

func (b *ztunnelBook) serviceWaypointWords(s *zService) []string {
	words := b.waypointWords(s.Waypoint)
	for i := range s.Weighted {
		words = append(words, b.waypointWords(&s.Weighted[i].ZtunnelDestination)...)
	}
	if len(s.Weighted) > 0 {
		words = append(words, "weighted")
	}
	return words
}

// healthy counts endpoints whose workload the dump has as Healthy, which is how
// istioctl counts.
func (b *ztunnelBook) healthy(s *zService) int {
	n := 0
	for i := range s.Endpoints {
		if w := b.workload(s.Endpoints[i].WorkloadUID); w != nil && w.Status == "Healthy" {
			n++
		}
	}
	return n
}

func (b *ztunnelBook) endpointWord(s *zService) string {
	healthy := b.healthy(s)
	switch {
	case len(s.Endpoints) == 0:
		return "none"
	case healthy == 0:
		return "unhealthy"
	case healthy < len(s.Endpoints):
		return "some"
	}
	return "all"
}

func healthyEndpoints(b *ztunnelBook, s *zService) DumpCell {
	healthy := b.healthy(s)
	c := DumpCell{Text: number(healthy) + "/" + number(len(s.Endpoints))}
	switch {
	case len(s.Endpoints) == 0:
		c.Tone = ui.ToneWarn
	case healthy == 0:
		c.Tone = ui.ToneBad
	case healthy < len(s.Endpoints):
		c.Tone = ui.ToneWarn
	}
	return c
}

// endpointStatus names the endpoints that are not Healthy by the service's own
// entry, or that the dump has no workload for.
func endpointStatus(b *ztunnelBook, s *zService) DumpCell {
	counts, odd := make(map[string]int), []string(nil)
	for i := range s.Endpoints {
		e := &s.Endpoints[i]
		status := orWord(e.Status, "not said")
		counts[status]++
		w := b.workload(e.WorkloadUID)
		switch {
		case w == nil:
			odd = append(odd, e.WorkloadUID+" has no workload here")
		case status != "Healthy" && e.Status != "":
			odd = append(odd, w.Name+" "+status)
		}
	}
	if len(counts) == 0 {
		return DumpCell{Text: "none", Tone: toneSoft}
	}
	words := make([]string, 0, len(counts))
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, number(counts[status])+" "+status)
	}
	return DumpCell{Text: cellText(strings.Join(words, ", ")), Note: cellText(some(odd, cellValues))}
}

func portNumbers(ports map[uint16]uint16) []string {
	var out []string
	for _, p := range sortedPorts(ports) {
		out = append(out, strconv.Itoa(int(p)))
	}
	return out
}

// portWords says where ports lead; 0 is a named target port, which each
// endpoint resolves (istio.md A.6).
func portWords(ports map[uint16]uint16) []string {
	var out []string
	for _, p := range sortedPorts(ports) {
		switch target := ports[p]; target {
		case 0:
			out = append(out, strconv.Itoa(int(p))+"→named")
		default:
			out = append(out, strconv.Itoa(int(p))+"→"+strconv.Itoa(int(target)))
		}
	}
	return out
}

func loadBalancerCell(lb mesh.ZtunnelLoadBalancer) DumpCell {
	var words []string
	for _, w := range []string{lb.Mode, strings.Join(lb.Preferences, " > "), lb.HealthPolicy} {
		if w != "" {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return DumpCell{Text: "any endpoint", Tone: toneSoft}
	}
	return textCell(strings.Join(words, ", "))
}

func canonicalCell(_ *ztunnelBook, s *zService) DumpCell {
	switch {
	case s.Canonical == nil:
		return DumpCell{Text: "not said", Tone: toneSoft}
	case *s.Canonical:
		return DumpCell{Text: "yes"}
	}
	return DumpCell{Text: "no"}
}
