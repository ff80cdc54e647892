package drift

import (
	"net"
	"slices"
	"strconv"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// Words for how a waypoint reaches a pod.
const (
	overHBONE = "ready, over HBONE"
	inPlain   = "ready, in plaintext"
	isReady   = "ready"
)

// compareEndpoints compares the ready addresses of a Service with the endpoints
// of the clusters of one of its ports: all pods, and each subset.
func (c *envoyComparison) compareEndpoints(s *served, clusters []*mesh.EnvoyCluster) {
	if why := c.unsureEndpoints(s); why != "" {
		if len(clusters) > 0 {
			c.unknown(Pair{Object: s.ref, Part: PartEndpoint, Name: s.name()}, why)
		}
		return
	}
	subsets := make(map[string]map[string]string)
	for _, d := range path.DestinationRulesAt(c.snap, c.gateway.Namespace, s.ref) {
		for i := range d.Subsets {
			if _, older := subsets[d.Subsets[i].Name]; !older {
				subsets[d.Subsets[i].Name] = d.Subsets[i].Labels
			}
		}
	}
	for _, cl := range oneForEach(clusters, s) {
		labels, defined := subsets[cl.Subset]
		if cl.State == mesh.EnvoyWarming || cl.Type != "EDS" || cl.Subset != "" && (!defined || !c.rulesKnown(s)) {
			continue
		}
		c.compareCluster(s, cl, labels)
	}
}

// oneForEach keeps one cluster of those for HTTP and TCP, which have the same
// endpoints.
func oneForEach(clusters []*mesh.EnvoyCluster, s *served) []*mesh.EnvoyCluster {
	var out []*mesh.EnvoyCluster
	seen := make(map[string]bool)
	for _, cl := range clusters {
		if s.http != nil && cl.Protocol == "tcp" || seen[cl.Subset] {
			continue
		}
		seen[cl.Subset] = true
		out = append(out, cl)
	}
	return out
}

// unsureEndpoints says why the endpoints of a port are not compared; empty if
// they are.
func (c *envoyComparison) unsureEndpoints(s *served) string {
	switch {
	case s.service == nil:
		return "Endpoints of ServiceEntries are not compared."
	case !c.snap.Readable(mesh.ResourceEndpointSlices, s.ref.Namespace):
		return "EndpointSlices were not readable."
	case s.service.InternalTrafficPolicy == "Local":
		return "internalTrafficPolicy is Local, so which endpoints there are depends on the node."
	}
	return ""
}

// backing is one endpoint that a Service declares.
type backing struct {
	object    mesh.Ref // the pod, or the Service where it has none
	pod       *mesh.Workload
	addresses []string // with port
	ready     bool
	from      []*mesh.Meta
}

// backingsOf lists what EndpointSlices declare for a port. A pod in slices of
// two address families is one.
func (c *envoyComparison) backingsOf(s *served) []*backing {
	var out []*backing
	byPod := make(map[mesh.Ref]*backing)
	for _, sl := range c.snap.Shard(s.ref.Namespace).Slices(s.ref.Name) {
		port, ok := portOf(sl, s.port.Name)
		if !ok {
			continue
		}
		for i := range sl.Endpoints {
			e := &sl.Endpoints[i]
			if len(e.Addresses) == 0 {
				continue
			}
			b := byPod[e.Target]
			if b == nil || e.Target.IsZero() {
				b = &backing{object: e.Target, pod: c.snap.Workload(e.Target.Namespace, e.Target.Name)}
				if e.Target.IsZero() {
					b.object = s.ref
				}
				byPod[e.Target] = b
				out = append(out, b)
			}
			b.ready = b.ready || e.IsReady() || s.service.PublishNotReadyAddresses
			b.from = append(b.from, &sl.Meta)
			for _, a := range e.Addresses {
				b.addresses = append(b.addresses, net.JoinHostPort(a, strconv.Itoa(int(port))))
			}
		}
	}
	return out
}

func portOf(sl *mesh.EndpointSlice, name string) (uint16, bool) {
	for _, p := range sl.Ports {
		if p.Name == name && p.Protocol != "UDP" {
			return p.Port, true
		}
	}
	return 0, false
}

// compareCluster compares the endpoints of one cluster. A subset takes the pods
// with its labels.
func (c *envoyComparison) compareCluster(s *served, cl *mesh.EnvoyCluster, labels map[string]string) {
	name := func(address string) string {
		if cl.Subset != "" {
			return address + " in subset " + cl.Subset + " of " + s.of()
		}
		return address + " of " + s.of()
	}
	loaded := c.backing[cl.Name]
	matched := make(map[*mesh.EnvoyEndpoint]bool)
	slices := c.sliceMetas(s)
	for _, b := range c.backingsOf(s) {
		in := cl.Subset == "" || b.pod != nil && mesh.LabelSelector{MatchLabels: labels}.Matches(b.pod.Labels)
		got := find(loaded, b.addresses)
		if got != nil {
			matched[got] = true
		}
		c.compareEndpoint(b, got, name(b.addresses[0]), b.ready && in, in || b.pod != nil, slices)
	}
	for _, e := range loaded {
		if !matched[e] && healthy(e) {
			c.surplusEndpoint(s, e, name(e.Address), slices)
		}
	}
}

// sliceMetas are all EndpointSlices of a Service: which one an address moved to
// or from is not known.
func (c *envoyComparison) sliceMetas(s *served) []*mesh.Meta {
	out := []*mesh.Meta{s.meta}
	for _, sl := range c.snap.Shard(s.ref.Namespace).Slices(s.ref.Name) {
		out = append(out, &sl.Meta)
	}
	return out
}

func find(loaded []*mesh.EnvoyEndpoint, addresses []string) *mesh.EnvoyEndpoint {
	for _, e := range loaded {
		if slices.Contains(addresses, e.Address) {
			return e
		}
	}
	return nil
}

// healthy tells that istiod sends calls there. What Envoy finds out itself
// makes no difference here.
func healthy(e *mesh.EnvoyEndpoint) bool { return e.Health == "HEALTHY" || e.Health == "UNKNOWN" }

// compareEndpoint compares one endpoint. wanted: it should get calls; judged:
// it is known whether it should.
func (c *envoyComparison) compareEndpoint(b *backing, got *mesh.EnvoyEndpoint, name string, wanted, judged bool, from []*mesh.Meta) {
	p := Pair{Object: b.object, Part: PartEndpoint, Name: name}
	protocol := ""
	if b.pod != nil {
		protocol = protocolOf(b.pod)
		from = append(slices.Clone(from), &b.pod.Meta, c.recently(b.pod))
	}
	if wanted {
		p.Declared = reachWords(protocol == "HBONE", protocol == "")
	}
	if got != nil && healthy(got) {
		p.Loaded = reachWords(got.Tunnel != "", protocol == "")
	}
	switch {
	case p.Declared == "" && p.Loaded == "":
	case !judged:
		c.unknown(p, "The pod is not known, and so not whether the subset takes it.")
	default:
		c.add(p, p.Declared == p.Loaded, from...)
	}
}

// recently stands for a pod whose conditions turned just now; nil where none
// did.
func (c *envoyComparison) recently(pod *mesh.Workload) *mesh.Meta {
	for i := range pod.Conditions {
		if pod.Conditions[i].Since.After(c.before) {
			m := pod.Meta
			m.StatusChange.Time = pod.Conditions[i].Since
			return &m
		}
	}
	return nil
}

func reachWords(hbone, unknown bool) string {
	switch {
	case unknown:
		return isReady
	case hbone:
		return overHBONE
	}
	return inPlain
}

// surplusEndpoint adds an endpoint that no EndpointSlice has. One of another
// cluster of the mesh is out of reach.
func (c *envoyComparison) surplusEndpoint(s *served, e *mesh.EnvoyEndpoint, name string, from []*mesh.Meta) {
	p := Pair{Object: s.ref, Part: PartEndpoint, Name: name, Loaded: isReady}
	switch {
	case e.Cluster == "" || e.ClusterID == "" || e.ClusterID != c.ownCluster():
		c.unknown(p, "It can be of another cluster of the mesh.")
	default:
		c.add(p, false, from...)
	}
}

// ownCluster is the name istiod gives the cluster that the snapshot is of: that
// of the endpoints that are pods of it. Empty where they do not agree.
func (c *envoyComparison) ownCluster() string {
	own := ""
	for i := range c.dump.Endpoints {
		e := &c.dump.Endpoints[i]
		host, _, err := net.SplitHostPort(e.Address)
		if err != nil || e.ClusterID == "" {
			continue
		}
		pod := c.snap.WorkloadByIP(host)
		if pod == nil || pod.Ref().NamespacedName() != e.Workload {
			continue
		}
		if own != "" && own != e.ClusterID {
			return ""
		}
		own = e.ClusterID
	}
	return own
}
