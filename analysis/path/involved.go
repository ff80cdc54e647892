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
	if q.to.target != nil {
		p := newPlan(s, q.ztunnels, q.to.target, q.to.port)
		p.findVersions()
		for _, w := range p.passages {
			for _, pod := range w.pods() {
				if !slices.Contains(out.Waypoints, pod.Ref()) {
					out.Waypoints = append(out.Waypoints, pod.Ref())
				}
			}
		}
		for _, b := range p.served() {
			if b.entrance == throughZtunnel {
				out.addNode(b.node)
			}
		}
	} else if w := q.to.pod; w != nil && w.Captured() {
		out.addNode(w.Node)
	}
	return out, nil
}

func (p *Proxies) addNode(node string) {
	if node != "" && !slices.Contains(p.Nodes, node) {
		p.Nodes = append(p.Nodes, node)
	}
}
