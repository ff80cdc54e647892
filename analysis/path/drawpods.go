package path

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// ownerGroup is the backends of one owner workload, or of all that found no
// card of their own.
type ownerGroup struct {
	owner    mesh.Ref
	backends []*backend
	more     int // owners in a group of the rest
}

func ownersOf(list []*backend, limit int) []ownerGroup {
	var out []ownerGroup
	place := make(map[mesh.Ref]int)
	for _, b := range list {
		i, ok := place[b.owner]
		if !ok {
			i = len(out)
			place[b.owner] = i
			out = append(out, ownerGroup{owner: b.owner})
		}
		out[i].backends = append(out[i].backends, b)
	}
	slices.SortFunc(out, func(a, b ownerGroup) int { return a.owner.Compare(b.owner) })
	if len(out) <= limit {
		return out
	}
	rest := ownerGroup{more: len(out) - limit + 1}
	for _, g := range out[limit-1:] {
		rest.backends = append(rest.backends, g.backends...)
	}
	return append(out[:limit-1:limit-1], rest)
}

// drawOwner draws one card of pods. A second version with pods of the same
// owner leads to the same card.
func (d *drawing) drawOwner(v *version, g ownerGroup) string {
	n := Node{ID: g.id(v), Stage: StageBackend, Title: g.owner.Name, Ref: g.owner}
	switch {
	case g.more > 0:
		n.Title = fmt.Sprintf("and %d more", g.more)
	case g.owner.IsZero():
		n.Title = g.addresses()
	}
	noun := "pod"
	if g.count(outsideCluster) > 0 {
		noun = "address"
	}
	ready := len(readyOf(g.backends))
	n.Lines = []string{fmt.Sprintf("%d of %s ready", ready, count(len(g.backends), noun))}
	d.noteEntrance(&n, g)
	if ready == 0 {
		n.State, n.Code = StateBad, cmp.Or(n.Code, mesh.CodeNoHealthyEndpoint)
	}
	n.Explain = stop(fmt.Sprintf("Pods of %s: %s", n.Title, strings.Join(append(slices.Clone(n.Lines), n.Notes...), ", ")))
	return d.add(n)
}

// id is the card of a group; pods of one owner in several versions have one.
func (g ownerGroup) id(v *version) string {
	switch {
	case g.more > 0:
		return key("backend", "more", v.id)
	case g.owner.IsZero():
		return key("backend", "address", v.id)
	}
	return key("backend", g.owner.Kind, g.owner.Namespace, g.owner.Name)
}

// noteEntrance says how calls get into the pods where it is not by ztunnel.
func (d *drawing) noteEntrance(n *Node, g ownerGroup) {
	if g.count(outsideCluster) > 0 {
		n.Notes = append(n.Notes, "outside the mesh")
	}
	if plain := g.count(inTheClear); plain > 0 {
		n.State = StateWarn
		n.Notes = append(n.Notes, fmt.Sprintf("%d not captured: reached in plaintext, policies at ztunnel are not applied", plain))
		if d.asked(g) {
			n.Code = codeNotCaptured
		}
	}
	if g.count(ownProxy) > 0 {
		n.Notes = append(n.Notes, "has its own proxy, which decides for itself")
		if slices.ContainsFunc(g.backends, func(b *backend) bool { return b.unfollowed }) {
			n.State = StateUnknown
			n.Notes = append(n.Notes, "by policies this drawing does not follow")
		}
	}
}

func (g ownerGroup) count(e entrance) int {
	n := 0
	for _, b := range g.backends {
		if b.entrance == e {
			n++
		}
	}
	return n
}

func (g ownerGroup) addresses() string {
	var out []string
	for _, b := range g.backends {
		out = append(out, b.address)
	}
	return someWords(out)
}

// asked tells whether labels ask for one of the uncaptured pods to be in the
// mesh.
func (d *drawing) asked(g ownerGroup) bool {
	return slices.ContainsFunc(g.backends, func(b *backend) bool {
		return b.entrance == inTheClear && d.plan.snap.Enrolment(b.workload).AskedFor == mesh.FactYes
	})
}
