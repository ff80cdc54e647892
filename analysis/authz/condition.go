package authz

import (
	"net/netip"
	"strconv"
	"strings"
)

// Conditions on the peer and the connection. Both enforcers share them; where
// they differ the compiler of the enforcer chooses another one.
type (
	// principalIs compares the caller's principal. A caller without identity
	// has the empty one, which nothing matches, not even a suffix (ztunnel
	// rbac.rs strips "spiffe://" and fails where it is missing).
	principalIs struct{ text textMatch }
	// namespaceIs compares the namespace of the caller's identity as ztunnel
	// does; without identity it is empty.
	namespaceIs struct{ text textMatch }
	// namespaceLike is namespaceIs with wildcards anywhere, as at a waypoint: its
	// "*" stands for a slash as well.
	namespaceLike struct{ pattern string }
	// accountIs is serviceAccounts: exact, in any trust domain.
	accountIs struct{ namespace, name string }
	// trustDomainIs compares the part before the first slash; one "*" may be
	// anywhere.
	trustDomainIs struct{ pattern string }
	sourceIn      struct{ block netip.Prefix }
	destinationIn struct{ block netip.Prefix }
	portIs        struct{ port uint16 }
	// unknowable is a condition on something no Call describes.
	unknowable struct{ attr attributes }
)

func (m principalIs) holds(c *Call) answer {
	if c.From.Unknown {
		return open(attrIdentity)
	}
	return known(c.From.Principal != "" && m.text.matches(c.From.Principal))
}

func (m namespaceIs) holds(c *Call) answer {
	if c.From.Unknown {
		return open(attrIdentity)
	}
	namespace, _ := c.From.account()
	return known(m.text.matches(namespace))
}

func (m namespaceLike) holds(c *Call) answer {
	if c.From.Unknown {
		return open(attrIdentity)
	}
	return known(c.From.Principal != "" && wildcard("*/ns/"+m.pattern+"/*", "spiffe://"+c.From.Principal))
}

func (m accountIs) holds(c *Call) answer {
	if c.From.Unknown {
		return open(attrIdentity)
	}
	namespace, name := c.From.account()
	return known(name != "" && namespace == m.namespace && name == m.name)
}

func (m trustDomainIs) holds(c *Call) answer {
	if c.From.Unknown {
		return open(attrIdentity)
	}
	domain, _, _ := strings.Cut(c.From.Principal, "/")
	before, after, wild := strings.Cut(m.pattern, "*")
	if !wild {
		return known(domain != "" && domain == m.pattern)
	}
	fits := len(domain) >= len(before)+len(after) && strings.HasPrefix(domain, before) && strings.HasSuffix(domain, after)
	return known(domain != "" && fits)
}

func (m sourceIn) holds(c *Call) answer {
	if !c.Source.IsValid() {
		return open(attrSourceIP)
	}
	return known(m.block.Contains(c.Source.Unmap()))
}

func (m destinationIn) holds(c *Call) answer {
	if !c.Destination.IsValid() {
		return open(attrDestinationIP)
	}
	return known(m.block.Contains(c.Destination.Unmap()))
}

func (m portIs) holds(c *Call) answer {
	if c.Port == 0 {
		return open(attrPort)
	}
	return known(c.Port == m.port)
}

func (m unknowable) holds(*Call) answer { return open(m.attr) }

// compile turns the values of a field into conditions. Values that one cannot
// be made of are left out, as istiod does for ports and addresses.
func compile(values []string, of func(string) condition) []condition {
	var out []condition
	for _, v := range values {
		if c := of(v); c != nil {
			out = append(out, c)
		}
	}
	return out
}

func principal(v string) condition     { return principalIs{parseText(v)} }
func namespace(v string) condition     { return namespaceIs{parseText(v)} }
func likeNamespace(v string) condition { return namespaceLike{v} }
func trustDomain(v string) condition   { return trustDomainIs{v} }

// account reads "NAMESPACE/NAME", or a bare name in the policy's namespace.
func account(policyNamespace string) func(string) condition {
	return func(v string) condition {
		namespace, name, ok := strings.Cut(v, "/")
		if !ok {
			return accountIs{policyNamespace, v}
		}
		return accountIs{namespace, name}
	}
}

func port(v string) condition {
	n, err := strconv.ParseUint(v, 10, 16)
	if err != nil {
		return nil
	}
	return portIs{uint16(n)}
}

func source(v string) condition {
	if b, ok := block(v); ok {
		return sourceIn{b}
	}
	return nil
}

func destination(v string) condition {
	if b, ok := block(v); ok {
		return destinationIn{b}
	}
	return nil
}

// block reads a CIDR or a single address.
func block(v string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(v); err == nil {
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(v)
	if err != nil {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}
