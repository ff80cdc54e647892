package views

import (
	"strconv"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// WaypointModel is one waypoint.
type WaypointModel struct {
	WaypointHead
	Effect     WaypointEffect
	Traffic    string
	Class      ClassFacts
	Addresses  []string
	Identity   string
	Conditions []ui.Condition
	Listeners  []ListenerCard
	Deployment DeploymentFacts
	Sizing     SizingPanel
	Pods       []WaypointPod
	NoPods     string // why the pods are not known; empty where they are
	Dependents []ObjectLink
	Askers     []AskerRow
	Policies   []PolicyEffect
	// PoliciesUnknown says why there may be more; empty where those are all.
	PoliciesUnknown string
	Notices         []SourceNotice
}

// ClassFacts tell of the class, without which nobody makes a Gateway real.
type ClassFacts struct {
	Name, Controller string
	// Known is false where the class does not exist or could not be read, and
	// Text says which.
	Known      bool
	Text       string
	Conditions []ui.Condition
}

// ListenerCard is a listener, spec and status together.
type ListenerCard struct {
	Name, Protocol, Port, Hostname string
	// Admits says from which namespaces objects may attach.
	Admits     string
	Attached   string // routes; "unknown" without a status
	Conditions []ui.Condition
}

// AskerRow names the waypoint and is not sent through it.
type AskerRow struct {
	Object ObjectLink
	Reason string
}

// WaypointPod is one pod of the proxy.
type WaypointPod struct {
	Pod        ObjectLink
	Node       ObjectLink
	Ready      mesh.Fact
	Trouble    string
	Containers []ContainerRow
	Proxy      ReplicaProxy
}

// NewWaypoint builds the page of a waypoint, and false if the snapshot holds
// none of that name.
func NewWaypoint(r *analysis.Report, namespace, name string, q Query) (WaypointModel, bool) {
	s := r.Snap
	w := s.Waypoint(namespace, name)
	if w == nil {
		return WaypointModel{}, false
	}
	m := WaypointModel{
		WaypointHead: newWaypointHead(r, w, TabOverview, nil, q),
		Effect:       effectOf(s, w), Traffic: trafficWords(s, w), Class: classFacts(s, w.Class), Identity: "spiffe://" + w.Principal(s.TrustDomain()),
		Conditions: waypointConditions(w), Listeners: listenerCards(w.Gateway), Deployment: deploymentFacts(s, w), Sizing: newSizingPanel(r, w, q),
		Pods: waypointPods(s, q, w), NoPods: unreadable(s, mesh.ResourcePods, namespace),
		Askers: askerRows(s, q, w), Policies: waypointPolicies(s, q, w), PoliciesUnknown: morePolicies(s, w),
		Notices: sourceNotices(s, mesh.ResourceEndpointSlices, mesh.ResourceGatewayClasses, mesh.ResourceAuthorizationPolicies),
	}
	for _, a := range w.Addresses {
		m.Addresses = append(m.Addresses, a.Value+" ("+a.Type+")")
	}
	for _, d := range w.Dependents {
		m.Dependents = append(m.Dependents, NewObjectLink(s, q, d))
	}
	return m, true
}

func waypointTags(s *mesh.Snapshot, w *mesh.Waypoint) []HeadTag {
	p := programmedCell(w)
	tags := []HeadTag{{Text: "Programmed: " + p.Status, Title: p.Reason, Tone: p.Tone}}
	e := waypointEndpoints(s, w)
	switch {
	case e.Unknown != "":
		tags = append(tags, HeadTag{Text: "endpoints unknown", Title: e.Unknown, Tone: ui.ToneUnknown})
	case e.Ready == 0:
		tags = append(tags, HeadTag{Text: "no endpoint ready", Tone: e.Tone})
	default:
		tags = append(tags, HeadTag{Text: e.Text + " endpoints ready", Tone: e.Tone})
	}
	return append(tags, HeadTag{Text: "for " + trafficWords(s, w), Title: mesh.LabelWaypointFor})
}

func classFacts(s *mesh.Snapshot, name string) ClassFacts {
	f := ClassFacts{Name: name}
	c := s.GatewayClass(name)
	switch {
	case c != nil:
		f.Known, f.Controller, f.Conditions = true, c.ControllerName, gatewayConditions(c.Conditions, c.Generation)
	case unreadable(s, mesh.ResourceGatewayClasses, "") != "":
		f.Text = unreadable(s, mesh.ResourceGatewayClasses, "")
	default:
		f.Text = "There is no GatewayClass of that name: no controller makes this Gateway real."
	}
	return f
}

func listenerCards(g *mesh.Gateway) []ListenerCard {
	out := make([]ListenerCard, 0, len(g.Listeners))
	for i := range g.Listeners {
		l := &g.Listeners[i]
		c := ListenerCard{
			Name: l.Name, Protocol: l.Protocol, Port: strconv.Itoa(int(l.Port)), Hostname: orWord(l.Hostname, "any"), Admits: admitsWords(g, l),
			Attached: "unknown: no status is written", Conditions: gatewayConditions(l.Conditions, g.Generation),
		}
		if l.AttachedRoutes >= 0 {
			c.Attached = plural(int(l.AttachedRoutes), "route")
		}
		out = append(out, c)
	}
	return out
}

// admitsWords says from where objects may attach; absent means the same
// namespace only.
func admitsWords(g *mesh.Gateway, l *mesh.Listener) string {
	switch l.From {
	case "All":
		return "all namespaces"
	case "Selector":
		if l.Selector == nil {
			return "no namespace: the selector is missing"
		}
		return "namespaces with " + selectorWords(l.Selector)
	case "":
		return "only namespace " + g.Namespace + " (the default, Same)"
	case "Same":
		return "only namespace " + g.Namespace + " (Same)"
	}
	return l.From
}

func waypointPods(s *mesh.Snapshot, q Query, w *mesh.Waypoint) []WaypointPod {
	out, connections := make([]WaypointPod, 0, len(w.Pods)), newProxyConnections(s)
	for _, p := range w.Pods {
		row := WaypointPod{
			Pod:   ObjectLink{Kind: "Pod", Name: p.Name, URL: q.Links().Workload(p.Namespace, p.Name)},
			Ready: mesh.FactOf(p.Ready && p.Running()), Trouble: podTrouble(p), Containers: containerRows(p),
			Proxy: newReplicaProxy(s, q, w, p, connections),
		}
		if p.Node != "" {
			row.Node = ObjectLink{Name: p.Node, URL: q.Links().Node(p.Node)}
		}
		out = append(out, row)
	}
	return out
}

func askerRows(s *mesh.Snapshot, q Query, w *mesh.Waypoint) []AskerRow {
	out := make([]AskerRow, 0, len(w.Askers))
	for _, r := range w.Askers {
		b := mesh.Binding{Reason: "It is not known any more."}
		switch o := s.Lookup(r).(type) {
		case *mesh.Workload:
			b = s.WorkloadBinding(o)
		case *mesh.Service:
			b = s.ServiceBinding(o)
		case *mesh.ServiceEntry:
			b = s.ServiceEntryBinding(o)
		}
		out = append(out, AskerRow{Object: NewObjectLink(s, q, r), Reason: b.Reason})
	}
	return out
}

// waypointPolicies are the policies on the Gateway itself or on its class,
// which hold for everything that passes it.
func waypointPolicies(s *mesh.Snapshot, q Query, w *mesh.Waypoint) []PolicyEffect {
	hop := authz.AtWaypoint(s, w.Gateway, authz.Target{})
	var out []PolicyEffect
	for _, a := range hop.Attached {
		out = append(out, PolicyEffect{
			Policy: NewObjectLink(s, q, a.Policy.Ref()), Action: orWord(a.Policy.Action, authz.ActionAllow), Effect: hop.Effect(a), Idle: a.Idle,
		})
	}
	for _, d := range w.Dependents {
		out = appendServicePolicies(out, s, q, w, d)
	}
	return out
}

// morePolicies says in a sentence why there may be policies at a waypoint that nobody knows of:
// at its Gateway and class, or on what is bound to it. It is empty where there
// are none.
func morePolicies(s *mesh.Snapshot, w *mesh.Waypoint) string {
	namespaces := []string{w.Namespace, s.RootNamespace()}
	for _, d := range w.Dependents {
		namespaces = append(namespaces, d.Namespace)
	}
	for _, namespace := range namespaces {
		if u := s.Unread(namespace, mesh.ResourceAuthorizationPolicies); u != nil {
			return "Whether other policies are enforced at it is unknown: " + u.Why() + "."
		}
	}
	return ""
}

// appendServicePolicies adds those on one Service, which hold for calls to it
// alone.
func appendServicePolicies(out []PolicyEffect, s *mesh.Snapshot, q Query, w *mesh.Waypoint, service mesh.Ref) []PolicyEffect {
	o := s.Lookup(service)
	if o == nil {
		return out
	}
	port := mesh.ServicePort{}
	if ports := portsOf(o); len(ports) > 0 {
		port = ports[0]
	}
	hop := authz.AtWaypoint(s, w.Gateway, authz.Target{Service: service, Port: port})
	for _, a := range hop.Attached {
		link := NewObjectLink(s, q, a.Policy.Ref())
		known := false
		for _, have := range out {
			known = known || have.Policy == link
		}
		if !known {
			out = append(out, PolicyEffect{Policy: link, Action: orWord(a.Policy.Action, authz.ActionAllow), Effect: hop.Effect(a), Idle: a.Idle})
		}
	}
	return out
}
