package analysis

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var waypointNotFound = Check{
	Code: "WAYPOINT_NOT_FOUND", Severity: Critical, Class: Unprotected,
	Subject: "Namespace, Service, ServiceEntry, WorkloadEntry or Pod that carries the label (the owner whose pod template has it)",
	Title:   "A use-waypoint label names a Gateway that does not exist",
	Explanation: "Calls go direct, without a waypoint: policies and routes that live there are not applied (fail-open). Where policies at ztunnel admit only the waypoint, calls are refused instead; the finding says which. " +
		"The namespace's waypoint does not step in for an object that has a label of its own. Mend the label, or create the Gateway.",
	Fires:  "istio.io/use-waypoint, with istio.io/use-waypoint-namespace on the same object, names a Gateway that does not exist. An empty value counts: it names nothing and hides the namespace's.",
	Silent: "The value none; ExternalName Services; Services and pods of gateways; finished and terminating pods; namespaces whose Gateways are not readable.",
	Doubt:  "The Gateway may exist in another cluster of the mesh; what becomes of calls is computed from policies, and which callers there are from the pods that run.",
	Needs:  []string{mesh.ResourceGateways},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourceWorkloadEntries, mesh.ResourcePods, mesh.ResourceAuthorizationPolicies},
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
	f.Summary = fmt.Sprintf("%s names the waypoint %s, and there is no such Gateway.", capital(a.labelled()), a.Binding.Waypoint.NamespacedName())
	if a.Binding.Waypoint.Name == "" {
		f.Summary = fmt.Sprintf("The use-waypoint label on %s is empty: it names no waypoint, and hides the namespace's.", a.labelled())
	}
	direct := in.directCalls(a)
	f.Detail, f.Class = direct.sentence(a), direct.class()
	f.Evidence = append(f.Evidence, direct.evidence()...)
	f.Fix = waypointMissingFix(in, a)
	return f
}

func waypointMissingFix(in *Input, a asker) Fix {
	wp := a.Binding.Waypoint
	f := advise(fmt.Sprintf("Create the Gateway %s of class %s, or take the label away if no waypoint is wanted. With a waypoint its policies and routes apply from then on, and may refuse calls that pass now.", wp.NamespacedName(), mesh.ClassWaypoint))
	meant := similar(wp.Name, in.Snap.Waypoints(), wp.Namespace)
	if meant != nil {
		f.Text = fmt.Sprintf("Most likely %s is meant: correct the label. Calls go through that waypoint from then on; its policies and routes apply, and may refuse calls that pass now.", meant.Name)
	}
	if wp.Name == "" {
		f.Text = "Take the empty label away: the namespace's waypoint, if it names one, is used from then on. Its policies and routes apply then, and may refuse calls that pass now."
	}
	f = f.read("-n", wp.Namespace, "get", mesh.ResourceGateways)
	switch {
	case wp.Name == "":
		return f.relabel(a.Subject, a.Labelled, mesh.LabelUseWaypoint, "")
	case meant != nil:
		return f.relabel(a.Subject, a.Labelled, mesh.LabelUseWaypoint, meant.Name)
	}
	return f
}

// capital begins a sentence.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
