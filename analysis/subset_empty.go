package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var subsetEmpty = Check{
	Code: "SUBSET_EMPTY", Severity: Critical, Class: Breaks,
	Subject: "DestinationRule",
	Title:   "A subset selects no ready pod",
	Explanation: "A subset's labels choose among the pods of the Service. Where none of the ready ones has them, requests that a route sends there are answered 503 (UH, no healthy upstream), whatever is ready in other subsets. " +
		"Mostly a label of the pod template and of the subset differ, or a version was scaled to zero before its share was.",
	Fires:         "A subset that a rule in effect at a waypoint sends to matches no ready pod of the Service. A warning where no rule uses the subset, or it gets no share.",
	Silent:        "A pod that is ready has the labels; pods are not readable; the destination is a ServiceEntry.",
	Doubt:         "Labels of endpoints that are no pods are not seen.",
	Needs:         []string{mesh.ResourceServices, mesh.ResourcePods, mesh.ResourceDestinationRules, mesh.ResourceGateways},
	Uses:          []string{mesh.ResourceNamespaces, mesh.ResourceVirtualServices},
	ConsequenceOf: []string{"SERVICE_NO_ENDPOINTS"},
	Mesh: func(in *Input) []Finding {
		var out []Finding
		used := make(map[*mesh.DestinationRule]map[string]bool)
		for _, u := range in.subsetUses() {
			if u.defined == nil {
				continue
			}
			if used[u.defined] == nil {
				used[u.defined] = make(map[string]bool)
			}
			used[u.defined][u.subset] = used[u.defined][u.subset] || u.share
			if f, ok := in.emptySubset(u.defined, u.subset, u.destination); ok && u.share {
				f.Evidence = append(f.Evidence, fieldEvidence(u.route.Ref(), ruleField(u.route, u.rule.spec, u.rule.number), "sends to subset "+u.subset))
				f.Affects = []mesh.Ref{u.rule.service}
				out = append(out, f)
			}
		}
		return append(foldAlike(out), in.idleSubsets(used)...)
	},
}

// foldAlike lets what several empty subsets of one rule come to be a
// consequence only where each of them is one.
func foldAlike(findings []Finding) []Finding {
	for i := range findings {
		if findings[i].CausedBy != nil && slices.ContainsFunc(findings, func(f Finding) bool { return f.Subject == findings[i].Subject && f.CausedBy == nil }) {
			findings[i].CausedBy = nil
		}
	}
	return findings
}

// idleSubsets speaks of empty subsets that no call is sent to.
func (in *Input) idleSubsets(used map[*mesh.DestinationRule]map[string]bool) []Finding {
	var out []Finding
	for _, sh := range in.Snap.Shards {
		for _, d := range sh.DestinationRules {
			name, namespace := serviceOfHost(d.Host, d.Namespace)
			for i := range d.Subsets {
				if used[d][d.Subsets[i].Name] {
					continue
				}
				if f, ok := in.emptySubset(d, d.Subsets[i].Name, mesh.Ref{Kind: "Service", Namespace: namespace, Name: name}); ok {
					f.Severity, f.Class, f.CausedBy = Warning, Risk, nil
					f.Detail = "No rule in effect sends calls there now. As soon as one does, they are answered 503."
					out = append(out, f)
				}
			}
		}
	}
	return out
}

// emptySubset tells whether a subset has no ready pod. A Service without any
// ready pod is another finding, and so is one that does not exist.
func (in *Input) emptySubset(d *mesh.DestinationRule, subset string, destination mesh.Ref) (Finding, bool) {
	svc := in.Snap.Service(destination.Namespace, destination.Name)
	s := d.Subset(subset)
	if svc == nil || destination.Kind != "Service" || s == nil || len(svc.Selector) == 0 {
		return Finding{}, false
	}
	pods := selectedPods(in.Snap.Shard(svc.Namespace), svc)
	var chosen []*mesh.Workload
	for _, w := range pods {
		if !mesh.LabelsMatch(s.Labels, w.Labels) {
			continue
		}
		if w.Ready && w.Running() {
			return Finding{}, false
		}
		chosen = append(chosen, w)
	}
	f := Finding{Subject: d.Ref(), CausedBy: in.lostWithNode(chosen)}
	labels := orWord(selectorWords(&mesh.LabelSelector{MatchLabels: s.Labels}), "no labels")
	f.Summary = fmt.Sprintf("Subset %s of %s (%s) selects no ready pod of %s.", subset, d.Ref(), labels, svc.Name)
	f.Detail = "Calls that a route sends there are answered 503 by the waypoint (UH, no healthy upstream)."
	f.Evidence = []Evidence{
		fieldEvidence(d.Ref(), "spec.subsets["+subset+"].labels", labels),
		fieldEvidence(svc.Ref(), "spec.selector", fmt.Sprintf("%s selected, none of them ready with these labels", countPods(len(pods)))),
	}
	for _, w := range chosen[:min(len(chosen), namedAtMost)] {
		f.Evidence = append(f.Evidence, podStateEvidence(w))
	}
	mend := "Give pods the labels the subset asks for"
	if len(chosen) > 0 {
		mend = "Get a pod with these labels ready"
	}
	f.Fix = advise(mend+", or take its share away in the route. Calls are answered from then on.").
		read("-n", svc.Namespace, "get", "pods", "-l", selectorArgument(svc.Selector), "--show-labels").
		get(d.Ref())
	return f, true
}
