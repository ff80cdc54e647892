package gallery

import (
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

func waypoints() []Entry {
	list := func(name, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("waypoints/"+name, views.PageWaypoints, "Waypoints", parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			return views.WaypointsContent(views.NewWaypoints(r, q))
		})
	}
	one := func(name, waypoint string, snap func() *mesh.Snapshot) Entry {
		return state("waypoint/"+name, views.PageWaypoints, "shop/"+waypoint, "", snap, func(r *analysis.Report, q views.Query) templ.Component {
			m, _ := views.NewWaypoint(r, "shop", waypoint, q)
			return views.WaypointContent(m)
		})
	}
	return []Entry{
		list("all", "", everyWaypoint),
		list("no match", "q=nothing-like-it", everyWaypoint),
		list("starting", "", startingMesh),
		list("none in the mesh", "", empty),
		list("Gateway API not installed", "", withSource(mesh.KubernetesSource+"/"+mesh.ResourceGateways, mesh.SourceAbsent, "The resource is not installed.")),
		list("gateways forbidden", "", forbidden),
		list("endpoints forbidden", "", without(mesh.ResourceEndpointSlices)),
		list("hostile names", "", hostileWaypoint),
		one("serving", "serving", everyWaypoint),
		one("fail-closed", "empty", everyWaypoint),
		one("fail-open", "cold", everyWaypoint),
		one("attachment denied", "closed", everyWaypoint),
		one("unused", "unused", everyWaypoint),
		one("endpoints forbidden", "waypoint", without(mesh.ResourceEndpointSlices)),
		one("pods forbidden", "waypoint", without(mesh.ResourcePods)),
		one("hostile names", markup, hostileWaypoint),
	}
}

// everyWaypoint has a waypoint for everything that can become of one.
func everyWaypoint() *mesh.Snapshot {
	oom := mt.With(func(w *mesh.Workload) {
		w.Containers[0].RestartCount = 3
		w.Containers[0].LastExit = &mesh.ContainerExit{Reason: "OOMKilled", ExitCode: 137, At: mt.Now.Add(-10 * time.Minute)}
	})
	return mt.Mesh(
		mt.Namespace("shop", mt.Ambient), mt.Namespace("other", mt.Ambient),
		mt.Waypoint("shop", "serving", mt.Replicas(2), mt.Autoscaled(2, 5), oom),
		mt.Waypoint("shop", "empty", mt.Replicas(2), mt.Ready(0)),
		mt.Waypoint("shop", "cold", mt.NeverProgrammed()),
		mt.Waypoint("shop", "closed"), mt.Waypoint("shop", "unused", mt.WaypointFor("all")),
		mt.Service("shop", "a", mt.UseWaypoint("serving")), mt.Deployment("shop", "a"),
		mt.Service("shop", "b", mt.UseWaypoint("empty")), mt.Service("shop", "c", mt.UseWaypoint("cold")),
		mt.Service("other", "d", mt.UseWaypointIn("shop", "closed")),
		mt.Objects(&mesh.AuthorizationPolicy{
			Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "get-only"}, Action: "ALLOW",
			TargetRefs: []mesh.TargetRef{{Group: "gateway.networking.k8s.io", Kind: "Gateway", Name: "serving", Namespace: "shop"}},
			Rules:      []mesh.AuthorizationRule{{To: []mesh.AuthorizationOperation{{Methods: []string{"GET"}}}}},
		}),
	)
}

func hostileWaypoint() *mesh.Snapshot {
	return mt.Mesh(mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", markup, mt.Condition("Odd", mesh.ConditionTrue, quoted, markup)),
		mt.Service("shop", quoted, mt.UseWaypoint(markup)))
}
