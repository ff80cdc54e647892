package analysis

import (
	"fmt"
	"time"

	"github.com/waylight/waylight/mesh"
)

var waypointUnused = Check{
	Code: "WAYPOINT_UNUSED", Severity: Info, Class: Risk,
	Subject:     "Gateway",
	Title:       "Nothing uses a waypoint",
	Explanation: "The waypoint runs and nothing is bound to it, so no call passes it. Policies and routes that name it do nothing. Either a use-waypoint label was forgotten, or the waypoint is left over.",
	Fires:       "A waypoint has an address, and no Service, ServiceEntry or workload is bound to it or names it.",
	Silent:      "Its label istio.io/waypoint-for is none; something names it and is not bound, which is another finding; it is younger than ten minutes; not everything that could name it was readable.",
	Doubt:       "A label may be about to be set.",
	Needs:       []string{mesh.ResourceGateways, mesh.ResourceServices, mesh.ResourceNamespaces, mesh.ResourcePods},
	Uses:        []string{mesh.ResourceServiceEntries, mesh.ResourceWorkloadEntries},
	Mesh: func(in *Input) []Finding {
		var out []Finding
		for _, w := range in.Snap.Waypoints() {
			if w.HasAddress() && len(w.Dependents)+len(w.Askers) == 0 && w.For != "none" && w.Deleting.IsZero() &&
				in.Now.Sub(w.Created) >= unusedAge && !in.namedAsCanary(w) {
				labels, _ := in.Snap.NamespaceLabels(w.Namespace)
				out = append(out, unused(w, labels))
			}
		}
		return out
	},
}

// unusedAge is how long a new waypoint may wait for its first label.
const unusedAge = 10 * time.Minute

// namedAsCanary tells that something sends a share of its calls to the
// waypoint, or would.
func (in *Input) namedAsCanary(w *mesh.Waypoint) bool {
	for _, sh := range in.Snap.Shards {
		for _, svc := range sh.Services {
			if c := in.Snap.ServiceBinding(svc).Canary; c != nil && c.Waypoint == w.Ref() {
				return true
			}
		}
		for _, se := range sh.ServiceEntries {
			if c := in.Snap.ServiceEntryBinding(se).Canary; c != nil && c.Waypoint == w.Ref() {
				return true
			}
		}
	}
	return false
}

// unused is the finding; namespace are the labels of the waypoint's own.
func unused(w *mesh.Waypoint, namespace map[string]string) Finding {
	f := Finding{Subject: w.Ref()}
	f.Summary = fmt.Sprintf("Nothing uses waypoint %s.", w.Ref().NamespacedName())
	f.Detail = "No call passes it, and what is attached to it does nothing."
	f.Evidence = []Evidence{fieldEvidence(w.Ref(), "metadata.labels["+mesh.LabelWaypointFor+"]", labelOrAbsent(&w.Meta, mesh.LabelWaypointFor)), fieldEvidence(w.Ref(), "dependents", "0")}
	advice, label := "If it is to serve the namespace, label that. Its policies and routes then apply, and may refuse calls that pass now.", []string{"label", "namespace/" + w.Namespace, mesh.LabelUseWaypoint + "=" + w.Name}
	if other, has := namespace[mesh.LabelUseWaypoint]; has {
		advice += fmt.Sprintf(" The label there says %q now, and that is replaced: whatever goes by it no longer does.", other)
		label = append(label, "--overwrite")
	}
	f.Fix = advise(advice).
		read("get", "namespaces,services,serviceentries,pods", "-A", "-l", mesh.LabelUseWaypoint+"="+w.Name).
		change(label...)
	return f
}
