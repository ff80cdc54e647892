package analysis

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var waypointNotFound = Check{
	Code: "WAYPOINT_NOT_FOUND", Severity: Critical, Class: Unprotected, Manifests: OnAllManifests,
	Subject: "Namespace, Service, ServiceEntry, WorkloadEntry or Pod that carries the label (the owner whose pod template has it)",
	Title:   "A use-waypoint label names a Gateway that does not exist",
	Explanation: "Calls go direct, without a waypoint: policies and routes that live there are not applied (fail-open). Where policies at ztunnel admit only the waypoint, calls are refused instead; the finding says which. " +
		"The namespace's waypoint does not step in for an object that has a label of its own. Mend the label, or create the Gateway.",
	Fires:         "istio.io/use-waypoint, with istio.io/use-waypoint-namespace on the same object, names a Gateway that does not exist. An empty value counts: it names nothing and hides the namespace's.",
	Silent:        "The value none; ExternalName Services; Services and pods of gateways; finished and terminating pods; namespaces whose Gateways are not readable.",
	Doubt:         "The Gateway may exist in another cluster of the mesh; what becomes of calls is computed from policies, and which callers there are from the pods that run.",
	Needs:         []string{mesh.ResourceGateways},
	ConsequenceOf: []string{"GATEWAY_API_CRDS_MISSING"},
	Uses:          []string{mesh.ResourceNamespaces, mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourceWorkloadEntries, mesh.ResourcePods, mesh.ResourceAuthorizationPolicies},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, a := range in.askers(sh, mesh.BindingNotFound) {
			out = append(out, waypointMissing(in, a))
		}
		return out
	},
}

func waypointMissing(in *Input, a asker) Finding {
	f := Finding{Subject: a.Subject, Affects: a.Affects, Evidence: in.askerEvidence(a)}
	wp := a.Binding.Waypoint
	switch {
	case wp.Name == "":
		f.Summary = fmt.Sprintf("The use-waypoint label on %s is empty: it names no waypoint, and hides the namespace's.", a.labelled())
	case wp.Namespace == "":
		f.Summary = fmt.Sprintf("%s names the waypoint %s in an empty namespace, and there is no such Gateway.", capital(a.labelled()), wp.Name)
	default:
		f.Summary = fmt.Sprintf("%s names the waypoint %s, and there is no such Gateway.", capital(a.labelled()), wp.NamespacedName())
	}
	direct := in.directCalls(a)
	f.Detail, f.Class = direct.sentence(a), direct.class()
	f.Evidence = append(f.Evidence, direct.evidence()...)
	f.Fix = waypointMissingFix(in, a)
	return f
}

func waypointMissingFix(in *Input, a asker) Fix {
	wp := a.Binding.Waypoint
	const from = "Its policies and routes apply from then on, and may refuse calls that pass now."
	if wp.Name == "" {
		return advise("Take the empty label away: the namespace's waypoint, if it names one, is used instead. "+from).
			read("get", mesh.ResourceGateways, "-A").
			relabel(a.Subject, a.Labelled, mesh.LabelUseWaypoint, "")
	}
	if wp.Namespace == "" {
		return advise("Take the empty namespace label away: the waypoint is looked for beside the object then. "+from).
			read("get", mesh.ResourceGateways, "-A").
			relabel(a.Subject, a.Labelled, mesh.LabelUseWaypointNamespace, "")
	}
	if meant := similar(wp.Name, in.Snap.Waypoints(), wp.Namespace); meant != nil {
		return advise(fmt.Sprintf("Most likely %s is meant: correct the label, and calls go through that waypoint. %s", meant.Name, from)).
			read("-n", wp.Namespace, "get", mesh.ResourceGateways).
			relabel(a.Subject, a.Labelled, mesh.LabelUseWaypoint, meant.Name)
	}
	return advise(fmt.Sprintf("Create the Gateway %s of class %s, or name one that exists. %s If no waypoint is wanted, take the label away, which changes nothing for calls.", wp.NamespacedName(), mesh.ClassWaypoint, from)).
		read("-n", wp.Namespace, "get", mesh.ResourceGateways)
}

// capital begins a sentence.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
