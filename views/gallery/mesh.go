package gallery

import (
	"fmt"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// The meshes pages are shown with. They are functions, so that an entry nobody
// looks at costs nothing.

// quiet is a small mesh without a fault.
func quiet() *mesh.Snapshot { return mt.Mesh(shop()) }

func shop() mt.Part {
	return mt.Parts(
		mt.Cluster(mesh.ClusterInfo{Name: "prod-eu", IstioVersion: "1.31.1", KubernetesVersion: "v1.37.2", Origin: mesh.OriginLive}),
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")),
		mt.Waypoint("shop", "waypoint", mt.Replicas(2)),
		mt.Deployment("shop", "web", mt.Replicas(2)), mt.Service("shop", "web"),
		mt.Deployment("shop", "orders", mt.Replicas(3)), mt.Service("shop", "orders"),
		mt.Deployment("shop", "catalog"), mt.Service("shop", "catalog"),
		mt.ServiceEntry("shop", "payments-api", "api.payments.example"),
		mt.Namespace("billing", mt.Ambient),
		mt.Deployment("billing", "ledger"), mt.Service("billing", "ledger"),
	)
}

// broken has several faults at once: a waypoint without ready pods, a label
// that names no waypoint, a node without ztunnel, and changes of the last hour.
func broken() *mesh.Snapshot {
	return mt.Mesh(
		mt.Cluster(mesh.ClusterInfo{Name: "prod-eu", IstioVersion: "1.31.1", KubernetesVersion: "v1.37.2", Origin: mesh.OriginLive}),
		mt.Node("node-a"), mt.Node("node-b"), mt.Node("node-c", mt.NoZtunnel()),
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"), changed(4*time.Minute, "kubectl-label")),
		mt.Waypoint("shop", "waypoint", mt.Replicas(2), mt.Ready(0), changed(7*time.Minute, "argocd-controller")),
		mt.Deployment("shop", "web", mt.Replicas(2)), mt.Service("shop", "web"),
		mt.Deployment("shop", "orders", mt.Replicas(3)), mt.Service("shop", "orders"),
		mt.Deployment("shop", "catalog", mt.OnNode("node-c")), mt.Service("shop", "catalog"),
		mt.Namespace("billing", mt.Ambient, mt.UseWaypoint("waypont"), changed(50*time.Second, "kubectl-edit")),
		mt.Deployment("billing", "ledger"), mt.Service("billing", "ledger"),
		mt.Namespace("lab"), mt.Deployment("lab", "probe", mt.OnController(mt.Label(mesh.LabelDataplaneMode, mesh.DataplaneAmbient))),
	)
}

// denied has no fault that a check knows: a policy lets nobody call anybody.
func denied() *mesh.Snapshot {
	deny := &mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "deny-all"}, Action: "ALLOW"}
	return mt.Mesh(shop(), mt.Objects(deny))
}

// changed says who wrote an object and how long ago.
func changed(ago time.Duration, manager string) mt.Option {
	return func(o mesh.Object) {
		o.Metadata().SpecChange = mesh.Change{Manager: manager, Time: mt.Now.Add(-ago)}
	}
}

// withSource is the quiet mesh with one source in a state.
func withSource(name string, state mesh.SourceState, detail string) func() *mesh.Snapshot {
	return func() *mesh.Snapshot { return mt.Mesh(shop(), mt.Source(name, state, detail)) }
}

// forbidden is the quiet mesh without the right to read waypoints.
func forbidden() *mesh.Snapshot {
	return mt.Mesh(shop(), mt.Forbidden(mesh.ResourceGateways), mt.Forbidden(mesh.ResourceAuthorizationPolicies))
}

// twoNamespaces is a mesh of which only two namespaces are watched.
func twoNamespaces() *mesh.Snapshot { return mt.Mesh(shop(), mt.Scope("billing", "shop")) }

// ztunnelsDown is a large mesh whose ztunnels do not answer.
func ztunnelsDown() *mesh.Snapshot {
	parts := []mt.Part{shop()}
	for i := range 200 {
		parts = append(parts, mt.Source(fmt.Sprintf("ztunnel/node-%03d", i), mesh.SourceDown, "port-forward: connection refused"))
	}
	return mt.Mesh(parts...)
}

// startingMesh is what there is before the first list was read.
func startingMesh() *mesh.Snapshot {
	return mt.Mesh(mt.Bare(), mt.Source(mesh.KubernetesSource, mesh.SourceStarting, "Waylight has just started and has read nothing yet."))
}

// empty is a cluster that answers and holds nothing.
func empty() *mesh.Snapshot { return mt.Mesh(mt.Bare()) }

// many has 500 services, each with two pods, in ten namespaces.
func many() *mesh.Snapshot {
	parts := []mt.Part{mt.Cluster(mesh.ClusterInfo{Name: "prod-eu", Origin: mesh.OriginLive})}
	for n := range 10 {
		ns := fmt.Sprintf("team-%02d", n)
		parts = append(parts, mt.Namespace(ns, mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint(ns, "waypoint"))
		for i := range 50 {
			name := fmt.Sprintf("service-%03d", i)
			parts = append(parts, mt.Deployment(ns, name, mt.Replicas(2)), mt.Service(ns, name))
		}
	}
	return mt.Mesh(parts...)
}

// recorded is the broken mesh as a bundle.
func recorded() *mesh.Snapshot { return withOrigin(broken(), mesh.OriginRecorded) }

// demo is the broken mesh as the demo.
func demo() *mesh.Snapshot { return withOrigin(broken(), mesh.OriginDemo) }

func withOrigin(s *mesh.Snapshot, o mesh.Origin) *mesh.Snapshot {
	s.Cluster.Origin = o
	return s
}

// Names nobody can make in Kubernetes but anybody can write into a bundle, and
// the longest one Kubernetes allows.
var (
	markup  = `<img src=x onerror=alert(1)>`
	quoted  = `"><script>alert(1)</script>`
	longest = strings.Repeat("very-long-name-", 16) + "-6d9f8c7b5d-x2x7k"
)

// hostile has names that try to be markup, paths, and very long.
func hostile() *mesh.Snapshot {
	return mt.Mesh(
		mt.Cluster(mesh.ClusterInfo{Name: markup, Origin: mesh.OriginLive}),
		mt.Namespace(markup, mt.Ambient, mt.UseWaypoint(quoted), changed(time.Minute, quoted)),
		mt.Deployment(markup, quoted), mt.Service(markup, quoted),
		mt.Deployment(markup, longest, mt.Replicas(2)), mt.Service(markup, longest),
		mt.Namespace("..", mt.Ambient, mt.UseWaypoint("../../etc")),
		mt.Service("..", "a/b?c#d%2e"), mt.Deployment("..", "`code` *bold* \n# title"),
		mt.Source("kubernetes/"+markup, mesh.SourceForbidden, quoted),
	)
}
