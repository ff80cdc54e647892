package views

import (
	"cmp"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

func (e *enforcement) authorization(p *mesh.AuthorizationPolicy) policyView {
	v := policyView{action: cmp.Or(p.Action, authz.ActionAllow), conditions: p.Conditions, targets: p.TargetRefs, selector: p.Selector}
	if len(p.TargetRefs) > 0 {
		for _, t := range p.TargetRefs {
			v.places = append(v.places, e.target(p.Namespace, t, func(g *mesh.Gateway, service mesh.Ref) (string, ui.Tone) {
				return e.effectAtWaypoint(p, g, service)
			})...)
		}
		v.applies = plural(len(p.TargetRefs), "target")
		return v
	}
	pods := e.selected(p.Namespace, p.Selector)
	v.applies = plural(len(pods), "captured pod")
	if len(pods) == 0 {
		v.places = []PolicyPlace{e.noPods(p.Namespace, p.Selector)}
		return v
	}
	place := PolicyPlace{Enforcer: AtZtunnel, Where: e.scopeWords(p.Namespace, p.Selector)}
	place.Effect, place.Tone = effectAt(e.ztunnels.Before(pods[0]), p.Ref())
	v.places = []PolicyPlace{place}
	return v
}

func (e *enforcement) effectAtWaypoint(p *mesh.AuthorizationPolicy, g *mesh.Gateway, service mesh.Ref) (string, ui.Tone) {
	port := mesh.ServicePort{}
	if o := e.snap.Lookup(service); o != nil {
		if ports := portsOf(o); len(ports) > 0 {
			port = ports[0]
		}
	}
	return effectAt(authz.AtWaypoint(e.snap, g, authz.Target{Service: service, Port: port}), p.Ref())
}

// effectAt says what a policy does at a hop, or why it does nothing there.
func effectAt(h *authz.Hop, policy mesh.Ref) (string, ui.Tone) {
	for _, a := range h.Attached {
		if a.Policy.Ref() != policy {
			continue
		}
		switch {
		case a.Idle != "":
			return "nothing: " + a.Idle, ui.ToneBad
		case a.Void() && a.Policy.Action == authz.ActionDeny:
			return h.Effect(a), ui.ToneBad
		case a.Void() && len(a.Policy.Rules) > 0:
			return h.Effect(a), ui.ToneWarn
		}
		return h.Effect(a), ui.ToneNone
	}
	return "nothing: it is not attached there", ui.ToneBad
}

// target resolves one targetRef to the waypoints or gateways that enforce it.
func (e *enforcement) target(namespace string, t mesh.TargetRef, effect func(*mesh.Gateway, mesh.Ref) (string, ui.Tone)) []PolicyPlace {
	ref := t.Ref()
	ref.Namespace = cmp.Or(ref.Namespace, namespace)
	switch t.Kind {
	case "GatewayClass":
		return e.classTarget(namespace, t, effect)
	case "Gateway":
		return []PolicyPlace{e.gatewayTarget(ref, effect)}
	case "Service", "ServiceEntry":
		return []PolicyPlace{e.serviceTarget(ref, effect)}
	}
	return []PolicyPlace{nowhere("targetRefs of kind " + t.Kind + " are not supported")}
}

// classTarget is every waypoint, from the root namespace and for istiod's own
// class only: a condition may say otherwise (istio.md C.2).
func (e *enforcement) classTarget(namespace string, t mesh.TargetRef, effect func(*mesh.Gateway, mesh.Ref) (string, ui.Tone)) []PolicyPlace {
	if namespace != e.root {
		return []PolicyPlace{nowhere("a GatewayClass can be targeted from the root namespace " + e.root + " only")}
	}
	if t.Name != mesh.ClassWaypoint {
		return []PolicyPlace{nowhere("only the class " + mesh.ClassWaypoint + " is attached, whatever its condition says")}
	}
	var first *mesh.Waypoint
	n := 0
	for _, w := range e.snap.Waypoints() {
		if w.Class == t.Name {
			n++
			first = cmp.Or(first, w)
		}
	}
	if first == nil {
		return []PolicyPlace{nowhere("there is no waypoint of class " + t.Name)}
	}
	place := PolicyPlace{Enforcer: AtWaypoint, Where: "every waypoint, " + number(n) + " now"}
	place.Effect, place.Tone = effect(first.Gateway, mesh.Ref{})
	return []PolicyPlace{place}
}

func (e *enforcement) gatewayTarget(ref mesh.Ref, effect func(*mesh.Gateway, mesh.Ref) (string, ui.Tone)) PolicyPlace {
	g := e.snap.Gateway(ref.Namespace, ref.Name)
	if g == nil {
		if why := unreadable(e.snap, mesh.ResourceGateways, ref.Namespace); why != "" {
			return placeUnknown(why)
		}
		return nowhere("there is no " + ref.String())
	}
	place := PolicyPlace{Enforcer: AtWaypoint, Where: "waypoint", Object: NewObjectLink(e.snap, e.query, ref)}
	if g.Role() != mesh.RoleWaypoint {
		place.Enforcer, place.Where = AtGateway, "gateway"
	}
	place.Effect, place.Tone = effect(g, mesh.Ref{})
	return place
}

func (e *enforcement) serviceTarget(ref mesh.Ref, effect func(*mesh.Gateway, mesh.Ref) (string, ui.Tone)) PolicyPlace {
	o := e.snap.Lookup(ref)
	if o == nil {
		resource := mesh.ResourceServices
		if ref.Kind == "ServiceEntry" {
			resource = mesh.ResourceServiceEntries
		}
		if why := unreadable(e.snap, resource, ref.Namespace); why != "" {
			return placeUnknown(why)
		}
		return nowhere("there is no " + ref.String())
	}
	if svc, ok := o.(*mesh.Service); ok && svc.Headless() {
		return nowhere(ref.String() + " has no virtual address, so no call to it passes a waypoint")
	}
	b := bindingOf(e.snap, o)
	g := e.snap.Gateway(b.Waypoint.Namespace, b.Waypoint.Name)
	switch {
	case b.State == mesh.BindingUnknown:
		return placeUnknown(b.Reason)
	case !b.Bound() || g == nil:
		return nowhere("no waypoint is in effect for " + ref.String() + ". " + b.Reason)
	}
	place := PolicyPlace{Enforcer: AtWaypoint, Where: "calls to " + ref.String() + " at waypoint", Object: NewObjectLink(e.snap, e.query, b.Waypoint)}
	place.Effect, place.Tone = effect(g, ref)
	return place
}
