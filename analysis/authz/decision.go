package authz

import "github.com/waylight/waylight/mesh"

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

// Answers of a waypoint that refuses.
const (
	statusUnauthorized = 401
	statusForbidden    = 403
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
	// Reason is one sentence without a capital and a full stop. It does not
	// name the caller, so that it holds for all who are treated alike.
	Reason string
	// Status is what HTTP answers where a waypoint refuses; 0 where the
	// connection is cut.
	Status int
	// Missing names what about the call would settle an Undetermined one:
	// "the method", "the path". Not to be written to.
	Missing []string
	// Unread names sources that were not readable and could change the answer.
	Unread []string

	// nobody is set where no ALLOW policy of this hop allows the caller.
	nobody *Hop
}

// ReasonFor is Reason with the caller's name where it is about the caller:
// "allow policies exist (shop/web-only), but none allows sa/x of shop".
func (d Decision) ReasonFor(from Identity) string {
	if d.nobody == nil {
		return d.Reason
	}
	return d.nobody.noneAllows(from.short())
}

// DependsOnRequest tells that only the call itself is open, not the policies:
// somebody may pass with the right method, path or token.
func (d Decision) DependsOnRequest() bool {
	return d.Verdict == Undetermined && len(d.Unread) == 0
}

// Refused tells that no call of this kind passes.
func (d Decision) Refused() bool { return d.Verdict == Deny }
