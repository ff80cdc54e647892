package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// served is one port of a host that a waypoint serves.
type served struct {
	ref  mesh.Ref
	meta *mesh.Meta
	// service is nil for a ServiceEntry.
	service *mesh.Service
	host    string
	port    mesh.ServicePort
	// unsure says why it may not be the waypoint's; empty where it is.
	unsure string
	// http and tcp are the chains, nil for none.
	http, tcp *mesh.EnvoyChain
}

func (s *served) name() string { return fmt.Sprintf("port %d", s.port.Port) }

// of names the port in pairs about other objects.
func (s *served) of() string { return fmt.Sprintf("%s port %d", s.ref.NamespacedName(), s.port.Port) }

// compareServices goes through the ports of all Services and ServiceEntries
// that are bound to the Gateway.
func (c *envoyComparison) compareServices() {
	for _, sh := range c.snap.Shards {
		if !c.reaches(sh.Namespace) {
			continue
		}
		for _, svc := range sh.Services {
			if unsure, ours := c.ours(c.snap.ServiceBinding(svc)); ours && !svc.Headless() && svc.Type != "ExternalName" {
				c.comparePorts(served{ref: svc.Ref(), meta: &svc.Meta, service: svc, host: svc.Hostname(mesh.DefaultClusterDomain), unsure: unsure}, svc.Ports)
			}
		}
		for _, se := range sh.ServiceEntries {
			c.compareServiceEntry(se)
		}
	}
}

// compareServiceEntry leaves out hosts without an address, to which no chain
// leads, and wildcards, which have chains of another kind.
func (c *envoyComparison) compareServiceEntry(se *mesh.ServiceEntry) {
	unsure, ours := c.ours(c.snap.ServiceEntryBinding(se))
	if !ours || len(se.Addresses)+len(se.AutoAddresses) == 0 {
		return
	}
	for _, host := range se.Hosts {
		if !strings.Contains(host, "*") {
			c.comparePorts(served{ref: se.Ref(), meta: &se.Meta, host: host, unsure: unsure}, se.Ports)
		}
	}
}

// ours tells whether a binding leads to the Gateway, and where that is not
// sure, why.
func (c *envoyComparison) ours(b mesh.Binding) (unsure string, ours bool) {
	ours = b.Waypoint == c.gateway.Ref() && (b.Bound() || b.State == mesh.BindingUnknown)
	if canary := b.Canary; canary != nil && canary.Waypoint == c.gateway.Ref() && canary.State == mesh.BindingBound {
		return "It is a canary, which older releases of istiod do not know.", true
	}
	switch {
	case !ours:
		return "", false
	case b.State == mesh.BindingUnknown:
		return b.Reason, true
	case b.Agrees() == mesh.FactNo:
		return "istiod itself says otherwise of its waypoint.", true
	}
	return "", true
}

func (c *envoyComparison) comparePorts(s served, ports []mesh.ServicePort) {
	for _, p := range ports {
		if p.Protocol == "UDP" || p.Protocol == "SCTP" {
			continue
		}
		s.port, s.http, s.tcp = p, nil, nil
		c.comparePort(&s)
	}
}

func (c *envoyComparison) comparePort(s *served) {
	key := fmt.Sprintf("%s:%d", s.host, s.port.Port)
	c.seen[key] = true
	for _, ch := range c.chains[key] {
		if ch.Protocol == "tcp" || ch.Protocol == "tls" {
			s.tcp = ch
		} else {
			s.http = ch
		}
	}
	if !c.compareChain(s) {
		return
	}
	c.compareClusters(s, c.clusters[key])
	c.compareEndpoints(s, c.clusters[key])
	if s.http != nil {
		c.compareRoutes(s)
		c.compareTokens(s)
	}
	c.comparePolicies(s)
}

// Words for the protocols that chains are made for.
const (
	speaksHTTP     = "HTTP"
	speaksTCP      = "TCP"
	speaksDetected = "HTTP or TCP, as detected"
)

// compareChain compares how a port is taken in; false where the rest of it is
// not worth comparing.
func (c *envoyComparison) compareChain(s *served) bool {
	p := Pair{Object: s.ref, Part: PartListener, Name: s.name()}
	switch s.port.Declared() {
	case mesh.ProtocolHTTP:
		p.Declared = speaksHTTP
	case mesh.ProtocolTCP:
		p.Declared = speaksTCP
	default:
		p.Declared = speaksDetected
	}
	switch {
	case s.http != nil && s.tcp != nil:
		p.Loaded = speaksDetected
	case s.http != nil:
		p.Loaded = speaksHTTP
	case s.tcp != nil:
		p.Loaded = speaksTCP
	}
	same := p.Declared == p.Loaded
	if s.http != nil && s.http.Protocol == "" { // a release whose names do not tell
		same = true
	}
	if s.unsure != "" {
		c.unknown(p, s.unsure)
		return false
	}
	c.add(p, same, s.meta, c.namespace(s.ref.Namespace))
	return p.Loaded != ""
}

// Words for clusters.
const (
	allPods   = "all pods"
	ofASubset = "a cluster"
)

// compareClusters compares the clusters of a port and its subsets, and whether
// a DestinationRule made them that is in effect.
func (c *envoyComparison) compareClusters(s *served, loaded []*mesh.EnvoyCluster) {
	if !c.rulesKnown(s) {
		c.unknown(Pair{Object: s.ref, Part: PartCluster, Name: s.name()}, "DestinationRules were not readable everywhere istiod looks for them.")
		return
	}
	rules := path.DestinationRulesAt(c.snap, c.gateway.Namespace, s.ref)
	from := []*mesh.Meta{s.meta, c.namespace(s.ref.Namespace)}
	for _, d := range rules {
		from = append(from, &d.Meta)
	}
	c.compareBase(s, loaded, rules, from)
	declared := make(map[string]bool)
	for _, d := range rules {
		for i := range d.Subsets {
			name := d.Subsets[i].Name
			if !declared[name] {
				declared[name] = true
				c.compareSubset(s, d, name, loaded, from)
			}
		}
	}
	for _, cl := range loaded {
		if cl.Subset != "" && !declared[cl.Subset] {
			declared[cl.Subset] = true
			object := cl.Rule
			if object.IsZero() {
				object = s.ref
			}
			c.add(Pair{Object: object, Part: PartCluster, Name: "subset " + cl.Subset + ", " + s.of(), Loaded: ofASubset}, false, from...)
		}
	}
}

// rulesKnown tells that DestinationRules are known where istiod looks.
func (c *envoyComparison) rulesKnown(s *served) bool {
	for _, ns := range []string{c.gateway.Namespace, s.ref.Namespace, c.snap.RootNamespace()} {
		if !c.snap.Readable(mesh.ResourceDestinationRules, ns) {
			return false
		}
	}
	return true
}

// compareBase compares the cluster of all pods, and which DestinationRule it is
// made with.
func (c *envoyComparison) compareBase(s *served, loaded []*mesh.EnvoyCluster, rules []*mesh.DestinationRule, from []*mesh.Meta) {
	p := Pair{Object: s.ref, Part: PartCluster, Name: s.name(), Declared: allPods}
	var names []string
	for _, d := range rules {
		names = append(names, d.Ref().String())
	}
	if len(names) > 0 {
		p.Declared += ", with " + strings.Join(names, " or ")
	}
	i := slices.IndexFunc(loaded, func(cl *mesh.EnvoyCluster) bool { return cl.Subset == "" })
	if i < 0 {
		c.add(p, false, from...)
		return
	}
	rule := loaded[i].Rule
	p.Loaded = allPods
	if !rule.IsZero() {
		p.Loaded += ", with " + rule.String()
	}
	same := rule.IsZero() && len(rules) == 0 || slices.Contains(names, rule.String())
	if !same && c.patched != "" {
		c.unknown(p, c.patched)
		return
	}
	c.addCluster(p, loaded[i], same, from)
}

func (c *envoyComparison) compareSubset(s *served, d *mesh.DestinationRule, name string, loaded []*mesh.EnvoyCluster, from []*mesh.Meta) {
	p := Pair{Object: d.Ref(), Part: PartCluster, Name: "subset " + name + ", " + s.of(), Declared: ofASubset}
	i := slices.IndexFunc(loaded, func(cl *mesh.EnvoyCluster) bool { return cl.Subset == name })
	if i < 0 {
		c.add(p, false, from...)
		return
	}
	p.Loaded = ofASubset
	c.addCluster(p, loaded[i], true, from)
}

// addCluster adds what is said of a loaded cluster; one that waits for its
// endpoints is not in force yet.
func (c *envoyComparison) addCluster(p Pair, cl *mesh.EnvoyCluster, same bool, from []*mesh.Meta) {
	if cl.State == mesh.EnvoyWarming {
		c.unknown(p, "The cluster waits for its endpoints and is not in force yet.")
		return
	}
	c.add(p, same, from...)
}

// compareSurplus adds the ports that the waypoint has chains for and that
// nothing declares.
func (c *envoyComparison) compareSurplus() {
	for key, chains := range c.chains {
		if c.seen[key] {
			continue
		}
		for _, ch := range chains[:1] {
			c.surplusChain(ch, c.host(ch.Host))
		}
	}
}

func (c *envoyComparison) surplusChain(ch *mesh.EnvoyChain, host string) {
	meta, ref := c.behind(host)
	if ref.Namespace != "" && !c.reaches(ref.Namespace) {
		return // out of reach: neither too much nor unknown
	}
	p := Pair{Object: ref, Part: PartListener, Name: fmt.Sprintf("port %d", ch.Port), Loaded: strings.ToUpper(ch.Protocol)}
	switch {
	case !c.servicesKnown(ref.Namespace):
		c.unknown(p, "Services or ServiceEntries were not readable there.")
	case meta != nil && c.loose(meta):
		c.unknown(p, "Which waypoint it has is not known for sure.")
	case c.patched != "":
		c.unknown(p, c.patched)
	case meta == nil:
		c.add(p, false)
	default:
		c.add(p, false, meta, c.namespace(meta.Namespace))
	}
}

// loose tells that it may well be the waypoint's, or has no address to be
// served at: then a chain is neither asked for nor too much.
func (c *envoyComparison) loose(meta *mesh.Meta) bool {
	var b mesh.Binding
	switch o := c.snap.Lookup(meta.Ref()).(type) {
	case *mesh.Service:
		b = c.snap.ServiceBinding(o)
		if o.Headless() && b.Bound() {
			return true
		}
	case *mesh.ServiceEntry:
		b = c.snap.ServiceEntryBinding(o)
		if b.Bound() && b.Waypoint == c.gateway.Ref() {
			return true
		}
	}
	return b.State == mesh.BindingUnknown || b.Agrees() == mesh.FactNo || b.Canary != nil
}

// behind finds who has a host. The reference of an unknown one is made of the
// name.
func (c *envoyComparison) behind(host string) (*mesh.Meta, mesh.Ref) {
	if name, ok := strings.CutSuffix(host, ".svc."+mesh.DefaultClusterDomain); ok {
		name, namespace, _ := strings.Cut(name, ".")
		if svc := c.snap.Service(namespace, name); svc != nil {
			return &svc.Meta, svc.Ref()
		}
		return nil, mesh.Ref{Kind: "Service", Namespace: namespace, Name: name}
	}
	for _, sh := range c.snap.Shards {
		for _, se := range sh.ServiceEntries {
			if slices.Contains(se.Hosts, host) {
				return &se.Meta, se.Ref()
			}
		}
	}
	return nil, mesh.Ref{Kind: "ServiceEntry", Name: host}
}

// servicesKnown tells that whoever may be bound to the waypoint is known in a
// namespace; everywhere for an empty one.
func (c *envoyComparison) servicesKnown(namespace string) bool {
	return c.readable(mesh.ResourceServices, namespace) && c.readable(mesh.ResourceServiceEntries, namespace)
}
