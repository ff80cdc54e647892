package traffic

import (
	"cmp"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// Sizing is how busy a waypoint is, replica by replica.
type Sizing struct {
	Replicas []Replica
	// Dependents is how many Services, ServiceEntries and workloads are bound to
	// the waypoint.
	Dependents int
}

// Replica is one pod of a waypoint against its limits. Numbers are negative
// where they are not known, and limits 0 where none is set.
type Replica struct {
	Pod *mesh.Workload
	// CPU is in cores, averaged over the window, Memory in bytes.
	CPU, CPULimit       float64
	Memory, MemoryLimit float64
	// Connections are those open at the last reading, Requests those served in
	// the window, PerSecond the same as a rate.
	Connections         float64
	Requests, PerSecond float64
	// Restarted tells that its counters began anew within the window.
	Restarted bool
	// Unread says why its counters are not known; empty where they are.
	Unread string
}

// CPUShare and MemoryShare are the use in percent of the limit, not known
// without either.
func (r *Replica) CPUShare() (float64, bool) { return use(r.CPU, r.CPULimit) }

// MemoryShare is like CPUShare.
func (r *Replica) MemoryShare() (float64, bool) { return use(r.Memory, r.MemoryLimit) }

func use(amount, limit float64) (float64, bool) {
	if amount < 0 || limit <= 0 {
		return 0, false
	}
	return 100 * amount / limit, true
}

// SizingOf tells how busy the pods of a waypoint are.
func (c *Counts) SizingOf(w *mesh.Waypoint) Sizing {
	s := Sizing{Dependents: len(w.Dependents)}
	for _, p := range w.Pods {
		if p.Running() {
			s.Replicas = append(s.Replicas, c.replica(p))
		}
	}
	slices.SortFunc(s.Replicas, func(a, b Replica) int { return cmp.Compare(a.Pod.Name, b.Pod.Name) })
	return s
}

func (c *Counts) replica(pod *mesh.Workload) Replica {
	r := Replica{Pod: pod, CPU: -1, Memory: -1, Connections: -1, Requests: -1}
	// Limits are of the proxy alone: it is what the counters are of.
	for i := range pod.Containers {
		if pod.Containers[i].Name == proxyContainer {
			r.CPULimit = float64(pod.Containers[i].Limits.MilliCPU) / 1000
			r.MemoryLimit = float64(pod.Containers[i].Limits.MemoryBytes)
		}
	}
	p := c.Proxy(pod.Ref())
	if p == nil {
		for _, g := range c.Gaps([]*mesh.Workload{pod}) {
			r.Unread = g.Reason
		}
		return r
	}
	r.CPU, r.Memory, r.Connections, r.Requests, r.Restarted = p.CPU, p.Memory, p.Connections, p.Requests, p.Restarted
	if s := p.Window.Seconds(); s > 0 && r.Requests >= 0 {
		r.PerSecond = r.Requests / s
	}
	return r
}

// proxyContainer is how istiod calls the container of a gateway's proxy.
const proxyContainer = "istio-proxy"

// NearLimit is the use of a limit, in percent, above which a replica is too
// small for its load.
const NearLimit = 90

const (
	// UnevenRatio is how much busier one replica may be than another.
	UnevenRatio = 4
	// unevenChance is how improbable such a difference must be where each
	// connection picks one of the two by chance.
	unevenChance = 1e-6
)

// Uneven finds two replicas of which one has more than UnevenRatio times the
// connections of the other, by more than chance explains: of a few connections
// some replica always has most.
func (s *Sizing) Uneven() (most, least Replica, found bool) {
	var known []Replica
	for _, r := range s.Replicas {
		if r.Connections >= 0 && !r.Restarted && r.Pod.Ready {
			known = append(known, r)
		}
	}
	if len(known) < 2 {
		return Replica{}, Replica{}, false
	}
	compare := func(a, b Replica) int { return cmp.Compare(a.Connections, b.Connections) }
	most, least = slices.MaxFunc(known, compare), slices.MinFunc(known, compare)
	found = most.Connections > UnevenRatio*least.Connections &&
		Chance(whole(most.Connections), whole(most.Connections+least.Connections), 0.5) < unevenChance
	return most, least, found
}
