package views

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
)

// ztunnelBook is a dump with what is looked up in it: names behind addresses, and
// the pages of its objects.
type ztunnelBook struct {
	report *analysis.Report
	snap   *mesh.Snapshot
	dump   *mesh.ZtunnelDump
	query  Query
	links  Links
	// services by "network/ip" and by "namespace/host"; workloads by UID. Each
	// is made when it is first asked for.
	services  map[string]*mesh.ZtunnelService
	workloads map[string]*mesh.ZtunnelWorkload
	reached   *policyReach
	// single is room for a list of one, of which filters look at many.
	single [1]string
	// serving is whether any workload says its services; nil until asked.
	serving *bool
}

func newZtunnelBook(r *analysis.Report, d *mesh.ZtunnelDump, q Query) *ztunnelBook {
	return &ztunnelBook{report: r, snap: r.Snap, dump: d, query: q, links: q.Links()}
}

// one is a list of one text, until the next.
func (b *ztunnelBook) one(s string) []string {
	b.single[0] = s
	return b.single[:]
}

func (b *ztunnelBook) asked() Query { return b.query }

func (b *ztunnelBook) holder() string { return "this ztunnel" }

// service is the service behind a destination, by the dump's own services as
// istioctl looks it up (istio.md B.1); nil if the dump has none.
func (b *ztunnelBook) service(d *mesh.ZtunnelDestination) *mesh.ZtunnelService {
	if b.services == nil {
		b.services = make(map[string]*mesh.ZtunnelService, 2*len(b.dump.Services))
		for _, s := range b.dump.Services {
			b.services[s.Namespace+"/"+s.Hostname] = s
			for _, vip := range s.VIPs {
				b.services[addressKey(vip)] = s
			}
		}
	}
	if d.Address != "" {
		return b.services[addressKey(d.Network+"/"+d.Address)]
	}
	return b.services[d.Namespace+"/"+d.Hostname]
}

// addressKey writes an address in one way only, so that two ways to write an
// IPv6 address are found to be the same. An address never is a host name, so
// that the keys do not mix.
func addressKey(s string) string {
	network, ip, _ := strings.Cut(s, "/")
	if a, err := netip.ParseAddr(ip); err == nil {
		return network + "/" + a.String()
	}
	return s
}

func (b *ztunnelBook) workload(uid string) *mesh.ZtunnelWorkload {
	if b.workloads == nil {
		b.workloads = make(map[string]*mesh.ZtunnelWorkload, len(b.dump.Workloads))
		for _, w := range b.dump.Workloads {
			b.workloads[w.UID] = w
		}
	}
	return b.workloads[uid]
}

// saysServices tells whether the ztunnel says the services of workloads. An
// empty list is left out of a dump, so that one entry alone does not tell.
func (b *ztunnelBook) saysServices() bool {
	if b.serving == nil {
		says := slices.ContainsFunc(b.dump.Workloads, func(w *mesh.ZtunnelWorkload) bool { return w.Services != nil })
		b.serving = &says
	}
	return *b.serving
}

// destination is a destination as a dump writes it: "network/ip" or
// "namespace/host".
func destination(d *mesh.ZtunnelDestination) string {
	if d.Address != "" {
		return d.Network + "/" + d.Address
	}
	return d.Namespace + "/" + d.Hostname
}

// waypointName is the service a waypoint is reached by, as seen from a
// namespace; empty where the dump has no such service.
func (b *ztunnelBook) waypointName(d *mesh.ZtunnelDestination, namespace string) string {
	s := b.service(d)
	switch {
	case s == nil:
		return ""
	case s.Namespace != namespace:
		return s.Namespace + "/" + s.Name
	}
	return s.Name
}

// waypointCell says which waypoint is used. One whose service the dump does not
// have is what istioctl prints as NA.
func (b *ztunnelBook) waypointCell(d *mesh.ZtunnelDestination, namespace string) DumpCell {
	if d == nil {
		return DumpCell{Text: "None", Tone: toneSoft}
	}
	s := b.service(d)
	if s == nil {
		return DumpCell{Text: "NA", Note: "no service in this dump has " + cellText(destination(d)), Tone: "warning"}
	}
	c := monoCell(b.waypointName(d, namespace))
	c.URL = b.links.gateway(b.snap.Gateway(s.Namespace, s.Name))
	return c
}

// waypointWords are what waypoint: matches: the name, "none" or "na".
func (b *ztunnelBook) waypointWords(d *mesh.ZtunnelDestination) []string {
	if d == nil {
		return []string{"none"}
	}
	s := b.service(d)
	if s == nil {
		return []string{"na", destination(d)}
	}
	return []string{s.Name, s.Namespace + "/" + s.Name}
}
