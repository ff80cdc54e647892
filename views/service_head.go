package views

import (
	"strconv"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// serviceTags stand beside the name: how it is addressed on the port shown, the
// waypoint, what mTLS its pods ask for.
func serviceTags(s *mesh.Snapshot, q Query, o mesh.Object, port mesh.ServicePort) []HeadTag {
	tags := []HeadTag{{Text: addressTag(o, port), Title: allAddresses(o) + ", as declared"}}
	tags = append(tags, waypointTag(newBindingCell(s, q.Links(), "", bindingOf(s, o))))
	switch o := o.(type) {
	case *mesh.Service:
		modes := newMTLSModes(s)
		modes.enter(o.Namespace)
		m := modes.of(s.Shard(o.Namespace), o)
		tags = append(tags, HeadTag{Text: "mTLS " + m.Text, Title: m.Title, Tone: m.Tone})
		if o.Type != "ClusterIP" && o.Type != "" {
			tags = append(tags, HeadTag{Text: o.Type})
		}
		tags = append(tags, logsTag(q.Links(), LogsAsk{Service: o.Ref().NamespacedName()}, "of every proxy before this service"))
	case *mesh.ServiceEntry:
		tags = append(tags, HeadTag{Text: "ServiceEntry", Title: strings.TrimSpace(o.Location + " " + o.Resolution)})
	}
	return tags
}

// addressTag is "10.96.10.2:80 → 8080 http".
func addressTag(o mesh.Object, port mesh.ServicePort) string {
	text := primaryAddress(o)
	if port.Port != 0 {
		text += ":" + strconv.Itoa(int(port.Port))
		if t := port.TargetPort; t != "" && t != strconv.Itoa(int(port.Port)) {
			text += " → " + t
		}
		text += " " + protocolWord(port)
	}
	return text
}

// protocolWord is the declared protocol, with what was written where that says
// more.
func protocolWord(p mesh.ServicePort) string {
	switch declared := string(p.Declared()); {
	case p.AppProtocol != "" && p.AppProtocol != declared:
		return declared + " (" + p.AppProtocol + ")"
	case p.Declared() == mesh.ProtocolUndeclared:
		return "undeclared"
	default:
		return declared
	}
}

func primaryAddress(o mesh.Object) string {
	switch o := o.(type) {
	case *mesh.Service:
		switch {
		case o.Type == "ExternalName":
			return o.ExternalName
		case o.Headless():
			return "headless"
		}
		return o.VIPs[0]
	case *mesh.ServiceEntry:
		return some(o.Hosts, 1)
	}
	return ""
}

func allAddresses(o mesh.Object) string {
	switch o := o.(type) {
	case *mesh.Service:
		return strings.Join(append(append([]string{o.Hostname(mesh.DefaultClusterDomain)}, o.VIPs...), o.ExternalAddresses...), ", ")
	case *mesh.ServiceEntry:
		return strings.Join(append(append(append([]string(nil), o.Hosts...), o.Addresses...), o.AutoAddresses...), ", ")
	}
	return ""
}

func waypointTag(c BindingCell) HeadTag {
	t := HeadTag{Title: c.Reason, Tone: c.Tone, URL: c.URL}
	switch {
	case c.State == mesh.BindingBound:
		t.Text, t.Tone = "waypoint "+c.Name, ui.ToneNone
	case c.State == mesh.BindingUnknown:
		t.Text = "waypoint unknown"
	case c.Failed():
		t.Text = "waypoint " + c.Name + " " + c.Word
	case c.State == mesh.BindingOptedOut:
		t.Text = "opted out of waypoints"
	default:
		t.Text = "no waypoint"
	}
	return t
}

// serviceChat is the page in six lines of Markdown: verdict, code, hop,
// evidence, command, link. The script that copies it makes the link absolute
// and dates it.
func serviceChat(r *analysis.Report, q Query, g *path.Graph) string {
	hop, f := brokenHop(g), explaining(r, g)
	evidence, next := newDrawnBasis(g).text(), "kubectl -n "+g.Service.Namespace+" get "+strings.ToLower(g.Service.Kind)+" "+g.Service.Name+" -o yaml"
	if f != nil {
		evidence = evidenceText(f)
		next = nextText(f)
	} else {
		next = code(next)
	}
	lines := []string{
		"**" + string(g.Verdict) + "** " + code(g.Service.NamespacedName()+":"+strconv.Itoa(int(g.Port.Port))) + inCluster(r.Snap.Cluster) + ": " + oneLine(g.Summary),
		"Code: " + orWord(g.Code, "none") + " · the caller sees: " + oneLine(g.Outcome),
		"Hop: " + hop,
		"Evidence: " + evidence,
		"Next: " + next,
		"Link: " + string(q.Links().ServicePort(g.Service, q.Port, "")),
	}
	return strings.Join(lines, "\n")
}

// brokenHop names the first hop that does not pass the call on.
func brokenHop(g *path.Graph) string {
	for _, want := range []path.State{path.StateBad, path.StateBypassed, path.StateUnknown, path.StateWarn} {
		for i := range g.Nodes {
			if n := &g.Nodes[i]; n.State == want {
				return oneLine(stageWord(n.Stage) + " " + n.Title + ": " + n.Explain)
			}
		}
	}
	return "every hop passes the call"
}

// explaining is the finding behind the verdict, nil if there is none.
func explaining(r *analysis.Report, g *path.Graph) *analysis.Finding {
	list := r.About(g.Service)
	for i := range list {
		if list[i].Code == g.Code {
			return &list[i]
		}
	}
	return nil
}
