package kube

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"

	"github.com/waylight/waylight/mesh"
)

// convertService defaults type, protocols, session affinity and
// internalTrafficPolicy as the API server does.
func convertService(o *corev1.Service, c *checker) mesh.Object {
	return &mesh.Service{
		Meta:                     metaOf(corev1.GroupName, "Service", o),
		Type:                     share(cmp.Or(o.Spec.Type, corev1.ServiceTypeClusterIP)),
		ExternalName:             o.Spec.ExternalName,
		VIPs:                     clusterIPs(&o.Spec),
		Selector:                 shareMap(o.Spec.Selector),
		Ports:                    servicePorts(o.Spec.Ports, c),
		InternalTrafficPolicy:    share(deref(o.Spec.InternalTrafficPolicy, corev1.ServiceInternalTrafficPolicyCluster)),
		TrafficDistribution:      share(deref(o.Spec.TrafficDistribution, "")),
		PublishNotReadyAddresses: o.Spec.PublishNotReadyAddresses,
		SessionAffinity:          share(cmp.Or(o.Spec.SessionAffinity, corev1.ServiceAffinityNone)),
		Conditions:               standardConditions(o.Status.Conditions),
		ExternalAddresses:        externalAddresses(o),
	}
}

// clusterIPs are the virtual addresses; "None" is how a headless Service says
// that it has none.
func clusterIPs(spec *corev1.ServiceSpec) []string {
	all := spec.ClusterIPs
	if len(all) == 0 {
		all = []string{spec.ClusterIP}
	}
	var out []string
	for _, ip := range all {
		if ip != "" && ip != corev1.ClusterIPNone {
			out = append(out, ip)
		}
	}
	return out
}

func servicePorts(list []corev1.ServicePort, c *checker) []mesh.ServicePort {
	var out []mesh.ServicePort
	for i, p := range list {
		port := mesh.ServicePort{
			Name:        share(p.Name),
			Port:        c.port(int64(p.Port), "spec.ports[].port", i),
			Protocol:    protocolOf(p.Protocol),
			AppProtocol: share(deref(p.AppProtocol, "")),
		}
		if target := p.TargetPort.String(); target != "0" {
			port.TargetPort = share(target)
		}
		out = append(out, port)
	}
	return out
}

func externalAddresses(o *corev1.Service) []string {
	var out []string
	out = append(out, o.Spec.ExternalIPs...)
	for _, in := range o.Status.LoadBalancer.Ingress {
		if address := cmp.Or(in.IP, in.Hostname); address != "" {
			out = append(out, address)
		}
	}
	return out
}
