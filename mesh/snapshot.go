package mesh

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Origin tells where a snapshot comes from; pages say so.
type Origin string

// The origins.
const (
	OriginLive     Origin = "live"
	OriginRecorded Origin = "recorded"
	OriginDemo     Origin = "demo"
	// OriginManifests is no moment of a cluster: objects as somebody wrote them.
	OriginManifests Origin = "manifests"
)

// ClusterInfo describes the cluster a snapshot was taken of.
type ClusterInfo struct {
	Name              string
	IstioVersion      string
	KubernetesVersion string
	Origin            Origin
}

// Snapshot is one moment of a mesh. It is immutable: a request takes one and
// renders from it alone, so that no page mixes two moments.
type Snapshot struct {
	// At is the moment described: the time of assembly, or recordedAt of a
	// bundle. Ages are counted from it.
	At time.Time
	// Revision grows by one with each snapshot a process publishes.
	Revision uint64
	Cluster  ClusterInfo
	// Scope lists the namespaces that are watched; nil means all of them.
	// What lies outside is unknown, never absent.
	Scope   []string
	Sources Sources
	// Shards are sorted by namespace.
	Shards []*Shard

	Nodes          []*Node
	GatewayClasses []*GatewayClass
	CRDs           []*CustomResourceDefinition

	evidence evidence
	derived  derived
}

// derived holds what is computed from the whole snapshot, once and only when
// asked for.
type derived struct {
	waypoints func() []*Waypoint
	inherited func() map[string]*inherited
	config    func() *MeshConfig
	cni       func() *CNIConfig
	ztunnels  func() map[string][]*Workload
	cniNodes  func() map[string][]*Workload
}

// Content is what a snapshot is made of.
type Content struct {
	At       time.Time
	Revision uint64
	Cluster  ClusterInfo
	Scope    []string
	Sources  Sources
	Shards   []*Shard
	// ClusterScoped are Nodes, GatewayClasses, CustomResourceDefinitions and
	// the evidence of proxies.
	ClusterScoped []Object
}

// NewSnapshot puts shards and cluster-scoped objects together. Order of the
// input does not matter.
func NewSnapshot(c Content) *Snapshot {
	s := &Snapshot{At: c.At, Revision: c.Revision, Cluster: c.Cluster, Scope: slices.Clone(c.Scope), Sources: slices.Clone(c.Sources), Shards: slices.Clone(c.Shards)}
	slices.SortFunc(s.Sources, func(a, b SourceStatus) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(s.Shards, func(a, b *Shard) int { return strings.Compare(a.Namespace, b.Namespace) })
	for _, o := range c.ClusterScoped {
		switch o := o.(type) {
		case *Node:
			s.Nodes = append(s.Nodes, o)
		case *GatewayClass:
			s.GatewayClasses = append(s.GatewayClasses, o)
		case *CustomResourceDefinition:
			s.CRDs = append(s.CRDs, o)
		default:
			s.evidence.add(o)
		}
	}
	s.evidence.sort()
	sortByName(s.Nodes)
	sortByName(s.GatewayClasses)
	sortByName(s.CRDs)
	s.derived = derived{
		waypoints: sync.OnceValue(s.findWaypoints),
		inherited: sync.OnceValue(s.findInherited),
		config:    sync.OnceValue(s.findMeshConfig),
		cni:       sync.OnceValue(s.findCNIConfig),
		ztunnels: sync.OnceValue(func() map[string][]*Workload {
			return s.podsByNode(func(x *shardIndex) []*Workload { return x.ztunnels })
		}),
		cniNodes: sync.OnceValue(func() map[string][]*Workload {
			return s.podsByNode(func(x *shardIndex) []*Workload { return x.cniNodes })
		}),
	}
	return s
}

// emptyShard answers for namespaces that hold nothing.
var emptyShard = NewShard("", nil)

// Shard returns the shard of a namespace, an empty one if there is none.
func (s *Snapshot) Shard(namespace string) *Shard {
	i, ok := slices.BinarySearchFunc(s.Shards, namespace, func(sh *Shard, n string) int { return strings.Compare(sh.Namespace, n) })
	if !ok {
		return emptyShard
	}
	return s.Shards[i]
}

// InScope tells whether a namespace is watched.
func (s *Snapshot) InScope(namespace string) bool {
	return s.Scope == nil || slices.Contains(s.Scope, namespace)
}

// Readable tells whether objects of a kind ("<resource>.<group>") in a
// namespace are all known, so that absence means absence. An empty namespace
// asks for cluster-scoped kinds or for all namespaces.
func (s *Snapshot) Readable(resource, namespace string) bool {
	if namespace == "" && s.Scope != nil && !clusterScoped(resource) {
		return false
	}
	if namespace != "" && !s.InScope(namespace) {
		return false
	}
	st := s.Sources.Kind(resource).State
	// A kind that is not installed has no objects: that is knowledge.
	return st.Readable() || st == SourceAbsent
}

// clusterScoped kinds are read whole or not at all, also in a limited scope. Of
// Namespaces only those of the scope are read.
func clusterScoped(resource string) bool {
	return resource == ResourceNodes || resource == ResourceGatewayClasses || resource == ResourceCRDs
}

// Namespaces lists the names of all namespaces that hold something.
func (s *Snapshot) Namespaces() []string {
	out := make([]string, 0, len(s.Shards))
	for _, sh := range s.Shards {
		out = append(out, sh.Namespace)
	}
	return out
}

// NamespaceLabels returns a namespace's labels, and false where the Namespace
// object is not known.
func (s *Snapshot) NamespaceLabels(namespace string) (map[string]string, bool) {
	if info := s.Shard(namespace).Info; info != nil {
		return info.Labels, true
	}
	return nil, false
}

// Node returns a node by name, nil if it is not known.
func (s *Snapshot) Node(name string) *Node { return byName(s.Nodes, name) }

// GatewayClass returns a class by name, nil if it is not known.
func (s *Snapshot) GatewayClass(name string) *GatewayClass { return byName(s.GatewayClasses, name) }

// Service looks up a Service; nil if it is not known.
func (s *Snapshot) Service(namespace, name string) *Service {
	return s.Shard(namespace).ServiceNamed(name)
}

// Workload looks up a pod or WorkloadEntry; nil if it is not known.
func (s *Snapshot) Workload(namespace, name string) *Workload {
	return s.Shard(namespace).WorkloadNamed(name)
}

// Gateway looks up a Gateway API Gateway; nil if it is not known.
func (s *Snapshot) Gateway(namespace, name string) *Gateway {
	return s.Shard(namespace).GatewayNamed(name)
}

// WorkloadByIP finds who has an address now. Host-network and finished pods do
// not count.
func (s *Snapshot) WorkloadByIP(ip string) *Workload {
	for _, sh := range s.Shards {
		if w := sh.index.byIP[ip]; w != nil {
			return w
		}
	}
	return nil
}

// ServiceByVIP finds the Service that has a cluster address.
func (s *Snapshot) ServiceByVIP(ip string) *Service {
	for _, sh := range s.Shards {
		if svc := sh.index.byVIP[ip]; svc != nil {
			return svc
		}
	}
	return nil
}

// OnNode lists all workloads on a node.
func (s *Snapshot) OnNode(node string) []*Workload {
	var out []*Workload
	for _, sh := range s.Shards {
		out = append(out, sh.index.byNode[node]...)
	}
	return out
}

// Istiods lists istiod's Deployments (label app=istiod), in any namespace.
func (s *Snapshot) Istiods() []*Controller {
	var out []*Controller
	for _, sh := range s.Shards {
		out = append(out, sh.index.istiods...)
	}
	return out
}

// Ztunnels are the ztunnel pods of a node, by label app=ztunnel in any
// namespace, as istioctl finds them; two during an upgrade.
func (s *Snapshot) Ztunnels(node string) []*Workload { return s.derived.ztunnels()[node] }

// CNINodes are the istio-cni-node pods of a node.
func (s *Snapshot) CNINodes(node string) []*Workload { return s.derived.cniNodes()[node] }

// ReadyPod returns the first Running and Ready pod of a list, nil if none is.
func ReadyPod(pods []*Workload) *Workload {
	for _, p := range pods {
		if p.Running() && p.Ready {
			return p
		}
	}
	return nil
}

func (s *Snapshot) podsByNode(of func(*shardIndex) []*Workload) map[string][]*Workload {
	out := make(map[string][]*Workload)
	for _, sh := range s.Shards {
		for _, w := range of(&sh.index) {
			out[w.Node] = append(out[w.Node], w)
		}
	}
	return out
}
