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

// LargeTraffic says that in a mesh of LargeParts each service is called by
// five others and answers in two ways, and that ztunnels count both ends of
// each connection: twenty flows a service.
func LargeTraffic(namespaces, services int) Part {
	return Counted(func(t *mesh.Traffic) {
		for i := range services {
			for j := range largeCallers {
				addLargeFlows(t, i, (i*7+j*13)%services, namespaces)
			}
		}
	})
}

// largeCallers call each service of a large mesh.
const largeCallers = 5

// addLargeFlows adds what service number from sent to number to.
func addLargeFlows(t *mesh.Traffic, to, from, namespaces int) {
	names := func(i int) (namespace, name string) {
		return fmt.Sprintf("ns-%d", i%namespaces), fmt.Sprintf("svc-%d", i)
	}
	ns, name := names(to)
	var peer mesh.TrafficPeer
	peer.Namespace, peer.Workload = names(from)
	peer.Principal = "spiffe://cluster.local/ns/" + peer.Namespace + "/sa/" + peer.Workload
	for _, code := range []string{"200", "503"} {
		f := Flow(ns, name, name, "v1", code, 40)
		f.Source = peer
		t.Requests = append(t.Requests, f)
	}
	for _, reporter := range []string{"source", "destination"} {
		t.Connections = append(t.Connections, mesh.ConnectionFlow{
			Reporter: reporter, Host: name + "." + ns + ".svc.cluster.local", ServiceNamespace: ns, ServiceName: name,
			Flags: "-", Security: "mutual_tls", Opened: 12, Source: peer, Destination: mesh.TrafficPeer{Workload: name, Namespace: ns},
		})
	}
}
