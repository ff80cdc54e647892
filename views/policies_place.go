package views

import (
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Enforcer is the kind of place a policy is enforced at, as a filter word.
type Enforcer string

// The enforcers.
const (
	AtZtunnel  Enforcer = "ztunnel"
	AtWaypoint Enforcer = "waypoint"
	AtGateway  Enforcer = "gateway"
	Nowhere    Enforcer = "nowhere"
	NotKnown   Enforcer = "unknown"
)

// PolicyPlace is one place where a policy is enforced and what it does there,
// or why it is enforced nowhere.
type PolicyPlace struct {
	Enforcer Enforcer
	Where    string // "ztunnel of 3 pods of shop"
	Object   ObjectLink
	// Effect is what it does there, in words.
	Effect string
	Tone   ui.Tone
}

func nowhere(why string) PolicyPlace {
	return PolicyPlace{Enforcer: Nowhere, Effect: why, Tone: ui.ToneBad}
}

func placeUnknown(why string) PolicyPlace {
	return PolicyPlace{Enforcer: NotKnown, Effect: why, Tone: ui.ToneUnknown}
}

// policyView is a policy of any kind in one form.
type policyView struct {
	action     string
	places     []PolicyPlace
	applies    string
	conditions mesh.Conditions
	targets    []mesh.TargetRef
	selector   *mesh.LabelSelector
}

// enforcement finds where policies hold. It reads each pod once.
type enforcement struct {
	snap     *mesh.Snapshot
	query    Query
	ztunnels *authz.Ztunnels
	root     string
	// captured are the running pods with a ztunnel before them, by namespace.
	captured map[string][]*mesh.Workload
	running  map[string]int
}

func newEnforcement(s *mesh.Snapshot, q Query) *enforcement {
	e := &enforcement{
		snap: s, query: q, ztunnels: authz.NewZtunnels(s), root: s.RootNamespace(),
		captured: make(map[string][]*mesh.Workload), running: make(map[string]int),
	}
	for _, sh := range s.Shards {
		for _, w := range sh.Workloads {
			if !w.Running() || w.Kind != "Pod" {
				continue
			}
			e.running[sh.Namespace]++
			if w.Captured() {
				e.captured[sh.Namespace] = append(e.captured[sh.Namespace], w)
			}
		}
	}
	return e
}

func (e *enforcement) view(o mesh.Object) policyView {
	switch p := o.(type) {
	case *mesh.AuthorizationPolicy:
		return e.authorization(p)
	case *mesh.PeerAuthentication:
		return e.peer(p)
	case *mesh.RequestAuthentication:
		return e.request(p)
	}
	return policyView{}
}

// selected are the captured pods a policy without targetRefs reaches: those of
// its namespace, or of all in the root namespace; a selector that is present
// and empty reaches none (istio.md C.3).
func (e *enforcement) selected(namespace string, sel *mesh.LabelSelector) []*mesh.Workload {
	if sel == nil && namespace != e.root {
		return e.captured[namespace]
	}
	if sel != nil && sel.Empty() {
		return nil
	}
	var out []*mesh.Workload
	for _, sh := range e.snap.Shards {
		if namespace != e.root && sh.Namespace != namespace {
			continue
		}
		for _, w := range e.captured[sh.Namespace] {
			if sel == nil || sel.Matches(w.Labels) {
				out = append(out, w)
			}
		}
	}
	return out
}

// scopeWords name the ztunnels a policy without targetRefs goes to.
func (e *enforcement) scopeWords(namespace string, sel *mesh.LabelSelector) string {
	switch {
	case sel == nil && namespace == e.root:
		return "ztunnel, the whole mesh"
	case sel == nil:
		return "ztunnel, all pods of " + namespace
	case namespace == e.root:
		return "ztunnel, pods of any namespace with " + selectorWords(sel)
	}
	return "ztunnel, pods of " + namespace + " with " + selectorWords(sel)
}

// noPods says why a policy without targetRefs is enforced at no ztunnel.
func (e *enforcement) noPods(namespace string, sel *mesh.LabelSelector) PolicyPlace {
	scope := namespace
	if namespace == e.root {
		scope = ""
	}
	if why := unreadable(e.snap, mesh.ResourcePods, scope); why != "" {
		return placeUnknown(why)
	}
	if sel != nil && sel.Empty() {
		return nowhere("its selector is present and empty, which attaches it to no pod")
	}
	if sel == nil {
		return PolicyPlace{Enforcer: Nowhere, Effect: "no captured pod is in its reach now", Tone: ui.ToneWarn}
	}
	return nowhere("its selector matches no captured pod")
}
