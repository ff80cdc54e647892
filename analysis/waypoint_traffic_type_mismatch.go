package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var waypointTrafficTypeMismatch = Check{
	Code: "WAYPOINT_TRAFFIC_TYPE_MISMATCH", Severity: Error, Class: Unprotected, Manifests: OnSomeManifests,
	Subject: "the labelled object: Namespace, Service, ServiceEntry, WorkloadEntry or Pod (the owner whose pod template has the label)",
	Title:   "A waypoint does not take this kind of traffic",
	Explanation: "A waypoint takes calls addressed to Services, to workloads, or to both, as its label istio.io/waypoint-for says; the label of its GatewayClass comes second, and service is the default. " +
		"Unknown values are taken literally and match nothing. istiod does not bind what does not fit: calls go direct, without the waypoint's policies and routes (fail-open). " +
		"On a Namespace with a workload waypoint that may be meant, so it is only news (info) while no Service there has a policy or route of its own.",
	Fires:  "A Service or ServiceEntry with a waypoint whose type is neither service nor all; a pod or WorkloadEntry labelled itself with one that is neither workload nor all.",
	Silent: "Pods that only inherit the namespace's label; the Gateway has no address, or does not admit the namespace.",
	Doubt:  "Computed from the labels of the Gateway and its class; without the class its label is not known.",
	Needs:  []string{mesh.ResourceGateways},
	Uses:   []string{mesh.ResourceGatewayClasses, mesh.ResourceNamespaces, mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourceWorkloadEntries, mesh.ResourcePods},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, a := range in.askers(sh, mesh.BindingTrafficType) {
			out = append(out, trafficTypeMismatch(in, sh, a))
		}
		return out
	},
}

func trafficTypeMismatch(in *Input, sh *mesh.Shard, a asker) Finding {
	wp := in.Snap.Gateway(a.Binding.Waypoint.Namespace, a.Binding.Waypoint.Name)
	kind, wanted := in.Snap.WaypointFor(wp), a.traffic()
	f := Finding{Subject: a.Subject, Affects: a.Affects}
	f.Summary = fmt.Sprintf("%s names the waypoint %s, which takes %q traffic and not calls to %ss.", capital(a.labelled()), wp.Ref().NamespacedName(), kind, wanted)
	direct := in.directCalls(a)
	f.Detail, f.Class = direct.sentence(a), direct.class()
	f.Evidence = append(in.askerEvidence(a), in.waypointForEvidence(wp))
	f.Evidence = append(f.Evidence, direct.evidence()...)
	if kind == "workload" && a.Binding.Inherited() {
		in.judgeNamespaceMismatch(&f, sh, a)
	}
	f.Fix = advise(fmt.Sprintf("If calls to %ss are to go through it, let the Gateway say istio.io/waypoint-for: all (or %s). Its policies and routes apply to these calls from then on, and may refuse what passes now.", wanted, wanted)).
		get(wp.Ref()).
		change("-n", wp.Namespace, "label", kubectlName(wp.Ref()), mesh.LabelWaypointFor+"=all", "--overwrite")
	return f
}

// judgeNamespaceMismatch makes it mere news that a namespace's waypoint serves
// its workloads only, unless something there waits for a service waypoint.
func (in *Input) judgeNamespaceMismatch(f *Finding, sh *mesh.Shard, a asker) {
	waiting := in.attachedToServices(sh, a.Affects)
	if len(waiting) == 0 {
		f.Severity, f.Class = Info, Risk
		f.Detail = "Calls to Services go direct; calls addressed to the pods themselves go through the waypoint. No policy or route there needs more."
		return
	}
	for _, r := range waiting[:min(len(waiting), namedAtMost)] {
		f.Evidence = append(f.Evidence, fieldEvidence(r, attachmentField(r), "attached to a Service that this waypoint does not serve"))
	}
}

// traffic is what the labelled object is to a waypoint.
func (a asker) traffic() string {
	if a.Labelled.Kind == "Pod" || a.Labelled.Kind == "WorkloadEntry" {
		return "workload"
	}
	return "service"
}

func (in *Input) waypointForEvidence(g *mesh.Gateway) Evidence {
	if _, ok := g.Labels[mesh.LabelWaypointFor]; ok {
		return labelEvidence(&g.Meta, mesh.LabelWaypointFor)
	}
	if c := in.Snap.GatewayClass(g.Class); c != nil && c.Labels[mesh.LabelWaypointFor] != "" {
		return labelEvidence(&c.Meta, mesh.LabelWaypointFor)
	}
	return fieldEvidence(g.Ref(), "metadata.labels["+mesh.LabelWaypointFor+"]", "absent, which means service")
}
