package views

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// DeploymentFacts tell what keeps a waypoint's pods alive and how much they may
// use.
type DeploymentFacts struct {
	Replicas   CountCell
	Requests   string
	Limits     string
	Autoscaler string
	Budget     string
	Conditions []ui.Condition
}

func deploymentFacts(s *mesh.Snapshot, w *mesh.Waypoint) DeploymentFacts {
	f := DeploymentFacts{Autoscaler: autoscalerWords(s, w), Budget: budgetWords(s, w), Requests: "unknown", Limits: "unknown"}
	d := w.Deployment
	if d == nil {
		why := unreadable(s, mesh.ResourceDeployments, w.Namespace)
		f.Replicas = unknownCell(orWord(why, "There is no Deployment "+w.Name+"; something else runs its proxies."))
		if why == "" {
			f.Replicas, f.Requests, f.Limits = wordCell("no Deployment of its name"), "none", "none"
		}
		return f
	}
	f.Replicas = newCountCell(int(d.Ready), int(d.Wanted))
	if d.Wanted == 0 {
		f.Replicas = CountCell{Text: "scaled to 0", Tone: ui.ToneBad, Counted: true}
	}
	f.Requests, f.Limits = containerResources(d.Containers)
	for _, c := range d.Conditions {
		tone := toneWhen(&c, mesh.ConditionTrue)
		if c.Type == "ReplicaFailure" {
			tone = toneWhen(&c, mesh.ConditionFalse)
		}
		f.Conditions = append(f.Conditions, ui.Condition{Condition: c, Tone: tone})
	}
	return f
}

// containerResources names the proxy's amounts; with several containers each
// by its name.
func containerResources(list []mesh.Container) (requests, limits string) {
	var req, lim []string
	for i := range list {
		c := &list[i]
		if c.Init {
			continue
		}
		name := ""
		if len(list) > 1 {
			name = c.Name + ": "
		}
		req, lim = append(req, name+resourceWords(c.Requests)), append(lim, name+resourceWords(c.Limits))
	}
	return orWord(strings.Join(req, "; "), "none"), orWord(strings.Join(lim, "; "), "none")
}

func autoscalerWords(s *mesh.Snapshot, w *mesh.Waypoint) string {
	if a := w.Autoscaler; a != nil {
		return fmt.Sprintf("%s: %d to %d replicas, now %d, wants %d", a.Name, a.MinReplicas, a.MaxReplicas, a.CurrentReplicas, a.DesiredReplicas)
	}
	return noneOrUnknown(unreadable(s, mesh.ResourceAutoscalers, w.Namespace), "none: the number of replicas is fixed")
}

func budgetWords(s *mesh.Snapshot, w *mesh.Waypoint) string {
	b := w.Budget
	if b == nil {
		return noneOrUnknown(unreadable(s, mesh.ResourceDisruptionBudgets, w.Namespace), "none: a drain may take all its pods at once")
	}
	rule := ""
	switch {
	case b.MinAvailable != "":
		rule = "at least " + b.MinAvailable + " available"
	case b.MaxUnavailable != "":
		rule = "at most " + b.MaxUnavailable + " unavailable"
	}
	return fmt.Sprintf("%s: %s, %s allowed now", b.Name, rule, plural(int(b.DisruptionsAllowed), "disruption"))
}

func noneOrUnknown(unknown, none string) string {
	if unknown != "" {
		return "unknown: " + unknown
	}
	return none
}

// selectorWords prints a selector: "app=web, tier in (a, b)".
func selectorWords(s *mesh.LabelSelector) string {
	var parts []string
	if len(s.MatchLabels) > 0 {
		parts = append(parts, labelWords(s.MatchLabels))
	}
	for _, r := range s.MatchExpressions {
		switch r.Operator {
		case "In":
			parts = append(parts, r.Key+" in ("+strings.Join(r.Values, ", ")+")")
		case "NotIn":
			parts = append(parts, r.Key+" not in ("+strings.Join(r.Values, ", ")+")")
		case "Exists":
			parts = append(parts, r.Key+" set")
		case "DoesNotExist":
			parts = append(parts, r.Key+" not set")
		default:
			parts = append(parts, r.Key+" "+r.Operator)
		}
	}
	return orWord(strings.Join(parts, ", "), "any labels")
}
