package analysis

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// decider is what decides a finding besides its subject, by what its evidence
// names. Findings of one code with the same decider are one cause: a waypoint
// that the same policy keeps from the pods of three Services is one thing to
// repair.
//
// Where something merely is decides nothing (a Node), and neither does who
// tells of it (a waypoint's Envoy), so these are left out.
type decider struct {
	// hops are the Gateways and the ztunnels, by name in order.
	hops []string
	// policies and routes are those other than the subject; a policy that is
	// the subject decides itself and stands among them.
	policies, routes []mesh.Ref
	// itself tells that the finding rests on its own subject too, or on a
	// Namespace: a label there is a mistake of its own.
	itself bool
}

// deciderOf reads the evidence of a finding.
func deciderOf(f *Finding) decider {
	var d decider
	if isPolicy(f.Subject) {
		d.policies = append(d.policies, f.Subject)
	}
	if f.Subject.Kind == "Gateway" {
		d.hops = append(d.hops, f.Subject.String())
	}
	for _, e := range f.Evidence {
		d.add(f.Subject, e)
	}
	slices.Sort(d.hops)
	slices.SortFunc(d.policies, mesh.Ref.Compare)
	slices.SortFunc(d.routes, mesh.Ref.Compare)
	return d
}

func (d *decider) add(subject mesh.Ref, e Evidence) {
	switch o := e.Object; {
	case strings.HasPrefix(e.Source, "ztunnel/"):
		d.hops = appendOnce(d.hops, e.Source)
	case o == subject || o.Kind == "Namespace":
		d.itself = true
	case o.Kind == "Gateway":
		d.hops = appendOnce(d.hops, o.String())
	case isPolicy(o):
		d.policies = appendOnce(d.policies, o)
	case isRoute(o):
		d.routes = appendOnce(d.routes, o)
	}
}

func isPolicy(r mesh.Ref) bool {
	switch r.Kind {
	case "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication", "NetworkPolicy":
		return true
	}
	return false
}

func isRoute(r mesh.Ref) bool {
	switch r.Kind {
	case "VirtualService", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute":
		return true
	}
	return false
}

// same tells whether two findings at the same hops, or both at none, have one
// decider, and returns what of it they have in common:
//   - at the same hops, at least one policy in common, or none involved;
//   - without a hop, the same policies, provided that neither finding rests on
//     its own subject: what a policy then does to a mistake is not the mistake;
//   - of two routes, the same other routes, which displace both.
func (d *decider) same(subject mesh.Ref, o *decider) (decider, bool) {
	common := decider{hops: d.hops, policies: intersection(d.policies, o.policies), routes: d.routes, itself: d.itself || o.itself}
	if isRoute(subject) {
		return common, len(d.routes) > 0 && slices.Equal(d.routes, o.routes) && slices.Equal(d.policies, o.policies)
	}
	if len(d.hops) > 0 {
		none := len(d.policies) == 0 && len(o.policies) == 0
		return common, none || len(common.policies) > 0
	}
	return common, !common.itself && len(d.policies) > 0 && slices.Equal(d.policies, o.policies)
}

// refs are the deciding objects; ztunnels are named by their nodes.
func (d *decider) refs(subject mesh.Ref, e []Evidence) []mesh.Ref {
	var out []mesh.Ref
	for _, x := range e {
		if node, ok := strings.CutPrefix(x.Source, "ztunnel/"); ok {
			out = appendOnce(out, mesh.Ref{Kind: "ztunnel", Name: node})
		} else if x.Object.Kind == "Gateway" && x.Object != subject {
			out = appendOnce(out, x.Object)
		}
	}
	out = append(out, d.policies...)
	if isRoute(subject) {
		out = append(out, d.routes...)
	}
	return out
}

func intersection(a, b []mesh.Ref) []mesh.Ref {
	var out []mesh.Ref
	for _, r := range a {
		if slices.Contains(b, r) {
			out = append(out, r)
		}
	}
	return out
}

// kin is what findings must have in common before their deciders are compared.
type kin struct {
	code     string
	severity Severity
	class    Class
	kind     string
	hops     string
}

// candidate is a group that further findings may join, with what all its
// members have in common: a chain of findings of which each only resembles the
// next is none.
type candidate struct {
	group   int
	decider decider
}

// deciders are the groups found so far.
type deciders map[kin][]candidate

// find returns the group a finding belongs to, which is next where it begins
// one, and the objects that decide all in it.
func (d deciders) find(f *Finding, next int) (group int, shared []mesh.Ref) {
	own := deciderOf(f)
	k := kin{f.Code, f.Severity, f.Class, f.Subject.Kind, strings.Join(own.hops, "\n")}
	for i := range d[k] {
		c := &d[k][i]
		if common, ok := c.decider.same(f.Subject, &own); ok {
			c.decider = common
			return c.group, common.refs(f.Subject, f.Evidence)
		}
	}
	d[k] = append(d[k], candidate{group: next, decider: own})
	return next, nil
}
