package meshtest

import (
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Counted says that every ready ztunnel and waypoint was counted for five
// minutes, and what flowed; change fills in what the test is about. A proxy
// named in Unread has no counters of its own.
func Counted(change func(*mesh.Traffic)) Part {
	return func(b *builder) { b.said.counted = append(b.said.counted, change) }
}

// Flow is a number of requests that a waypoint counted. The pods are those of
// an owner in the service's namespace; of a version "" nobody is told.
func Flow(namespace, service, owner, version, code string, count float64) mesh.RequestFlow {
	f := mesh.RequestFlow{
		Reporter: "waypoint", Host: service + "." + namespace + ".svc.cluster.local", ServiceNamespace: namespace, ServiceName: service,
		Code: code, Flags: "-", Security: "mutual_tls", Protocol: "http", Count: count, Rate: count / countedFor.Seconds(),
	}
	f.Source = mesh.TrafficPeer{Workload: "web", Namespace: namespace, Principal: "spiffe://cluster.local/ns/" + namespace + "/sa/web", Version: "latest"}
	if owner != "" {
		f.Destination = mesh.TrafficPeer{Workload: owner, Namespace: namespace, Principal: "spiffe://cluster.local/ns/" + namespace + "/sa/" + owner, Version: version}
	}
	return f
}

// countedFor is the window of Counted.
const countedFor = 5 * time.Minute

// addTraffic adds counters of every proxy of a finished mesh, as idle ones
// have them.
func (b *builder) addTraffic(s *mesh.Snapshot) {
	if len(b.said.counted) == 0 && !b.said.all {
		return
	}
	t := &mesh.Traffic{Meta: meta(mesh.KindTraffic, "", ""), Source: mesh.TrafficFromScrapes, At: b.content.At, Window: countedFor}
	for _, sh := range s.Shards {
		for _, w := range sh.PartsOfMesh() {
			if w.Running() && w.Ready && (w.Labels["app"] == "ztunnel" || w.IsWaypoint()) {
				t.Proxies = append(t.Proxies, mesh.ProxyTraffic{Pod: w.Ref(), Node: w.Node, Scrapes: 2, Window: countedFor, CPU: -1, Memory: -1})
			}
		}
	}
	slices.SortFunc(t.Proxies, func(x, y mesh.ProxyTraffic) int { return x.Pod.Compare(y.Pod) })
	for _, change := range b.said.counted {
		change(t)
	}
	unread := func(p mesh.ProxyTraffic) bool {
		return slices.ContainsFunc(t.Unread, func(g mesh.TrafficGap) bool { return g.Proxy == p.Pod })
	}
	t.Proxies = slices.DeleteFunc(t.Proxies, unread)
	b.content.ClusterScoped = append(b.content.ClusterScoped, t)
}
