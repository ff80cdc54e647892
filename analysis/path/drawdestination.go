package path

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// drawDestinations draws from the waypoint to the pods, and returns the nodes
// that calls enter this part by: the waypoints, or the one version.
func (d *drawing) drawDestinations() []string {
	var versions []string
	for _, v := range d.plan.versions {
		versions = append(versions, d.drawVersion(v))
	}
	var entries []string
	for _, w := range d.plan.passages {
		id := d.drawWaypoint(w)
		entries = append(entries, id)
		for i, v := range d.plan.versions {
			d.join(Leg{From: id, To: versions[i], Transport: v.transport(), Share: v.legShare(), Label: v.label(), State: v.legState()})
		}
	}
	if d.plan.bypass != nil {
		d.drawBypass(d.plan.bypass)
	}
	if len(entries) == 0 {
		return versions
	}
	return entries
}

func (d *drawing) drawVersion(v *version) string {
	n := Node{ID: key("version", v.id), Stage: StageVersion, Title: v.title, Ref: v.ref, Lines: slices.Clone(v.lines)}
	if v.share >= 0 && v.share < 100 {
		n.Lines = append(n.Lines, "declared "+percent(v.share))
	}
	switch {
	case v.unknown != "":
		n.State, n.Explain = StateUnknown, stop("Version "+v.title+": "+v.unknown)
	case v.broken != "" && v.code == "":
		n.State, n.Explain = StateWarn, stop("Version "+v.title+": "+v.broken)
	case v.broken != "":
		n.State, n.Code, n.Explain = StateBad, v.code, stop("Version "+v.title+": "+v.broken)
	default:
		n.Explain = d.explainVersion(v)
	}
	if v.broken != "" {
		n.Notes = append(n.Notes, v.broken)
	}
	id := d.add(n)
	d.drawBackends(v, id)
	return id
}

func (d *drawing) explainVersion(v *version) string {
	ready := len(readyOf(v.backends))
	text := fmt.Sprintf("Version %s: %d of %s ready", v.title, ready, count(len(v.backends), "endpoint"))
	if v.share >= 0 && v.share < 100 {
		text += ", gets " + percent(v.share) + " of the calls"
	}
	if len(v.matches) > 0 {
		text += ", and requests with " + someWords(v.matches)
	}
	return stop(text)
}

// label is the share, or the match of a version that only matches lead to. With
// both the match would not fit beside the line; the card's sentence and a remark
// have it.
func (v *version) label() string {
	if v.share >= 0 && v.share < 100 {
		return percent(v.share)
	}
	return someWords(v.matches)
}

func (v *version) legShare() float64 {
	if v.share < 0 {
		return declaredNothing
	}
	return round(v.share)
}

func (v *version) legState() State {
	switch {
	case v.idle():
		return StateNotReached
	case v.broken != "" && v.code != "":
		return StateBad
	}
	return StateOK
}

// transport is how calls to a version are carried: in the clear as soon as one
// of its pods takes them so.
func (v *version) transport() Transport {
	for _, b := range readyOf(v.backends) {
		if b.transport() == Plaintext {
			return Plaintext
		}
	}
	return HBONE
}

// drawBackends draws the ztunnels before a version's pods and the owners of
// the pods.
func (d *drawing) drawBackends(v *version, versionID string) {
	for _, g := range ownersOf(v.backends, d.opts.maxCards()) {
		id := d.drawOwner(v, g)
		for _, b := range g.backends {
			if b.entrance != throughZtunnel {
				d.join(directLeg(versionID, id, b))
				continue
			}
			z := d.drawDestination(b.node)
			d.join(Leg{From: versionID, To: z, Transport: HBONE, Share: declaredNothing})
			d.join(Leg{From: z, To: id, Transport: Local, Share: declaredNothing})
		}
	}
}

// directLeg leads to pods that no ztunnel stands before.
func directLeg(from, to string, b *backend) Leg {
	l := Leg{From: from, To: to, Transport: b.transport(), Share: declaredNothing}
	if l.Transport == Plaintext {
		l.Label = "plaintext"
	}
	return l
}

// drawDestination draws the ztunnel of a node that takes calls in, with what
// it decides about whom it sees.
func (d *drawing) drawDestination(node string) string {
	if id := d.destinations.id(node); d.drawn(id) {
		return id
	}
	n := d.destinations.card(node)
	if n.State == "" || n.State == StateOK {
		d.judgeDestination(&n)
	}
	return d.add(n)
}

// judgeDestination asks the policies before the pods of a node.
func (d *drawing) judgeDestination(n *Node) {
	from, pods, ok := d.seenByDestination()
	if !ok {
		d.noteMixed(n)
		return
	}
	refused := 0
	var why authz.Decision
	entries := entryPoints(d.behindCard(n.ID))
	for _, e := range entries {
		if dec := e.decide(from, pods); dec.Refused() {
			refused, why = refused+1, dec
		} else if dec.Verdict == authz.Undetermined {
			n.State, n.Explain = StateUnknown, fmt.Sprintf("On the destination side, %s: %s.", n.Title, dec.Reason)
		}
	}
	n.Notes = append(n.Notes, "sees the caller as "+authz.ShortPrincipal(from.Principal, d.plan.target.ref.Namespace))
	switch {
	case refused == 0:
	case refused == len(entries):
		n.State, n.Code = StateBad, d.refusalCode(why)
		n.Explain = fmt.Sprintf("On the destination side, %s refuses the call: %s.", n.Title, why.Reason)
	default:
		n.State, n.Code = StateWarn, d.refusalCode(why)
		n.Explain = fmt.Sprintf("On the destination side, %s refuses calls to some pods: %s.", n.Title, why.Reason)
	}
}

func (d *drawing) refusalCode(dec authz.Decision) string {
	if len(d.plan.passages) > 0 {
		return identityCode(dec)
	}
	return dec.Code
}

// seenByDestination is the one identity that calls arrive with: the waypoint's
// behind one, the only caller's without. Not ok: there are several.
func (d *drawing) seenByDestination() (authz.Identity, []*mesh.Workload, bool) {
	if len(d.plan.passages) > 0 {
		w := d.plan.passages[0]
		return w.identity(d.plan.trust), w.pods(), true
	}
	return authz.Identity{}, nil, false
}

// noteMixed marks a destination that callers reach under their own identities:
// it is bad where it refuses every one that the drawing leads to it.
func (d *drawing) noteMixed(n *Node) {
	n.Notes = append(n.Notes, "sees each caller's own identity")
	entries := entryPoints(d.behindCard(n.ID))
	var why authz.Decision
	for i := range d.plan.callers {
		c := &d.plan.callers[i]
		if c.Entry == EntryNone || c.ViaWaypoint {
			continue
		}
		if !c.Destination.Refused() {
			return
		}
		for _, e := range entries {
			if why = e.decide(authz.Known(c.Principal), c.Pods); !why.Refused() {
				return
			}
		}
		if d.plan.admitted == 0 {
			break // then all are refused, and one of them says why
		}
	}
	if why.Refused() {
		n.State, n.Code = StateBad, why.Code
		n.Explain = fmt.Sprintf("On the destination side, %s refuses every caller: %s.", n.Title, why.Reason)
	}
}

// behindNode are the ready backends that the ztunnel of a node stands before.
func (d *drawing) behindNode(node string) []*backend {
	var out []*backend
	for _, b := range readyOf(d.plan.served()) {
		if b.entrance == throughZtunnel && b.node == node {
			out = append(out, b)
		}
	}
	return out
}

// behindCard are the ready backends behind one card of destination ztunnels.
func (d *drawing) behindCard(id string) []*backend {
	var out []*backend
	for _, b := range readyOf(d.plan.served()) {
		if b.entrance == throughZtunnel && d.destinations.id(b.node) == id {
			out = append(out, b)
		}
	}
	return out
}
