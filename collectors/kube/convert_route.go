package kube

import (
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/waylight/waylight/mesh"
)

// Protocols of a mesh.RouteRule.
const (
	protocolHTTP = "http"
	protocolTCP  = "tcp"
	protocolTLS  = "tls"
)

func convertTCPRoute(o *gatewayv1.TCPRoute, c *checker) mesh.Object {
	r := &mesh.Route{
		Meta:    metaOf(gatewayv1.GroupName, "TCPRoute", o),
		Parents: parentsOf(o.Namespace, &o.Spec.CommonRouteSpec, &o.Status.RouteStatus, c),
	}
	for i, rule := range o.Spec.Rules {
		r.Rules = append(r.Rules, streamRule(protocolTCP, rule.Name, rule.BackendRefs, o.Namespace, i, c))
	}
	return r
}

func convertTLSRoute(o *gatewayv1.TLSRoute, c *checker) mesh.Object {
	r := &mesh.Route{
		Meta:    metaOf(gatewayv1.GroupName, "TLSRoute", o),
		Hosts:   shareAll(o.Spec.Hostnames),
		Parents: parentsOf(o.Namespace, &o.Spec.CommonRouteSpec, &o.Status.RouteStatus, c),
	}
	for i, rule := range o.Spec.Rules {
		r.Rules = append(r.Rules, streamRule(protocolTLS, rule.Name, rule.BackendRefs, o.Namespace, i, c))
	}
	return r
}

// streamRule is a rule that chooses backends and nothing else.
func streamRule(protocol string, name *gatewayv1.SectionName, backends []gatewayv1.BackendRef, namespace string, i int, c *checker) mesh.RouteRule {
	rule := mesh.RouteRule{Name: share(deref(name, "")), Protocol: protocol}
	for j := range backends {
		rule.Backends = append(rule.Backends, backendOf(&backends[j], namespace, i, j, c))
	}
	return rule
}

// parentsOf joins parentRefs with what controllers wrote about each. A status
// for a parent the spec no longer names is left out: it is about the past.
func parentsOf(namespace string, spec *gatewayv1.CommonRouteSpec, status *gatewayv1.RouteStatus, c *checker) []mesh.RouteParent {
	var out []mesh.RouteParent
	for i := range spec.ParentRefs {
		p := parentOf(&spec.ParentRefs[i], namespace, i, c)
		for j := range status.Parents {
			s := &status.Parents[j]
			about := parentOf(&s.ParentRef, namespace, i, c)
			if about.Ref == p.Ref && about.SectionName == p.SectionName && about.Port == p.Port {
				p.Status = append(p.Status, mesh.ParentStatus{Controller: share(s.ControllerName), Conditions: standardConditions(s.Conditions)})
			}
		}
		out = append(out, p)
	}
	return out
}

// parentOf defaults kind and namespace as the CRD does.
func parentOf(in *gatewayv1.ParentReference, namespace string, i int, c *checker) mesh.RouteParent {
	return mesh.RouteParent{
		Ref: mesh.Ref{
			Kind:      share(deref(in.Kind, "Gateway")),
			Namespace: share(deref(in.Namespace, gatewayv1.Namespace(namespace))),
			Name:      share(in.Name),
		},
		SectionName: share(deref(in.SectionName, "")),
		Port:        c.port(int64(deref(in.Port, 0)), "spec.parentRefs[].port", i),
	}
}

// backendOf defaults a weight to one, as the CRD does.
func backendOf(in *gatewayv1.BackendRef, namespace string, rule, i int, c *checker) mesh.Backend {
	b := targetBackend(&in.BackendObjectReference, namespace, rule, i, c)
	b.Weight = deref(in.Weight, 1)
	return b
}

// targetBackend defaults kind and namespace as the CRD does. Istio's own kind
// Hostname names a host instead of an object.
func targetBackend(in *gatewayv1.BackendObjectReference, namespace string, rule, i int, c *checker) mesh.Backend {
	b := mesh.Backend{
		Ref: mesh.Ref{
			Kind:      share(deref(in.Kind, "Service")),
			Namespace: share(deref(in.Namespace, gatewayv1.Namespace(namespace))),
			Name:      share(in.Name),
		},
		Port: c.port(int64(deref(in.Port, 0)), "spec.rules[].backendRefs[].port", rule, i),
	}
	if b.Ref.Kind == "Hostname" && deref(in.Group, "") == groupIstioNetworking {
		b.Host, b.Ref = b.Ref.Name, mesh.Ref{}
	}
	return b
}
