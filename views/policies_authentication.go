package views

import (
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// peer says which pods a PeerAuthentication decides for: a narrower or older
// one may take its place.
func (e *enforcement) peer(p *mesh.PeerAuthentication) policyView {
	v := policyView{action: orWord(p.Mode, authz.ModeUnset), conditions: p.Conditions, selector: p.Selector}
	pods := e.selected(p.Namespace, p.Selector)
	if p.Selector != nil && p.Namespace == e.root {
		v.places, v.applies = []PolicyPlace{nowhere("a selector in the root namespace is ignored")}, "no pod"
		return v
	}
	if len(pods) == 0 {
		v.places, v.applies = []PolicyPlace{e.noPods(p.Namespace, p.Selector)}, "0 captured pods"
		return v
	}
	var decides []*mesh.Workload
	for _, w := range pods {
		if m := authz.PeerModeOf(e.snap, w); m.By == p.Ref() || m.PortsBy == p.Ref() {
			decides = append(decides, w)
		}
	}
	v.applies = number(len(decides)) + " of " + plural(len(pods), "captured pod")
	if len(decides) == 0 {
		by := authz.PeerModeOf(e.snap, pods[0]).By
		place := nowhere("another one decides for every pod in its reach")
		if !by.IsZero() {
			place.Object = NewObjectLink(e.snap, e.query, by)
		}
		v.places = []PolicyPlace{place}
		return v
	}
	mode := authz.PeerModeOf(e.snap, decides[0])
	v.places = []PolicyPlace{{Enforcer: AtZtunnel, Where: e.scopeWords(p.Namespace, p.Selector), Effect: mode.Effect()}}
	return v
}

// request says where tokens are checked: only at waypoints and gateways.
func (e *enforcement) request(p *mesh.RequestAuthentication) policyView {
	v := policyView{action: "tokens", conditions: p.Conditions, targets: p.TargetRefs, selector: p.Selector}
	if len(p.TargetRefs) == 0 {
		v.places = []PolicyPlace{nowhere("ztunnel does not look at tokens; only one with targetRefs is enforced, at a waypoint")}
		v.applies = plural(len(e.selected(p.Namespace, p.Selector)), "captured pod")
		return v
	}
	effect := tokenWords(p)
	for _, t := range p.TargetRefs {
		v.places = append(v.places, e.target(p.Namespace, t, func(*mesh.Gateway, mesh.Ref) (string, ui.Tone) { return effect, ui.ToneNone })...)
	}
	v.applies = plural(len(p.TargetRefs), "target")
	return v
}

// tokenWords says what a RequestAuthentication does by itself, which is less
// than people think (istio.md C.4).
func tokenWords(p *mesh.RequestAuthentication) string {
	var issuers []string
	for _, r := range p.Rules {
		issuers = append(issuers, r.Issuer)
	}
	if len(issuers) == 0 {
		return "accepts any request and refuses none: it names no issuer"
	}
	return "refuses a token that is not valid for " + strings.Join(issuers, " or ") + " (HTTP 401); a request without a token passes"
}
