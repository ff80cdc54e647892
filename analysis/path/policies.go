package path

import (
	"github.com/waylight/waylight/analysis/authz"
)

// policies lists every policy where it is enforced, in the order a call meets
// them, each once per stage.
func (p *plan) policies() []HopPolicy {
	var out []HopPolicy
	for _, w := range p.passages {
		out = appendHop(out, StageWaypoint, w.hop)
	}
	seen := make(map[*authz.Hop]bool)
	for _, b := range p.served() {
		if b.hop != nil && !seen[b.hop] {
			seen[b.hop] = true
			out = appendHop(out, StageDestination, b.hop)
		}
	}
	return out
}

func appendHop(out []HopPolicy, stage Stage, h *authz.Hop) []HopPolicy {
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
		out = appendPolicy(out, p)
	}
	return out
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
