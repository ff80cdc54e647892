package kube

import (
	"cmp"
	"slices"

	"github.com/waylight/waylight/mesh"
)

func convertDestinationRule(o *istioObject[destinationRule], c *checker) mesh.Object {
	d := &mesh.DestinationRule{
		Meta:             metaOf(groupIstioNetworking, "DestinationRule", o),
		Host:             share(o.Spec.Host),
		ExportTo:         shareAll(o.Spec.ExportTo),
		WorkloadSelector: o.Spec.WorkloadSelector.selector(),
		Policy:           trafficPolicyOf(o.Spec.TrafficPolicy, c, "spec.trafficPolicy"),
	}
	for i, s := range o.Spec.Subsets {
		d.Subsets = append(d.Subsets, mesh.Subset{
			Name:   share(s.Name),
			Labels: shareMap(s.Labels),
			Policy: trafficPolicyOf(s.TrafficPolicy, c, "spec.subsets[].trafficPolicy", i),
		})
	}
	return d
}

func trafficPolicyOf(in *drPolicy, c *checker, field string, index ...int) *mesh.TrafficPolicy {
	if in == nil {
		return nil
	}
	p := portPolicyOf(&in.drPortPolicy, c, field, index...)
	for i := range in.PortLevelSettings {
		settings := &in.PortLevelSettings[i]
		at := append(slices.Clip(index), i)
		port := c.port(settings.Port.Number, field+".portLevelSettings[].port.number", at...)
		if p.PortLevel == nil {
			p.PortLevel = make(map[uint16]*mesh.TrafficPolicy)
		}
		p.PortLevel[port] = portPolicyOf(&settings.drPortPolicy, c, field+".portLevelSettings[]", at...)
	}
	return p
}

func portPolicyOf(in *drPortPolicy, c *checker, field string, index ...int) *mesh.TrafficPolicy {
	p := &mesh.TrafficPolicy{HasConnectionPool: in.ConnectionPool != nil}
	if lb := in.LoadBalancer; lb != nil {
		p.LoadBalancer, p.LocalityLB = balancerOf(lb), localityWords(lb.LocalityLB)
	}
	if pool := in.ConnectionPool; pool != nil {
		p.MaxConnections = pool.TCP.MaxConnections
		p.ConnectTimeout = c.duration(pool.TCP.ConnectTimeout, field+".connectionPool.tcp.connectTimeout", index...)
		p.MaxRequests, p.MaxPending = pool.HTTP.HTTP2MaxRequests, pool.HTTP.HTTP1MaxPendingRequests
		p.RequestsPerConn, p.MaxRetries = pool.HTTP.MaxRequestsPerConnection, pool.HTTP.MaxRetries
		p.IdleTimeout = c.duration(cmp.Or(pool.HTTP.IdleTimeout, pool.TCP.IdleTimeout), field+".connectionPool.http.idleTimeout", index...)
	}
	if in.OutlierDetection != nil {
		p.Outlier = outlierOf(in.OutlierDetection, c, field+".outlierDetection", index...)
	}
	if in.TLS != nil {
		p.TLSMode, p.SNI = share(cmp.Or(in.TLS.Mode, "DISABLE")), in.TLS.SNI
	}
	return p
}

// balancerOf leaves UNSPECIFIED empty: Istio chooses then.
func balancerOf(in *drBalancer) string {
	if in.ConsistentHash != nil {
		return "consistentHash"
	}
	if in.Simple == "UNSPECIFIED" {
		return ""
	}
	return share(in.Simple)
}

func outlierOf(in *drOutlier, c *checker, field string, index ...int) *mesh.Outlier {
	return &mesh.Outlier{
		Consecutive5xx:       in.Consecutive5xxErrors,
		ConsecutiveGateway:   in.ConsecutiveGatewayErrors,
		ConsecutiveLocalFail: in.ConsecutiveLocalOriginFailures,
		Interval:             c.duration(in.Interval, field+".interval", index...),
		BaseEjection:         c.duration(in.BaseEjectionTime, field+".baseEjectionTime", index...),
		MaxEjectionPercent:   in.MaxEjectionPercent,
		MinHealthPercent:     in.MinHealthPercent,
	}
}
