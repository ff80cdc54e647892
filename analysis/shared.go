package analysis

import (
	"sync"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// shared is what several checks of one run ask for, computed once and only
// when asked for. A run is one goroutine's.
type shared struct {
	nodes        func() []nodePods
	ztunnels     func() *authz.Ztunnels
	proxies      func() *proxies
	certificates func() []ztunnelCertificates
	routing      func() *routingTable
	revisions    func() []string
	peers        func() []*mesh.Workload
	sidecars     func() map[string][]*mesh.Workload
	components   func() []component
	versions     func() map[mesh.Ref][]Evidence
}

// newRun is the input as the checks of one run get it, with what an earlier run
// left, if there was one.
func newRun(in Input, last *memory) *Input {
	out := &Input{Snap: in.Snap, Now: in.Now, memory: nextMemory(in, last)}
	out.shared = shared{
		nodes:        sync.OnceValue(out.findMeshPods),
		proxies:      sync.OnceValue(out.findProxies),
		certificates: sync.OnceValue(out.findCertificates),
		routing:      sync.OnceValue(out.findRouting),
		revisions:    sync.OnceValue(out.findRevisions),
		peers:        sync.OnceValue(out.findPeers),
		sidecars:     sync.OnceValue(out.findSidecars),
		components:   sync.OnceValue(out.findComponents),
		versions:     sync.OnceValue(out.findSyncVersions),
		ztunnels:     sync.OnceValue(func() *authz.Ztunnels { return authz.NewZtunnels(in.Snap) }),
	}
	return out
}
