package analysis_test

import (
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// The mesh that tests of routes change: orders behind a waypoint, two versions.
var (
	routed   = mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	unrouted = mt.Namespace("shop", mt.Ambient)
	orders   = mt.Parts(
		mt.Waypoint("shop", "waypoint"), mt.Service("shop", "orders"),
		mt.Deployment("shop", "orders-v1", mt.Label("app", "orders"), mt.Label("version", "v1")),
		mt.Deployment("shop", "orders-v2", mt.Label("app", "orders"), mt.Label("version", "v2")),
	)
)

// to is a rule without a match that sends to hosts, each with an equal share.
func to(backends ...mesh.Backend) mesh.RouteRule {
	return mesh.RouteRule{Protocol: "http", Backends: backends}
}

func host(name string) mesh.Backend { return mesh.Backend{Host: name, Weight: 1} }

func subset(name string) mesh.Backend { return mesh.Backend{Host: "orders", Subset: name, Weight: 1} }

// in puts an object into another namespace.
func in[T mesh.Object](namespace string, o T) T {
	o.Metadata().Namespace = namespace
	return o
}

// destinationRule is one for orders with these subsets, by version, made so
// many hours before now.
func destinationRule(name string, hours int, versions ...string) *mesh.DestinationRule {
	d := &mesh.DestinationRule{Meta: mesh.Meta{Kind: "DestinationRule", Namespace: "shop", Name: name}, Host: "orders"}
	d.Created = mt.Now.Add(-time.Duration(hours) * time.Hour)
	for _, v := range versions {
		d.Subsets = append(d.Subsets, mesh.Subset{Name: v, Labels: map[string]string{"version": v}})
	}
	return d
}
