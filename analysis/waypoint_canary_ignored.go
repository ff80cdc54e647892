package analysis

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var waypointCanaryIgnored = Check{
	Code: "WAYPOINT_CANARY_IGNORED", Severity: Warning, Class: Risk,
	Subject: "the labelled object: Namespace, Service or ServiceEntry",
	Title:   "A canary waypoint is asked for and takes no calls",
	Explanation: "A second waypoint can take a share of the calls (label istio.io/use-waypoint-canary, weight in the annotation istio.io/use-waypoint-canary-weight). Where something is wrong with it istiod goes on with the primary waypoint alone and says so only in the message of WaypointBound, whose status stays True. " +
		"istiod and ztunnels older than 1.31 know nothing of it.",
	Fires:  "The label is in effect, and istiod's condition says \"Canary waypoint not attached\", the canary cannot be used by the same rules as a waypoint, or istiod or a ztunnel is older than 1.31.",
	Silent: "The canary takes its share; the weight is 0 because nothing or 0 is written, which may be the start of a rollout; nothing is bound to the primary waypoint.",
	Doubt:  "Versions that could not be read count as the newest.",
	Needs:  []string{mesh.ResourceGateways}, Uses: []string{mesh.ResourceNamespaces, mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourcePods},
	Sight: SightProxies,
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var found []ignoredCanary
		for _, svc := range sh.Services {
			found = in.addCanary(found, &svc.Meta, in.Snap.ServiceBinding(svc))
		}
		for _, se := range sh.ServiceEntries {
			found = in.addCanary(found, &se.Meta, in.Snap.ServiceEntryBinding(se))
		}
		var out []Finding
		for _, c := range found {
			out = append(out, c.finding())
		}
		return out
	},
}

// firstCanary is the first minor release that knows canary waypoints.
const firstCanary = 31

// notAttached begins istiod's remark about a canary (istio.md C.2).
const notAttached = "Canary waypoint not attached"

// ignoredCanary is a canary label without effect, with all it is meant for.
type ignoredCanary struct {
	labelled *mesh.Meta
	binding  mesh.Binding
	why      string
	evidence []Evidence
	affects  []mesh.Ref
}

func (in *Input) addCanary(found []ignoredCanary, m *mesh.Meta, b mesh.Binding) []ignoredCanary {
	if b.Canary == nil {
		return found
	}
	why, evidence := in.canaryProblem(m, b)
	if why == "" {
		return found
	}
	labelled := m
	if _, own := m.Labels[mesh.LabelUseWaypointCanary]; !own {
		labelled = in.metaOf(mesh.Ref{Kind: "Namespace", Name: m.Namespace}, m)
	}
	for i := range found {
		if found[i].labelled == labelled {
			found[i].affects = append(found[i].affects, m.Ref())
			return found
		}
	}
	evidence = append([]Evidence{labelEvidence(labelled, mesh.LabelUseWaypointCanary), annotationEvidence(labelled, mesh.AnnotationCanaryWeight)}, evidence...)
	return append(found, ignoredCanary{labelled, b, why, evidence, []mesh.Ref{m.Ref()}})
}

// canaryProblem says why the canary takes no calls, empty where it does.
func (in *Input) canaryProblem(m *mesh.Meta, b mesh.Binding) (string, []Evidence) {
	if c := b.Condition; c != nil && strings.Contains(c.Message, notAttached) {
		return "istiod did not attach it", []Evidence{conditionEvidence(m.Ref(), c)}
	}
	switch b.Canary.State {
	case mesh.BindingBound, mesh.BindingUnknown:
	default:
		return b.Canary.Reason, []Evidence{fieldEvidence(b.Canary.Waypoint, "status.addresses", b.Canary.Reason)}
	}
	if b.Canary.Weight == 0 {
		return "", nil
	}
	return in.tooOldForCanary()
}

// tooOldForCanary looks for an istiod or ztunnel that does not know canaries.
func (in *Input) tooOldForCanary() (string, []Evidence) {
	for _, c := range in.shared.components() {
		if c.name != "istiod" && c.name != "ztunnel" {
			continue
		}
		for _, w := range c.pods {
			if v, ok := c.versionOf(in, w); ok && v.minor < firstCanary {
				return fmt.Sprintf("%s %s does not know canary waypoints", c.name, v.text), []Evidence{v.evidence}
			}
		}
	}
	return "", nil
}

func (c ignoredCanary) finding() Finding {
	f := Finding{Subject: c.labelled.Ref(), Affects: c.affects, Evidence: c.evidence}
	f.Summary = fmt.Sprintf("The canary waypoint %s of %s takes no calls.", c.binding.Canary.Waypoint.NamespacedName(), c.labelled.Ref())
	f.Detail = fmt.Sprintf("All calls go through %s: %s.", c.binding.Waypoint.NamespacedName(), strings.TrimSuffix(c.why, "."))
	f.Fix = advise("Correct what keeps the canary from being used. It then takes its share of the calls, with its own policies and routes.").
		get(c.labelled.Ref()).
		get(c.binding.Canary.Waypoint)
	return f
}
