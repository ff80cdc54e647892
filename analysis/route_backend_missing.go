package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

var routeBackendMissing = Check{
	Code: "ROUTE_BACKEND_MISSING", Severity: Critical, Class: Breaks, Manifests: OnAllManifests,
	Subject: "the route",
	Title:   "A route sends to something that does not exist",
	Explanation: "No Service or ServiceEntry has the host a rule sends to, or it has no such port. Requests that the rule takes are answered by the proxy itself: 503 for a VirtualService, 500 for a Gateway API route. " +
		"A short name in a VirtualService means a Service in the VirtualService's own namespace.",
	Fires:  "A destination host or backendRef of an HTTP, TCP or TLS rule that no Service or ServiceEntry has, or a port it has not. A warning where the rule acts nowhere or the destination gets no share.",
	Silent: "Backends of other kinds than Service and ServiceEntry; Services or ServiceEntries are not readable; namespaces that are not watched.",
	Doubt:  "In a mesh of several clusters the Service may exist in another one.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourceGateways},
	Uses:   []string{mesh.ResourceVirtualServices, mesh.ResourceHTTPRoutes, mesh.ResourceGRPCRoutes, mesh.ResourceTCPRoutes, mesh.ResourceTLSRoutes, mesh.ResourceNamespaces},
	Mesh: func(in *Input) []Finding {
		var out []Finding
		for _, sh := range in.Snap.Shards {
			for _, r := range sh.Routes {
				if missing := in.missingBackends(r); len(missing) > 0 {
					out = append(out, leadsNowhere(in, r, missing))
				}
			}
		}
		return out
	},
}

// missingBackend is one destination that is not there.
type missingBackend struct {
	rule   int // from 1
	spec   *mesh.RouteRule
	what   string
	unused bool // it gets no share of the calls
}

func (in *Input) missingBackends(r *mesh.Route) []missingBackend {
	var out []missingBackend
	for i := range r.Rules {
		rule := &r.Rules[i]
		for _, b := range rule.Backends {
			if what := in.lacks(r, b); what != "" {
				out = append(out, missingBackend{i + 1, rule, what, b.Weight == 0 && len(rule.Backends) > 1})
			}
		}
	}
	return out
}

// lacks says what of a backend does not exist; empty where it does or nobody
// can tell.
func (in *Input) lacks(r *mesh.Route, b mesh.Backend) string {
	if b.Host == "" && b.Ref.Kind != "Service" && b.Ref.Kind != "ServiceEntry" {
		return ""
	}
	ref, found := path.Destination(in.Snap, r, b)
	switch {
	case !found && b.Host != "":
		if _, ns := serviceOfHost(b.Host, r.Namespace); ns != "" && !in.Snap.InScope(ns) {
			return ""
		}
		return "host " + b.Host
	case !found:
		return b.Ref.String()
	case b.Port == 0:
		return ""
	}
	if has, known := in.hasPort(ref, b.Port); known && !has {
		return fmt.Sprintf("port %d of %s", b.Port, ref)
	}
	return ""
}

// hasPort tells whether a service has a port; an ExternalName declares none
// that matters.
func (in *Input) hasPort(ref mesh.Ref, port uint16) (has, known bool) {
	switch o := in.Snap.Lookup(ref).(type) {
	case *mesh.Service:
		return o.Port(port) != nil, o.Type != "ExternalName"
	case *mesh.ServiceEntry:
		return o.Port(port) != nil, true
	}
	return false, false
}

func leadsNowhere(in *Input, r *mesh.Route, missing []missingBackend) Finding {
	f := Finding{Subject: r.Ref(), Severity: Warning, Class: Risk}
	table := in.shared.routing()
	var words []string
	for _, m := range missing {
		if !slices.Contains(words, m.what) {
			words = append(words, m.what)
		}
		if !m.unused && acts(table.rules(r), m.rule) {
			f.Severity, f.Class = Critical, Breaks
		}
		f.Evidence = append(f.Evidence, fieldEvidence(r.Ref(), ruleField(r, m.spec, m.rule), m.what+" does not exist"))
	}
	f.Affects = table.services(r)
	f.Summary = fmt.Sprintf("%s sends to %s, which does not exist.", r.Ref(), strings.Join(words, ", "))
	answer := "500"
	if r.Kind == "VirtualService" {
		answer = "503"
	}
	f.Detail = fmt.Sprintf("Requests it takes there are answered HTTP %s by the proxy.", answer)
	if f.Severity == Warning {
		f.Detail = "No call goes there now: the rule acts nowhere, or the destination gets no share."
	}
	f.Fix = advise("Correct the name or port, or make what it names. Calls are answered from then on.").get(r.Ref()).
		read("-n", r.Namespace, "get", "services,serviceentries.networking.istio.io")
	return f
}

func acts(rules []actingRule, number int) bool {
	return slices.ContainsFunc(rules, func(a actingRule) bool { return a.number == number })
}
