package authz

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/waylight/waylight/mesh"
)

// Enforcer is the kind of proxy a hop is.
type Enforcer string

// The enforcers.
const (
	Ztunnel  Enforcer = "ztunnel"
	Waypoint Enforcer = "waypoint"
)

// Hop is one enforcement point with the policies in effect there, compiled.
// It is immutable and safe for concurrent use.
type Hop struct {
	Enforcer Enforcer
	// Loaded tells that the policies are those a proxy has in its memory, not
	// those the API declares.
	Loaded bool
	// Attached are the policies that reach this hop, CUSTOM first, then DENY,
	// then ALLOW, the ones that are not enforced last.
	Attached []Attached
	// Mode is what mTLS a ztunnel asks for; zero at a waypoint, which takes
	// nothing but mTLS.
	Mode PeerMode
	// Unread names sources without which the policies are not complete.
	Unread []string
	// Absent are policies, as namespace/name, that a ztunnel was told to enforce
	// here and does not have: it does without them.
	Absent []string

	custom, deny, allow []*policy
	// allowText names the ALLOW policies for a sentence, noneText is that none
	// of them admits a call; texts holds what depending worded.
	allowText, noneText string
	texts               sync.Map
	// tokens are the issuers in effect, at a waypoint only. Where some
	// RequestAuthentications were not readable, a token may mean something after
	// all.
	tokens       []issuer
	tokensUnread bool
	// tcp: a waypoint that does not understand what it carries.
	tcp   bool
	paths PathRules
	// then must admit a call as well; nil but for filters no istiod makes.
	then *Hop
	// providers that meshConfig defines, for CUSTOM.
	providers map[string]bool
	// dead are external authorizers that the waypoint has and cannot reach.
	dead    []mesh.EnvoyAuthorizer
	asksFor attributes
}

// Attached is a policy where it is enforced.
type Attached struct {
	Policy *mesh.AuthorizationPolicy
	// Idle says why the policy does nothing here; empty where it is enforced.
	Idle string

	compiled *policy
}

// Void tells that no call can ever match the policy here: a DENY does nothing,
// an ALLOW refuses everything.
func (a Attached) Void() bool { return a.compiled != nil && a.compiled.never() }

// Rules are the numbers of the rules that the enforcer holds, as the policy
// counts them from 1. Those it is not sent are left out.
func (a Attached) Rules() []int {
	if a.compiled == nil {
		return nil
	}
	var out []int
	for i := range a.compiled.rules {
		out = append(out, a.compiled.rules[i].number)
	}
	return out
}

// Restricts tells whether anything in effect can refuse a call with an
// identity.
func (h *Hop) Restricts() bool { return len(h.custom)+len(h.deny)+len(h.allow) > 0 }

// DefaultDeny tells that ALLOW policies are in effect, so that what none
// admits is refused.
func (h *Hop) DefaultDeny() bool { return len(h.allow) > 0 }

// AsksForSource tells that a policy looks at the caller's address, so that a
// Call without one stays open.
func (h *Hop) AsksForSource() bool { return h.asksFor&attrSourceIP != 0 }

// attachRead attaches a policy that is declared, unless it is another istiod's.
func (h *Hop) attachRead(s *mesh.Snapshot, p *mesh.AuthorizationPolicy, compiled *policy, idle string) {
	why, open := otherRevision(s, &p.Meta)
	switch {
	case open && idle == "":
		h.Unread = append(h.Unread, why)
		idle = "it is not known whether istiod reads " + why
	case idle == "":
		idle = why
	}
	if idle != "" {
		compiled = nil
	}
	h.attach(p, compiled, idle)
}

func (h *Hop) attach(p *mesh.AuthorizationPolicy, compiled *policy, idle string) {
	a := Attached{Policy: p, Idle: idle, compiled: compiled}
	if idle == "" {
		switch p.Action {
		case ActionCustom:
			h.custom = append(h.custom, compiled)
		case ActionDeny:
			h.deny = append(h.deny, compiled)
		default:
			h.allow = append(h.allow, compiled)
		}
		compiled.conditions(func(c condition) {
			if _, ok := c.(sourceIn); ok {
				h.asksFor |= attrSourceIP
			}
		})
	}
	h.Attached = append(h.Attached, a)
}

// finish puts the policies into the order a call meets them.
func (h *Hop) finish() {
	h.allowText = h.allowNames()
	h.noneText = h.noneAllows("it")
	rank := func(a Attached) int {
		switch {
		case a.Idle != "":
			return 3
		case a.Policy.Action == ActionCustom:
			return 0
		case a.Policy.Action == ActionDeny:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(h.Attached, func(a, b Attached) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.Policy.Ref().Compare(b.Policy.Ref()))
	})
}

func (h *Hop) unread(s *mesh.Snapshot, resource, namespace string) {
	if !s.Readable(resource, namespace) {
		h.Unread = append(h.Unread, fmt.Sprintf("%s in namespace %s", resource, namespace))
	}
}
