package path

import (
	"slices"

	"github.com/waylight/waylight/mesh"
)

// Involved lists the proxies that know something about a call, so that whoever
// can read them does so before asking Explain. They are found without any
// dump, from what the API declares. The error is a *BadRequestError.
func Involved(s *mesh.Snapshot, r Request) (Proxies, error) {
	q, err := newQuestion(s, nil, r)
	if err != nil {
		return Proxies{}, err
	}
	var out Proxies
	for _, c := range q.clients {
		if c.entry == EntryZtunnel {
			out.addNode(c.node())
		}
	}
	switch {
	case q.to.target != nil:
		out.along(q)
	case q.to.pod != nil:
		out.toPod(q)
	}
	return out, nil
}

// along adds the proxies between the clients and the endpoints of a service.
func (p *Proxies) along(q *question) {
	way := newPlan(q.snap, q.ztunnels, q.to.target, q.to.port)
	way.findVersions()
	for _, w := range way.passages {
		p.addWaypoint(w)
	}
	for _, b := range way.served() {
		if b.entrance == throughZtunnel {
			p.addNode(b.node)
		}
	}
}

// toPod adds the proxies before a pod that is called by its own address.
func (p *Proxies) toPod(q *question) {
	for _, w := range planToPod(q).passages {
		p.addWaypoint(w)
	}
	if q.to.pod.Captured() {
		p.addNode(q.to.pod.Node)
	}
}

func (p *Proxies) addWaypoint(w *passage) {
	for _, pod := range w.pods() {
		if !slices.Contains(p.Waypoints, pod.Ref()) {
			p.Waypoints = append(p.Waypoints, pod.Ref())
		}
	}
}

func (p *Proxies) addNode(node string) {
	if node != "" && !slices.Contains(p.Nodes, node) {
		p.Nodes = append(p.Nodes, node)
	}
}
