package views

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Tabs of a service's page, as they stand in the address.
const (
	TabPolicies  = "policies"
	TabCallers   = "callers"
	TabRoutes    = "routes"
	TabEndpoints = "endpoints"
	TabRates     = "rates"
	TabFindings  = "findings"
)

// ServiceModel is a Service or ServiceEntry with the path calls to it take.
type ServiceModel struct {
	Kind, Namespace, Name string
	Crumb                 string
	Tags                  []HeadTag
	Hosts                 string
	// Ports to choose from; empty where there is one at most.
	Ports   []PortChoice
	Verdict path.Verdict
	Summary string
	Outcome string
	Code    CodeLink // empty Code for none
	// Bypass says how many connections came past the waypoint, as counted; empty
	// where none did.
	Bypass string
	// Basis is what the verdict rests on, RestsOn the same in words.
	Basis   path.Basis
	RestsOn string
	Chat    string
	Drawing Drawing
	// Drawn is false where there is nothing to draw, such as for an unknown
	// port; the verdict says why.
	Drawn bool
	Tabs  []ui.Tab
	Tab   string
	// Each tab is filled only when it is the one shown.
	Policies  HopPolicies
	Callers   AccessTab
	Routes    RoutesTab
	Endpoints EndpointsTab
	Rates     RatesTab
	Findings  []FindingCard
	Waypoint  WaypointPanel
	// Denials are calls to it, and of its own pods, that failed as proxies wrote.
	Denials []DenialsPanel
}

// PortChoice is one port of several.
type PortChoice struct {
	Text    string
	URL     templ.SafeURL
	Current bool
}

// NewService builds the page of a Service, or of a ServiceEntry where the query
// asks for one, and false if the snapshot holds none of that name. tab is the
// last part of the address; an unknown one is the first.
func NewService(r *analysis.Report, namespace, name, tab string, q Query) (ServiceModel, bool) {
	o := findService(r.Snap, namespace, name, q.Kind)
	if o == nil {
		return ServiceModel{}, false
	}
	ref := o.Ref()
	g := path.ForService(r.Snap, ref, q.Port, path.Options{})
	basis := newDrawnBasis(&g)
	m := ServiceModel{
		Kind: ref.Kind, Namespace: namespace, Name: name, Crumb: namespace + " / services",
		Tags: serviceTags(r.Snap, q, o, g.Port), Hosts: hostsOf(o), Ports: portChoices(q, ref, portsOf(o), g.Port.Port, tab),
		Verdict: g.Verdict, Summary: g.Summary, Outcome: g.Outcome, Code: codeLink(r, q, &g),
		Drawn: len(g.Nodes) > 0, Tab: serviceTab(tab), Chat: serviceChat(r, q, &g),
		Basis: basis.of(), RestsOn: basis.text(),
	}
	legend := loadDrawing(&g, r.Counts().Along(&g), r.Counts().Traffic())
	m.Drawing = NewDrawing(&g, serviceTargets(r, q, &g))
	if m.Drawn {
		m.Drawing.Legend = append(m.Drawing.Legend, legend...)
	}
	m.Bypass = bypassText(r.Counts().Passage(ref))
	m.fillTab(r, q, o, &g)
	m.Tabs = m.tabs(r, q, o, &g)
	return m, true
}

func findService(s *mesh.Snapshot, namespace, name, kind string) mesh.Object {
	sh := s.Shard(namespace)
	if svc := sh.ServiceNamed(name); svc != nil && kind != "ServiceEntry" {
		return svc
	}
	for _, se := range sh.ServiceEntries {
		if se.Name == name {
			return se
		}
	}
	return nil
}

func serviceTab(tab string) string {
	switch tab {
	case TabCallers, TabRoutes, TabEndpoints, TabRates, TabFindings:
		return tab
	}
	return TabPolicies
}

func (m *ServiceModel) fillTab(r *analysis.Report, q Query, o mesh.Object, g *path.Graph) {
	switch m.Tab {
	case TabPolicies:
		m.Policies = newHopPolicies(r.Snap, q, g)
		m.Waypoint = newWaypointPanel(r.Snap, q, m.Namespace, bindingOf(r.Snap, o))
	case TabCallers:
		m.Callers = newCallersTab(r, q, g)
	case TabRoutes:
		m.Routes = newRoutesTab(r.Snap, q, o, g.Port)
	case TabEndpoints:
		m.Endpoints = newEndpointsTab(r.Snap, q, o)
	case TabRates:
		m.Rates = newRatesTab(r, o.Ref())
	case TabFindings:
		m.Findings = findingCards(r, q, o.Ref())
	}
}

func (m *ServiceModel) tabs(r *analysis.Report, q Query, o mesh.Object, g *path.Graph) []ui.Tab {
	tab := func(name, label, count string) ui.Tab {
		address := name
		if name == TabPolicies {
			address = ""
		}
		return ui.Tab{Label: label, Count: count, Current: m.Tab == name, URL: q.Links().ServicePort(o.Ref(), q.Port, address)}
	}
	return []ui.Tab{
		tab(TabPolicies, "Policies by hop", number(len(g.Policies))),
		tab(TabRoutes, "Routes and resilience", ""),
		tab(TabEndpoints, "Endpoints", endpointCount(r.Snap, o)),
		tab(TabRates, "Rates", ""),
		tab(TabCallers, "Who may call it", ""),
		tab(TabFindings, "Findings", number(len(r.About(o.Ref())))),
	}
}

// endpointCount stands on the tab: a question mark where it is not known.
func endpointCount(s *mesh.Snapshot, o mesh.Object) string {
	switch o := o.(type) {
	case *mesh.Service:
		if o.Type == "ExternalName" {
			return ""
		}
		if unreadable(s, mesh.ResourceEndpointSlices, o.Namespace) != "" {
			return "?"
		}
		_, all := s.Shard(o.Namespace).CountEndpoints(o.Name)
		return number(all)
	case *mesh.ServiceEntry:
		if len(o.Endpoints) > 0 {
			return number(len(o.Endpoints))
		}
	}
	return ""
}

func portsOf(o mesh.Object) []mesh.ServicePort {
	switch o := o.(type) {
	case *mesh.Service:
		return o.Ports
	case *mesh.ServiceEntry:
		return o.Ports
	}
	return nil
}

func bindingOf(s *mesh.Snapshot, o mesh.Object) mesh.Binding {
	switch o := o.(type) {
	case *mesh.Service:
		return s.ServiceBinding(o)
	case *mesh.ServiceEntry:
		return s.ServiceEntryBinding(o)
	}
	return mesh.Binding{State: mesh.BindingUnknown}
}

func hostsOf(o mesh.Object) string {
	switch o := o.(type) {
	case *mesh.Service:
		return o.Hostname(mesh.DefaultClusterDomain)
	case *mesh.ServiceEntry:
		return strings.Join(o.Hosts, ", ")
	}
	return ""
}

func portChoices(q Query, ref mesh.Ref, ports []mesh.ServicePort, current uint16, tab string) []PortChoice {
	if len(ports) < 2 {
		return nil
	}
	if tab == TabPolicies {
		tab = ""
	}
	out := make([]PortChoice, 0, len(ports))
	for _, p := range ports {
		out = append(out, PortChoice{
			Text: strings.TrimSpace(strconv.Itoa(int(p.Port)) + " " + string(p.Declared())),
			URL:  q.Links().ServicePort(ref, p.Port, tab), Current: p.Port == current,
		})
	}
	return out
}

// codeLink leads to the findings of the page where one has the code, which is
// the evidence, else to what the code means.
func codeLink(r *analysis.Report, q Query, g *path.Graph) CodeLink {
	if g.Code == "" {
		return CodeLink{}
	}
	return CodeLink{Code: g.Code, URL: serviceTargets(r, q, g).Code(g.Code)}
}

// serviceTargets are where the drawing of a service leads: a caller to its call,
// each other card to its object, each code to the finding that has it.
func serviceTargets(r *analysis.Report, q Query, g *path.Graph) Targets {
	l := q.Links()
	code := func(c string) templ.SafeURL {
		for _, f := range r.About(g.Service) {
			if f.Code == c {
				return l.ServicePort(g.Service, q.Port, TabFindings) + templ.SafeURL("#"+NewFindingCard(r, q, &f).ID)
			}
		}
		return l.Check(c)
	}
	return Targets{Code: code, Node: func(n *path.Node) templ.SafeURL {
		if from := pathCaller(n); from != "" && g.Port.Port != 0 {
			return l.Path(path.Request{From: from, To: g.Service.NamespacedName() + ":" + strconv.Itoa(int(g.Port.Port))})
		}
		if u := l.Object(r.Snap, n.Ref); u != "" || n.Code == "" {
			return u
		}
		return code(n.Code)
	}}
}

// pathCaller is a caller's card as the form of a call names it; empty for other
// cards and for groups.
func pathCaller(n *path.Node) string {
	switch {
	case n.Stage != path.StageCaller || n.Ref.IsZero():
		return ""
	case n.Ref.Kind == "Pod":
		return n.Ref.NamespacedName()
	case n.Ref.Kind == "ServiceAccount":
		return n.Ref.Namespace + "/sa/" + n.Ref.Name
	}
	return n.Ref.Namespace + "/" + strings.ToLower(n.Ref.Kind) + "/" + n.Ref.Name
}
