package views

import (
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// MTLSCell says what mTLS the pods of a service ask of their callers.
type MTLSCell struct {
	Text, Title string
	Tone        ui.Tone
}

// mtlsModes finds the mode of many pods. Where no PeerAuthentication selects
// pods, all pods of a namespace have the same one.
type mtlsModes struct {
	snap      *mesh.Snapshot
	selecting map[string]bool
	shared    map[string]authz.PeerMode
}

func newMTLSModes(s *mesh.Snapshot) *mtlsModes {
	m := &mtlsModes{snap: s, selecting: make(map[string]bool), shared: make(map[string]authz.PeerMode)}
	for _, sh := range s.Shards {
		for _, p := range sh.PeerAuths {
			if p.Selector != nil {
				m.selecting[sh.Namespace] = true
			}
		}
	}
	return m
}

func (m *mtlsModes) mode(w *mesh.Workload) authz.PeerMode {
	if m.selecting[w.Namespace] || m.selecting[m.snap.RootNamespace()] {
		return authz.PeerModeOf(m.snap, w)
	}
	mode, ok := m.shared[w.Namespace]
	if !ok {
		mode = authz.PeerModeOf(m.snap, w)
		m.shared[w.Namespace] = mode
	}
	return mode
}

// of sums up the pods behind a Service: what their ztunnels refuse. A pod that
// is not captured takes plaintext whatever a PeerAuthentication says.
func (m *mtlsModes) of(sh *mesh.Shard, svc *mesh.Service) MTLSCell {
	if why := unreadable(m.snap, mesh.ResourcePods, sh.Namespace); why != "" {
		return MTLSCell{Text: "unknown", Title: why, Tone: ui.ToneUnknown}
	}
	var strict, open, out, unread int
	for _, slice := range sh.Slices(svc.Name) {
		for _, e := range slice.Endpoints {
			w := m.snap.Workload(e.Target.Namespace, e.Target.Name)
			switch {
			case e.Target.Kind != "Pod" || w == nil:
			case !w.Captured():
				out++
			case len(m.mode(w).Unread) > 0:
				unread++
			case m.mode(w).Strict:
				strict++
			default:
				open++
			}
		}
	}
	return mtlsCell(strict, open, out, unread)
}

func mtlsCell(strict, open, out, unread int) MTLSCell {
	switch {
	case unread > 0:
		return MTLSCell{Text: "unknown", Title: "PeerAuthentications could not be read.", Tone: ui.ToneUnknown}
	case strict+open+out == 0:
		return MTLSCell{Text: "no pods", Title: "No pod stands behind it."}
	case strict+open == 0:
		return MTLSCell{Text: "not in mesh", Title: "Its pods are not captured, so calls to them are plaintext."}
	case open+out == 0:
		return MTLSCell{Text: "strict", Title: "Plaintext is refused.", Tone: ui.ToneGood}
	case strict+out == 0:
		return MTLSCell{Text: "permissive", Title: "Plaintext is let in too.", Tone: ui.ToneWarn}
	}
	return MTLSCell{Text: "mixed", Title: plural(strict, "pod") + " strict, " + number(open) + " permissive, " + number(out) + " not captured", Tone: ui.ToneWarn}
}

// toneClass is the look of a text that is no news: soft.
func toneClass(t ui.Tone) string {
	if t == ui.ToneNone {
		return "soft"
	}
	return string(t)
}
