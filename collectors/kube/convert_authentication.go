package kube

import (
	"cmp"
	"strconv"

	"github.com/waylight/waylight/mesh"
)

// peerAuthentication is istio.security.v1.PeerAuthentication.
type peerAuthentication struct {
	Selector      *workloadSelector    `json:"selector"`
	MTLS          mutualTLS            `json:"mtls"`
	PortLevelMTLS map[string]mutualTLS `json:"portLevelMtls"`
}

type mutualTLS struct {
	Mode string `json:"mode"`
}

func convertPeerAuthentication(o *istioObject[peerAuthentication], c *checker) mesh.Object {
	p := &mesh.PeerAuthentication{
		Meta:       metaOf(groupIstioSecurity, "PeerAuthentication", o),
		Selector:   o.Spec.Selector.selector(),
		Mode:       share(cmp.Or(o.Spec.MTLS.Mode, "UNSET")),
		Conditions: o.Status.conditions(),
	}
	for port, mtls := range o.Spec.PortLevelMTLS {
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			c.fail("has the key "+strconv.Quote(bounded(port, maxQuoted))+", which is no port", "spec.portLevelMtls")
			continue
		}
		if p.PortModes == nil {
			p.PortModes = make(map[uint16]string)
		}
		p.PortModes[uint16(number)] = share(cmp.Or(mtls.Mode, "UNSET"))
	}
	return p
}

// requestAuthentication is what Waylight reads of
// istio.security.v1.RequestAuthentication. Of inline keys only that there are
// some.
type requestAuthentication struct {
	attachment
	JWTRules []struct {
		Issuer      string   `json:"issuer"`
		Audiences   []string `json:"audiences"`
		JWKSURI     string   `json:"jwksUri"`
		JWKS        string   `json:"jwks"`
		FromHeaders []struct {
			Name string `json:"name"`
		} `json:"fromHeaders"`
		FromParams  []string `json:"fromParams"`
		FromCookies []string `json:"fromCookies"`
	} `json:"jwtRules"`
}

func convertRequestAuthentication(o *istioObject[requestAuthentication], _ *checker) mesh.Object {
	a := &mesh.RequestAuthentication{
		Meta:       metaOf(groupIstioSecurity, "RequestAuthentication", o),
		Selector:   o.Spec.Selector.selector(),
		TargetRefs: o.Spec.targets(o.Namespace),
		Conditions: o.Status.conditions(),
	}
	for _, r := range o.Spec.JWTRules {
		rule := mesh.JWTRule{
			Issuer:      share(r.Issuer),
			Audiences:   shareAll(r.Audiences),
			JWKSURI:     share(r.JWKSURI),
			InlineJWKS:  r.JWKS != "",
			FromParams:  shareAll(r.FromParams),
			FromCookies: shareAll(r.FromCookies),
		}
		for _, h := range r.FromHeaders {
			rule.FromHeaders = append(rule.FromHeaders, share(h.Name))
		}
		a.Rules = append(a.Rules, rule)
	}
	return a
}
