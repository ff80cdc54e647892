package gallery

import (
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

func workloads() []Entry {
	of := func(name, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("workloads/"+name, views.PageWorkloads, "Workloads", parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			return views.WorkloadsContent(views.NewWorkloads(r, q))
		})
	}
	return []Entry{
		of("all", "", everyEnrolment),
		of("filtered", "q=claimed:no", everyEnrolment),
		of("no match", "q=nothing-like-it", everyEnrolment),
		of("starting", "", startingMesh),
		of("empty cluster", "", empty),
		of("pods forbidden", "", without(mesh.ResourcePods)),
		of("namespaces forbidden", "", without(mesh.ResourceNamespaces)),
		of("500 owners", "", many),
		of("hostile names", "", hostile),
	}
}

func workload() []Entry {
	of := func(name, namespace, pod string, snap func() *mesh.Snapshot) Entry {
		return state("workload/"+name, views.PageWorkloads, namespace+"/"+pod, "", snap, func(r *analysis.Report, q views.Query) templ.Component {
			m, _ := views.NewWorkload(r, namespace, pod, q)
			return views.WorkloadContent(m)
		})
	}
	return []Entry{
		of("captured", "shop", "web-1", everyEnrolment),
		of("not captured", "shop", "missed-1", everyEnrolment),
		of("pending", "shop", "pending-1", everyEnrolment),
		of("host network", "shop", "agent-1", everyEnrolment),
		of("crashing", "shop", "crashing-1", everyEnrolment),
		of("workload entry", "shop", "vm", everyEnrolment),
		of("policies forbidden", "shop", "web-1", without(mesh.ResourceAuthorizationPolicies)),
		of("endpoints forbidden", "shop", "web-1", without(mesh.ResourceEndpointSlices)),
		of("hostile names", markup, longest+"-1", hostile),
	}
}

func nodes() []Entry {
	list := func(name, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("nodes/"+name, views.PageNodes, "Nodes", parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			return views.NodesContent(views.NewNodes(r, q))
		})
	}
	one := func(name, node string, snap func() *mesh.Snapshot) Entry {
		return state("node/"+name, views.PageNodes, node, "", snap, func(r *analysis.Report, q views.Query) templ.Component {
			m, _ := views.NewNode(r, node, q)
			return views.NodeContent(m)
		})
	}
	return []Entry{
		list("all", "", broken),
		list("no match", "q=nothing-like-it", broken),
		list("starting", "", startingMesh),
		list("nodes forbidden", "", without(mesh.ResourceNodes)),
		list("pods forbidden", "", without(mesh.ResourcePods)),
		list("empty cluster", "", empty),
		one("in order", "node-a", broken),
		one("without ztunnel", "node-c", broken),
		one("pods forbidden", "node-a", without(mesh.ResourcePods)),
	}
}

// everyEnrolment has a workload for every way of being in the mesh or out of it.
func everyEnrolment() *mesh.Snapshot {
	crash := mt.With(func(w *mesh.Workload) {
		w.Ready = false
		c := &w.Containers[0]
		c.Ready, c.RestartCount, c.Waiting, c.WaitingText = false, 14, "CrashLoopBackOff", "back-off 5m0s restarting failed container"
		c.LastExit = &mesh.ContainerExit{Reason: "OOMKilled", ExitCode: 137, At: mt.Now.Add(-90 * time.Second)}
		c.Limits = mesh.Resources{MilliCPU: 500, MemoryBytes: 256 << 20}
	})
	return mt.Mesh(
		shop(),
		mt.Deployment("shop", "missed", mt.NotCaptured),
		mt.Deployment("shop", "pending", mt.RedirectionPending),
		mt.DaemonSet("shop", "agent", mt.HostNetwork, mt.Replicas(2)),
		mt.Deployment("shop", "sidecar", mt.Annotation(mesh.AnnotationSidecarStatus, "{}")),
		mt.Deployment("shop", "outside", mt.Label(mesh.LabelDataplaneMode, mesh.DataplaneNone)),
		mt.Deployment("shop", "crashing", crash),
		mt.Job("shop", "migrate", mt.Phase("Succeeded")),
		mt.WorkloadEntry("shop", "vm", "192.0.2.7"),
		mt.Objects(&mesh.Event{
			Meta: mesh.Meta{Kind: "Event", Namespace: "shop", Name: "crashing.1"}, About: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "crashing-1"},
			Reason: "BackOff", Message: "Back-off restarting failed container app", Count: 12, Last: mt.Now.Add(-time.Minute),
		}),
	)
}
