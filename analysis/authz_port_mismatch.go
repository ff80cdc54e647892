package analysis

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzPortMismatch = Check{
	Code: "AUTHZ_PORT_MISMATCH", Severity: Error, Class: Breaks,
	Subject:     "AuthorizationPolicy",
	Title:       "A policy names a port that its enforcer never sees",
	Explanation: "ztunnel sees the port of the pod, a waypoint that of the Service. A policy without targetRefs that names the Service's port never matches where the pods listen on another one, and a policy for a Service that names the pod's port neither: an ALLOW admits nobody by it, a DENY or notPorts protects nothing.",
	Fires:       "ports, notPorts or when destination.port name, without targetRefs, a Service's port whose pods listen elsewhere; with a Service as target, a port the Service has not. Critical for a DENY and for notPorts. A warning for a port that is neither a Service's nor declared by a selected pod.",
	Silent:      "A selected pod declares the port, or a Service leads to it; both numbers of a port, the Service's and the pods', stand in one list; a Gateway target whose waypoint serves workloads sees both; no pod is selected.",
	Doubt:       "A container may listen on a port it does not declare.",
	Needs:       []string{mesh.ResourceAuthorizationPolicies, mesh.ResourceServices, mesh.ResourcePods}, Uses: []string{mesh.ResourceGateways, mesh.ResourceNamespaces, mesh.ResourceServiceEntries},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			named := namedPorts(p)
			if len(named) == 0 {
				continue
			}
			wrong := in.unseenByZtunnel(p, named)
			if len(p.TargetRefs) > 0 {
				wrong = in.unseenByWaypoint(p, named)
			}
			if len(wrong) > 0 {
				out = append(out, portMismatch(p, wrong))
			}
		}
		return out
	},
}

// namedPort is a port as a policy names it.
type namedPort struct {
	rule   int // from 1
	field  string
	number uint16
	not    bool
	// beside are all ports of the same list.
	beside []string
	// why says what the enforcer sees instead; sure is false where the port
	// may be one that nobody declares.
	why  string
	sure bool
}

func namedPorts(p *mesh.AuthorizationPolicy) []namedPort {
	var out []namedPort
	add := func(rule int, field string, not bool, values []string) {
		for _, v := range values {
			if n, err := strconv.ParseUint(v, 10, 16); err == nil {
				out = append(out, namedPort{rule: rule, field: field, number: uint16(n), not: not, beside: values})
			}
		}
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		for _, op := range r.To {
			add(i+1, "to[].operation.ports", false, op.Ports)
			add(i+1, "to[].operation.notPorts", true, op.NotPorts)
		}
		for _, w := range r.When {
			if w.Key == "destination.port" {
				add(i+1, "when[destination.port].values", false, w.Values)
				add(i+1, "when[destination.port].notValues", true, w.NotValues)
			}
		}
	}
	return out
}

// podPorts are the ports that calls to pods arrive at, as far as they are
// declared or Services lead to them, and the Service ports that lead elsewhere.
type podPorts struct {
	arrives map[uint16]bool
	service map[uint16]servicePort
	// targets are where a Service's port leads, by its number.
	targets map[uint16]map[uint16]bool
}

func (in *Input) portsOf(pods []*mesh.Workload) podPorts {
	out := podPorts{arrives: make(map[uint16]bool), service: make(map[uint16]servicePort), targets: make(map[uint16]map[uint16]bool)}
	byNamespace := make(map[string][]*mesh.Workload)
	for _, w := range pods {
		byNamespace[w.Namespace] = append(byNamespace[w.Namespace], w)
		for i := range w.Containers {
			for _, cp := range w.Containers[i].Ports {
				out.arrives[cp.Port] = true
			}
		}
	}
	for namespace, list := range byNamespace {
		for _, svc := range in.Snap.Shard(namespace).Services {
			out.lead(svc, list)
		}
	}
	return out
}

// lead notes where a Service leads on those of the pods that it selects.
func (p podPorts) lead(svc *mesh.Service, pods []*mesh.Workload) {
	for _, w := range pods {
		if len(svc.Selector) == 0 || !mesh.LabelsMatch(svc.Selector, w.Labels) {
			continue
		}
		for _, sp := range svc.Ports {
			target := targetPort(w, sp)
			p.service[sp.Port] = servicePort{svc.Ref(), sp}
			p.arrives[target] = true
			if p.targets[sp.Port] == nil {
				p.targets[sp.Port] = make(map[uint16]bool)
			}
			p.targets[sp.Port][target] = true
		}
	}
}

// covered tells that every port a Service's port leads to is in a list of
// ports: the Service's own number beside them does no harm.
func (p podPorts) covered(number uint16, list []string) bool {
	for target := range p.targets[number] {
		if !slices.Contains(list, strconv.Itoa(int(target))) {
			return false
		}
	}
	return len(p.targets[number]) > 0
}

// unseenByZtunnel finds named ports at which no call arrives at the captured
// pods of a policy.
func (in *Input) unseenByZtunnel(p *mesh.AuthorizationPolicy, named []namedPort) []namedPort {
	pods := in.reachOf(p.Namespace, p.Selector).captured
	if len(pods) == 0 {
		return nil
	}
	ports := in.portsOf(pods)
	if len(ports.arrives) == 0 {
		return nil
	}
	var out []namedPort
	for _, n := range named {
		if ports.arrives[n.number] || ports.covered(n.number, n.beside) {
			continue
		}
		n.why = fmt.Sprintf("no selected pod declares port %d, and no Service leads to it", n.number)
		if sp, ok := ports.service[n.number]; ok {
			n.why, n.sure = fmt.Sprintf("port %d is that of %s; the pods listen on %s", n.number, sp.service, orWord(sp.port.TargetPort, "another port")), true
		}
		out = append(out, n)
	}
	return out
}

// unseenByWaypoint finds named ports that no Service a policy targets has. A
// Gateway that serves workloads sees the pods' ports as well.
func (in *Input) unseenByWaypoint(p *mesh.AuthorizationPolicy, named []namedPort) []namedPort {
	seen := make(map[uint16]bool)
	target := make(map[string][]string) // ports of the Services, by where they lead
	for _, t := range p.TargetRefs {
		if t.Kind != "Service" && t.Kind != "ServiceEntry" {
			return nil
		}
		if in.Snap.Lookup(t.Ref()) == nil {
			return nil
		}
		for _, port := range in.allPorts(t.Ref()) {
			seen[port.Port] = true
			target[port.TargetPort] = append(target[port.TargetPort], strconv.Itoa(int(port.Port)))
		}
	}
	var out []namedPort
	for _, n := range named {
		inList := func(port string) bool { return slices.Contains(n.beside, port) }
		if seen[n.number] || slices.ContainsFunc(target[strconv.Itoa(int(n.number))], inList) {
			continue
		}
		n.sure = true
		n.why = fmt.Sprintf("%s has no port %d", p.TargetRefs[0].Ref(), n.number)
		out = append(out, n)
	}
	return out
}

func (in *Input) allPorts(service mesh.Ref) []mesh.ServicePort {
	switch o := in.Snap.Lookup(service).(type) {
	case *mesh.Service:
		return o.Ports
	case *mesh.ServiceEntry:
		return o.Ports
	}
	return nil
}

func portMismatch(p *mesh.AuthorizationPolicy, wrong []namedPort) Finding {
	slices.SortStableFunc(wrong, func(a, b namedPort) int {
		switch {
		case a.sure == b.sure:
			return 0
		case a.sure:
			return -1
		}
		return 1
	})
	first := wrong[0]
	f := Finding{Subject: p.Ref(), Severity: Warning, Class: Risk}
	f.Summary = fmt.Sprintf("%s names port %d, which its enforcer never sees: %s.", p.Ref(), first.number, first.why)
	f.Detail = "An ALLOW admits nobody by that port."
	if p.Action == authz.ActionDeny {
		f.Detail = "The DENY refuses nobody by that port."
	}
	for _, n := range wrong {
		f.Evidence = append(f.Evidence, fieldEvidence(p.Ref(), indexed("spec.rules", n.rule)+"."+n.field, fmt.Sprintf("%d: %s", n.number, n.why)))
		switch {
		case !n.sure:
		case p.Action == authz.ActionDeny || n.not:
			f.Severity, f.Class = Critical, Unprotected
		case f.Severity != Critical:
			f.Severity, f.Class = Error, Breaks
		}
	}
	if first.not {
		f.Detail = "The exception never holds: the rule matches on every port."
	}
	f.Fix = advise("Without targetRefs name the port of the pods, with a Service as target that of the Service. The rule matches calls to it from then on.").
		get(p.Ref()).
		read("-n", p.Namespace, "get", "services", "-o", "custom-columns=NAME:.metadata.name,PORT:.spec.ports[*].port,TARGET:.spec.ports[*].targetPort")
	return f
}
