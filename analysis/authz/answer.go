package authz

import (
	"strings"
	"sync"
)

// truth is a logical value that can be open.
type truth int8

const (
	no truth = iota
	maybe
	yes
)

// attributes is a set of things about a call that a policy can ask for.
type attributes uint32

const (
	attrIdentity attributes = 1 << iota
	attrSourceIP
	attrRemoteIP
	attrDestinationIP
	attrPort
	attrHost
	attrMethod
	attrPath
	attrHeader
	attrToken
	attrSNI
	attrProvider
	attrOther
)

// names are in the order a reader meets them in a call.
var attributeNames = [...]struct {
	attr attributes
	name string
}{
	{attrIdentity, "the caller's identity"},
	{attrSourceIP, "the caller's address"},
	{attrRemoteIP, "the original client's address"},
	{attrDestinationIP, "the pod's address"},
	{attrPort, "the port"},
	{attrHost, "the host"},
	{attrMethod, "the method"},
	{attrPath, "the path"},
	{attrHeader, "a header"},
	{attrToken, "the token"},
	{attrSNI, "the SNI"},
	{attrProvider, "the external authorizer's answer"},
	{attrOther, "something Waylight cannot evaluate"},
}

// nameLists remembers the names of the few sets that occur: a listing asks for
// the same ones thousands of times.
var nameLists sync.Map // attributes to []string

func (a attributes) names() []string {
	if v, ok := nameLists.Load(a); ok {
		if known, ok := v.([]string); ok {
			return known
		}
	}
	out := a.list()
	nameLists.Store(a, out)
	return out
}

func (a attributes) list() []string {
	var out []string
	for _, n := range attributeNames {
		if a&n.attr != 0 {
			out = append(out, n.name)
		}
	}
	return out
}

// sentence joins names for a reason: "the method and the path".
func (a attributes) sentence() string { return list(a.names()) }

// answer is a truth, and what would have to be known to settle it.
type answer struct {
	is      truth
	missing attributes
}

func known(b bool) answer {
	if b {
		return answer{is: yes}
	}
	return answer{is: no}
}

func open(missing attributes) answer { return answer{is: maybe, missing: missing} }

func (a answer) and(b answer) answer {
	if a.is == no || b.is == no {
		return answer{is: no}
	}
	return answer{is: min(a.is, b.is), missing: a.missing | b.missing}
}

func (a answer) or(b answer) answer {
	if a.is == yes || b.is == yes {
		return answer{is: yes}
	}
	return answer{is: max(a.is, b.is), missing: a.missing | b.missing}
}

func (a answer) not() answer { return answer{is: yes - a.is, missing: a.missing} }

// list joins words: "a", "a and b", "a, b and c".
func list(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
