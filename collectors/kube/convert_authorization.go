package kube

import (
	"cmp"

	"github.com/waylight/waylight/mesh"
)

const groupIstioSecurity = "security.istio.io"

// authorizationPolicy is istio.security.v1.AuthorizationPolicy.
type authorizationPolicy struct {
	attachment
	Action   string `json:"action"`
	Provider struct {
		Name string `json:"name"`
	} `json:"provider"`
	Rules []*authorizationRule `json:"rules"`
}

type authorizationRule struct {
	From []struct {
		Source authorizationSource `json:"source"`
	} `json:"from"`
	To []struct {
		Operation authorizationOperation `json:"operation"`
	} `json:"to"`
	When []struct {
		Key       string   `json:"key"`
		Values    []string `json:"values"`
		NotValues []string `json:"notValues"`
	} `json:"when"`
}

type authorizationSource struct {
	Principals           []string `json:"principals"`
	NotPrincipals        []string `json:"notPrincipals"`
	RequestPrincipals    []string `json:"requestPrincipals"`
	NotRequestPrincipals []string `json:"notRequestPrincipals"`
	Namespaces           []string `json:"namespaces"`
	NotNamespaces        []string `json:"notNamespaces"`
	ServiceAccounts      []string `json:"serviceAccounts"`
	NotServiceAccounts   []string `json:"notServiceAccounts"`
	IPBlocks             []string `json:"ipBlocks"`
	NotIPBlocks          []string `json:"notIpBlocks"`
	RemoteIPBlocks       []string `json:"remoteIpBlocks"`
	NotRemoteIPBlocks    []string `json:"notRemoteIpBlocks"`
	TrustDomains         []string `json:"trustDomains"`
	NotTrustDomains      []string `json:"notTrustDomains"`
}

type authorizationOperation struct {
	Hosts      []string `json:"hosts"`
	NotHosts   []string `json:"notHosts"`
	Ports      []string `json:"ports"`
	NotPorts   []string `json:"notPorts"`
	Methods    []string `json:"methods"`
	NotMethods []string `json:"notMethods"`
	Paths      []string `json:"paths"`
	NotPaths   []string `json:"notPaths"`
}

// convertAuthorizationPolicy defaults the action to ALLOW, as Istio does. A
// rule written as null is no rule; an empty one is, and matches everything.
func convertAuthorizationPolicy(o *istioObject[authorizationPolicy], _ *checker) mesh.Object {
	p := &mesh.AuthorizationPolicy{
		Meta:       metaOf(groupIstioSecurity, "AuthorizationPolicy", o),
		Action:     share(cmp.Or(o.Spec.Action, "ALLOW")),
		Provider:   share(o.Spec.Provider.Name),
		Selector:   o.Spec.Selector.selector(),
		TargetRefs: o.Spec.targets(o.Namespace),
		Conditions: o.Status.conditions(),
	}
	for _, r := range o.Spec.Rules {
		if r != nil {
			p.Rules = append(p.Rules, r.rule())
		}
	}
	return p
}

func (r *authorizationRule) rule() mesh.AuthorizationRule {
	var out mesh.AuthorizationRule
	for _, f := range r.From {
		out.From = append(out.From, mesh.AuthorizationSource(f.Source))
	}
	for _, t := range r.To {
		out.To = append(out.To, mesh.AuthorizationOperation(t.Operation))
	}
	for _, w := range r.When {
		out.When = append(out.When, mesh.AuthorizationCondition{Key: share(w.Key), Values: w.Values, NotValues: w.NotValues})
	}
	return out
}
