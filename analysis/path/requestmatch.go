package path

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// fit tells whether a match takes a request; what it depends on may be unknown.
type fit struct {
	no   bool
	open string // what is not known of the request, empty where all is
}

// ruleFor finds the rule that takes a request: the first in Istio's order. A
// match on something unknown leaves the answer open.
func (p *plan) ruleFor(r Request, seen *authz.Request) (rule *Rule, open string) {
	for i := range p.routing.Rules {
		candidate := &p.routing.Rules[i]
		if candidate.Dead {
			continue
		}
		f := takes(candidate.Match, candidate.Route.Kind != "VirtualService", r, seen)
		switch {
		case f.no:
		case f.open != "":
			return nil, f.open
		default:
			return candidate, ""
		}
	}
	return nil, ""
}

// takes compares all parts of a match; a nil match takes everything. In
// Gateway API routes a prefix is one of whole segments: /foo is not for
// /foobar.
func takes(m *mesh.RouteMatch, segments bool, r Request, seen *authz.Request) fit {
	if m == nil {
		return fit{}
	}
	path, query, _ := strings.Cut(r.Path, "?")
	if segments && m.Path != nil && m.Path.Kind == mesh.MatchPrefix {
		path = strings.TrimSuffix(path, "/") + "/"
		whole := mesh.StringMatch{Kind: mesh.MatchPrefix, Value: strings.TrimSuffix(m.Path.Value, "/") + "/"}
		rest := *m
		rest.Path, m = &whole, &rest
	}
	out := textFit(m.Path, path, m.IgnoreURICase)
	out = out.and(textFit(m.Method, r.Method, false))
	out = out.and(grpcFit(m, r.Method, strings.TrimSuffix(path, "/")))
	if m.Authority != nil && seen.Host == "" {
		out = out.and(fit{open: "the host the client asks for"})
	} else {
		out = out.and(textFit(m.Authority, seen.Host, false))
	}
	out = out.and(textFit(m.Scheme, "http", false))
	out = out.and(headersFit(m, seen.Headers))
	values, err := url.ParseQuery(query)
	if err != nil {
		values = nil // Envoy takes a malformed query for none
	}
	for _, q := range m.QueryParams {
		_, has := values[q.Name]
		out = out.and(namedFit(q, values.Get(q.Name), has))
	}
	if len(m.SNIHosts) > 0 || len(m.DestinationIPs) > 0 {
		out = out.and(fit{open: "the SNI or the address, which only TLS and TCP rules ask for"})
	}
	return out
}

func (f fit) and(g fit) fit {
	switch {
	case f.no || g.no:
		return fit{no: true}
	case f.open == "":
		return g
	}
	return f
}

func headersFit(m *mesh.RouteMatch, headers map[string]string) fit {
	var out fit
	for _, h := range m.Headers {
		v, has := headers[strings.ToLower(h.Name)]
		out = out.and(namedFit(h, v, has))
	}
	for _, h := range m.WithoutHeaders {
		v, has := headers[strings.ToLower(h.Name)]
		f := namedFit(h, v, has)
		if f.open == "" {
			f.no = !f.no
		}
		out = out.and(f)
	}
	return out
}

// namedFit compares a header or parameter; without a Match it only has to be
// there.
func namedFit(n mesh.NamedMatch, value string, has bool) fit {
	switch {
	case !has:
		return fit{no: true}
	case n.Match == nil:
		return fit{}
	}
	return textFit(n.Match, value, false)
}

// textFit compares a text; a regular expression must match it whole (RE2).
func textFit(m *mesh.StringMatch, s string, ignoreCase bool) fit {
	if m == nil {
		return fit{}
	}
	value := m.Value
	if ignoreCase && m.Kind != mesh.MatchRegex {
		value, s = strings.ToLower(value), strings.ToLower(s)
	}
	switch m.Kind {
	case mesh.MatchExact:
		return fit{no: s != value}
	case mesh.MatchPrefix:
		return fit{no: !strings.HasPrefix(s, value)}
	}
	re, err := regexp.Compile("^(?:" + value + ")$")
	if err != nil {
		return fit{open: "the regular expression " + value + ", which cannot be read"}
	}
	return fit{no: !re.MatchString(s)}
}

// grpcFit compares the service and method of gRPC, which are the path of a
// POST: /service/method.
func grpcFit(m *mesh.RouteMatch, method, path string) fit {
	if m.GRPCService == nil && m.GRPCMethod == nil {
		return fit{}
	}
	service, name, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !ok || method != "POST" {
		return fit{no: true}
	}
	return textFit(m.GRPCService, service, false).and(textFit(m.GRPCMethod, name, false))
}
