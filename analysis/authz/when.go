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
	case badBrackets(key):
		return nil
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

// badBrackets tells a key that istiod knows and whose name it cannot read: the
// rule of an ALLOW is left out, a DENY goes without the condition.
func badBrackets(key string) bool {
	if rest, ok := strings.CutPrefix(key, "experimental.envoy.filters."); ok {
		return !strings.Contains(rest, "[")
	}
	for _, prefix := range []string{strings.TrimSuffix(keyHeader, "["), strings.TrimSuffix(keyClaim, "[")} {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			return !strings.HasPrefix(rest, "[") || !strings.HasSuffix(rest, "]")
		}
	}
	return false
}

// malformed tells that a rule has a value Envoy cannot compare: a port that is
// no number, an address that is none, a key without the name in brackets.
func malformed(r *mesh.AuthorizationRule) bool {
	for i := range r.From {
		s := &r.From[i]
		if unusable(source, s.IPBlocks, s.NotIPBlocks, s.RemoteIPBlocks, s.NotRemoteIPBlocks) {
			return true
		}
	}
	for i := range r.To {
		if unusable(port, r.To[i].Ports, r.To[i].NotPorts) {
			return true
		}
	}
	return slices.ContainsFunc(r.When, func(c mesh.AuthorizationCondition) bool {
		if badBrackets(c.Key) {
			return true
		}
		of := when(c.Key, "")
		return of != nil && unusable(of, c.Values, c.NotValues)
	})
}

func unusable(of func(string) condition, lists ...[]string) bool {
	for _, list := range lists {
		if slices.ContainsFunc(list, func(v string) bool { return of(v) == nil }) {
			return true
		}
	}
	return false
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
