package envoy

import (
	"reflect"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

type rawRouteConfig struct {
	Name         string         `json:"name"`
	VirtualHosts jsontext.Value `json:"virtual_hosts"`
}

type rawVirtualHost struct {
	Name    string         `json:"name"`
	Domains jsontext.Value `json:"domains"`
	Routes  jsontext.Value `json:"routes"`
}

type rawRoute struct {
	Name           string          `json:"name"`
	Match          rawRouteMatch   `json:"match"`
	Route          *rawRouteAction `json:"route"`
	Redirect       *rawRedirect    `json:"redirect"`
	DirectResponse *struct {
		Status number `json:"status"`
	} `json:"direct_response"`
	Metadata  rawMetadata    `json:"metadata"`
	PerFilter jsontext.Value `json:"typed_per_filter_config"`
}

// rawMetadata is what istiod tells of where a resource is from.
type rawMetadata struct {
	FilterMetadata struct {
		Istio struct {
			Config   string `json:"config"`
			Workload string `json:"workload"`
		} `json:"istio"`
	} `json:"filter_metadata"`
}

type rawRouteAction struct {
	Cluster          string              `json:"cluster"`
	ClusterHeader    string              `json:"cluster_header"`
	WeightedClusters rawWeightedClusters `json:"weighted_clusters"`
	Timeout          *duration           `json:"timeout"`
	RetryPolicy      *struct {
		RetryOn       string    `json:"retry_on"`
		NumRetries    *number   `json:"num_retries"`
		PerTryTimeout *duration `json:"per_try_timeout"`
	} `json:"retry_policy"`
	Mirrors       jsontext.Value `json:"request_mirror_policies"`
	PrefixRewrite string         `json:"prefix_rewrite"`
	RegexRewrite  *rawRewrite    `json:"regex_rewrite"`
	// NoCluster is the answer where the cluster is missing.
	NoCluster          enum   `json:"cluster_not_found_response_code"`
	HostRewriteLiteral string `json:"host_rewrite_literal"`
}

type rawRewrite struct {
	Pattern      rawRegex `json:"pattern"`
	Substitution string   `json:"substitution"`
}

type rawWeightedClusters struct {
	Clusters jsontext.Value `json:"clusters"`
}

type rawWeightedCluster struct {
	Name   string `json:"name"`
	Weight number `json:"weight"`
}

type rawMirror struct {
	Cluster         string `json:"cluster"`
	RuntimeFraction *struct {
		DefaultValue rawPercent `json:"default_value"`
	} `json:"runtime_fraction"`
}

// routesOf lists the routes of a configuration in order of evaluation.
func (d *decoding) routesOf(raw *rawRouteConfig) []mesh.EnvoyRoute {
	var out []mesh.EnvoyRoute
	each(d.walker, "virtual host", raw.VirtualHosts, func(host *rawVirtualHost) {
		domains := texts(d.walker, "domain", host.Domains)
		each(d.walker, "route", host.Routes, func(r *rawRoute) {
			route := d.route(r)
			route.Config, route.VirtualHost, route.Domains = raw.Name, host.Name, domains
			out = append(out, route)
		})
	})
	return out
}

func (d *decoding) route(raw *rawRoute) mesh.EnvoyRoute {
	out := mesh.EnvoyRoute{
		Name: raw.Name, Match: d.routeMatch(&raw.Match), Conditions: d.conditions(&raw.Match),
		Owner: parseOwner(raw.Metadata.FilterMetadata.Istio.Config),
	}
	out.Fault, out.Faults = d.fault(raw.PerFilter)
	if raw.DirectResponse != nil {
		out.DirectResponse = int(raw.DirectResponse.Status.port())
	}
	if raw.Redirect != nil {
		out.Redirect, out.RedirectStatus = raw.Redirect.words(), raw.Redirect.status()
	}
	if raw.Route != nil {
		d.action(raw.Route, &out)
	}
	return out
}

// action reads where a route goes and how long it tries.
func (d *decoding) action(raw *rawRouteAction, out *mesh.EnvoyRoute) {
	out.Clusters = d.weighted(&raw.WeightedClusters)
	switch {
	case raw.Cluster != "":
		out.Clusters = []mesh.EnvoyWeightedCluster{{Name: raw.Cluster}}
	case raw.ClusterHeader != "":
		out.Clusters = []mesh.EnvoyWeightedCluster{{Name: "named by header " + raw.ClusterHeader}}
		out.ClusterHeader = raw.ClusterHeader
	}
	out.NoClusterStatus = noClusterStatus[raw.NoCluster.or("SERVICE_UNAVAILABLE")]
	out.Timeout = raw.Timeout.pointer()
	if retry := raw.RetryPolicy; retry != nil {
		out.Retries, out.RetryOn, out.PerTryTimeout = 1, retry.RetryOn, retry.PerTryTimeout.pointer() // 1 is Envoy's default
		if retry.NumRetries != nil {
			out.Retries = retry.NumRetries.uint32()
		}
	}
	out.Rewrite = raw.rewrite()
	each(d.walker, "mirror", raw.Mirrors, func(m *rawMirror) {
		mirror := mesh.EnvoyMirror{Cluster: m.Cluster}
		if m.RuntimeFraction != nil {
			mirror.Share = m.RuntimeFraction.DefaultValue.String()
		}
		out.Mirrors = append(out.Mirrors, mirror)
	})
}

// noClusterStatus are the answers where a route's cluster is missing; istiod
// asks for 500 on behalf of HTTPRoutes.
var noClusterStatus = map[string]int{"SERVICE_UNAVAILABLE": 503, "NOT_FOUND": 404, "INTERNAL_SERVER_ERROR": 500}

func (d *decoding) weighted(raw *rawWeightedClusters) []mesh.EnvoyWeightedCluster {
	var out []mesh.EnvoyWeightedCluster
	each(d.walker, "weighted cluster", raw.Clusters, func(c *rawWeightedCluster) {
		out = append(out, mesh.EnvoyWeightedCluster{Name: c.Name, Weight: c.Weight.uint32()})
	})
	return out
}

// routeConfig is a route configuration that the dump lists by itself.
type routeConfig struct {
	name    string
	dynamic bool
	routes  []mesh.EnvoyRoute
}

type rawNamedRoutes struct {
	RouteConfig jsontext.Value `json:"route_config"`
}

// namedRoutes reads the section of route configurations.
func (d *decoding) namedRoutes(key string) func(*rawNamedRoutes) {
	return func(raw *rawNamedRoutes) {
		if c := one[rawRouteConfig](d.walker, "route configuration", raw.RouteConfig); c != nil {
			d.named = append(d.named, routeConfig{c.Name, key == "dynamic_route_configs", d.routesOf(c)})
		}
	}
}

// addInline adds the routes of a chain in force.
func (d *decoding) addInline(raw *rawRouteConfig, listener, chain string) {
	routes := d.routesOf(raw)
	d.inline[raw.Name] = append(d.inline[raw.Name], routes)
	for _, r := range routes {
		r.Listener, r.Chain = listener, chain
		d.dump.Routes = append(d.dump.Routes, r)
	}
}

// addNamed adds what no chain has by itself. Envoy lists the inline routes of
// every chain again, also of chains that only drain: each that equals one in
// force is taken for that one, the rest are draining.
func (d *decoding) addNamed() {
	for _, c := range d.named {
		if !c.dynamic {
			same := func(routes []mesh.EnvoyRoute) bool { return reflect.DeepEqual(routes, c.routes) }
			if i := slices.IndexFunc(d.inline[c.name], same); i >= 0 {
				d.inline[c.name] = slices.Delete(d.inline[c.name], i, i+1)
				continue
			}
			for i := range c.routes {
				c.routes[i].Draining = true
			}
		}
		d.dump.Routes = append(d.dump.Routes, c.routes...)
	}
}
