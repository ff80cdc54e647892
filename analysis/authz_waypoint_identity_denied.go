package analysis

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzWaypointIdentityDenied = Check{
	Code: "AUTHZ_WAYPOINT_IDENTITY_DENIED", Severity: Critical, Class: Breaks,
	Subject: "Service",
	Title:   "The pods behind a waypoint do not let the waypoint in",
	Explanation: "Past a waypoint the ztunnel before the pods sees the waypoint as the caller, and not the client. An ALLOW policy for the pods (by selector, for the namespace, or for the mesh) that names clients refuses everything that comes through it. " +
		"Name the waypoint's identity there and the clients in a policy with targetRefs, which the waypoint enforces.",
	Fires:  "A Service is bound to a waypoint, and the ALLOW policies at the ztunnel of a captured pod of it admit the identity of the waypoint's pods on none of the Service's target ports; for a canary pair, of either. Info where they admit it on some ports and not on others.",
	Silent: "A rule admits the waypoint; no waypoint is bound or calls pass none (headless); pods are not captured; istiod admits waypoints by itself (PILOT_AUTO_ALLOW_WAYPOINT_POLICY, or a ztunnel holds an istio_allow_waypoint_… policy); a policy in the way was not readable.",
	Doubt:  "Computed from the policies' specs; a ztunnel that is not up to date decides by older ones.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourceGateways, mesh.ResourceServices, mesh.ResourcePods},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceDeployments},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		if root := in.Snap.RootNamespace(); !in.Snap.Readable(mesh.ResourceAuthorizationPolicies, root) {
			in.miss(mesh.ResourceAuthorizationPolicies, root)
			return nil
		}
		if !in.allowsAtZtunnel(sh) {
			return nil
		}
		var out []Finding
		for _, svc := range sh.Services {
			if f, refused := waypointRefused(in, svc); refused {
				out = append(out, f)
			}
		}
		return out
	},
}

// allowsAtZtunnel tells whether an ALLOW policy can reach pods of a namespace
// at all; most namespaces have none, and need no look at their pods.
func (in *Input) allowsAtZtunnel(sh *mesh.Shard) bool {
	allows := func(p *mesh.AuthorizationPolicy) bool {
		return len(p.TargetRefs) == 0 && p.Action != authz.ActionDeny
	}
	return slices.ContainsFunc(sh.Authorizations, allows) || slices.ContainsFunc(in.Snap.Shard(in.Snap.RootNamespace()).Authorizations, allows)
}

// refusal is a waypoint that a pod's ztunnel does not let in.
type refusal struct {
	pod      *mesh.Workload
	waypoint *mesh.Waypoint
	hop      *authz.Hop
	ports    []uint16 // on the pod
	// everywhere: on all ports of the Service.
	everywhere bool
}

func waypointRefused(in *Input, svc *mesh.Service) (Finding, bool) {
	waypoints := in.waypointsOf(in.Snap.ServiceBinding(svc))
	if len(waypoints) == 0 || svc.Headless() || len(svc.Selector) == 0 {
		return Finding{}, false
	}
	var refused []refusal
	pods := 0
	for _, w := range in.Snap.Shard(svc.Namespace).Workloads {
		if !w.Captured() || w.Finished() || !w.Deleting.IsZero() || !mesh.LabelsMatch(svc.Selector, w.Labels) {
			continue
		}
		pods++
		for _, wp := range waypoints {
			if r := in.refuses(svc, w, wp); len(r.ports) > 0 {
				refused = append(refused, r)
			}
		}
	}
	if len(refused) == 0 {
		return Finding{}, false
	}
	return identityDenied(in, svc, refused, pods), true
}

// refuses asks the ztunnel before a pod about a waypoint on each port of the
// Service.
func (in *Input) refuses(svc *mesh.Service, w *mesh.Workload, wp *mesh.Waypoint) refusal {
	out := refusal{pod: w, waypoint: wp, hop: in.shared.ztunnels().Before(w), everywhere: true}
	for _, p := range svc.Ports {
		if p.Protocol == "UDP" {
			continue
		}
		port := targetPort(w, p)
		if in.admitsNone(out.hop, w, wp, port) {
			out.ports = append(out.ports, port)
		} else {
			out.everywhere = false
		}
	}
	return out
}

// admitsNone tells that no ALLOW policy admits the waypoint, from whichever of
// its pods. One that a DENY refuses is another finding's.
func (in *Input) admitsNone(hop *authz.Hop, w *mesh.Workload, wp *mesh.Waypoint, port uint16) bool {
	call := authz.Call{From: authz.Known(wp.Principal(in.Snap.TrustDomain())), Port: port, Destination: firstAddress(w)}
	sources := []netip.Addr{{}}
	if hop.AsksForSource() && len(wp.Pods) > 0 {
		sources = sources[:0]
		for _, p := range wp.Pods {
			sources = append(sources, firstAddress(p))
		}
	}
	for _, call.Source = range sources {
		if d := hop.Decide(call); !d.Refused() || d.Code != mesh.CodeNoneAllowed {
			return false
		}
	}
	return true
}

// firstAddress is a pod's primary address; the zero one before it has any.
func firstAddress(w *mesh.Workload) netip.Addr {
	if len(w.IPs) == 0 {
		return netip.Addr{}
	}
	a, _ := netip.ParseAddr(w.IPs[0])
	return a
}

// identityDenied prefers refusals on all ports: beside them, one on some ports
// is no news.
func identityDenied(in *Input, svc *mesh.Service, refused []refusal, pods int) Finding {
	f := Finding{Subject: svc.Ref()}
	whole := slices.Clone(refused)
	whole = slices.DeleteFunc(whole, func(r refusal) bool { return !r.everywhere })
	first := refused[0]
	if len(whole) > 0 {
		refused, first = whole, whole[0]
	}
	principal := first.waypoint.Principal(in.Snap.TrustDomain())
	who := authz.ShortPrincipal(principal, svc.Namespace)
	if len(whole) > 0 {
		f.Summary = fmt.Sprintf("The pods of Service %s refuse its waypoint %s.", svc.Ref().NamespacedName(), first.waypoint.Ref().NamespacedName())
		f.Detail = fmt.Sprintf("Their ztunnel sees the waypoint (%s) as the caller of everything that comes through it, and no ALLOW policy there admits it: such calls fail, over HTTP with 503 from the waypoint.", who)
		if n := countRefusing(refused); n < pods {
			f.Detail += fmt.Sprintf(" That is so for %d of %s.", n, countPods(pods))
		}
	} else {
		f.Severity, f.Class = Info, Risk
		f.Summary = fmt.Sprintf("The pods of Service %s refuse its waypoint on port %d and admit it on others.", svc.Ref().NamespacedName(), first.ports[0])
		f.Detail = fmt.Sprintf("Their ztunnel sees the waypoint (%s) as the caller, and no ALLOW policy admits it on that port: calls to it through the waypoint fail. That may be meant.", who)
	}
	f.Evidence = identityEvidence(in, refused)
	f.CausedBy = droppedAll(first.hop)
	f.Fix = admitWaypointFix(first, principal)
	return f
}

// droppedAll is the finding about a policy that stands alone in the way and of
// which istiod dropped every rule: with it mended nothing is in the way.
func droppedAll(hop *authz.Hop) *Cause {
	allowing := hop.Allowing()
	if len(allowing) != 1 {
		return nil
	}
	for _, a := range hop.Attached {
		if a.Policy.Ref() == allowing[0] && len(a.Policy.Rules) > 0 && a.Void() && hasHTTPFields(a.Policy) {
			return &Cause{Code: authzL7DeniesAll.Code, Subject: a.Policy.Ref()}
		}
	}
	return nil
}

func countRefusing(refused []refusal) int {
	seen := make(map[*mesh.Workload]bool)
	for _, r := range refused {
		seen[r.pod] = true
	}
	return len(seen)
}

// identityEvidence is who the waypoint is and what each policy in the way says.
func identityEvidence(in *Input, refused []refusal) []Evidence {
	var out []Evidence
	add := func(e Evidence) {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	for _, r := range refused {
		add(fieldEvidence(r.waypoint.Ref(), "principal of its pods", r.waypoint.Principal(in.Snap.TrustDomain())))
	}
	for _, r := range refused {
		for _, a := range r.hop.Attached {
			if slices.Contains(r.hop.Allowing(), a.Policy.Ref()) {
				add(fieldEvidence(a.Policy.Ref(), "spec.rules", r.hop.Effect(a)))
			}
		}
	}
	return shorten(out)
}

// admitWaypointFix adds the waypoint to a policy for these pods. A policy of
// the mesh is not changed for one Service, nor one without rules, which is
// there to refuse everything.
func admitWaypointFix(r refusal, principal string) Fix {
	f := advise(fmt.Sprintf("Let the policy for the pods admit the waypoint (%s), and say who may call the Service in a policy with targetRefs, which the waypoint enforces. "+
		"Write that one first: from then on the pods take whatever the waypoint lets through.", principal))
	var widened *mesh.AuthorizationPolicy
	for _, a := range r.hop.Attached {
		if !slices.Contains(r.hop.Allowing(), a.Policy.Ref()) {
			continue
		}
		f = f.get(a.Policy.Ref())
		if widened == nil && a.Policy.Namespace == r.pod.Namespace && len(a.Policy.Rules) > 0 {
			widened = a.Policy
		}
	}
	if widened == nil {
		return f
	}
	rule := map[string]any{"from": []any{map[string]any{"source": map[string]any{"principals": []string{principal}}}}}
	patch := encode([]any{map[string]any{"op": "add", "path": "/spec/rules/-", "value": rule}})
	return f.change("-n", widened.Namespace, "patch", kubectlName(widened.Ref()), "--type=json", "-p", patch)
}
