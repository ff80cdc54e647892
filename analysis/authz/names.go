package authz

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// maxNamed bounds how many policies a sentence names.
const maxNamed = 3

func (h *Hop) allowNames() string {
	var names []string
	for i, p := range h.allow {
		if i == maxNamed {
			names = append(names, fmt.Sprintf("%d more", len(h.allow)-maxNamed))
			break
		}
		if p.ref.IsZero() {
			names = append(names, "one without a name")
			continue
		}
		name := p.ref.NamespacedName()
		if p.ref.Kind == "Gateway" {
			name = "istiod's own for the waypoint " + name
		}
		names = append(names, name)
	}
	return list(names)
}

// short names an identity in a sentence: "sa/web of shop".
func (i Identity) short() string {
	namespace, name := i.account()
	switch {
	case i.Unknown:
		return "a caller nobody knows"
	case i == NoIdentity:
		return "a caller without identity"
	case name == "":
		return i.Principal
	}
	return "sa/" + name + " of " + namespace
}

// ShortPrincipal names a principal in a sentence as seen from a namespace:
// "sa/web", or "sa/web of shop" from elsewhere.
func ShortPrincipal(principal, from string) string {
	id := Known(principal)
	if namespace, name := id.account(); name != "" && namespace == from {
		return "sa/" + name
	}
	return id.short()
}

func refs(list []*policy) []mesh.Ref {
	var out []mesh.Ref
	for _, p := range list {
		if !p.ref.IsZero() { // a dump does not tell of every policy what it was made of
			out = append(out, p.ref)
		}
	}
	return out
}

// Allowing lists the ALLOW policies in effect, Denying the DENY policies.
func (h *Hop) Allowing() []mesh.Ref { return refs(h.allow) }

// Denying lists the DENY policies in effect.
func (h *Hop) Denying() []mesh.Ref { return refs(h.deny) }
