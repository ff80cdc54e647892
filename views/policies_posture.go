package views

import (
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// PostureRow is what protects a namespace now.
type PostureRow struct {
	ID       string
	Link     ObjectLink
	Ambient  WordCell
	Captured CountCell
	MTLS     WordCell
	Deny     WordCell
	Policies int
}

// WordCell is a short answer with the sentence behind it.
type WordCell struct {
	Text, Title string
	Tone        ui.Tone
}

// postureRows lists the namespaces in which something runs or a policy lies.
func postureRows(e *enforcement) []PostureRow {
	var out []PostureRow
	for _, sh := range e.snap.Shards {
		policies := len(sh.Authorizations) + len(sh.PeerAuths) + len(sh.RequestAuths)
		if !e.query.InScope(sh.Namespace) || (e.running[sh.Namespace] == 0 && policies == 0) {
			continue
		}
		row := PostureRow{
			ID: ui.ID("posture", sh.Namespace), Link: ObjectLink{Kind: "Namespace", Name: sh.Namespace, URL: Links{Namespace: sh.Namespace}.Page(PagePolicies)},
			Ambient: ambientWord(sh), Policies: policies,
		}
		row.Captured, row.MTLS, row.Deny = e.protection(sh.Namespace)
		out = append(out, row)
	}
	return out
}

func ambientWord(sh *mesh.Shard) WordCell {
	if sh.Info == nil {
		return WordCell{"unknown", "The Namespace object was not readable.", ui.ToneUnknown}
	}
	switch v, ok := sh.Info.Labels[mesh.LabelDataplaneMode]; {
	case !ok:
		return WordCell{"no", "It has no label " + mesh.LabelDataplaneMode + ".", ui.ToneNone}
	case v == mesh.DataplaneAmbient:
		return WordCell{"ambient", mesh.LabelDataplaneMode + ": " + v, ui.ToneGood}
	default:
		return WordCell{v, mesh.LabelDataplaneMode + ": " + v, ui.ToneNone}
	}
}

// protection sums up what the ztunnels before a namespace's pods refuse.
func (e *enforcement) protection(namespace string) (captured CountCell, mtls, deny WordCell) {
	if why := unreadable(e.snap, mesh.ResourcePods, namespace); why != "" {
		unknown := WordCell{"unknown", why, ui.ToneUnknown}
		return unknownCell(why), unknown, unknown
	}
	pods, running := e.captured[namespace], e.running[namespace]
	captured = CountCell{Text: number(len(pods)) + " of " + number(running), Ready: len(pods), Counted: true}
	if len(pods) == 0 {
		none := WordCell{"no ztunnel", "No pod of it is captured: calls to them are plaintext and no policy is enforced.", ui.ToneNone}
		return captured, none, none
	}
	strict, denies, unread := 0, 0, false
	for _, w := range pods {
		h := e.ztunnels.Before(w)
		if h.Mode.Strict {
			strict++
		}
		if h.DefaultDeny() {
			denies++
		}
		unread = unread || len(h.Unread)+len(h.Mode.Unread) > 0
	}
	mtls = share(strict, len(pods), "STRICT", "PERMISSIVE", "refuse plaintext")
	deny = share(denies, len(pods), "yes", "no", "refuse what no ALLOW policy admits")
	if unread {
		deny = WordCell{"unknown", "Not all policies could be read.", ui.ToneUnknown}
		if strict < len(pods) {
			mtls = WordCell{"unknown", "Not all PeerAuthentications could be read.", ui.ToneUnknown}
		}
	}
	return captured, mtls, deny
}

func share(n, all int, every, none, does string) WordCell {
	title := number(n) + " of " + plural(all, "captured pod") + " " + does
	switch n {
	case all:
		return WordCell{every, title, ui.ToneGood}
	case 0:
		return WordCell{none, title, ui.ToneWarn}
	}
	return WordCell{number(n) + " of " + number(all), title, ui.ToneWarn}
}
