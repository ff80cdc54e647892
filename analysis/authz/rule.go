package authz

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// policy is one policy as an enforcer holds it.
type policy struct {
	ref   mesh.Ref
	rules []rule
	// code is that of a refusal by this policy; empty is the ordinary one.
	code string
	// words are the rules as a proxy has them; nil where the object has them.
	words []string
}

// rule matches when all its clauses do. number is its place in the object as
// written, counted from 1: an enforcer may hold only some of the rules.
type rule struct {
	number  int
	clauses []clause
	// decides is the sentence about a call the rule settles: many calls are
	// decided, and few rules do it.
	decides string
	// open is that sentence while it is not known whether the rule matches;
	// empty is decides with what it depends on.
	open string
}

func newRule(p *mesh.AuthorizationPolicy, number int, clauses []clause) rule {
	verb := "allows"
	if p.Action == ActionDeny {
		verb = "denies"
	}
	return rule{number: number, clauses: clauses, decides: fmt.Sprintf("rule %d of %s %s it", number, p.Ref(), verb)}
}

// clause matches when one of its alternatives does; an empty clause matches.
// This is the middle level of ztunnel's three (from, to, each when; istio.md
// A.7), and of Envoy's principals and permissions.
type clause []alternative

// alternative matches when all its fields do.
type alternative struct {
	fields []field
	// void never matches: ztunnel skips a match without any field.
	void bool
}

// field matches when one of values does (or there are none) and none of nots.
type field struct{ values, nots []condition }

// condition is one value of a field.
type condition interface {
	holds(c *Call) answer
}

// matches gives the answer for the policy as a whole and the first rule that
// decided it, nil where none did. A policy without rules never matches, a rule
// without clauses always does.
func (p *policy) matches(c *Call) (answer, *rule) {
	out := known(false)
	var open *rule
	for i := range p.rules {
		a := p.rules[i].matches(c)
		if a.is == yes {
			return a, &p.rules[i]
		}
		if a.is == maybe && open == nil {
			open = &p.rules[i]
		}
		out = out.or(a)
	}
	return out, open
}

func (r *rule) matches(c *Call) answer {
	out := known(true)
	for _, cl := range r.clauses {
		if out = out.and(cl.matches(c)); out.is == no {
			return out
		}
	}
	return out
}

func (cl clause) matches(c *Call) answer {
	if len(cl) == 0 {
		return known(true)
	}
	out := known(false)
	for i := range cl {
		if out = out.or(cl[i].matches(c)); out.is == yes {
			return out
		}
	}
	return out
}

func (a *alternative) matches(c *Call) answer {
	if a.void {
		return known(false)
	}
	out := known(true)
	for i := range a.fields {
		if out = out.and(a.fields[i].matches(c)); out.is == no {
			return out
		}
	}
	return out
}

func (f *field) matches(c *Call) answer {
	out := known(true)
	if len(f.values) > 0 {
		out = anyHolds(f.values, c)
	}
	if len(f.nots) > 0 {
		out = out.and(anyHolds(f.nots, c).not())
	}
	return out
}

func anyHolds(list []condition, c *Call) answer {
	out := known(false)
	for _, cond := range list {
		if out = out.or(cond.holds(c)); out.is == yes {
			return out
		}
	}
	return out
}

// never tells that no call can match: no rules, or only rules with a clause
// whose alternatives are all void.
func (p *policy) never() bool {
	for i := range p.rules {
		if !p.rules[i].never() {
			return false
		}
	}
	return true
}

func (r *rule) never() bool {
	for _, cl := range r.clauses {
		if cl.never() {
			return true
		}
	}
	return false
}

func (cl clause) never() bool {
	for i := range cl {
		if !cl[i].void {
			return false
		}
	}
	return len(cl) > 0
}

// conditions visits every condition of the policy.
func (p *policy) conditions(visit func(condition)) {
	for i := range p.rules {
		for _, cl := range p.rules[i].clauses {
			for j := range cl {
				for _, f := range cl[j].fields {
					for _, c := range f.values {
						visit(c)
					}
					for _, c := range f.nots {
						visit(c)
					}
				}
			}
		}
	}
}
