package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var waypointBypassedPodAddressed = Check{
	Code: "WAYPOINT_BYPASSED_POD_ADDRESSED", Severity: Warning, Class: Risk,
	Subject: "Service",
	Title:   "Calls to a headless Service never pass its waypoint",
	Explanation: "A headless Service has no virtual address: its name resolves to pod addresses, and ztunnel sends calls addressed to pods to a waypoint for workloads or to nobody. The waypoint the Service is bound to never sees them, although istiod reports the binding as accepted. " +
		"Policies and routes that target the Service are enforced nowhere. A workload waypoint does not cure that: it applies only policies that target the Gateway or its class.",
	Fires:  "A Service without a cluster address is bound to a waypoint. An error if a policy or route targets it, a warning if it carries the label itself, news (info) if it merely inherits the namespace's.",
	Silent: "The Service says use-waypoint: none; ExternalName; the binding failed, which is another finding.",
	Doubt:  "Clients may use another Service with a virtual address in front of the same pods.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceGateways},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceAuthorizationPolicies, mesh.ResourceRequestAuthentications, mesh.ResourceHTTPRoutes, mesh.ResourceVirtualServices},
	Sight:  SightNamespace,
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, svc := range sh.Services {
			if b := in.Snap.ServiceBinding(svc); svc.Headless() && b.Bound() {
				out = append(out, podAddressed(in, sh, svc, b))
			}
		}
		return out
	},
}

func podAddressed(in *Input, sh *mesh.Shard, svc *mesh.Service, b mesh.Binding) Finding {
	f := Finding{Subject: svc.Ref()}
	f.Summary = fmt.Sprintf("%s is headless, so calls to it never pass waypoint %s.", svc.Ref(), b.Waypoint.NamespacedName())
	f.Detail = "Its name resolves to pod addresses, which a waypoint for services never sees. Nothing that targets the Service needs it now."
	f.Evidence = []Evidence{fieldEvidence(svc.Ref(), "spec.clusterIP", "None"), labelEvidence(in.metaOf(b.LabelOn, &svc.Meta), mesh.LabelUseWaypoint)}
	if c := b.Condition; c != nil {
		f.Evidence = append(f.Evidence, conditionEvidence(svc.Ref(), c))
	}
	switch lost := in.attachedToServices(sh, []mesh.Ref{svc.Ref()}); {
	case len(lost) > 0:
		f.Severity, f.Class = Error, Unprotected
		f.Detail = fmt.Sprintf("Its name resolves to pod addresses, which a waypoint for services never sees: %s enforced nowhere.", isAre(names(lost), len(lost)))
		f.Affects = lost
		for _, r := range lost[:min(len(lost), namedAtMost)] {
			f.Evidence = append(f.Evidence, fieldEvidence(r, attachmentField(r), "targets "+svc.Ref().String()))
		}
	case b.Inherited():
		f.Severity = Info
	}
	f.Fix = advise("Let clients call a Service with a cluster address for the same pods if the waypoint matters; say use-waypoint: none on this one if it does not, which changes nothing. Policies for the pods themselves, without targetRefs, are enforced by ztunnel.").
		get(svc.Ref()).
		change("-n", svc.Namespace, "label", kubectlName(svc.Ref()), mesh.LabelUseWaypoint+"="+mesh.WaypointNone, "--overwrite")
	return f
}

// metaOf is the metadata of an object, or what stands for it where the
// snapshot has none.
func (in *Input) metaOf(r mesh.Ref, otherwise *mesh.Meta) *mesh.Meta {
	if o := in.Snap.Lookup(r); o != nil {
		return o.Metadata()
	}
	return otherwise
}

// isAre joins a subject with its verb.
func isAre(subject string, n int) string { return subject + " " + are(n) }
