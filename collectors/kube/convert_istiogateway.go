package kube

import (
	"cmp"

	"github.com/waylight/waylight/mesh"
)

// istioGateway is what Waylight reads of istio.networking.v1.Gateway.
type istioGateway struct {
	Selector map[string]string `json:"selector"`
	Servers  []struct {
		Port  istioPort `json:"port"`
		Hosts []string  `json:"hosts"`
		TLS   *struct {
			Mode          string `json:"mode"`
			HTTPSRedirect bool   `json:"httpsRedirect"`
		} `json:"tls"`
	} `json:"servers"`
}

// convertIstioGateway defaults the TLS mode to PASSTHROUGH, as Istio does,
// where a server has TLS settings beyond the redirect of plain HTTP.
func convertIstioGateway(o *istioObject[istioGateway], c *checker) mesh.Object {
	g := &mesh.IstioGateway{
		Meta:     metaOf(groupIstioNetworking, "Gateway", o),
		Selector: shareMap(o.Spec.Selector),
	}
	for i := range o.Spec.Servers {
		in := &o.Spec.Servers[i]
		s := mesh.IstioServer{Port: in.Port.servicePort(c, "spec.servers[].port", i), Hosts: shareAll(in.Hosts)}
		if in.TLS != nil {
			s.Redirect, s.TLSMode = in.TLS.HTTPSRedirect, share(in.TLS.Mode)
			if !s.Redirect {
				s.TLSMode = cmp.Or(s.TLSMode, "PASSTHROUGH")
			}
		}
		g.Servers = append(g.Servers, s)
	}
	return g
}
