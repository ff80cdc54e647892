package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var serviceNoEndpoints = Check{
	Code: "SERVICE_NO_ENDPOINTS", Severity: Error, Class: Breaks,
	Subject: "Service",
	Title:   "A Service has no ready endpoint",
	Explanation: "Nothing answers for the Service: ztunnel cuts calls to it with \"no healthy upstream\", and a waypoint answers 503 with the flag UH. " +
		"Either its selector matches no pod, or none of the pods it matches is ready.",
	Fires:  "A Service with a selector in a namespace that asks for ambient has no ready address in its EndpointSlices. A warning where what it selects is scaled to zero, is a Job or CronJob, or a DaemonSet without a node to run on.",
	Silent: "EndpointSlices are not readable; publishNotReadyAddresses; ExternalName; the Service of a waypoint or gateway, of which WAYPOINT_NO_ENDPOINTS speaks; the Service is younger than a minute.",
	Doubt:  "EndpointSlices follow pods by some seconds; a rolling restart of a single replica passes through this state.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceEndpointSlices, mesh.ResourceNamespaces},
	Uses:   []string{mesh.ResourcePods, mesh.ResourceDeployments, mesh.ResourceStatefulSets, mesh.ResourceConfigMaps},
	Sight:  SightNamespace,
	// Pods that no ztunnel serves fail their probes.
	ConsequenceOf: []string{"REDIRECTION_PENDING", "ENROLLED_NOT_IN_ZTUNNEL", "NETPOL_BLOCKS_PROBES"},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		if !in.asksForAmbient(sh) {
			return nil
		}
		var out []Finding
		for _, svc := range sh.Services {
			if len(svc.Selector) == 0 || svc.PublishNotReadyAddresses || svc.Type == "ExternalName" || in.isGatewayService(svc) || in.Now.Sub(svc.Created) < settlingTime {
				continue
			}
			if ready, all := sh.CountEndpoints(svc.Name); ready == 0 {
				out = append(out, withoutEndpoints(in, sh, svc, all))
			}
		}
		return out
	},
}

// asksForAmbient tells whether a namespace's own labels ask istio-cni to enrol
// its pods.
func (in *Input) asksForAmbient(sh *mesh.Shard) bool {
	if sh.Info == nil {
		return false
	}
	for _, s := range in.Snap.CNIConfig().Selectors {
		if !s.Namespace.Empty() && s.Namespace.Matches(sh.Info.Labels) {
			return true
		}
	}
	return false
}

// isGatewayService tells the Service of a waypoint or another gateway.
func (in *Input) isGatewayService(svc *mesh.Service) bool {
	if svc.Labels[mesh.LabelGatewayManaged] != "" || svc.Selector[mesh.LabelGatewayName] != "" {
		return true
	}
	for _, w := range in.Snap.Waypoints() {
		if w.Service == svc {
			return true
		}
	}
	return false
}

func withoutEndpoints(in *Input, sh *mesh.Shard, svc *mesh.Service, all int) Finding {
	f := Finding{Subject: svc.Ref()}
	f.Summary = fmt.Sprintf("%s has no ready endpoint.", svc.Ref())
	f.Detail = "Calls to it are cut by the caller's ztunnel, or answered 503 by its waypoint."
	f.Evidence = []Evidence{fieldEvidence(svc.Ref(), "EndpointSlices", fmt.Sprintf("addresses: %d, ready: 0", all))}
	selector := selectorWords(&mesh.LabelSelector{MatchLabels: svc.Selector})
	pods := selectedPods(sh, svc)
	switch zero := scaledToZero(sh, svc); {
	case len(pods) == 0 && zero != nil:
		f.Severity = Warning
		f.Affects = []mesh.Ref{zero.Ref()}
		f.Summary = fmt.Sprintf("%s has no endpoint: %s is scaled to zero.", svc.Ref(), zero.Ref())
		if zero.Kind != "Deployment" && zero.Kind != "StatefulSet" {
			return notRunning(f, svc, zero)
		}
		f.Evidence = append(f.Evidence, fieldEvidence(zero.Ref(), "spec.replicas", "0"))
		f.Fix = advise("Scale it up if the Service is to be called; calls are answered from then on.").get(zero.Ref()).
			change("-n", svc.Namespace, "scale", kubectlName(zero.Ref()), "--replicas=1")
		return f
	case len(pods) == 0:
		f.Summary = fmt.Sprintf("%s has no endpoint: no pod has the labels it selects.", svc.Ref())
		f.Evidence = append(f.Evidence, fieldEvidence(svc.Ref(), "spec.selector", selector))
	default:
		for _, p := range pods[:min(len(pods), namedAtMost)] {
			f.Evidence = append(f.Evidence, podStateEvidence(p))
		}
		for _, o := range in.byOwner(pods) {
			f.Affects = append(f.Affects, o.Owner)
		}
		f.CausedBy = in.lostWithNode(pods)
		if slices.ContainsFunc(pods, func(w *mesh.Workload) bool { return w.Ready && w.Running() }) { // it is not the pods that are missing
			f.CausedBy = &Cause{Code: "SERVICE_PORT_UNRESOLVED", Subject: svc.Ref()}
		}
	}
	mend := "Correct the selector, or make pods it matches."
	if len(pods) > 0 {
		mend = "Get one of its pods ready: the evidence says what they wait for."
	}
	f.Fix = advise(mend+" Calls are answered from then on.").
		read("-n", svc.Namespace, "get", "endpointslices.discovery.k8s.io", "-l", "kubernetes.io/service-name="+svc.Name).
		read("-n", svc.Namespace, "get", "pods", "-l", selectorArgument(svc.Selector), "-o", "wide")
	if len(pods) > 0 {
		f.Fix = f.Fix.read("-n", svc.Namespace, "describe", kubectlName(pods[0].Ref()))
	}
	return f
}

// notRunning is for what makes pods only now and then, or where there is a node
// for them.
func notRunning(f Finding, svc *mesh.Service, c *mesh.Controller) Finding {
	f.Summary = fmt.Sprintf("%s has no endpoint: %s runs no pod now.", svc.Ref(), c.Ref())
	f.Evidence = append(f.Evidence, fieldEvidence(c.Ref(), "spec.template.metadata.labels", selectorWords(&mesh.LabelSelector{MatchLabels: c.TemplateLabels})))
	f.Fix = advise("Calls are answered as soon as it runs one.").get(c.Ref()).get(svc.Ref())
	return f
}

// selectedPods are the pods a Service selects that are there to stay.
func selectedPods(sh *mesh.Shard, svc *mesh.Service) []*mesh.Workload {
	var out []*mesh.Workload
	for _, w := range sh.Workloads {
		if w.Kind == "Pod" && !w.Finished() && w.Deleting.IsZero() && len(svc.Selector) > 0 && mesh.LabelsMatch(svc.Selector, w.Labels) {
			out = append(out, w)
		}
	}
	return out
}

// scaledToZero is a controller whose pods the Service would select and that
// wants none now; nil where there is none, or another one wants some.
func scaledToZero(sh *mesh.Shard, svc *mesh.Service) *mesh.Controller {
	var zero *mesh.Controller
	for _, c := range sh.Controllers {
		if c.Kind == "ReplicaSet" || !mesh.LabelsMatch(svc.Selector, c.TemplateLabels) {
			continue
		}
		if c.Wanted > 0 && c.Kind != "CronJob" && c.Kind != "Job" {
			return nil
		}
		if zero == nil || c.Kind != "Job" {
			zero = c
		}
	}
	return zero
}

// selectorArgument is a selector as kubectl's -l takes it.
func selectorArgument(labels map[string]string) string {
	return strings.ReplaceAll(selectorWords(&mesh.LabelSelector{MatchLabels: labels}), ", ", ",")
}
