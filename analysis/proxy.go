package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// What proxies and istiod said of themselves, as the Needs of a check name it.
// A check that needs it judges the proxies that were read; the report says
// which were not.
const (
	readZtunnels  = "ztunnel/*"
	readWaypoints = "envoy/*"
	readIstiods   = "istiod/*"
)

// proxies are the proxies of a mesh that should have been read, with what was.
type proxies struct {
	ztunnels  []ztunnelSaid
	waypoints []waypointSaid
	istiods   []istiodSaid
	// unread names the sources of those that were not, by kind; asked counts
	// all.
	unread map[string][]string
	asked  map[string]int
}

// ztunnelSaid is a node's ztunnel that was read.
type ztunnelSaid struct {
	*mesh.ZtunnelEvidence
	Node string
}

// waypointSaid is a waypoint's pod whose Envoy was read.
type waypointSaid struct {
	*mesh.EnvoyEvidence
	Workload *mesh.Workload
}

// istiodSaid is an istiod that was read.
type istiodSaid struct{ *mesh.SyncEvidence }

func (z ztunnelSaid) source() string  { return "ztunnel/" + z.Node }
func (w waypointSaid) source() string { return envoySource(w.Workload) }
func (i istiodSaid) source() string   { return "istiod/" + i.Name }

func envoySource(w *mesh.Workload) string { return "envoy/" + w.Namespace + "/" + w.Name }

// findProxies looks for what was read of every ready ztunnel, waypoint and
// istiod. What a pod said that is gone since says nothing of now.
func (in *Input) findProxies() *proxies {
	p := &proxies{unread: make(map[string][]string), asked: make(map[string]int)}
	waypoints, istiods := in.readyProxies()
	for _, node := range in.ztunnelNodes() {
		e := in.Snap.ZtunnelEvidence(node)
		if p.note(readZtunnels, "ztunnel/"+node, e != nil && in.stillOn(node, e.Pod)) {
			p.ztunnels = append(p.ztunnels, ztunnelSaid{e, node})
		}
	}
	for _, w := range waypoints {
		e := in.Snap.EnvoyEvidence(w.Namespace, w.Name)
		if p.note(readWaypoints, envoySource(w), e != nil) {
			p.waypoints = append(p.waypoints, waypointSaid{e, w})
		}
	}
	if p.asked[readZtunnels]+p.asked[readWaypoints] == 0 {
		return p // nobody is connected that an istiod could be asked about
	}
	for _, w := range istiods {
		e := in.Snap.SyncEvidence(w.Name)
		if p.note(readIstiods, "istiod/"+w.Name, e != nil) {
			p.istiods = append(p.istiods, istiodSaid{e})
		}
	}
	return p
}

// note counts a proxy and keeps the name of one that was not read.
func (p *proxies) note(kind, source string, read bool) bool {
	p.asked[kind]++
	if !read {
		p.unread[kind] = append(p.unread[kind], source)
	}
	return read
}

// readyProxies lists the ready pods of waypoints and of istiod.
func (in *Input) readyProxies() (waypoints, istiods []*mesh.Workload) {
	for _, sh := range in.Snap.Shards {
		for _, w := range sh.PartsOfMesh() {
			switch {
			case !w.Running() || !w.Ready:
			case w.IsWaypoint():
				waypoints = append(waypoints, w)
			case isIstiod(w):
				istiods = append(istiods, w)
			}
		}
	}
	return waypoints, istiods
}

func isIstiod(w *mesh.Workload) bool { return w.Kind == "Pod" && w.Labels["app"] == "istiod" }

// ztunnelNodes are the nodes with a ready ztunnel. Where ztunnel's namespace is
// not watched it is taken to be on every node that holds pods of the mesh.
func (in *Input) ztunnelNodes() []string {
	var out []string
	if !in.Snap.Readable(mesh.ResourcePods, "") {
		for _, n := range in.shared.nodes() {
			out = append(out, n.Node)
		}
		return out
	}
	for _, sh := range in.Snap.Shards {
		for _, w := range sh.PartsOfMesh() {
			if w.Labels["app"] == "ztunnel" && w.Node != "" && w.Running() && w.Ready {
				out = append(out, w.Node)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// stillOn tells whether a ztunnel pod runs on its node, as far as that can be
// seen.
func (in *Input) stillOn(node string, pod mesh.Ref) bool {
	if pod.IsZero() || !in.Snap.Readable(mesh.ResourcePods, pod.Namespace) {
		return true
	}
	return slices.ContainsFunc(in.Snap.Ztunnels(node), func(w *mesh.Workload) bool { return w.Ref() == pod })
}

// unreadProxies says which proxies of a kind were not read and why, in one
// line however many they are; none tells that not a single one was.
func (in *Input) unreadProxies(kind string) (h HeldBack, none, some bool) {
	if kind == countedTraffic {
		return in.unreadTraffic()
	}
	p := in.shared.proxies()
	missing := p.unread[kind]
	if len(missing) == 0 {
		return HeldBack{}, false, false
	}
	st, found := in.Snap.Sources.Find(missing[0])
	const why = "It was not read."
	h = HeldBack{Source: missing[0], State: mesh.SourceDown, Detail: why}
	switch {
	case in.outlived(missing[0]):
		h.State, h.Detail = mesh.SourceStale, "What was read of it is of a pod that is gone."
	case found && !st.State.Readable():
		h.State, h.Detail = st.State, cmp.Or(st.Detail, why)
	}
	if len(missing) > 1 {
		count := fmt.Sprintf("%d of %d were not read.", len(missing), p.asked[kind])
		if h.Detail != why {
			count += " Of " + missing[0] + ": " + h.Detail
		}
		h.Source, h.Detail = kind, count
	}
	return h, len(missing) == p.asked[kind], true
}

// outlived tells that a ztunnel was read that has been replaced since.
func (in *Input) outlived(source string) bool {
	node, ok := strings.CutPrefix(source, "ztunnel/")
	return ok && in.Snap.ZtunnelEvidence(node) != nil
}

// isProxySource tells the needs of a check that proxies meet from resources.
func isProxySource(need string) bool { return strings.HasSuffix(need, "/*") }

// saidEvidence is what a proxy or istiod said at a moment.
func saidEvidence(source string, object mesh.Ref, field, text string, at time.Time) Evidence {
	return Evidence{Source: source, Object: object, Field: field, Text: text, Time: timeText(at)}
}

// shownAtMost bounds what a finding lists of one kind; the rest is counted.
const shownAtMost = 10

// shorten bounds evidence and says how much more there is.
func shorten(list []Evidence) []Evidence {
	if len(list) <= shownAtMost {
		return list
	}
	more := list[shownAtMost]
	more.Field, more.Text = "", fmt.Sprintf("and %d more", len(list)-shownAtMost)
	return append(slices.Clone(list[:shownAtMost]), more)
}
