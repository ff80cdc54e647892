package kube

import (
	"slices"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/waylight/waylight/mesh"
)

func convertGatewayClass(o *gatewayv1.GatewayClass, _ *checker) mesh.Object {
	return &mesh.GatewayClass{
		Meta:           metaOf(gatewayv1.GroupName, "GatewayClass", o),
		ControllerName: share(o.Spec.ControllerName),
		Conditions:     standardConditions(o.Status.Conditions),
	}
}

func convertGateway(o *gatewayv1.Gateway, c *checker) mesh.Object {
	g := &mesh.Gateway{
		Meta:       metaOf(gatewayv1.GroupName, "Gateway", o),
		Class:      share(o.Spec.GatewayClassName),
		Conditions: standardConditions(o.Status.Conditions),
	}
	for _, a := range o.Spec.Addresses {
		g.Asked = append(g.Asked, gatewayAddress(a.Type, a.Value))
	}
	for _, a := range o.Status.Addresses {
		g.Addresses = append(g.Addresses, gatewayAddress(a.Type, a.Value))
	}
	for i := range o.Spec.Listeners {
		g.Listeners = append(g.Listeners, listenerOf(&o.Spec.Listeners[i], o.Status.Listeners, i, c))
	}
	return g
}

// gatewayAddress defaults the type as the CRD does.
func gatewayAddress(typ *gatewayv1.AddressType, value string) mesh.GatewayAddress {
	return mesh.GatewayAddress{Type: share(deref(typ, gatewayv1.IPAddressType)), Value: value}
}

func listenerOf(in *gatewayv1.Listener, status []gatewayv1.ListenerStatus, i int, c *checker) mesh.Listener {
	l := mesh.Listener{
		Name:           share(in.Name),
		Protocol:       share(in.Protocol),
		Hostname:       string(deref(in.Hostname, "")),
		Port:           c.port(int64(in.Port), "spec.listeners[].port", i),
		From:           string(gatewayv1.NamespacesFromSame),
		AttachedRoutes: -1,
	}
	if in.AllowedRoutes != nil && in.AllowedRoutes.Namespaces != nil {
		admitted := in.AllowedRoutes.Namespaces
		l.From = share(deref(admitted.From, gatewayv1.NamespacesFromSame))
		l.Selector = selectorOf(admitted.Selector)
	}
	at := slices.IndexFunc(status, func(s gatewayv1.ListenerStatus) bool { return s.Name == in.Name })
	if at >= 0 {
		l.AttachedRoutes, l.Conditions = status[at].AttachedRoutes, standardConditions(status[at].Conditions)
	}
	return l
}

func convertReferenceGrant(o *gatewayv1.ReferenceGrant, _ *checker) mesh.Object {
	g := &mesh.ReferenceGrant{Meta: metaOf(gatewayv1.GroupName, "ReferenceGrant", o)}
	for _, f := range o.Spec.From {
		g.From = append(g.From, mesh.GrantFrom{Group: share(f.Group), Kind: share(f.Kind), Namespace: share(f.Namespace)})
	}
	for _, t := range o.Spec.To {
		g.To = append(g.To, mesh.GrantTo{Group: share(t.Group), Kind: share(t.Kind), Name: share(deref(t.Name, ""))})
	}
	return g
}
