package authz

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Prefixes of when keys with a name in brackets.
const (
	keyHeader = "request.headers["
	keyClaim  = "request.auth.claims["
)

// when gives the condition a waypoint makes of a key's values, nil for a key
// Istio does not know.
func when(key, policyNamespace string) func(string) condition {
	switch key {
	case "source.ip":
		return source
	case "remote.ip":
		return remote
	case "source.namespace":
		return likeNamespace
	case "source.principal":
		return principal
	case "source.serviceAccount":
		return account(policyNamespace)
	case "source.trustDomain":
		return trustDomain
	case "destination.ip":
		return destination
	case "destination.port":
		return port
	case "connection.sni":
		return func(string) condition { return unknowable{attrSNI} }
	case "request.auth.principal":
		return requestPrincipal
	case "request.auth.audiences":
		return claim([]string{"aud"})
	case "request.auth.presenter":
		return claim([]string{"azp"})
	}
	return bracketed(key)
}

func bracketed(key string) func(string) condition {
	switch {
	case strings.HasPrefix(key, keyHeader):
		name := strings.ToLower(strings.TrimSuffix(key[len(keyHeader):], "]"))
		return func(v string) condition { return headerIs{name, parseText(v)} }
	case strings.HasPrefix(key, keyClaim):
		return claim(strings.Split(strings.TrimSuffix(key[len(keyClaim):], "]"), "]["))
	case strings.HasPrefix(key, "experimental.envoy.filters."):
		return func(string) condition { return unknowable{attrOther} }
	}
	return nil
}

// l7Key tells a when key that needs HTTP at a waypoint.
func l7Key(key string) bool { return strings.HasPrefix(key, "request.") }

// hasL7 tells whether a rule asks for something a TCP port has not. It is not
// the same list as for ztunnel: remote addresses, accounts and SNI are known
// to Envoy on TCP as well.
func hasL7(r *mesh.AuthorizationRule) bool {
	for i := range r.From {
		if len(r.From[i].RequestPrincipals)+len(r.From[i].NotRequestPrincipals) > 0 {
			return true
		}
	}
	for i := range r.To {
		op := &r.To[i]
		if len(op.Hosts)+len(op.NotHosts)+len(op.Methods)+len(op.NotMethods)+len(op.Paths)+len(op.NotPaths) > 0 {
			return true
		}
	}
	return slices.ContainsFunc(r.When, func(c mesh.AuthorizationCondition) bool { return l7Key(c.Key) })
}
