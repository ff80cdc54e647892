// Package authz decides who may call what, as it is enforced and not as it is
// written: AuthorizationPolicy, PeerAuthentication and RequestAuthentication
// after Istio converted them for ztunnel, and as a waypoint's Envoy evaluates
// them.
//
// Both enforcers end in the same shape, a Hop: compiled policies that Decide a
// Call. An answer has three values. What is not known about a call (its path,
// its token) never counts as a match or as a miss: a decision that hinges on
// it is Undetermined and names what is missing.
package authz
