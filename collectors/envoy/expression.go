package envoy

import (
	"net/netip"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// rawExpression is a permission or a principal: they share what they can ask
// for, and name alike what combines them.
type rawExpression struct {
	Any      bool           `json:"any"`
	AndRules rawOperands    `json:"and_rules"`
	OrRules  rawOperands    `json:"or_rules"`
	NotRule  jsontext.Value `json:"not_rule"`
	AndIDs   rawOperands    `json:"and_ids"`
	OrIDs    rawOperands    `json:"or_ids"`
	NotID    jsontext.Value `json:"not_id"`

	Header        *rawHeaderMatch  `json:"header"`
	URLPath       *rawPathMatch    `json:"url_path"`
	URITemplate   *rawTemplate     `json:"uri_template"`
	Port          *number          `json:"destination_port"`
	PortRange     *rawPortRange    `json:"destination_port_range"`
	DestinationIP *rawRange        `json:"destination_ip"`
	SourceIP      *rawRange        `json:"source_ip"`
	DirectIP      *rawRange        `json:"direct_remote_ip"`
	RemoteIP      *rawRange        `json:"remote_ip"`
	ServerName    *rawStringMatch  `json:"requested_server_name"`
	Authenticated *rawCertified    `json:"authenticated"`
	FilterState   *rawFilterState  `json:"filter_state"`
	Metadata      *rawMetadataPath `json:"metadata"`
}

type rawOperands struct {
	Rules jsontext.Value `json:"rules"`
	IDs   jsontext.Value `json:"ids"`
}

func (o *rawOperands) list() jsontext.Value {
	if present(o.Rules) {
		return o.Rules
	}
	return o.IDs
}

type rawPathMatch struct {
	Path *rawStringMatch `json:"path"`
}

type rawTemplate struct {
	TypedConfig struct {
		PathTemplate string `json:"path_template"`
	} `json:"typed_config"`
}

// rawPortRange is half open.
type rawPortRange struct {
	Start number `json:"start"`
	End   number `json:"end"`
}

type rawCertified struct {
	PrincipalName *rawStringMatch `json:"principal_name"`
}

type rawFilterState struct {
	Key         string          `json:"key"`
	StringMatch *rawStringMatch `json:"string_match"`
}

// peerPrincipal is where a waypoint keeps the identity of the HBONE peer
// (istio.md C.4).
const peerPrincipal = "io.istio.peer_principal"

// expressions decodes a list. What is of an unknown shape stays in it as
// something nobody can evaluate: left out, it would change what the rest means.
func (d *decoding) expressions(list jsontext.Value, depth int) []mesh.EnvoyExpression {
	var out []mesh.EnvoyExpression
	each(d.walker, "RBAC expression", list, func(v *jsontext.Value) { out = append(out, d.expression(*v, depth)) })
	return out
}

func (d *decoding) expression(value jsontext.Value, depth int) mesh.EnvoyExpression {
	if depth > maxDepth {
		d.skip("RBAC expression is nested too deep")
		return other("what is nested too deep")
	}
	raw := one[rawExpression](d.walker, "RBAC expression", value)
	if raw == nil {
		return other("an expression of an unknown shape")
	}
	if e, ok := d.combined(raw, depth); ok {
		return e
	}
	if e, ok := d.asked(raw); ok {
		return e
	}
	return d.strange(value)
}

// combined decodes what is made of others.
func (d *decoding) combined(raw *rawExpression, depth int) (mesh.EnvoyExpression, bool) {
	switch {
	case raw.Any:
		return mesh.EnvoyExpression{Kind: mesh.EnvoyTrue}, true
	case present(raw.AndRules.list()):
		return mesh.EnvoyExpression{Kind: mesh.EnvoyAnd, Of: d.expressions(raw.AndRules.list(), depth+1)}, true
	case present(raw.AndIDs.list()):
		return mesh.EnvoyExpression{Kind: mesh.EnvoyAnd, Of: d.expressions(raw.AndIDs.list(), depth+1)}, true
	case present(raw.OrRules.list()):
		return mesh.EnvoyExpression{Kind: mesh.EnvoyOr, Of: d.expressions(raw.OrRules.list(), depth+1)}, true
	case present(raw.OrIDs.list()):
		return mesh.EnvoyExpression{Kind: mesh.EnvoyOr, Of: d.expressions(raw.OrIDs.list(), depth+1)}, true
	case present(raw.NotRule):
		return negated(d.expression(raw.NotRule, depth+1)), true
	case present(raw.NotID):
		return negated(d.expression(raw.NotID, depth+1)), true
	}
	return mesh.EnvoyExpression{}, false
}

func negated(e mesh.EnvoyExpression) mesh.EnvoyExpression {
	return mesh.EnvoyExpression{Kind: mesh.EnvoyNot, Of: []mesh.EnvoyExpression{e}}
}

// asked decodes what is asked of a request or its peer.
func (d *decoding) asked(raw *rawExpression) (mesh.EnvoyExpression, bool) {
	switch {
	case raw.Header != nil:
		h := raw.Header.structured()
		return mesh.EnvoyExpression{Kind: mesh.EnvoyHeader, Header: &h}, true
	case raw.URLPath != nil:
		return mesh.EnvoyExpression{Kind: mesh.EnvoyURLPath, Text: raw.URLPath.Path.structured()}, true
	case raw.URITemplate != nil:
		return mesh.EnvoyExpression{Kind: mesh.EnvoyURLTemplate, Name: raw.URITemplate.TypedConfig.PathTemplate}, true
	case raw.Port != nil:
		return mesh.EnvoyExpression{Kind: mesh.EnvoyPort, Port: raw.Port.uint32(), EndPort: (*raw.Port + 1).uint32()}, true
	case raw.PortRange != nil:
		return mesh.EnvoyExpression{Kind: mesh.EnvoyPort, Port: raw.PortRange.Start.uint32(), EndPort: raw.PortRange.End.uint32()}, true
	case raw.ServerName != nil:
		return mesh.EnvoyExpression{Kind: mesh.EnvoyServerName, Text: raw.ServerName.structured()}, true
	case raw.Authenticated != nil:
		return principal(raw.Authenticated.PrincipalName), true
	case raw.FilterState != nil && raw.FilterState.Key == peerPrincipal && raw.FilterState.StringMatch != nil:
		return principal(raw.FilterState.StringMatch), true
	case raw.Metadata != nil:
		return d.claim(raw.Metadata), true
	}
	return addresses(raw)
}

// principal compares the peer's identity; without a match any will do.
func principal(m *rawStringMatch) mesh.EnvoyExpression {
	out := mesh.EnvoyExpression{Kind: mesh.EnvoyPrincipal, Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyAny}}
	if m != nil {
		out.Text = m.structured()
	}
	return out
}

func addresses(raw *rawExpression) (mesh.EnvoyExpression, bool) {
	for _, a := range []struct {
		kind  mesh.EnvoyExpressionKind
		block *rawRange
	}{
		{mesh.EnvoyDestination, raw.DestinationIP},
		{mesh.EnvoySource, raw.DirectIP},
		{mesh.EnvoySource, raw.SourceIP},
		{mesh.EnvoyRemote, raw.RemoteIP},
	} {
		if a.block == nil {
			continue
		}
		block, ok := a.block.prefix()
		if !ok {
			return other("an address block"), true
		}
		return mesh.EnvoyExpression{Kind: a.kind, Block: block}, true
	}
	return mesh.EnvoyExpression{}, false
}

// prefix is the range as addresses are compared with it.
func (r *rawRange) prefix() (netip.Prefix, bool) {
	ip, err := netip.ParseAddr(r.AddressPrefix)
	if err != nil || r.PrefixLen > 128 {
		return netip.Prefix{}, false
	}
	block, err := ip.Prefix(int(r.PrefixLen.port()))
	return block, err == nil
}

func other(what string) mesh.EnvoyExpression {
	return mesh.EnvoyExpression{Kind: mesh.EnvoyOther, Name: what}
}

// strange names what an expression asks for that is not known here.
func (d *decoding) strange(value jsontext.Value) mesh.EnvoyExpression {
	const longest = 60
	out := other("nothing")
	members(d.walker, "RBAC expression", value, func(name string, _ *jsontext.Value) {
		if len(name) > longest {
			name = strings.ToValidUTF8(name[:longest], "") + "…"
		}
		out.Name = name
	})
	d.skip("RBAC expression of an unknown kind")
	return out
}
