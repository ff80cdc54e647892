package path

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
)

// drawAside draws, on one card, callers that do not take the main line:
// sidecars and gateways that skip the waypoint, and pods outside the mesh.
// Their calls go straight to the pods.
func (d *drawing) drawAside(entry Entry) {
	var rows []*Caller
	pods, refused := 0, 0
	var why *authz.Decision
	for i := range d.plan.callers {
		c := &d.plan.callers[i]
		if c.Entry != entry || d.onMainLine(c) {
			continue
		}
		rows = append(rows, c)
		pods += len(c.Pods)
		if !c.Admitted() {
			refused, why = refused+1, c.Destination
		}
	}
	if len(rows) == 0 {
		return
	}
	n := Node{ID: key("caller", "aside", string(entry)), Stage: StageCaller, Title: asideTitle(entry), Lines: d.asideLines(rows, pods), Principals: principals(rows)}
	transport := HBONE
	if entry == EntryNone {
		transport = Plaintext
	}
	state := StateOK
	switch {
	case refused == len(rows):
		n.State, n.Code, state = StateBad, why.Code, StateBad
		n.Notes = []string{"refused: " + why.Reason}
	case refused > 0:
		n.State, n.Notes = StateWarn, []string{fmt.Sprintf("%d of %s refused", refused, count(len(rows), "account"))}
	case len(d.plan.passages) > 0:
		n.State, n.Notes = StateWarn, []string{"admitted, past the waypoint: its policies and routes are not applied to them"}
	case entry == EntryNone:
		n.State, n.Notes = StateWarn, []string{"admitted in plaintext"}
	}
	n.Explain = fmt.Sprintf("Caller %s (%s)", n.Title, strings.Join(n.Lines, ", "))
	if len(n.Notes) > 0 {
		n.Explain += ": " + n.Notes[0]
	}
	n.Explain = stop(n.Explain)
	id := d.add(n)
	for _, to := range d.pastWaypoint() {
		d.join(Leg{From: id, To: to, Transport: transport, State: state, Share: declaredNothing})
	}
}

// maxNamedPods is up to how many pods their owners are worth naming.
const maxNamedPods = 20

// asideLines names the owners of a few pods; many are counted.
func (d *drawing) asideLines(rows []*Caller, pods int) []string {
	if pods > maxNamedPods {
		return []string{count(pods, "pod")}
	}
	var names []string
	for _, c := range rows {
		for _, o := range d.owners(c.Pods) {
			names = append(names, o.Name)
		}
	}
	return []string{someNames(names), count(pods, "pod")}
}

func asideTitle(e Entry) string {
	switch e {
	case EntrySidecar:
		return "workloads with a sidecar"
	case EntryGateway:
		return "gateways"
	}
	return "outside the mesh"
}

// pastWaypoint are the nodes that take calls which skip the waypoint: the
// destination ztunnels, or the pods themselves.
func (d *drawing) pastWaypoint() []string {
	var ztunnels, pods []string
	for _, n := range d.graph.Nodes {
		switch n.Stage {
		case StageDestination:
			ztunnels = append(ztunnels, n.ID)
		case StageBackend:
			pods = append(pods, n.ID)
		}
	}
	if len(ztunnels) > 0 {
		return ztunnels
	}
	return pods
}
