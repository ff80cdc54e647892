package meshtest

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// Large is a healthy mesh of a given size for benchmarks: ambient namespaces
// with a waypoint of two replicas each, services and pods spread evenly. The
// size Waylight is made for is Large(200, 4000, 20000, 200).
func Large(namespaces, services, pods, nodes int) *mesh.Snapshot {
	return Mesh(LargeParts(namespaces, services, pods, nodes)...)
}

// LargeParts are the parts of Large, for a big mesh with something wrong in
// it. Services are called ns-0/svc-0, ns-1/svc-1, … and have a Deployment of
// the same name.
func LargeParts(namespaces, services, pods, nodes int) []Part {
	var parts []Part
	names := make([]string, nodes)
	for i := range names {
		names[i] = fmt.Sprintf("node-%d", i)
		parts = append(parts, Node(names[i]))
	}
	for i := range namespaces {
		ns := fmt.Sprintf("ns-%d", i)
		parts = append(parts, Namespace(ns, Ambient, UseWaypoint("waypoint")))
		parts = append(parts, Waypoint(ns, "waypoint", Replicas(2), OnNode(names[i%nodes], names[(i+1)%nodes])))
	}
	for i := range services {
		ns, name := fmt.Sprintf("ns-%d", i%namespaces), fmt.Sprintf("svc-%d", i)
		parts = append(parts, Service(ns, name), largeDeployment(ns, name, share(pods, services, i), names, i))
	}
	return parts
}

// share is how many of total fall to part i of n.
func share(total, n, i int) int32 { return int32((i+1)*total/n - i*total/n) }

// largeDeployment spreads pods over nodes, starting elsewhere for each.
func largeDeployment(ns, name string, replicas int32, nodes []string, offset int) Part {
	rotated := make([]string, replicas)
	for i := range rotated {
		rotated[i] = nodes[(offset*7+i*13)%len(nodes)]
	}
	requests := With(func(w *mesh.Workload) {
		w.Containers[0].Requests = mesh.Resources{MilliCPU: 100, MemoryBytes: 128 << 20}
	})
	return Deployment(ns, name, Replicas(replicas), OnNode(rotated...), requests)
}
