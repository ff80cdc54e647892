package kube

import (
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"github.com/waylight/waylight/mesh"
)

func convertEndpointSlice(o *discoveryv1.EndpointSlice, c *checker) mesh.Object {
	out := &mesh.EndpointSlice{
		Meta:      metaOf(discoveryv1.GroupName, "EndpointSlice", o),
		Service:   share(o.Labels[discoveryv1.LabelServiceName]),
		Endpoints: make([]mesh.Endpoint, len(o.Endpoints)),
	}
	for i, p := range o.Ports {
		out.Ports = append(out.Ports, mesh.EndpointPort{
			Name:        share(deref(p.Name, "")),
			Port:        c.port(int64(deref(p.Port, 0)), "ports[].port", i),
			Protocol:    protocolOf(deref(p.Protocol, "")),
			AppProtocol: share(deref(p.AppProtocol, "")),
		})
	}
	for i := range o.Endpoints {
		out.Endpoints[i] = endpointOf(&o.Endpoints[i], o.Namespace)
	}
	return out
}

func endpointOf(e *discoveryv1.Endpoint, namespace string) mesh.Endpoint {
	out := mesh.Endpoint{
		Addresses:   e.Addresses,
		Ready:       known(e.Conditions.Ready),
		Serving:     known(e.Conditions.Serving),
		Terminating: known(e.Conditions.Terminating),
		Node:        share(deref(e.NodeName, "")),
		Zone:        share(deref(e.Zone, "")),
	}
	if t := e.TargetRef; t != nil {
		out.Target = targetOf(t, namespace)
	}
	return out
}

// targetOf is the object an endpoint or event speaks of; endpoints may leave
// the namespace out.
func targetOf(r *corev1.ObjectReference, namespace string) mesh.Ref {
	ref := mesh.Ref{Kind: refKind(groupOf(r.APIVersion), r.Kind), Namespace: share(r.Namespace), Name: r.Name}
	if ref.Namespace == "" && ref.Kind == "Pod" {
		ref.Namespace = share(namespace)
	}
	return ref
}

// The two answers endpoint conditions share, so that thousands of endpoints
// do not each hold three booleans of their own.
var isTrue, isFalse = true, false

// known is a pointer to the same boolean for all, nil for one that was left
// out.
func known(b *bool) *bool {
	switch {
	case b == nil:
		return nil
	case *b:
		return &isTrue
	}
	return &isFalse
}
