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
	// unknown says why the pods of the present namespace are not known.
	unknown string
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

// enter prepares for the services of a namespace.
func (m *mtlsModes) enter(namespace string) {
	m.unknown = unreadable(m.snap, mesh.ResourcePods, namespace)
}

// modeIn returns how to find the mode of a namespace's pods: the same for all
// of them unless something selects pods.
func (m *mtlsModes) modeIn(namespace string) func(*mesh.Workload) authz.PeerMode {
	if m.selecting[namespace] || m.selecting[m.snap.RootNamespace()] {
		return func(w *mesh.Workload) authz.PeerMode { return authz.PeerModeOf(m.snap, w) }
	}
	mode, ok := m.shared[namespace]
	if !ok {
		mode = authz.PeerModeOf(m.snap, &mesh.Workload{Meta: mesh.Meta{Kind: "Pod", Namespace: namespace}})
		m.shared[namespace] = mode
	}
	return func(*mesh.Workload) authz.PeerMode { return mode }
}

// of sums up the pods behind a Service: what their ztunnels refuse. A pod that
// is not captured takes plaintext whatever a PeerAuthentication says.
func (m *mtlsModes) of(sh *mesh.Shard, svc *mesh.Service) MTLSCell {
	if m.unknown != "" {
		return MTLSCell{Text: "unknown", Title: m.unknown, Tone: ui.ToneUnknown}
	}
	var strict, open, out, unread int
	modeOf := m.modeIn(sh.Namespace)
	for _, slice := range sh.Slices(svc.Name) {
		for i := range slice.Endpoints {
			w := podBehind(sh, &slice.Endpoints[i])
			if w == nil {
				continue
			}
			if !w.Captured() {
				out++
				continue
			}
			switch mode := modeOf(w); {
			case len(mode.Unread) > 0:
				unread++
			case mode.Strict:
				strict++
			default:
				open++
			}
		}
	}
	return mtlsCell(strict, open, out, unread)
}

// podBehind is the pod of an endpoint, which lies in the slice's namespace; nil
// for an address without one.
func podBehind(sh *mesh.Shard, e *mesh.Endpoint) *mesh.Workload {
	if e.Target.Kind != "Pod" {
		return nil
	}
	return sh.WorkloadNamed(e.Target.Name)
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
