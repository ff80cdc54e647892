package analysis

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzHTTPOnTCPPort = Check{
	Code: "AUTHZ_HTTP_ON_TCP_PORT", Severity: Critical, Class: Breaks, Manifests: OnAllManifests,
	Subject: "AuthorizationPolicy",
	Title:   "A policy asks for HTTP on a port that is not HTTP",
	Explanation: "A waypoint reads requests only on ports that are declared to be HTTP or detected as such. On any other port a rule with HTTP fields cannot match in an ALLOW, which refuses everything there; in a DENY the HTTP fields are ignored, so that it refuses all its other fields match. " +
		"Limit such rules to the HTTP ports, or correct the port's declaration.",
	Fires:  "A policy at a waypoint has a rule with HTTP fields that no ports keep to HTTP ports, and a port of a Service it covers is declared to be TCP, TLS or another protocol. A warning where the protocol of the port is not declared, or other rules without HTTP fields admit calls to it.",
	Silent: "Every such rule is limited to HTTP ports; all ports are declared to be HTTP; no waypoint is bound, which is another finding; dry runs; an ALLOW rule without HTTP fields, of whichever policy there, names the port.",
	Doubt:  "Computed from the port's name, appProtocol and number, as Istio reads them.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourceServices, mesh.ResourceGateways},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceServiceEntries},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			if len(p.TargetRefs) == 0 || p.DryRun() || p.Action == authz.ActionAudit {
				continue
			}
			if ports := in.unreadByPolicy(p); len(ports) > 0 {
				out = append(out, httpOnTCP(p, ports))
			}
		}
		return out
	},
}

// policyPort is a port on which a rule with HTTP fields cannot be read.
type policyPort struct {
	servicePort
	rule   int // from 1
	fields []string
	// others are admitted there by rules without HTTP fields.
	others bool
}

func (in *Input) unreadByPolicy(p *mesh.AuthorizationPolicy) []policyPort {
	var out []policyPort
	for _, service := range in.coveredBy(p) {
		ports, bound := in.boundPorts(service)
		if !bound {
			continue
		}
		for _, port := range ports {
			if port.Declared() == mesh.ProtocolHTTP || port.Protocol == "UDP" {
				continue
			}
			others, named := false, false
			if p.Action != authz.ActionDeny {
				others, named = in.admittedOn(service, port.Port)
			}
			if named {
				continue
			}
			if rule, fields := firstByHTTP(p, port.Port); rule > 0 {
				out = append(out, policyPort{servicePort{service, port}, rule, fields, others})
			}
		}
	}
	return out
}

// coveredBy are the Services and ServiceEntries a policy with targetRefs is
// for: those it names, and those of the waypoints it names.
func (in *Input) coveredBy(p *mesh.AuthorizationPolicy) []mesh.Ref {
	var out []mesh.Ref
	for _, t := range p.TargetRefs {
		if t.Kind == "Service" || t.Kind == "ServiceEntry" {
			out = append(out, t.Ref())
			continue
		}
		for _, w := range in.Snap.Waypoints() {
			class := t.Kind == "GatewayClass" && t.Name == mesh.ClassWaypoint && w.Class == mesh.ClassWaypoint && p.Namespace == in.Snap.RootNamespace()
			if !class && t.Ref() != w.Ref() {
				continue
			}
			for _, d := range w.Dependents {
				if d.Kind == "Service" || d.Kind == "ServiceEntry" {
					out = append(out, d)
				}
			}
		}
	}
	return out
}

// reachesPort tells whether a rule can be about a port: an operation without
// ports is about all.
func reachesPort(r *mesh.AuthorizationRule, port uint16) bool {
	number := strconv.Itoa(int(port))
	for _, w := range r.When {
		if w.Key == "destination.port" && len(w.Values) > 0 && !slices.Contains(w.Values, number) {
			return false
		}
	}
	return len(r.To) == 0 || slices.ContainsFunc(r.To, func(op mesh.AuthorizationOperation) bool {
		return (len(op.Ports) == 0 || slices.Contains(op.Ports, number)) && !slices.Contains(op.NotPorts, number)
	})
}

// firstByHTTP is the first rule with HTTP fields that is about a port, counted
// from 1; 0 if there is none.
func firstByHTTP(p *mesh.AuthorizationPolicy, port uint16) (rule int, fields []string) {
	for i := range p.Rules {
		fields := authz.HTTPFields(&p.Rules[i])
		if len(fields) > 0 && reachesPort(&p.Rules[i], port) {
			return i + 1, fields
		}
	}
	return 0, nil
}

// admittedOn tells whether ALLOW rules without HTTP fields, of whichever policy
// at the waypoint, are about a port of a service, and whether one of them names
// it: then somebody has thought of it.
func (in *Input) admittedOn(service mesh.Ref, port uint16) (admitted, named bool) {
	b := in.bindingOf(service)
	g := in.Snap.Gateway(b.Waypoint.Namespace, b.Waypoint.Name)
	if g == nil {
		return false, false
	}
	for _, p := range authz.WaypointPolicies(in.Snap, g, service) {
		if p.Action != authz.ActionAllow && p.Action != "" || p.DryRun() {
			continue
		}
		for i := range p.Rules {
			if r := &p.Rules[i]; len(authz.HTTPFields(r)) == 0 && reachesPort(r, port) {
				admitted, named = true, named || namesPort(r, port)
			}
		}
	}
	return admitted, named
}

func namesPort(r *mesh.AuthorizationRule, port uint16) bool {
	number := strconv.Itoa(int(port))
	return slices.ContainsFunc(r.To, func(op mesh.AuthorizationOperation) bool { return slices.Contains(op.Ports, number) }) ||
		slices.ContainsFunc(r.When, func(w mesh.AuthorizationCondition) bool {
			return w.Key == "destination.port" && slices.Contains(w.Values, number)
		})
}

func httpOnTCP(p *mesh.AuthorizationPolicy, ports []policyPort) Finding {
	// A port that is declared to be something else decides how grave it is.
	slices.SortStableFunc(ports, func(a, b policyPort) int { return a.rank() - b.rank() })
	first := ports[0]
	f := Finding{Subject: p.Ref()}
	f.Summary = fmt.Sprintf("%s asks for HTTP (%s) on port %d of %s, which is declared %s.", p.Ref(), listWords(first.fields), first.port.Port, first.service, declaredBy(first.port))
	f.Detail = "The rule cannot match there: every call to the port that no other rule admits is refused."
	if p.Action == authz.ActionDeny {
		f.Detail = "The HTTP fields are ignored there: the rule refuses all that its other fields match."
	}
	if first.others {
		f.Severity, f.Class = Warning, Risk
		f.Detail = "The rule cannot match there: only those pass whom another rule admits."
	}
	if first.port.Declared() == mesh.ProtocolUndeclared {
		f.Severity, f.Class = Warning, Risk
		f.Summary = fmt.Sprintf("%s asks for HTTP (%s) on port %d of %s, whose protocol is not declared.", p.Ref(), listWords(first.fields), first.port.Port, first.service)
		f.Detail = "Where the waypoint detects HTTP the rule works. Other connections are treated as if its HTTP fields were not met."
	}
	for _, x := range ports {
		if !slices.Contains(f.Affects, x.service) {
			f.Affects = append(f.Affects, x.service)
		}
		f.Evidence = append(f.Evidence,
			fieldEvidence(p.Ref(), indexed("spec.rules", x.rule), listWords(x.fields)),
			fieldEvidence(x.service, fmt.Sprintf("spec.ports[%d]", x.port.Port), fmt.Sprintf("name %q, appProtocol %q", x.port.Name, x.port.AppProtocol)))
	}
	f.Evidence = shorten(f.Evidence)
	f.Fix = advise("Give the rules with HTTP fields the HTTP ports (to.operation.ports), and the other ports a rule of their own; or declare the port as http if it is. Calls to the port are admitted by the new rule from then on.").
		get(p.Ref()).
		get(first.service)
	return f
}

// rank puts first what is gravest: a port that is declared to be something
// else, and that nobody else may call.
func (p policyPort) rank() int {
	switch {
	case p.port.Declared() != mesh.ProtocolTCP:
		return 2
	case p.others:
		return 1
	}
	return 0
}
