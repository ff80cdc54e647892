package server

import (
	"net/http"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// apiPolicy is an AuthorizationPolicy, PeerAuthentication or
// RequestAuthentication.
type apiPolicy struct {
	apiRef
	Action     string         `json:"action"` // of an AuthorizationPolicy
	Mode       string         `json:"mode"`   // of a PeerAuthentication
	Targets    []apiRef       `json:"targets"`
	Conditions []apiCondition `json:"conditions"`
	Findings   []apiFinding   `json:"findings"`
}

func (s *Server) apiPolicies(w http.ResponseWriter, r *http.Request) error {
	rep, q := s.report(r), views.ParseQuery(r.URL.Query())
	var items []apiPolicy
	for _, sh := range rep.Snap.Shards {
		if q.InScope(sh.Namespace) {
			items = append(items, policyItems(rep, sh)...)
		}
	}
	return writeJSON(w, http.StatusOK, listOf(s, rep, items, mesh.ResourceAuthorizationPolicies, mesh.ResourcePeerAuthentications, mesh.ResourceRequestAuthentications))
}

func policyItems(r *analysis.Report, sh *mesh.Shard) []apiPolicy {
	var items []apiPolicy
	item := func(ref mesh.Ref, targets []mesh.TargetRef, cs mesh.Conditions) apiPolicy {
		p := apiPolicy{apiRef: refOf(ref), Targets: []apiRef{}, Conditions: conditionsOf(cs), Findings: findingsOf(r, ref)}
		for _, t := range targets {
			p.Targets = append(p.Targets, refOf(t.Ref()))
		}
		return p
	}
	for _, p := range sh.Authorizations {
		i := item(p.Ref(), p.TargetRefs, p.Conditions)
		i.Action = p.Action
		items = append(items, i)
	}
	for _, p := range sh.PeerAuths {
		i := item(p.Ref(), nil, p.Conditions)
		i.Mode = p.Mode
		items = append(items, i)
	}
	for _, p := range sh.RequestAuths {
		items = append(items, item(p.Ref(), p.TargetRefs, p.Conditions))
	}
	return items
}
