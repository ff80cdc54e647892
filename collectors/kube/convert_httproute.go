package kube

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/waylight/waylight/mesh"
)

func convertHTTPRoute(o *gatewayv1.HTTPRoute, c *checker) mesh.Object {
	r := &mesh.Route{
		Meta:    metaOf(gatewayv1.GroupName, "HTTPRoute", o),
		Hosts:   shareAll(o.Spec.Hostnames),
		Parents: parentsOf(o.Namespace, &o.Spec.CommonRouteSpec, &o.Status.RouteStatus, c),
	}
	for i := range o.Spec.Rules {
		r.Rules = append(r.Rules, httpRule(&o.Spec.Rules[i], o.Namespace, i, c))
	}
	return r
}

func httpRule(in *gatewayv1.HTTPRouteRule, namespace string, i int, c *checker) mesh.RouteRule {
	rule := mesh.RouteRule{Name: share(deref(in.Name, "")), Protocol: protocolHTTP}
	for j := range in.Matches {
		rule.Matches = append(rule.Matches, httpMatch(&in.Matches[j]))
	}
	for j := range in.BackendRefs {
		b := &in.BackendRefs[j]
		rule.Backends = append(rule.Backends, backendOf(&b.BackendRef, namespace, i, j, c))
		for _, f := range b.Filters {
			rule.Filters = append(rule.Filters, share(f.Type)+" of a backend")
		}
	}
	for j := range in.Filters {
		addHTTPFilter(&rule, &in.Filters[j], namespace, i, j, c)
	}
	if t := in.Timeouts; t != nil {
		rule.Timeout = c.duration(string(deref(t.Request, "")), "spec.rules[].timeouts.request", i)
		rule.BackendTimeout = c.duration(string(deref(t.BackendRequest, "")), "spec.rules[].timeouts.backendRequest", i)
	}
	if in.Retry != nil {
		rule.Retry = httpRetry(in.Retry, i, c)
	}
	answerShareless(&rule)
	return rule
}

// answerShareless lets a rule that gives no destination a share be answered
// 500, as istiod does (convertHTTPRoute, convertGRPCRoute).
func answerShareless(rule *mesh.RouteRule) {
	if rule.Redirect == nil && !slices.ContainsFunc(rule.Backends, func(b mesh.Backend) bool { return b.Weight > 0 }) {
		rule.DirectResponse = http.StatusInternalServerError
	}
}

// httpMatch defaults the path to the prefix "/" and comparisons to exact ones,
// as the CRD does.
func httpMatch(in *gatewayv1.HTTPRouteMatch) mesh.RouteMatch {
	m := mesh.RouteMatch{Path: &mesh.StringMatch{Kind: mesh.MatchPrefix, Value: "/"}}
	if in.Path != nil {
		m.Path = &mesh.StringMatch{
			Kind:  matchKind(deref(in.Path.Type, gatewayv1.PathMatchPathPrefix)),
			Value: deref(in.Path.Value, "/"),
		}
	}
	if in.Method != nil {
		m.Method = exact(*in.Method)
	}
	for _, h := range in.Headers {
		kind := matchKind(deref(h.Type, gatewayv1.HeaderMatchExact))
		m.Headers = append(m.Headers, namedMatch(h.Name, kind, h.Value))
	}
	for _, q := range in.QueryParams {
		kind := matchKind(deref(q.Type, gatewayv1.QueryParamMatchExact))
		m.QueryParams = append(m.QueryParams, namedMatch(q.Name, kind, q.Value))
	}
	return m
}

// matchKind translates a match type; one that is not known is kept as written,
// and compares with nothing.
func matchKind[T ~string](typ T) mesh.MatchKind {
	switch string(typ) {
	case "Exact":
		return mesh.MatchExact
	case "PathPrefix":
		return mesh.MatchPrefix
	case "RegularExpression":
		return mesh.MatchRegex
	}
	return mesh.MatchKind(share(typ))
}

func exact[T ~string](value T) *mesh.StringMatch {
	return &mesh.StringMatch{Kind: mesh.MatchExact, Value: share(value)}
}

func namedMatch[T ~string](name T, kind mesh.MatchKind, value string) mesh.NamedMatch {
	return mesh.NamedMatch{Name: share(name), Match: &mesh.StringMatch{Kind: kind, Value: share(value)}}
}

func httpRetry(in *gatewayv1.HTTPRouteRetry, i int, c *checker) *mesh.Retry {
	codes := make([]string, len(in.Codes))
	for j, code := range in.Codes {
		codes[j] = strconv.Itoa(int(code))
	}
	attempts := min(max(deref(in.Attempts, 0), 0), maxAttempts)
	return &mesh.Retry{
		Attempts: int32(attempts),
		On:       strings.Join(codes, ","),
		Backoff:  c.duration(string(deref(in.Backoff, "")), "spec.rules[].retry.backoff", i),
	}
}

// maxAttempts keeps a hostile number of retries within its type.
const maxAttempts = 1 << 20
