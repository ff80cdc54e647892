package envoy

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

type rawChain struct {
	Name    string         `json:"name"`
	Match   jsontext.Value `json:"filter_chain_match"`
	Filters jsontext.Value `json:"filters"`
}

// rawFilter is a network or HTTP filter.
type rawFilter struct {
	Name        string         `json:"name"`
	TypedConfig jsontext.Value `json:"typed_config"`
	Disabled    bool           `json:"disabled"`
}

// rawTyped is a configuration with its type, in itself or in a TypedStruct as
// EnvoyFilters write it.
type rawTyped struct {
	Type    string         `json:"@type"`
	TypeURL string         `json:"type_url"`
	Value   jsontext.Value `json:"value"`
}

// typed opens a configuration: the name of its type, and its content.
func (d *decoding) typed(part string, config jsontext.Value) (string, jsontext.Value) {
	raw := one[rawTyped](d.walker, part, config)
	if raw == nil {
		return "", nil
	}
	if name := typeName(raw.Type); !strings.HasSuffix(name, ".TypedStruct") {
		return name, config
	}
	return typeName(raw.TypeURL), raw.Value
}

// chains adds filter chains to a listener.
type chains struct {
	*decoding
	listener *mesh.EnvoyListener
}

func (d *decoding) chains(l *mesh.EnvoyListener) *chains { return &chains{d, l} }

// chain is one filter chain on its way.
type chain struct {
	*decoding
	out *mesh.EnvoyChain
	// routes tells whether the chain's routes are in force.
	routes bool
	// listener is where the chain is.
	listener string
}

func (c *chains) add(raw *rawChain) {
	out := mesh.EnvoyChain{Name: raw.Name, EnvoyName: mesh.ParseEnvoyName(raw.Name), Match: c.chainMatch(raw.Match)}
	inForce := c.listener.State == mesh.EnvoyActive || c.listener.State == mesh.EnvoyStatic
	each(c.walker, "filter", raw.Filters, (&chain{c.decoding, &out, inForce, c.listener.Name}).filter)
	c.listener.Chains = append(c.listener.Chains, out)
}

type rawTCPProxy struct {
	Cluster          string              `json:"cluster"`
	WeightedClusters rawWeightedClusters `json:"weighted_clusters"`
}

type rawHCM struct {
	RouteConfig jsontext.Value `json:"route_config"`
	RDS         struct {
		RouteConfigName string `json:"route_config_name"`
	} `json:"rds"`
	HTTPFilters    jsontext.Value `json:"http_filters"`
	NormalizePath  bool           `json:"normalize_path"`
	MergeSlashes   bool           `json:"merge_slashes"`
	EscapedSlashes enum           `json:"path_with_escaped_slashes_action"`
}

// filter reads a network filter.
func (c *chain) filter(raw *rawFilter) {
	c.out.Filters = append(c.out.Filters, raw.Name)
	kind, config := c.typed("filter", raw.TypedConfig)
	switch kind {
	case "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager":
		c.connectionManager(config)
	case "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy":
		if proxy := one[rawTCPProxy](c.walker, "TCP proxy", config); proxy != nil {
			c.out.Cluster, c.out.Weighted = proxy.Cluster, c.weighted(&proxy.WeightedClusters)
		}
	case "envoy.extensions.filters.network.ext_authz.v3.ExtAuthz":
		c.authorizer(config)
	case "envoy.extensions.filters.network.rbac.v3.RBAC":
		c.out.RBAC = append(c.out.RBAC, c.rbac(config, true)...)
	default:
		c.foreign(kind)
	}
}

func (c *chain) connectionManager(config jsontext.Value) {
	manager := one[rawHCM](c.walker, "HTTP connection manager", config)
	if manager == nil {
		return
	}
	c.out.HTTP = true
	c.out.NormalizePath, c.out.MergeSlashes = manager.NormalizePath, manager.MergeSlashes
	c.out.EscapedSlashes = manager.EscapedSlashes.or("KEEP_UNCHANGED")
	each(c.walker, "HTTP filter", manager.HTTPFilters, c.httpFilter)
	c.out.RouteConfig = manager.RDS.RouteConfigName
	if raw := one[rawRouteConfig](c.walker, "route configuration", manager.RouteConfig); raw != nil {
		c.out.RouteConfig = raw.Name
		if c.routes {
			c.addInline(raw, c.listener, c.out.Name)
		}
	}
}

// httpFilter reads an HTTP filter.
func (c *chain) httpFilter(raw *rawFilter) {
	if raw.Disabled {
		c.out.HTTPFilters = append(c.out.HTTPFilters, raw.Name+" (off)")
		return
	}
	c.out.HTTPFilters = append(c.out.HTTPFilters, raw.Name)
	switch kind, config := c.typed("HTTP filter", raw.TypedConfig); kind {
	case "envoy.extensions.filters.http.rbac.v3.RBAC":
		c.out.RBAC = append(c.out.RBAC, c.rbac(config, false)...)
	case "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz":
		c.authorizer(config)
	case "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication":
		c.out.JWT = append(c.out.JWT, c.jwt(config)...)
	default:
		c.foreign(kind)
	}
}

// observing are the filters of Istio's own that every waypoint has: they tell
// peers who is calling and count requests, and decide nothing.
var observing = []string{
	"stats.PluginConfig",
	"io.istio.http.peer_metadata.",
	"io.istio.network.peer_metadata.",
	"io.istio.network.metadata_exchange.",
	"istio.envoy.config.filter.http.alpn.",
}

// foreign counts a filter that is neither Envoy's own nor one of Istio's:
// nobody can say here what it does. Its name is shown among the filters.
func (c *chain) foreign(kind string) {
	known := strings.HasPrefix(kind, "envoy.") ||
		slices.ContainsFunc(observing, func(prefix string) bool { return strings.HasPrefix(kind, prefix) })
	if kind != "" && !known {
		c.skip(mesh.EnvoySkippedFilter + kind + " is unknown")
	}
}
