package mesh

import "net/netip"

// EnvoyExpressionKind says what an expression asks.
type EnvoyExpressionKind string

// The kinds of an expression. Principal is the caller's SPIFFE ID, with
// "spiffe://"; Source is the peer's address, Remote the one that X-Forwarded-For
// or a proxy gives; a claim is one of a valid token.
const (
	EnvoyTrue        EnvoyExpressionKind = "any"
	EnvoyAnd         EnvoyExpressionKind = "and"
	EnvoyOr          EnvoyExpressionKind = "or"
	EnvoyNot         EnvoyExpressionKind = "not" // of its one operand
	EnvoyHeader      EnvoyExpressionKind = "header"
	EnvoyURLPath     EnvoyExpressionKind = "path" // without its query
	EnvoyURLTemplate EnvoyExpressionKind = "template"
	EnvoyPort        EnvoyExpressionKind = "port"
	EnvoyDestination EnvoyExpressionKind = "destination"
	EnvoySource      EnvoyExpressionKind = "source"
	EnvoyRemote      EnvoyExpressionKind = "remote"
	EnvoyPrincipal   EnvoyExpressionKind = "principal"
	EnvoyClaim       EnvoyExpressionKind = "claim"
	EnvoyServerName  EnvoyExpressionKind = "server name"
	// EnvoyOther is something nobody here can evaluate: neither true nor false.
	EnvoyOther EnvoyExpressionKind = "other"
)

// EnvoyExpression is a permission or principal of an RBAC filter as a tree: what
// must be true of a request for a rule to match it.
type EnvoyExpression struct {
	Kind EnvoyExpressionKind
	// Of are the operands of and, or and not.
	Of []EnvoyExpression
	// Text is what a path, principal, claim or server name is compared with.
	Text EnvoyTextMatch
	// Header is compared by the kind header.
	Header *EnvoyHeaderMatch
	// Name is a template, the path of a claim in the token joined with dots, or
	// how Envoy calls what nobody here can evaluate.
	Name string
	// List tells of a claim that Text is for one of several values.
	List bool
	// Block is what an address is in.
	Block netip.Prefix
	// Port and EndPort are a range, [Port, EndPort).
	Port, EndPort uint32
}
