package analysis

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var servicePortUnresolved = Check{
	Code: "SERVICE_PORT_UNRESOLVED", Severity: Error, Class: Breaks,
	Subject: "Service",
	Title:   "A Service's port leads to a container port nobody has",
	Explanation: "A targetPort can be a name, and then means the container port of that name on each pod. Where a pod has no such port, its address is left out for this port of the Service; where none has, nothing answers: \"no healthy upstream\". " +
		"Mostly the name in one of the two places is misspelt.",
	Fires:  "A TCP port of a Service has a named targetPort that no running pod it selects has on a container or restartable init container. A warning where only some pods lack it: calls go to the others.",
	Silent: "Numbers; headless Services, of which clients use the pod's port; UDP; ExternalName; no pod is selected, which is another finding; the namespace does not ask for ambient.",
	Doubt:  "Two revisions of a Deployment may differ for the time of a rollout.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourcePods, mesh.ResourceNamespaces}, Uses: []string{mesh.ResourceConfigMaps},
	Sight: SightNamespace,
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		if !in.asksForAmbient(sh) {
			return nil
		}
		var out []Finding
		for _, svc := range sh.Services {
			if svc.Headless() || svc.Type == "ExternalName" || in.isGatewayService(svc) {
				continue
			}
			if f, ok := in.unresolvedPorts(sh, svc); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

func (in *Input) unresolvedPorts(sh *mesh.Shard, svc *mesh.Service) (Finding, bool) {
	pods := selectedPods(sh, svc)
	f := Finding{Subject: svc.Ref(), Severity: Warning, Class: Risk}
	var words []string
	for _, p := range svc.Ports {
		if _, err := strconv.Atoi(p.TargetPort); p.TargetPort == "" || err == nil || p.Protocol != "TCP" {
			continue
		}
		lacking := withoutPort(pods, p)
		if len(lacking) == 0 {
			continue
		}
		some := fmt.Sprintf("on %d of %d pods", len(lacking), len(pods))
		if len(lacking) == len(pods) {
			f.Severity, f.Class = Error, Breaks
			some = "on any pod"
		}
		words = append(words, fmt.Sprintf("port %d to %q, which is not there %s", p.Port, p.TargetPort, some))
		f.Evidence = append(f.Evidence, fieldEvidence(svc.Ref(), fmt.Sprintf("spec.ports[%d].targetPort", p.Port), p.TargetPort))
		for _, w := range lacking[:min(len(lacking), namedAtMost)] {
			f.Evidence = append(f.Evidence, fieldEvidence(w.Ref(), "spec.containers[].ports[].name", orWord(portNames(w), "none")))
		}
		for _, o := range in.byOwner(lacking) {
			f.Affects = append(f.Affects, o.Owner)
		}
	}
	if len(words) == 0 {
		return f, false
	}
	f.Summary = fmt.Sprintf("%s leads %s.", svc.Ref(), strings.Join(words, ", and "))
	f.Detail = "Nothing answers there: calls are cut, or answered 503 by its waypoint."
	if f.Severity == Warning {
		f.Detail = "Those pods get no calls by this port; the others get them all."
	}
	f.Fix = advise("Give both places the same name. Calls are answered from then on.").get(svc.Ref()).
		read("-n", svc.Namespace, "get", "pods", "-l", selectorArgument(svc.Selector), "-o", "custom-columns=POD:.metadata.name,PORTS:.spec.containers[*].ports[*].name")
	return f, true
}

// withoutPort are the running pods on which a named target port does not
// exist.
func withoutPort(pods []*mesh.Workload, p mesh.ServicePort) []*mesh.Workload {
	var out []*mesh.Workload
	for _, w := range pods {
		if w.Running() && targetPort(w, p) == 0 {
			out = append(out, w)
		}
	}
	return out
}

func portNames(w *mesh.Workload) string {
	var out []string
	for i := range w.Containers {
		for _, p := range w.Containers[i].Ports {
			if p.Name != "" {
				out = append(out, p.Name)
			}
		}
	}
	return strings.Join(out, ", ")
}
