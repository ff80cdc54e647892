package views

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// certainty orders hits: how surely an object is what was meant.
type certainty int

const (
	byCode      certainty = iota // the code of a finding
	byRef                        // namespace and name
	byAddress                    // has the address
	byHost                       // answers for the host
	byWholeName                  // is called so
	byPrefix                     // its name begins so
	byPart                       // its name contains it
)

// exact tells that the hit is not a guess by part of a name.
func (r certainty) exact() bool { return r <= byWholeName }

// hit is an object that was found.
type hit struct {
	ref       mesh.Ref
	certainty certainty
	why       string
}

// searcher matches every object of a snapshot against what is wanted, in one
// pass and without building anything for those that do not match.
type searcher struct {
	want  *wanted
	names map[string]bool
	refs  map[pair]bool
	addrs map[string]bool
	hosts map[string]bool
	hits  []hit
}

// find lists the matching objects in no particular order; one may be there for
// several reasons.
func find(s *mesh.Snapshot, w *wanted) []hit {
	f := searcher{want: w, names: set(w.Names), refs: set(w.Refs), hosts: set(w.Hosts), addrs: addressSet(w.Addresses)}
	for _, sh := range s.Shards {
		f.shard(sh)
	}
	for _, n := range s.Nodes {
		f.node(n)
	}
	f.services(s)
	return f.hits
}

func set[T comparable](list []T) map[T]bool {
	out := make(map[T]bool, len(list))
	for _, v := range list {
		out[v] = true
	}
	return out
}

func addressSet(list []netip.Addr) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, a := range list {
		out[a.String()] = true
	}
	return out
}

// shard looks through one namespace.
func (f *searcher) shard(sh *mesh.Shard) {
	if sh.Info != nil {
		f.name(&sh.Info.Meta)
	}
	for _, s := range sh.Services {
		f.object(&s.Meta, nil, s.VIPs, s.ExternalAddresses)
	}
	for _, s := range sh.ServiceEntries {
		f.object(&s.Meta, s.Hosts, s.Addresses, s.AutoAddresses)
	}
	for _, w := range sh.Workloads {
		f.workload(w)
	}
	for _, g := range sh.Gateways {
		f.gateway(g)
	}
	for _, g := range sh.IstioGateways {
		f.istioGateway(g)
	}
	for _, r := range sh.Routes {
		f.object(&r.Meta, r.Hosts)
	}
	for _, d := range sh.DestinationRules {
		f.object(&d.Meta, []string{d.Host})
	}
	matchNames(f, sh.Controllers)
	matchNames(f, sh.Authorizations)
	matchNames(f, sh.PeerAuths)
	matchNames(f, sh.RequestAuths)
	matchNames(f, sh.Telemetries)
	matchNames(f, sh.EnvoyFilters)
	matchNames(f, sh.WasmPlugins)
	matchNames(f, sh.TrafficExtensions)
	matchNames(f, sh.NetworkPolicies)
	matchNames(f, sh.ServiceAccounts)
}

func matchNames[T mesh.Object](f *searcher, list []T) {
	for _, o := range list {
		f.name(o.Metadata())
	}
}

// workload matches a pod; one that is finished no longer has its address.
func (f *searcher) workload(w *mesh.Workload) {
	if len(f.addrs) > 0 && !w.Finished() && !w.HostNetwork {
		if ip := f.anyAddress(w.IPs); ip != "" {
			f.add(w.Ref(), byAddress, "has address "+ip)
			return
		}
	}
	f.name(&w.Meta)
}

func (f *searcher) gateway(g *mesh.Gateway) {
	var hosts, addresses []string
	for _, a := range g.Addresses {
		if a.Type == "Hostname" {
			hosts = append(hosts, a.Value)
		} else {
			addresses = append(addresses, a.Value)
		}
	}
	for i := range g.Listeners {
		hosts = append(hosts, g.Listeners[i].Hostname)
	}
	f.object(&g.Meta, hosts, addresses)
}

func (f *searcher) istioGateway(g *mesh.IstioGateway) {
	var hosts []string
	for i := range g.Servers {
		hosts = append(hosts, g.Servers[i].Hosts...)
	}
	f.object(&g.Meta, hosts)
}

func (f *searcher) node(n *mesh.Node) {
	f.object(&n.Meta, nil, n.InternalIPs)
}

// services finds Services by host name: "orders.shop", "orders.shop.svc", and
// the full name in any cluster domain. The host of a pod of a headless Service
// leads to the Service.
func (f *searcher) services(s *mesh.Snapshot) {
	for _, h := range f.want.Hosts {
		labels := strings.Split(h, ".")
		for i := 0; i+1 < len(labels) && i < 2; i++ {
			after := labels[i+2:]
			if i == 1 && (len(after) == 0 || after[0] != "svc") {
				break
			}
			if len(after) > 0 && after[0] != "svc" {
				continue
			}
			if svc := s.Service(labels[i+1], labels[i]); svc != nil {
				f.add(svc.Ref(), byHost, "answers for "+h)
			}
		}
	}
}

// object matches an object by host, address or name.
func (f *searcher) object(m *mesh.Meta, hosts []string, addresses ...[]string) {
	if len(f.hosts) > 0 {
		for _, h := range hosts {
			if wantedHost := f.anyHost(h); wantedHost != "" {
				f.add(m.Ref(), byHost, "names host "+h)
				return
			}
		}
	}
	if len(f.addrs) > 0 {
		for _, list := range addresses {
			if ip := f.anyAddress(list); ip != "" {
				f.add(m.Ref(), byAddress, "has address "+ip)
				return
			}
		}
	}
	f.name(m)
}

// anyHost tells which wanted host a host as written stands for; a leading *.
// stands for any number of labels.
func (f *searcher) anyHost(written string) string {
	if i := strings.LastIndexByte(written, '/'); i >= 0 {
		written = written[i+1:] // "ns/host" of an Istio Gateway
	}
	if f.hosts[written] {
		return written
	}
	suffix, wild := strings.CutPrefix(written, "*.")
	if !wild || suffix == "" {
		return ""
	}
	for _, h := range f.want.Hosts {
		if strings.HasSuffix(h, "."+suffix) {
			return h
		}
	}
	return ""
}

func (f *searcher) anyAddress(list []string) string {
	for _, ip := range list {
		if f.addrs[ip] || f.addrs[canonical(ip)] {
			return ip
		}
	}
	return ""
}

// canonical spells IPv6 addresses alike; others are as they are.
func canonical(ip string) string {
	if !strings.Contains(ip, ":") {
		return ip
	}
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	return a.String()
}

// name matches an object by its name.
func (f *searcher) name(m *mesh.Meta) {
	name := strings.ToLower(m.Name)
	switch {
	case len(f.refs) > 0 && f.refs[pair{strings.ToLower(m.Namespace), name}]:
		f.add(m.Ref(), byRef, "is "+m.Namespace+"/"+m.Name)
	case f.names[name]:
		f.add(m.Ref(), byWholeName, "has this name")
	case f.want.Word == "":
	case strings.HasPrefix(name, f.want.Word):
		f.add(m.Ref(), byPrefix, "its name begins with it")
	case strings.Contains(name, f.want.Word):
		f.add(m.Ref(), byPart, "its name contains it")
	}
}

func (f *searcher) add(r mesh.Ref, k certainty, why string) {
	f.hits = append(f.hits, hit{r, k, why})
}

// kindOrder is what is meant more often when several kinds share a name.
var kindOrder = []string{"Service", "ServiceEntry", "Gateway", "Pod", "WorkloadEntry", "Deployment", "StatefulSet", "DaemonSet", "AuthorizationPolicy", "Node", "Namespace"}

func kindRank(kind string) int {
	if i := slices.Index(kindOrder, kind); i >= 0 {
		return i
	}
	return len(kindOrder)
}

// sortHits puts the surest first, those in the scope before others, and keeps
// the best reason of each object.
func sortHits(hits []hit, scope string) []hit {
	outside := func(h hit) int {
		if scope == "" || h.ref.Namespace == scope {
			return 0
		}
		return 1
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.certainty, b.certainty), cmp.Compare(outside(a), outside(b)),
			cmp.Compare(kindRank(a.ref.Kind), kindRank(b.ref.Kind)), a.ref.Compare(b.ref))
	})
	seen := make(map[mesh.Ref]bool, len(hits))
	return slices.DeleteFunc(hits, func(h hit) bool {
		was := seen[h.ref]
		seen[h.ref] = true
		return was
	})
}
