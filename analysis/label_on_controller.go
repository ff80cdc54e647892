package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var labelOnController = Check{
	Code: "LABEL_ON_CONTROLLER", Severity: Error, Class: Unprotected, Manifests: OnAllManifests,
	Subject: "Deployment, StatefulSet, DaemonSet, Job or CronJob",
	Title:   "A mesh label stands on a controller, where it does nothing",
	Explanation: "Ambient reads its labels from Pods, Services and Namespaces. On the metadata of a Deployment and its like they have no effect: " +
		"the pods get the labels of the pod template, not of the controller. Move the label to spec.template.metadata.labels, or to the Service or Namespace.",
	Fires:  "istio.io/dataplane-mode, istio.io/use-waypoint or istio.io/use-waypoint-namespace in the controller's own metadata, and not in its pod template.",
	Silent: "The template has it too; what it asks for is so anyway (ambient namespace, the same waypoint through a Service or the Namespace); Deployments of waypoints and gateways, which copy the labels of their Gateway; Jobs that are over.",
	Doubt:  "The label may be meant for people or tools, and not for the mesh.",
	Needs:  []string{mesh.ResourceNamespaces},
	Uses:   []string{mesh.ResourceDeployments, mesh.ResourceStatefulSets, mesh.ResourceDaemonSets, mesh.ResourceJobs, mesh.ResourceCronJobs, mesh.ResourceServices, mesh.ResourceConfigMaps},
	Sight:  SightNamespace,
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, c := range sh.Controllers {
			if keys := in.withoutEffect(sh, c); len(keys) > 0 {
				out = append(out, misplacedLabels(in, sh, c, keys))
			}
		}
		return out
	},
}

// withoutEffect lists the labels on a controller that do nothing there and
// whose wish is not fulfilled otherwise.
func (in *Input) withoutEffect(sh *mesh.Shard, c *mesh.Controller) []string {
	if c.Kind == "ReplicaSet" || isTrueCondition(c.Conditions.Find("Complete")) || isTrueCondition(c.Conditions.Find("Failed")) || c.Labels[mesh.LabelGatewayName] != "" || !c.Deleting.IsZero() || sh.Info == nil {
		return nil
	}
	var keys []string
	for _, key := range [...]string{mesh.LabelDataplaneMode, mesh.LabelUseWaypoint, mesh.LabelUseWaypointNamespace} {
		value, has := c.Labels[key]
		if _, inTemplate := c.TemplateLabels[key]; !has || inTemplate {
			continue
		}
		if key == mesh.LabelDataplaneMode && in.enrolledAnyway(c, value) || key != mesh.LabelDataplaneMode && in.boundAnyway(sh, c) {
			continue
		}
		keys = append(keys, key)
	}
	return keys
}

// isTrueCondition tells that a condition is there and holds.
func isTrueCondition(c *mesh.Condition) bool { return c != nil && c.Status == mesh.ConditionTrue }

// enrolledAnyway tells whether the pods are in or out of the mesh as the label
// asks, by other means. Unknown counts as so: nothing is claimed then.
func (in *Input) enrolledAnyway(c *mesh.Controller, wanted string) bool {
	pod := &mesh.Workload{Meta: mesh.Meta{Kind: "Pod", Namespace: c.Namespace, Labels: c.TemplateLabels}}
	switch in.Snap.Enrolment(pod).AskedFor {
	case mesh.FactYes:
		return wanted == mesh.DataplaneAmbient
	case mesh.FactNo:
		return wanted == mesh.DataplaneNone
	}
	return true
}

// boundAnyway tells whether calls to the pods go through the waypoint that the
// controller's labels name: by its namespace's label, or by every Service that
// selects them. The value none asks for no waypoint.
func (in *Input) boundAnyway(sh *mesh.Shard, c *mesh.Controller) bool {
	wanted := mesh.Ref{Kind: "Gateway", Namespace: c.Namespace, Name: c.Labels[mesh.LabelUseWaypoint]}
	if ns := c.Labels[mesh.LabelUseWaypointNamespace]; ns != "" {
		wanted.Namespace = ns
	}
	if wanted.Name == "" {
		return false
	}
	bindings := []mesh.Binding{in.Snap.NamespaceBinding(sh.Info)}
	if services := selecting(sh, c); len(services) > 0 {
		bindings = bindings[:0]
		for _, svc := range services {
			bindings = append(bindings, in.Snap.ServiceBinding(svc))
		}
	}
	return !slices.ContainsFunc(bindings, func(b mesh.Binding) bool {
		if wanted.Name == mesh.WaypointNone {
			return !b.Waypointless()
		}
		return b.Waypoint != wanted
	})
}

// selecting lists the Services that select a controller's pods.
func selecting(sh *mesh.Shard, c *mesh.Controller) []*mesh.Service {
	var out []*mesh.Service
	for _, svc := range sh.Services {
		if len(svc.Selector) > 0 && mesh.LabelsMatch(svc.Selector, c.TemplateLabels) {
			out = append(out, svc)
		}
	}
	return out
}

func misplacedLabels(in *Input, sh *mesh.Shard, c *mesh.Controller, keys []string) Finding {
	subject := c.Ref()
	if c.Kind == "Job" && c.Owner.Kind == "CronJob" {
		subject = c.Owner // each of its Jobs has the label, and it is mended there
	}
	f := Finding{Subject: subject, Class: misplacedClass(c, keys)}
	f.Summary = fmt.Sprintf("The label %s on %s has no effect: it is not in the pod template.", strings.Join(keys, " and "), subject)
	f.Detail = misplacedDetail(c, keys)
	for _, key := range keys {
		f.Evidence = append(f.Evidence, labelEvidence(&c.Meta, key), fieldEvidence(c.Ref(), "spec.template.metadata.labels["+key+"]", "absent"))
	}
	for _, w := range sh.Workloads {
		if !w.Finished() && in.Snap.ControllerOf(w) == subject {
			f.Affects = append(f.Affects, w.Ref())
		}
	}
	f.Fix = in.misplacedFix(sh, c, subject, keys)
	return f
}

// misplacedClass: a wish to be in the mesh or behind a waypoint is a
// protection that is written and off; a wish to stay out is not.
func misplacedClass(c *mesh.Controller, keys []string) Class {
	for _, key := range keys {
		if c.Labels[key] != mesh.DataplaneNone {
			return Unprotected
		}
	}
	return Risk
}

func misplacedDetail(c *mesh.Controller, keys []string) string {
	switch {
	case slices.Contains(keys, mesh.LabelDataplaneMode) && c.Labels[mesh.LabelDataplaneMode] == mesh.DataplaneAmbient:
		return "Its pods stay outside the mesh: their traffic is in the clear, and no policy protects them."
	case slices.Contains(keys, mesh.LabelDataplaneMode):
		return "Its pods are in the mesh although the label asks to leave them out."
	case c.Labels[mesh.LabelUseWaypoint] == mesh.WaypointNone:
		return "Calls to its pods go through a waypoint although the label asks for none."
	}
	return "Calls to its pods do not go through that waypoint: its policies and routes are not applied (fail-open)."
}

// misplacedFix moves the labels to where they work: use-waypoint to the
// Services that select the pods, since waypoints take calls to Services unless
// they say otherwise, everything else into the pod template.
func (in *Input) misplacedFix(sh *mesh.Shard, c *mesh.Controller, subject mesh.Ref, keys []string) Fix {
	f := advise("Put the label where it works: use-waypoint on the Service or the Namespace, others into the pod template, which restarts the pods. What the label asks for is so from then on; where that is the mesh or a waypoint, policies there may refuse calls that pass now.").get(subject)
	template := make(map[string]string)
	services := selecting(sh, c)
	for _, key := range keys {
		if key == mesh.LabelDataplaneMode || len(services) == 0 {
			template[key] = c.Labels[key]
		}
	}
	if len(template) > 0 && subject.Kind != "Job" { // a Job's template cannot be changed
		f = f.change("-n", subject.Namespace, "patch", kubectlName(subject), "--type=merge", "-p", templateLabelPatch(subject.Kind, template))
	}
	if len(template) == len(keys) {
		return f
	}
	for _, svc := range services {
		args := []string{"-n", svc.Namespace, "label", kubectlName(svc.Ref())}
		for _, key := range keys {
			if _, moved := template[key]; !moved {
				args = append(args, key+"="+c.Labels[key])
			}
		}
		f = f.change(append(args, "--overwrite")...)
	}
	return f
}
