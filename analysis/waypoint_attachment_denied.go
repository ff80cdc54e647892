package analysis

import (
	"fmt"
	"maps"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var waypointAttachmentDenied = Check{
	Code: "WAYPOINT_ATTACHMENT_DENIED", Severity: Critical, Class: Unprotected, Manifests: OnAllManifests,
	Subject: "the labelled object: Namespace, Service, ServiceEntry, WorkloadEntry or Pod (the owner whose pod template has the label)",
	Title:   "A waypoint does not admit the namespace that asks for it",
	Explanation: "The Gateway's HBONE listener says in allowedRoutes which namespaces may attach, and this one is not among them. Absent means its own namespace only, and so does None, which istiod does not take at its word for waypoints. " +
		"istiod does not bind the waypoint, so calls go direct, without the policies and routes that live there (fail-open).",
	Fires:  "use-waypoint names a Gateway with an address whose listener (protocol HBONE, port 15008, or the one its inbound binding names) does not admit the object's namespace: from Same or None in another namespace, or a Selector that does not match. So it is for a Gateway of another namespace without such a listener.",
	Silent: "The Gateway has no address; the listener selects by namespace labels and these were not readable.",
	Doubt:  "Computed from the specs; where istiod's own condition says otherwise, it stands in the evidence.",
	Needs:  []string{mesh.ResourceGateways},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourceWorkloadEntries, mesh.ResourcePods},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, a := range in.askers(sh, mesh.BindingDenied) {
			out = append(out, attachmentDenied(in, a))
		}
		return out
	},
}

func attachmentDenied(in *Input, a asker) Finding {
	wp := a.Binding.Waypoint
	f := Finding{Subject: a.Subject, Affects: a.Affects}
	f.Summary = fmt.Sprintf("%s asks for the waypoint %s, which does not admit namespace %s.", capital(a.labelled()), wp.NamespacedName(), namespaceOf(a.Labelled.Ref()))
	direct := in.directCalls(a)
	f.Detail, f.Class = direct.sentence(a), direct.class()
	g := in.Snap.Gateway(wp.Namespace, wp.Name)
	listener := in.Snap.AttachmentListener(g)
	f.Evidence = append(in.askerEvidence(a), listenerEvidence(g, listener))
	f.Evidence = append(f.Evidence, direct.evidence()...)
	f.Fix = admitFix(g, listener, namespaceOf(a.Labelled.Ref()))
	return f
}

// admitFix opens the listener to one namespace more and to nothing else: by
// the label it selects, or by names.
func admitFix(g *mesh.Gateway, l *mesh.Listener, namespace string) Fix {
	if l == nil {
		return advise(fmt.Sprintf("Gateway %s is no waypoint: it has no HBONE listener on 15008. Name one that is, or take the label away: calls go direct either way until then (fail-open).", g.Ref().NamespacedName())).
			get(g.Ref())
	}
	f := advise(fmt.Sprintf("Let the listener of Gateway %s admit namespace %s. That opens the waypoint to this namespace; its policies and routes apply to these calls from then on, and may refuse what passes now.", g.Ref().NamespacedName(), namespace)).
		get(g.Ref()).
		read("get", "namespace/"+namespace, "--show-labels")
	switch {
	case l.From == "Selector" && l.Selector != nil && len(l.Selector.MatchExpressions) == 0 && !l.Selector.Empty():
		args := []string{"label", "namespace/" + namespace}
		for _, key := range slices.Sorted(maps.Keys(l.Selector.MatchLabels)) {
			args = append(args, key+"="+l.Selector.MatchLabels[key])
		}
		return f.change(append(args, "--overwrite")...)
	case l.From == "Selector":
		return f
	}
	return f.change("-n", g.Namespace, "patch", kubectlName(g.Ref()), "--type=json", "-p", admitPatch(g, l, namespace))
}

// admitPatch selects namespaces by the name label Kubernetes puts on each; the
// Gateway's own stays admitted.
func admitPatch(g *mesh.Gateway, l *mesh.Listener, namespace string) string {
	admitted := []string{g.Namespace, namespace}
	expression := map[string]any{"key": "kubernetes.io/metadata.name", "operator": "In", "values": admitted}
	routes := map[string]any{"namespaces": map[string]any{"from": "Selector", "selector": map[string]any{"matchExpressions": []any{expression}}}}
	index := slices.IndexFunc(g.Listeners, func(x mesh.Listener) bool { return x.Name == l.Name })
	return encode([]any{map[string]any{"op": "add", "path": fmt.Sprintf("/spec/listeners/%d/allowedRoutes", index), "value": routes}})
}

// listenerEvidence is whom a waypoint's listener admits, as written.
func listenerEvidence(g *mesh.Gateway, l *mesh.Listener) Evidence {
	if l == nil {
		return fieldEvidence(g.Ref(), "spec.listeners", "none with protocol HBONE and port 15008")
	}
	from := l.From
	if from == "" {
		from = "absent, which means Same"
	}
	return fieldEvidence(g.Ref(), "spec.listeners["+l.Name+"].allowedRoutes.namespaces.from", from)
}
