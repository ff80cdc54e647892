package kube

import (
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/waylight/waylight/mesh"
)

func convertGRPCRoute(o *gatewayv1.GRPCRoute, c *checker) mesh.Object {
	r := &mesh.Route{
		Meta:    metaOf(gatewayv1.GroupName, "GRPCRoute", o),
		Hosts:   shareAll(o.Spec.Hostnames),
		Parents: parentsOf(o.Namespace, &o.Spec.CommonRouteSpec, &o.Status.RouteStatus, c),
	}
	for i := range o.Spec.Rules {
		r.Rules = append(r.Rules, grpcRule(&o.Spec.Rules[i], o.Namespace, i, c))
	}
	return r
}

func grpcRule(in *gatewayv1.GRPCRouteRule, namespace string, i int, c *checker) mesh.RouteRule {
	rule := mesh.RouteRule{Name: share(deref(in.Name, "")), Protocol: protocolHTTP}
	for j := range in.Matches {
		rule.Matches = append(rule.Matches, grpcMatch(&in.Matches[j]))
	}
	for j := range in.BackendRefs {
		b := &in.BackendRefs[j]
		rule.Backends = append(rule.Backends, backendOf(&b.BackendRef, namespace, i, j, c))
		for _, f := range b.Filters {
			rule.Filters = append(rule.Filters, share(f.Type)+" of a backend")
		}
	}
	for j := range in.Filters {
		// The filters of a GRPCRoute are a part of those of an HTTPRoute.
		f := &in.Filters[j]
		addHTTPFilter(&rule, &gatewayv1.HTTPRouteFilter{
			Type:                   gatewayv1.HTTPRouteFilterType(f.Type),
			RequestHeaderModifier:  f.RequestHeaderModifier,
			ResponseHeaderModifier: f.ResponseHeaderModifier,
			RequestMirror:          f.RequestMirror,
		}, namespace, i, j, c)
	}
	answerShareless(&rule)
	return rule
}

// grpcMatch defaults comparisons to exact ones, as the CRD does.
func grpcMatch(in *gatewayv1.GRPCRouteMatch) mesh.RouteMatch {
	var m mesh.RouteMatch
	if in.Method != nil {
		kind := matchKind(deref(in.Method.Type, gatewayv1.GRPCMethodMatchExact))
		if s := in.Method.Service; s != nil {
			m.GRPCService = &mesh.StringMatch{Kind: kind, Value: share(*s)}
		}
		if name := in.Method.Method; name != nil {
			m.GRPCMethod = &mesh.StringMatch{Kind: kind, Value: share(*name)}
		}
	}
	for _, h := range in.Headers {
		kind := matchKind(deref(h.Type, gatewayv1.GRPCHeaderMatchExact))
		m.Headers = append(m.Headers, namedMatch(h.Name, kind, h.Value))
	}
	return m
}
