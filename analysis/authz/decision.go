package authz

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// Actions of an AuthorizationPolicy.
const (
	ActionAllow  = "ALLOW"
	ActionDeny   = "DENY"
	ActionCustom = "CUSTOM"
	ActionAudit  = "AUDIT"
)

// Verdict is what a hop does with a call.
type Verdict string

// The verdicts. Undetermined: the decision hinges on something unknown.
const (
	Allow        Verdict = "allow"
	Deny         Verdict = "deny"
	Undetermined Verdict = "undetermined"
)

// Hop codes a decision can carry; the table is that of docs/checks.md.
const (
	CodePolicyDenied    = "POLICY_DENIED"
	CodeNoneAllowed     = "POLICY_NONE_ALLOWED"
	CodeStrictPlaintext = "STRICT_PLAINTEXT"
	CodeNoIdentity      = "NO_IDENTITY"
	CodeJWTInvalid      = "JWT_INVALID"
	CodeJWTMissing      = "JWT_MISSING"
	CodeExtAuthzDenied  = "EXT_AUTHZ_DENIED"
)

// Decision is what one hop decides about one call, and why.
type Decision struct {
	Verdict Verdict
	// Code is a hop code; empty where the call is admitted.
	Code string
	// Policy decided, and Rule of it, counted from 1 as written. Policy is
	// zero where no policy applies; Rule is 0 where no single one decided.
	Policy mesh.Ref
	Rule   int
	// Reason is one sentence.
	Reason string
	// Missing names what about the call would settle an Undetermined one:
	// "the method", "the path".
	Missing []string
	// Unread names sources that were not readable and could change the answer.
	Unread []string

	// general is set where Reason names the caller.
	general *Hop
}

// General is Reason without the caller's name, for a sentence about many of
// them.
func (d Decision) General() string {
	if d.general == nil {
		return d.Reason
	}
	return fmt.Sprintf("allow policies exist (%s), but none allows it", d.general.allowText)
}

// DependsOnRequest tells that only the call itself is open, not the policies:
// somebody may pass with the right method, path or token.
func (d Decision) DependsOnRequest() bool {
	return d.Verdict == Undetermined && len(d.Unread) == 0
}

// Refused tells that no call of this kind passes.
func (d Decision) Refused() bool { return d.Verdict == Deny }
