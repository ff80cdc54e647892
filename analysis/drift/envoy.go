package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// mainInternal is the listener of a waypoint that has a chain for each port of
// a Service (istio.md E).
const mainInternal = "main_internal"

// inboundVIP is the direction in the names of those chains and their clusters.
const inboundVIP = "inbound-vip"

// Envoy holds a waypoint's dump beside what the snapshot declares for its
// Gateway, by part, object and name; now is the moment ages are counted to.
func Envoy(s *mesh.Snapshot, d *mesh.EnvoyDump, gateway *mesh.Gateway, now time.Time) []Pair {
	c := newEnvoyComparison(s, d, gateway, now)
	c.compareRefusals()
	c.compareServices()
	c.compareSurplus()
	c.compareSecrets()
	sortPairs(c.out)
	return c.out
}

// OfWaypoint is what came of holding the dump of a waypoint's pod against the
// API.
func OfWaypoint(s *mesh.Snapshot, d *mesh.EnvoyDump, now time.Time) mesh.Comparison {
	v := newView(s, d.At, now)
	if why := v.impossible(); why != "" {
		return mesh.Comparison{Why: why}
	}
	pod := s.Workload(d.Pod.Namespace, d.Pod.Name)
	if pod == nil {
		return mesh.Comparison{Why: "The pod of this proxy is not known."}
	}
	gateway := s.Gateway(pod.Namespace, pod.GatewayName())
	if gateway == nil {
		return mesh.Comparison{Why: "The Gateway of this proxy is not known."}
	}
	pairs := Envoy(s, d, gateway, now)
	unjudged := make(map[mesh.Ref]bool)
	for i := range pairs {
		if p := &pairs[i]; p.State == PairUnknown || p.State == PairSettling {
			unjudged[p.Object] = true
		}
	}
	return result(Differences(pairs), unjudged)
}

// envoyComparison is one waypoint's dump held against one snapshot.
type envoyComparison struct {
	view
	dump    *mesh.EnvoyDump
	gateway *mesh.Gateway
	pod     *mesh.Workload // nil where it is not known
	// domain is the cluster's, as the dump's hosts have it.
	domain string
	// lost says that some of the dump was not read, so that nothing is missing
	// for sure; patched that EnvoyFilters change what istiod makes. Empty for
	// neither.
	lost, patched string

	chains   map[string][]*mesh.EnvoyChain // by host and port
	clusters map[string][]*mesh.EnvoyCluster
	routes   map[string][]*mesh.EnvoyRoute // by chain
	backing  map[string][]*mesh.EnvoyEndpoint
	// seen are the chains and clusters that a declared port explains.
	seen map[string]bool
	out  []Pair
}

func newEnvoyComparison(s *mesh.Snapshot, d *mesh.EnvoyDump, gateway *mesh.Gateway, now time.Time) *envoyComparison {
	c := &envoyComparison{
		view: newView(s, d.At, now), dump: d, gateway: gateway, pod: s.Workload(d.Pod.Namespace, d.Pod.Name),
		chains: make(map[string][]*mesh.EnvoyChain), clusters: make(map[string][]*mesh.EnvoyCluster),
		routes: make(map[string][]*mesh.EnvoyRoute), backing: make(map[string][]*mesh.EnvoyEndpoint), seen: make(map[string]bool),
	}
	c.domain = clusterDomain(d)
	c.lost, c.patched = lost(d), c.patchedBy()
	c.index()
	return c
}

// index sorts what is in force by what it is for.
func (c *envoyComparison) index() {
	found := false
	for i := range c.dump.Listeners {
		l := &c.dump.Listeners[i]
		if l.Name != mainInternal || l.State != mesh.EnvoyActive {
			continue
		}
		found = true
		for j := range l.Chains {
			if ch := &l.Chains[j]; ch.Direction == inboundVIP {
				key := c.portKey(ch.EnvoyName)
				c.chains[key] = append(c.chains[key], ch)
			}
		}
	}
	if !found && c.lost == "" {
		c.lost = "The listener " + mainInternal + " is not in force, or not known by that name."
	}
	for i := range c.dump.Clusters {
		if cl := &c.dump.Clusters[i]; cl.Direction == inboundVIP && cl.State != mesh.EnvoyDraining {
			key := c.portKey(cl.EnvoyName)
			c.clusters[key] = append(c.clusters[key], cl)
		}
	}
	for i := range c.dump.Routes {
		if r := &c.dump.Routes[i]; r.Listener == mainInternal && !r.Draining {
			c.routes[r.Chain] = append(c.routes[r.Chain], r)
		}
	}
	for i := range c.dump.Endpoints {
		e := &c.dump.Endpoints[i]
		c.backing[e.Cluster] = append(c.backing[e.Cluster], e)
	}
}

// portKey names a port of a service in the domain that the snapshot's names
// have.
func (c *envoyComparison) portKey(n mesh.EnvoyName) string {
	return fmt.Sprintf("%s:%d", c.host(n.Host), n.Port)
}

// host writes a host with the default cluster domain.
func (c *envoyComparison) host(h string) string {
	if name, ok := strings.CutSuffix(h, ".svc."+c.domain); ok {
		return name + ".svc." + mesh.DefaultClusterDomain
	}
	return h
}

// clusterDomain is the domain of the first host that is a Service's.
func clusterDomain(d *mesh.EnvoyDump) string {
	for i := range d.Clusters {
		if cl := &d.Clusters[i]; cl.Direction == inboundVIP {
			if _, domain, ok := strings.Cut(cl.Host, ".svc."); ok {
				return domain
			}
		}
	}
	return mesh.DefaultClusterDomain
}

// lost says that parts of a dump were not decoded; empty where all that counts
// here was. Counters are not compared, and filters that nobody knows, such as
// Istio's own, are shown by name.
func lost(d *mesh.EnvoyDump) string {
	n := d.Lost()
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d parts of the dump could not be read.", n)
}

// patchedBy says which EnvoyFilter is attached to the Gateway or its class:
// then not all the proxy has is made by istiod's rules.
func (c *envoyComparison) patchedBy() string {
	for _, ns := range slices.Compact([]string{c.gateway.Namespace, c.snap.RootNamespace()}) {
		if !c.snap.Readable(mesh.ResourceEnvoyFilters, ns) {
			return "EnvoyFilters in " + ns + " were not readable, and one can have changed this."
		}
		for _, f := range c.snap.Shard(ns).EnvoyFilters {
			if slices.ContainsFunc(f.TargetRefs, func(t mesh.TargetRef) bool { return c.targets(f.Namespace, t) }) {
				return f.Ref().String() + " can have changed this."
			}
		}
	}
	return ""
}

func (c *envoyComparison) targets(namespace string, t mesh.TargetRef) bool {
	if t.Kind == "GatewayClass" {
		return t.Name == c.gateway.Class
	}
	return t.Kind == "Gateway" && t.Name == c.gateway.Name && namespace == c.gateway.Namespace
}

// add judges a pair: what it follows from must not have changed just now.
// same tells whether both sides agree.
func (c *envoyComparison) add(p Pair, same bool, from ...*mesh.Meta) {
	var pod *mesh.Meta
	if c.pod != nil {
		pod = &c.pod.Meta
	}
	moving := c.moving(append(from, &c.gateway.Meta, pod)...)
	switch {
	case p.State == PairUnknown:
	case same:
		p.State = PairSame
	case p.Loaded == "" && c.lost != "":
		p.State, p.Why = PairUnknown, c.lost
	case moving != nil:
		p.State, p.Why = PairSettling, moving.Ref().String()+" changed just before."
	default:
		p.State = PairDiffers
	}
	c.out = append(c.out, p)
}

// unknown adds a pair that cannot be judged.
func (c *envoyComparison) unknown(p Pair, why string) {
	p.State, p.Why = PairUnknown, why
	c.out = append(c.out, p)
}

// compareRefusals tells where the newest configuration was refused.
func (c *envoyComparison) compareRefusals() {
	refused := func(part Part, name, reason string) {
		c.add(Pair{Object: c.gateway.Ref(), Part: part, Name: name, Declared: "the newest version", Loaded: "an older one, since it refuses the newest: " + short(reason)}, false)
	}
	for i := range c.dump.Listeners {
		if l := &c.dump.Listeners[i]; l.Rejected != "" {
			refused(PartListener, l.Name, l.Rejected)
		}
	}
	for i := range c.dump.Clusters {
		if cl := &c.dump.Clusters[i]; cl.Rejected != "" {
			refused(PartCluster, cl.Name, cl.Rejected)
		}
	}
}

// maxReason bounds a text of Envoy's, in characters.
const maxReason = 200

func short(text string) string {
	if r := []rune(text); len(r) > maxReason {
		return string(r[:maxReason]) + "…"
	}
	return text
}

func sortPairs(pairs []Pair) {
	order := make(map[Part]int)
	for i, p := range Parts() {
		order[p] = i
	}
	slices.SortStableFunc(pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(order[a.Part], order[b.Part]), a.Object.Compare(b.Object), compareNames(a.Name, b.Name))
	})
}

// compareNames orders "rule 2" before "rule 10".
func compareNames(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
