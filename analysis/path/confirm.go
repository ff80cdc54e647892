package path

import (
	"fmt"
	"time"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

const codeConfigDrift = "CONFIG_DRIFT"

// Sighting is where what a card states was found, and when.
type Sighting struct {
	// Where names the proxies: "the ztunnel on node-a", "2 waypoint proxies".
	Where string
	// At is when the first of them was read.
	At time.Time
}

// confirm marks the cards whose statements every proxy concerned was found to
// have in its memory as Seen, and says where one has something else. What was
// not read, not compared, or has changed since stays Expected.
func (d *drawing) confirm() {
	for _, node := range d.plan.sources {
		d.look(d.sources.id(node), func(l *look) { l.source(node) })
	}
	for _, node := range d.plan.destinationNodes() {
		d.look(d.destinations.id(node), func(l *look) { l.destination(node, d.behindNode(node)) })
	}
	for _, w := range d.plan.passages {
		d.look(key("waypoint", w.ref.Namespace, w.ref.Name), func(l *look) { l.waypoint(w) })
	}
	for _, v := range d.plan.versions {
		d.look(key("version", v.id), func(l *look) { l.version() })
		for _, g := range ownersOf(v.backends, d.opts.maxCards()) {
			d.look(g.id(v), func(l *look) { l.backends(g.backends) })
		}
	}
	d.settleLooks()
}

// look is what the proxies behind one card were found to have.
type look struct {
	plan             *plan
	asked, confirmed int
	first            time.Time // of the reads
	ztunnels         []string  // nodes
	envoys           []mesh.Ref
	against          []string
	seen             map[string]bool // proxies that were asked already
}

// look asks about a card that is drawn. A card of several nodes is asked about
// again for each.
func (d *drawing) look(id string, ask func(*look)) {
	if !d.drawn(id) {
		return
	}
	if d.looks == nil {
		d.looks = make(map[string]*look)
	}
	l := d.looks[id]
	if l == nil {
		l = &look{plan: d.plan, seen: make(map[string]bool)}
		d.looks[id] = l
	}
	ask(l)
}

// settleLooks writes onto the cards what came of the looks.
func (d *drawing) settleLooks() {
	said := make(map[string]bool)
	for i := range d.graph.Nodes {
		n := &d.graph.Nodes[i]
		l := d.looks[n.ID]
		switch {
		case l == nil:
		case len(l.against) > 0:
			n.contradict(l.against)
			for _, text := range l.against {
				if !said[text] {
					said[text] = true
					d.graph.Remarks = append(d.graph.Remarks, Remark{State: StateWarn, Code: codeConfigDrift, Text: sentence(text)})
				}
			}
		case l.asked > 0 && l.confirmed == l.asked && n.State != StateUnknown:
			n.Basis, n.Seen = Seen, Sighting{Where: l.where(), At: l.first}
		}
	}
}

// contradict says on a card that a proxy has something else than it states.
func (n *Node) contradict(against []string) {
	if n.State == StateOK {
		n.State = StateWarn
	}
	if n.Code == "" {
		n.Code = codeConfigDrift
	}
	n.Notes = append(n.Notes, "expected otherwise: "+against[0])
	n.Explain = n.Explain + " But " + someWords(against) + "."
}

func (l *look) where() string {
	switch {
	case len(l.ztunnels) == 1 && len(l.envoys) == 0:
		return "the ztunnel on " + l.ztunnels[0]
	case len(l.envoys) == 0:
		return count(len(l.ztunnels), "ztunnel")
	case len(l.envoys) == 1 && len(l.ztunnels) == 0:
		return "waypoint proxy " + l.envoys[0].NamespacedName()
	case len(l.ztunnels) == 0:
		return count(len(l.envoys), "waypoint proxy")
	}
	return count(len(l.ztunnels)+len(l.envoys), "proxy")
}

// source asks the ztunnel of a node that calls come from how it sends calls to
// the service: by which waypoint, and where that is; without one, to which pods.
func (l *look) source(node string) {
	objects := []*mesh.Meta{l.plan.target.meta()}
	for _, w := range l.plan.passages {
		if w.waypoint != nil && w.waypoint.Service != nil {
			objects = append(objects, &w.waypoint.Service.Meta)
		}
	}
	if len(l.plan.passages) == 0 {
		objects = append(objects, podsOf(l.plan.served())...)
	}
	l.ztunnel(node, objects)
}

// destination asks the ztunnel of a node about the pods it stands before, and
// the policies it enforces there.
func (l *look) destination(node string, behind []*backend) {
	objects := podsOf(behind)
	seen := make(map[*authz.Hop]bool)
	for _, b := range behind {
		if b.hop == nil || seen[b.hop] {
			continue
		}
		seen[b.hop] = true
		objects = append(objects, enforced(b.hop)...)
	}
	l.ztunnel(node, objects)
}

// enforced are the policies of a hop that are in force; of others it is not
// known whether a proxy gets them.
func enforced(h *authz.Hop) []*mesh.Meta {
	var out []*mesh.Meta
	for _, a := range h.Attached {
		if a.Idle == "" {
			out = append(out, &a.Policy.Meta)
		}
	}
	return out
}

// waypoint asks the pods of a waypoint about the chain of the port, with its
// policies and routes.
func (l *look) waypoint(w *passage) {
	objects := append(l.routing(), l.plan.target.meta())
	if w.hop != nil {
		objects = append(objects, enforced(w.hop)...)
	}
	if w.waypoint != nil {
		objects = append(objects, &w.waypoint.Meta)
		for _, t := range authz.RequestAuthentications(l.plan.snap, w.waypoint.Gateway, l.plan.target.ref) {
			objects = append(objects, &t.Meta)
		}
	}
	l.envoysOf(w, objects)
}

// version asks whoever splits the calls: the waypoints, else the ztunnels that
// they come from.
func (l *look) version() {
	for _, w := range l.plan.passages {
		l.envoysOf(w, append(l.routing(), l.plan.target.meta()))
	}
	if len(l.plan.passages) == 0 {
		for _, node := range l.plan.sources {
			l.source(node)
		}
	}
}

// backends asks who sends to pods about them.
func (l *look) backends(list []*backend) {
	objects := podsOf(list)
	if len(objects) == 0 {
		return
	}
	for _, w := range l.plan.passages {
		l.envoysOf(w, objects)
	}
	if len(l.plan.passages) == 0 {
		for _, node := range l.plan.sources {
			l.ztunnel(node, objects)
		}
	}
}

// routing are the objects that the split follows from.
func (l *look) routing() []*mesh.Meta {
	var out []*mesh.Meta
	for i := range l.plan.routing.Rules {
		out = append(out, &l.plan.routing.Rules[i].Route.Meta)
	}
	for _, w := range l.plan.passages {
		for _, d := range destinationRulesFor(l.plan.snap, w.ref.Namespace, l.plan.target) {
			out = append(out, &d.Meta)
		}
	}
	return out
}

func podsOf(list []*backend) []*mesh.Meta {
	var out []*mesh.Meta
	for _, b := range list {
		if b.workload != nil {
			out = append(out, &b.workload.Meta)
		}
	}
	return out
}

// ztunnel asks the ztunnel of a node about objects.
func (l *look) ztunnel(node string, objects []*mesh.Meta) {
	if l.seen[node] {
		return
	}
	l.seen[node] = true
	l.asked++
	l.ztunnels = append(l.ztunnels, node)
	e := l.plan.snap.ZtunnelEvidence(node)
	if pod := mesh.ReadyPod(l.plan.snap.Ztunnels(node)); e != nil && (pod == nil || e.Pod.IsZero() || e.Pod == pod.Ref()) {
		l.compare("the ztunnel on "+node, &e.Comparison, e.At, objects)
	}
}

// envoysOf asks every ready pod of a waypoint about objects.
func (l *look) envoysOf(w *passage, objects []*mesh.Meta) {
	for _, pod := range w.pods() {
		name := pod.Ref().NamespacedName()
		if !pod.Ready || l.seen[name] {
			continue
		}
		l.seen[name] = true
		l.asked++
		l.envoys = append(l.envoys, pod.Ref())
		if e := l.plan.snap.EnvoyEvidence(pod.Namespace, pod.Name); e != nil {
			l.compare("waypoint proxy "+name, &e.Comparison, e.At, objects)
		}
	}
}

// compare takes what one proxy was found to have.
func (l *look) compare(proxy string, c *mesh.Comparison, at time.Time, objects []*mesh.Meta) {
	refs := make([]mesh.Ref, 0, len(objects))
	changed := false
	for _, m := range objects {
		refs = append(refs, m.Ref())
		changed = changed || m.ChangedAt().After(at) || m.StatusChange.Time.After(at)
	}
	list, known := c.About(refs...)
	for _, d := range list {
		l.against = append(l.against, fmt.Sprintf("%s has %s for %s of %s, where the API says %s", proxy, orNothing(d.Found), d.Field, d.Object, orNothing(d.Expected)))
	}
	if known && len(list) == 0 && !changed {
		l.confirmed++
		if l.first.IsZero() || at.Before(l.first) {
			l.first = at
		}
	}
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
