package path

import (
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// policies lists every policy where it is enforced, in the order a call meets
// them, each once per stage.
func (p *plan) policies() []HopPolicy {
	var out []HopPolicy
	for _, w := range p.passages {
		out = appendHop(out, StageWaypoint, w.hop, authz.Decision{})
	}
	seen := make(map[*authz.Hop]bool)
	for _, b := range p.served() {
		if b.hop != nil && !seen[b.hop] {
			seen[b.hop] = true
			out = appendHop(out, StageDestination, b.hop, p.refusalOfWaypoint(b))
		}
	}
	return out
}

// refusalOfWaypoint is what the ztunnel before a backend decides about calls
// out of the waypoint; zero without one.
func (p *plan) refusalOfWaypoint(b *backend) authz.Decision {
	for _, e := range p.judge.entries {
		if e.hop == b.hop && len(p.passages) > 0 {
			w := p.passages[0]
			return e.decide(w.identity(p.trust), w.pods())
		}
	}
	return authz.Decision{}
}

// appendHop adds the policies of one hop. Those that refuse the waypoint are
// bad: the one that denies it, or each ALLOW if none admits it.
func appendHop(out []HopPolicy, stage Stage, h *authz.Hop, waypoint authz.Decision) []HopPolicy {
	if h.Enforcer == authz.Ztunnel && !h.Mode.By.IsZero() {
		out = appendPolicy(out, HopPolicy{Stage: stage, Policy: h.Mode.By, Action: modeText(h.Mode), Effect: h.Mode.Effect(), State: StateOK})
	}
	for _, a := range h.Attached {
		p := HopPolicy{Stage: stage, Policy: a.Policy.Ref(), Action: a.Policy.Action, Effect: h.Effect(a), State: StateOK}
		if p.Action == "" {
			p.Action = authz.ActionAllow
		}
		if a.Idle != "" || (a.Void() && len(a.Policy.Rules) > 0) {
			p.State = StateWarn
		}
		if refuses(waypoint, p) {
			p.State = StateBad
			p.Effect += "; the caller it sees is the waypoint, which it does not let in"
		}
		out = appendPolicy(out, p)
	}
	return out
}

func refuses(waypoint authz.Decision, p HopPolicy) bool {
	if !waypoint.Refused() {
		return false
	}
	if waypoint.Code == mesh.CodePolicyDenied {
		return waypoint.Policy == p.Policy
	}
	return p.Action == authz.ActionAllow
}

func modeText(m authz.PeerMode) string {
	if m.Strict {
		return authz.ModeStrict
	}
	return authz.ModePermissive
}

func appendPolicy(out []HopPolicy, p HopPolicy) []HopPolicy {
	for _, have := range out {
		if have.Stage == p.Stage && have.Policy == p.Policy {
			return out
		}
	}
	return append(out, p)
}
