package views

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// SearchModel is what was found for a text.
type SearchModel struct {
	Text string
	// Target is where to go at once, because there is one answer; empty for
	// none. The server redirects to it.
	Target templ.SafeURL
	// Asked tells that there was something to look for.
	Asked bool
	// Understood lists what was picked out of a pasted text.
	Understood []string
	Table      ui.Table
	Hits       []SearchHit
	// More counts hits that are not listed.
	More int
	// Unknown says which kinds could not be searched; empty for none.
	Unknown string
	Keep    []ui.Param
	Action  templ.SafeURL
}

// SearchHit is one object, or one code of the catalogue.
type SearchHit struct {
	ID     string
	Object ObjectLink
	Why    string
}

// hitsShown bounds the list: who gets more should type more.
const hitsShown = 200

// NewSearch looks for what a text may be about: names, addresses, hosts and
// codes, also within a pasted URL, log line or error.
func NewSearch(r *analysis.Report, q Query) SearchModel {
	m := SearchModel{Text: q.Text, Action: templ.SafeURL(PageSearch)}
	if q.Namespace != "" {
		m.Keep = []ui.Param{{Name: paramNamespace, Value: q.Namespace}}
	}
	w := parseWanted(q.Text)
	m.Asked = !w.empty()
	if !m.Asked {
		return m
	}
	hits := sortHits(slices.Concat(findCodes(&w), find(r.Snap, &w)), q.Namespace)
	m.Target = target(r.Snap, q, hits)
	m.Understood = understood(&w)
	if len(hits) > hitsShown {
		m.More, hits = len(hits)-hitsShown, hits[:hitsShown]
	}
	for _, h := range hits {
		m.Hits = append(m.Hits, newSearchHit(r.Snap, q, h))
	}
	m.Table = ui.Table{
		ID: "hits", Caption: "Search results", Noun: "results", Shown: len(m.Hits), Total: len(m.Hits) + m.More,
		Columns: []ui.Column{{Label: "Object", Class: "wide"}, {Label: "Kind"}, {Label: "Why"}},
	}
	m.Unknown = unsearched(r.Snap)
	return m
}

func newSearchHit(s *mesh.Snapshot, q Query, h hit) SearchHit {
	out := SearchHit{ID: ui.ID("hit", h.ref.Kind, h.ref.Namespace, h.ref.Name), Why: h.why}
	if h.ref.Kind == kindCheck {
		out.Object = ObjectLink{Kind: "Check", Name: h.ref.Name, URL: q.Links().Check(h.ref.Name)}
		return out
	}
	out.Object = NewObjectLink(s, q, h.ref)
	return out
}

// target is the page to jump to: that of the only hit, or that of the only one
// with a page of its own among those that are as sure as the first, which must
// be no guess.
func target(s *mesh.Snapshot, q Query, hits []hit) templ.SafeURL {
	if len(hits) == 1 {
		return newSearchHit(s, q, hits[0]).Object.URL
	}
	var found templ.SafeURL
	for _, h := range hits {
		if h.certainty != hits[0].certainty || !h.certainty.exact() {
			break
		}
		url := newSearchHit(s, q, h).Object.URL
		if url == "" || !ownPage(h.ref.Kind) {
			continue
		}
		if found != "" {
			return ""
		}
		found = url
	}
	return found
}

// ownPage tells kinds that have a page, and not a filtered list.
func ownPage(kind string) bool {
	switch kind {
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Namespace":
		return false
	}
	return true
}

// kindCheck is the kind of a hit in the catalogue, which is no object.
const kindCheck = "Check"

// findCodes looks for codes of the catalogue, whole or in part.
func findCodes(w *wanted) []hit {
	var out []hit
	for _, c := range analysis.Checks() {
		ref := mesh.Ref{Kind: kindCheck, Name: c.Code}
		code := strings.ToLower(c.Code)
		switch {
		case slices.Contains(w.Codes, c.Code) || w.Word == code:
			out = append(out, hit{ref, byCode, c.Title})
		case len(w.Word) > 2 && strings.Contains(code, strings.ReplaceAll(w.Word, "-", "_")):
			out = append(out, hit{ref, byPart, c.Title})
		}
	}
	return out
}

// understood says what was picked out of a text that is more than a word.
func understood(w *wanted) []string {
	if w.Word != "" {
		return nil
	}
	var out []string
	for _, a := range w.Addresses {
		out = append(out, a.String())
	}
	out = append(out, w.Hosts...)
	for _, p := range w.Refs {
		out = append(out, p.Namespace+"/"+p.Name)
	}
	return append(out, w.Codes...)
}

// unsearched names what a search could not see.
func unsearched(s *mesh.Snapshot) string {
	var kinds []string
	for _, r := range []string{mesh.ResourceServices, mesh.ResourcePods, mesh.ResourceGateways, mesh.ResourceServiceEntries, mesh.ResourceAuthorizationPolicies} {
		if st := s.Sources.Kind(r).State; !st.Readable() && st != mesh.SourceAbsent {
			kinds = append(kinds, resourceWord(r))
		}
	}
	if len(kinds) == 0 {
		return ""
	}
	return "Not everything could be searched: " + sentenceList(kinds) + " could not be read."
}
