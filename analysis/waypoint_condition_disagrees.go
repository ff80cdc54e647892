package analysis

import (
	"fmt"
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

var waypointConditionDisagrees = Check{
	Code: "WAYPOINT_CONDITION_DISAGREES", Severity: Warning, Class: Risk,
	Subject: "Namespace, Service, ServiceEntry or WorkloadEntry that carries the label",
	Title:   "istiod says otherwise about a waypoint than the labels do",
	Explanation: "istiod writes into the condition istio.io/WaypointBound whether an object goes through a waypoint. What it wrote is not what follows from the labels and the Gateway as they are now. " +
		"Either istiod has not looked since (it is down, or does not lead), or it knows a rule that Waylight does not. What ztunnel was sent decides.",
	Fires:  "The condition istio.io/WaypointBound of a Service, ServiceEntry or WorkloadEntry differs in status or reason from the rules computed from the specs.",
	Silent: "istiod wrote no condition; the object, its namespace, the Gateway or the condition changed less than 60 s ago.",
	Doubt:  "Waylight's own reading of the rules may be the one that is wrong.",
	Needs:  []string{mesh.ResourceGateways, mesh.ResourceNamespaces},
	Uses:   []string{mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourceWorkloadEntries, mesh.ResourceGatewayClasses},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, d := range in.disagreements(sh) {
			out = append(out, d.finding(in.Snap.Istiods()))
		}
		return out
	},
}

// disagreement is an object whose condition says otherwise than its labels.
type disagreement struct {
	object  *mesh.Meta
	subject mesh.Ref
	binding mesh.Binding
}

// disagreements are those of a namespace that have stood for a while.
func (in *Input) disagreements(sh *mesh.Shard) []disagreement {
	var out []disagreement
	for _, d := range remember(in, sh, SightNamespace, "disagreements", func() []disagreement { return in.findDisagreements(sh) }) {
		if in.Now.Sub(in.lastTouched(sh, d.object, d.binding)) >= settlingTime {
			out = append(out, d)
		}
	}
	return out
}

func (in *Input) findDisagreements(sh *mesh.Shard) []disagreement {
	var out []disagreement
	note := func(m *mesh.Meta, b mesh.Binding) {
		if b.Agrees() != mesh.FactNo {
			return
		}
		d := disagreement{object: m, subject: m.Ref(), binding: b}
		if b.Inherited() {
			d.subject = b.LabelOn
		}
		out = append(out, d)
	}
	for _, svc := range sh.Services {
		note(&svc.Meta, in.Snap.ServiceBinding(svc))
	}
	for _, se := range sh.ServiceEntries {
		note(&se.Meta, in.Snap.ServiceEntryBinding(se))
	}
	for _, w := range sh.Workloads {
		if w.Kind == "WorkloadEntry" {
			note(&w.Meta, in.Snap.WorkloadBinding(w))
		}
	}
	return out
}

// lastTouched is the newest change of anything a binding follows from, or of
// what istiod says about it.
func (in *Input) lastTouched(sh *mesh.Shard, m *mesh.Meta, b mesh.Binding) time.Time {
	times := []time.Time{m.ChangedAt(), b.Condition.Since}
	if sh.Info != nil {
		times = append(times, sh.Info.ChangedAt())
	}
	if g := in.Snap.Gateway(b.Waypoint.Namespace, b.Waypoint.Name); g != nil {
		times = append(times, g.ChangedAt(), g.StatusChange.Time)
		for i := range g.Conditions {
			times = append(times, g.Conditions[i].Since)
		}
	}
	return slices.MaxFunc(times, time.Time.Compare)
}

func (d disagreement) finding(istiods []*mesh.Controller) Finding {
	f := Finding{Subject: d.subject, Affects: []mesh.Ref{d.object.Ref()}}
	c, b := d.binding.Condition, d.binding
	f.Summary = fmt.Sprintf("istiod says %s of %s, and its labels say %s.", bindingWords(c.Status == mesh.ConditionTrue), d.object.Ref(), bindingWords(b.Bound()))
	f.Detail = "What ztunnel was sent last decides. With the waypoint its policies and routes apply; without it calls go direct and they do not (fail-open)."
	f.Evidence = []Evidence{conditionEvidence(d.object.Ref(), c), fieldEvidence(d.object.Ref(), "computed", string(b.State)+": "+b.Reason)}
	f.Fix = advise("See whether istiod runs and leads: only the leader writes conditions. The condition follows within seconds once it does; restarting istiod is harmless to traffic.").
		get(d.object.Ref()).
		read("get", "pods", "-A", "-l", "app=istiod", "-o", "wide")
	for _, istiod := range istiods {
		f.Fix = f.Fix.read("-n", istiod.Namespace, "logs", kubectlName(istiod.Ref()), "--since=1h")
	}
	return f
}

func bindingWords(bound bool) string {
	if bound {
		return "that it is bound to a waypoint"
	}
	return "that it is not bound to a waypoint"
}
