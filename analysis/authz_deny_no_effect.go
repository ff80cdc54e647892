package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzDenyNoEffect = Check{
	Code: "AUTHZ_DENY_NO_EFFECT", Severity: Critical, Class: Unprotected,
	Subject: "AuthorizationPolicy",
	Title:   "A DENY policy denies nothing",
	Explanation: "A policy without targetRefs is enforced by ztunnel, which cannot see HTTP. istiod cuts the HTTP fields out of a DENY, and what is left of such a source, operation or condition never matches: the rule is void, though the policy's condition says Accepted. " +
		"Attach the policy to the Service or the Gateway by targetRefs, so that a waypoint enforces it.",
	Fires:  "A DENY without targetRefs applies to a captured pod, it has rules, and none of them can match at ztunnel after the cut.",
	Silent: "One rule still matches; it has no rules; it has targetRefs; it is a dry run; no captured pod is in its reach (sidecars and gateways enforce it whole).",
	Doubt:  "Computed from the policy's spec as istiod converts it.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourcePods},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceServices, mesh.ResourceGateways},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			if p.Action != authz.ActionDeny || len(p.TargetRefs) > 0 || len(p.Rules) == 0 {
				continue
			}
			if hop, void := in.voidAtZtunnel(p); void {
				out = append(out, denyNoEffect(p, hop))
			}
		}
		return out
	},
}

// voidAtZtunnel looks for a captured pod before which the policy is enforced
// and can never match; a policy of the root namespace reaches every pod.
func (in *Input) voidAtZtunnel(p *mesh.AuthorizationPolicy) (*authz.Hop, bool) {
	shards := []*mesh.Shard{in.Snap.Shard(p.Namespace)}
	if p.Namespace == in.Snap.RootNamespace() {
		shards = in.Snap.Shards
	}
	for _, sh := range shards {
		for _, w := range sh.Workloads {
			if !w.Captured() || w.Finished() || !slices.Contains(authz.ZtunnelPolicies(in.Snap, w), p) {
				continue
			}
			hop := in.shared.ztunnels().Before(w)
			i := slices.IndexFunc(hop.Attached, func(a authz.Attached) bool { return a.Policy == p })
			return hop, i >= 0 && hop.Attached[i].Idle == "" && hop.Attached[i].Void()
		}
	}
	return nil, false
}

func denyNoEffect(p *mesh.AuthorizationPolicy, hop *authz.Hop) Finding {
	f := Finding{Subject: p.Ref()}
	f.Summary = fmt.Sprintf("%s denies nothing at ztunnel.", p.Ref())
	f.Detail = "Every rule asks for something ztunnel cannot see, and what is left of it never matches: what the policy forbids is let through."
	f.Evidence = []Evidence{policyEvidence(hop, p.Ref())}
	for i := range p.Rules {
		if fields := authz.HTTPFields(&p.Rules[i]); len(fields) > 0 {
			f.Evidence = append(f.Evidence, fieldEvidence(p.Ref(), fmt.Sprintf("spec.rules[%d]", i), strings.Join(fields, ", ")))
		}
	}
	if c := p.Conditions.Find("ZtunnelAccepted"); c != nil {
		f.Evidence = append(f.Evidence, conditionEvidence(p.Ref(), c))
	}
	f.Evidence = shorten(f.Evidence)
	f.Fix = advise("Take the selector away and name the Service or the waypoint's Gateway in targetRefs: the waypoint enforces the policy whole, and refuses from then on what is let through now. Calls that pass no waypoint stay unprotected.").
		get(p.Ref())
	return f
}
