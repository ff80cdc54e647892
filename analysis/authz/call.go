package authz

import (
	"net/netip"
	"strings"
)

// Identity is who a hop sees as the caller. The zero value is a caller that
// presents none: plaintext.
type Identity struct {
	// Principal is the form policies use, "cluster.local/ns/shop/sa/web".
	Principal string
	// Unknown says that nothing is known, not that there is none.
	Unknown bool
}

// Identities that name nobody.
var (
	// NoIdentity is a plaintext caller.
	NoIdentity = Identity{}
	// UnknownIdentity is a caller about whom nothing is known.
	UnknownIdentity = Identity{Unknown: true}
)

// Known is a caller with this principal.
func Known(principal string) Identity { return Identity{Principal: principal} }

// account splits a principal of the form td/ns/NAMESPACE/sa/NAME.
func (i Identity) account() (namespace, name string) {
	_, rest, ok := strings.Cut(i.Principal, "/ns/")
	if !ok {
		return "", ""
	}
	namespace, name, _ = strings.Cut(rest, "/sa/")
	return namespace, name
}

// Call is what is known of a call at one hop. Zero values are unknown, except
// From: a hop always knows whether it was given an identity.
type Call struct {
	From Identity
	// Source is the address the hop sees: past a waypoint the waypoint's.
	Source netip.Addr
	// Destination is the pod's address at ztunnel, the VIP at a waypoint.
	Destination netip.Addr
	// Port is the pod's port at ztunnel, the Service's at a waypoint
	// (istio.md A.7, C.4).
	Port uint16
	// Request is nil where nothing is known of it, also for plain TCP.
	Request *Request
}

// Request is what a waypoint can see of an HTTP request. Empty fields are
// unknown.
type Request struct {
	Host, Method, Path string
	// Headers by lower-case name; nil: unknown, empty: none.
	Headers map[string]string
	Token   Token
}

// TokenState is what is known about the token a request carries.
type TokenState string

// The states of a token. Valid and invalid are judged by the
// RequestAuthentications in effect.
const (
	TokenUnknown TokenState = ""
	TokenNone    TokenState = "none"
	TokenValid   TokenState = "valid"
	TokenInvalid TokenState = "invalid"
)

// Token is the JWT of a request. The claims are those of a valid one; a nil
// map means that no other claims are known.
type Token struct {
	State           TokenState
	Issuer, Subject string
	Claims          map[string][]string
}

// nothingKnown stands for a request nobody described, tokenless for one whose
// token nobody reads. They are never written to.
var (
	nothingKnown Request
	tokenless    = Request{Token: Token{State: TokenNone}}
)

func (c *Call) request() *Request {
	if c.Request == nil {
		return &nothingKnown
	}
	return c.Request
}
