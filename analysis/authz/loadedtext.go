package authz

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Names that istiod gives to the policies it makes for ztunnel (istio.md C.3).
// None can be an object's: Kubernetes has no "_" in names.
const (
	staticStrict  = "istio_converted_static_strict"
	convertedPeer = "converted_peer_authentication_"
)

// origin is what a policy of a dump was made of.
type origin struct {
	// ref is the object to name: an AuthorizationPolicy, a PeerAuthentication
	// or the Gateway of a waypoint. Zero where a dump cannot tell.
	ref mesh.Ref
	// strict: it stands for mTLS that is required.
	strict bool
	// key is the policy's name in ztunnel.
	key string
}

func (l *loadedZtunnel) origin(p *mesh.ZtunnelPolicy) origin {
	out := origin{key: p.Namespace + "/" + p.Name, ref: mesh.Ref{Kind: "AuthorizationPolicy", Namespace: p.Namespace, Name: p.Name}}
	if p.Name == staticStrict {
		out.strict, out.ref = true, mesh.Ref{}
		if l.declared.Strict {
			out.ref = l.declared.By
		}
	} else if name, ok := strings.CutPrefix(p.Name, convertedPeer); ok {
		out.strict, out.ref = true, mesh.Ref{Kind: "PeerAuthentication", Namespace: p.Namespace, Name: name}
	} else if rest, ok := strings.CutPrefix(p.Name, mesh.WaypointPolicyPrefix); ok {
		if ns, name, ok := strings.Cut(rest, "_"); ok {
			out.ref = mesh.Ref{Kind: "Gateway", Namespace: ns, Name: name}
		}
	}
	return out
}

// String names the policy in a sentence.
func (o origin) String() string {
	switch o.ref.Kind {
	case "":
		return "a PeerAuthentication (" + o.key + ")"
	case "Gateway":
		return "the policy that admits the waypoint " + o.ref.NamespacedName()
	}
	return o.ref.String()
}

// decides words what a rule does to a call. A rule's number is its place in
// the dump.
func (o origin) decides(number int, action string) string {
	switch {
	case o.strict:
		return o.String() + " requires mTLS (STRICT), and the call is plaintext"
	case o.ref.Kind == "Gateway":
		return o.String() + " allows it"
	case action == loadedDeny:
		return fmt.Sprintf("rule %d of %s denies it", number, o)
	}
	return fmt.Sprintf("%s allows it by rule %d of those ztunnel has", o, number)
}

// describeLoaded says a rule in the words of a rule that is written.
func describeLoaded(r mesh.ZtunnelRule, namespace string) string {
	if len(r) == 0 {
		return "any caller"
	}
	var out []string
	for _, c := range r {
		var alternatives []string
		for _, m := range c {
			alternatives = appendUnlessEmpty(alternatives, describeLoadedMatch(m, namespace))
		}
		out = appendUnlessEmpty(out, few(alternatives, ", or "))
	}
	return few(out, ": ")
}

func describeLoadedMatch(m mesh.ZtunnelMatch, namespace string) string {
	if len(m) == 0 {
		return "nobody"
	}
	var out description
	who := describeSource(&mesh.AuthorizationSource{
		Principals: m["principals"], NotPrincipals: m["notPrincipals"], Namespaces: m["namespaces"], NotNamespaces: m["notNamespaces"],
		ServiceAccounts: m["serviceAccounts"], NotServiceAccounts: m["notServiceAccounts"], IPBlocks: m["sourceIps"], NotIPBlocks: m["notSourceIps"],
	}, namespace, false)
	if who != "" {
		out = append(out, who)
	}
	out.add("on port ", m["destinationPorts"], m["notDestinationPorts"])
	out.add("at pod address ", m["destinationIps"], m["notDestinationIps"])
	for _, key := range unknownFields(m) {
		out.add(strconv.Quote(key)+" ", m[key], nil)
	}
	return strings.Join(out, " ")
}

// unknownFields are those of a match that no release known here has.
func unknownFields(m mesh.ZtunnelMatch) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if !slices.ContainsFunc(loadedFields, func(f loadedField) bool { return f.values == key || f.nots == key }) {
			out = append(out, key)
		}
	}
	return out
}
