package views

import (
	"net"
	"strconv"
	"time"

	"github.com/waylight/waylight/mesh"
)

// The items of a waypoint's lists, under the keys that Envoy's config_dump and
// clusters have (istio.md E). What Envoy spreads over a tree of conditions, such
// as a match, is said in words there.

// envoyItem begins every item; object is what it was made for or of.
type envoyItem struct {
	DumpItem
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	Object    mesh.Ref `json:"object,omitzero"`
}

// newEnvoyItem names the kind of a thing of Envoy in the API, where its object
// stands beside it.
func newEnvoyItem(head DumpItem, kind, name string, object mesh.Ref) envoyItem {
	if head.Findings != nil {
		head.Kind = kind
	}
	return envoyItem{head, object.Namespace, name, object}
}

type addressItem struct {
	Socket   *socketItem   `json:"socket_address,omitempty"`
	Internal *internalItem `json:"envoy_internal_address,omitempty"`
	Pipe     *pipeItem     `json:"pipe,omitempty"`
}

type socketItem struct {
	Address string `json:"address"`
	Port    uint64 `json:"port_value"`
}

type internalItem struct {
	Listener   string `json:"server_listener_name"`
	EndpointID string `json:"endpoint_id,omitempty"`
}

type pipeItem struct {
	Path string `json:"path"`
}

// newAddressItem takes an address apart again; through is the listener inside
// this Envoy that leads to it, empty for none.
func newAddressItem(address, through string) addressItem {
	if through != "" {
		return addressItem{Internal: &internalItem{through, address}}
	}
	host, port, err := net.SplitHostPort(address)
	if n, bad := strconv.ParseUint(port, 10, 16); err == nil && bad == nil {
		return addressItem{Socket: &socketItem{host, n}}
	}
	if len(address) > 0 && (address[0] == '/' || address[0] == '.') {
		return addressItem{Pipe: &pipeItem{address}}
	}
	return addressItem{Internal: &internalItem{Listener: address}}
}

type listenerItem struct {
	envoyItem
	Address    *addressItem `json:"address,omitempty"`
	Internal   *struct{}    `json:"internal_listener,omitempty"`
	State      string       `json:"state"`
	ErrorState string       `json:"error_state,omitempty"`
	Chains     []chainItem  `json:"filter_chains"`
}

type chainItem struct {
	Name        string          `json:"name"`
	Match       string          `json:"filter_chain_match"`
	Filters     []string        `json:"filters"`
	HTTPFilters []string        `json:"http_filters"`
	RBAC        []rbacItem      `json:"rbac"`
	JWT         []providerItem  `json:"jwt_authn"`
	RouteConfig string          `json:"route_config_name,omitempty"`
	Cluster     string          `json:"cluster,omitempty"`
	Weighted    *weightedChoice `json:"weighted_clusters,omitempty"`
}

type rbacItem struct {
	Action   string           `json:"action"`
	Shadow   bool             `json:"shadow"`
	Network  bool             `json:"network"`
	Policies []rbacPolicyItem `json:"policies"`
}

type rbacPolicyItem struct {
	Name     string   `json:"name"`
	Object   mesh.Ref `json:"object,omitzero"`
	Rule     int      `json:"rule"`
	Provider string   `json:"provider,omitempty"`
}

type providerItem struct {
	Name      string   `json:"name"`
	Issuer    string   `json:"issuer"`
	Audiences []string `json:"audiences"`
	// AllowMissing is Envoy's word for a token that may stay away.
	AllowMissing bool `json:"allow_missing"`
}

type weightedChoice struct {
	Clusters []weightedCluster `json:"clusters"`
}

type weightedCluster struct {
	Name   string `json:"name"`
	Weight uint32 `json:"weight"`
}

func newWeightedChoice(list []mesh.EnvoyWeightedCluster) *weightedChoice {
	if len(list) == 0 {
		return nil
	}
	out := &weightedChoice{}
	for _, c := range list {
		out.Clusters = append(out.Clusters, weightedCluster(c))
	}
	return out
}

// newListenerItem is the whole listener: its chains make one item.
func newListenerItem(c *eChain, head DumpItem) any {
	l := c.listener
	item := listenerItem{envoyItem: newEnvoyItem(head, "Listener", l.Name, mesh.Ref{}), State: string(l.State), ErrorState: l.Rejected, Chains: make([]chainItem, 0, len(l.Chains))}
	if l.Address == internalListener {
		item.Internal = &struct{}{}
	} else if l.Address != "" {
		address := newAddressItem(l.Address, "")
		item.Address = &address
	}
	for i := range l.Chains {
		item.Chains = append(item.Chains, newChainItem(&l.Chains[i]))
	}
	return item
}

// internalListener is the address of a listener that only its Envoy can reach.
const internalListener = "internal"

func newChainItem(c *mesh.EnvoyChain) chainItem {
	item := chainItem{
		Name: c.Name, Match: c.Match, Filters: listed(c.Filters), HTTPFilters: listed(c.HTTPFilters), RBAC: []rbacItem{}, JWT: []providerItem{},
		RouteConfig: c.RouteConfig, Cluster: c.Cluster, Weighted: newWeightedChoice(c.Weighted),
	}
	for i := range c.RBAC {
		f := rbacItem{c.RBAC[i].Action, c.RBAC[i].Shadow, c.RBAC[i].Network, []rbacPolicyItem{}}
		for _, p := range c.RBAC[i].Policies {
			f.Policies = append(f.Policies, rbacPolicyItem{p.Name, p.Policy, p.Rule, p.Provider})
		}
		item.RBAC = append(item.RBAC, f)
	}
	for _, p := range c.JWT {
		item.JWT = append(item.JWT, providerItem{p.Name, p.Issuer, listed(p.Audiences), p.Optional})
	}
	return item
}

type routeItem struct {
	envoyItem
	Owner       mesh.Ref        `json:"owner,omitzero"`
	Listener    string          `json:"listener,omitempty"`
	Chain       string          `json:"filter_chain,omitempty"`
	Config      string          `json:"route_config_name"`
	VirtualHost string          `json:"virtual_host"`
	Domains     []string        `json:"domains"`
	Order       int             `json:"order"`
	Draining    bool            `json:"draining"`
	Match       string          `json:"match"`
	Route       *routeAction    `json:"route,omitempty"`
	Redirect    string          `json:"redirect,omitempty"`
	Direct      *directResponse `json:"direct_response,omitempty"`
	Fault       string          `json:"fault,omitempty"`
}

type routeAction struct {
	Cluster  string          `json:"cluster,omitempty"`
	Weighted *weightedChoice `json:"weighted_clusters,omitempty"`
	// Timeout is null for Envoy's default of 15s.
	Timeout *string      `json:"timeout"`
	Retry   *retryPolicy `json:"retry_policy,omitempty"`
	Mirrors []mirrorItem `json:"request_mirror_policies,omitempty"`
	Rewrite string       `json:"rewrite,omitempty"`
}

type retryPolicy struct {
	RetryOn       string  `json:"retry_on"`
	NumRetries    uint32  `json:"num_retries"`
	PerTryTimeout *string `json:"per_try_timeout,omitempty"`
}

type mirrorItem struct {
	Cluster string `json:"cluster"`
	Share   string `json:"runtime_fraction,omitempty"`
}

type directResponse struct {
	Status int `json:"status"`
}

func newRouteItem(r *eRoute, head DumpItem) any {
	item := routeItem{
		envoyItem: newEnvoyItem(head, "Route", r.Name, r.object), Owner: r.owner, Listener: r.Listener, Chain: r.Chain, Config: r.Config, VirtualHost: r.VirtualHost,
		Domains: listed(r.Domains), Order: r.order, Draining: r.Draining, Match: r.Match, Redirect: r.Redirect, Fault: r.Fault,
	}
	if r.DirectResponse != 0 {
		item.Direct = &directResponse{r.DirectResponse}
	}
	if len(r.Clusters) > 0 {
		item.Route = newRouteAction(r.EnvoyRoute)
	}
	return item
}

func newRouteAction(r *mesh.EnvoyRoute) *routeAction {
	out := &routeAction{Timeout: seconds(r.Timeout), Rewrite: r.Rewrite}
	if len(r.Clusters) == 1 && r.Clusters[0].Weight == 0 {
		out.Cluster = r.Clusters[0].Name
	} else {
		out.Weighted = newWeightedChoice(r.Clusters)
	}
	if r.Retries > 0 || r.RetryOn != "" {
		out.Retry = &retryPolicy{r.RetryOn, r.Retries, seconds(r.PerTryTimeout)}
	}
	for _, m := range r.Mirrors {
		out.Mirrors = append(out.Mirrors, mirrorItem(m))
	}
	return out
}

// seconds is a duration as Envoy writes it: "0.500s"; nil for none.
func seconds(d *time.Duration) *string {
	if d == nil {
		return nil
	}
	s := strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
	return &s
}

type clusterItem struct {
	envoyItem
	Type           string   `json:"type"`
	State          string   `json:"state"`
	ErrorState     string   `json:"error_state,omitempty"`
	Direction      string   `json:"direction,omitempty"`
	Host           string   `json:"host,omitempty"`
	Port           uint16   `json:"port,omitzero"`
	Protocol       string   `json:"protocol,omitempty"`
	Subset         string   `json:"subset,omitempty"`
	Rule           mesh.Ref `json:"destinationRule,omitzero"`
	LBPolicy       string   `json:"lb_policy"`
	ConnectTimeout *string  `json:"connect_timeout"`
	Thresholds     string   `json:"circuit_breakers,omitempty"`
	Outlier        string   `json:"outlier_detection,omitempty"`
}

func newClusterItem(c *eCluster, head DumpItem) any {
	return clusterItem{
		envoyItem: newEnvoyItem(head, "Cluster", c.Name, c.object), Type: c.Type, State: string(c.State), ErrorState: c.Rejected, Direction: c.Direction, Host: c.Host,
		Port: c.Port, Protocol: c.Protocol, Subset: c.Subset, Rule: c.Rule, LBPolicy: c.LB, ConnectTimeout: seconds(&c.ConnectTimeout), Thresholds: c.Thresholds, Outlier: c.Outlier,
	}
}

type hostItem struct {
	envoyItem
	Cluster  string       `json:"cluster_name"`
	Address  addressItem  `json:"address"`
	Workload string       `json:"workload,omitempty"`
	Health   healthItem   `json:"health_status"`
	Weight   uint32       `json:"load_balancing_weight"`
	Priority uint32       `json:"priority"`
	Locality zoneItem     `json:"locality"`
	Stats    *hostCounter `json:"stats"`
}

type zoneItem struct {
	Zone string `json:"zone"`
}

type healthItem struct {
	EDS   string   `json:"eds_health_status"`
	Flags []string `json:"flags"`
}

// hostCounter is null where the counters could not be read.
type hostCounter struct {
	Requests uint64 `json:"rq_total"`
	Errors   uint64 `json:"rq_error"`
	Active   uint64 `json:"cx_active"`
}

func newEndpointItem(e *eEndpoint, head DumpItem) any {
	item := hostItem{
		envoyItem: newEnvoyItem(head, "Endpoint", e.Address, e.podRef()), Cluster: e.Cluster, Address: newAddressItem(e.Address, e.Tunnel), Workload: e.Workload,
		Health: healthItem{e.Health, listed(e.Flags)}, Weight: e.Weight, Priority: e.Priority, Locality: zoneItem{e.Zone},
	}
	if e.CountersKnown {
		item.Stats = &hostCounter{e.Requests, e.Errors, e.Active}
	}
	return item
}

type secretItem struct {
	envoyItem
	Type     string            `json:"type"`
	State    string            `json:"state"`
	Updated  string            `json:"last_updated"`
	Identity string            `json:"identity,omitempty"`
	Chain    []certificateItem `json:"certificate_chain"`
}

// newSecretItem is the whole secret: its certificates make one item.
func newSecretItem(s *eSecret, head DumpItem) any {
	item := secretItem{envoyItem: newEnvoyItem(head, "Secret", s.Name, mesh.Ref{}), Type: s.Type, State: string(s.State), Identity: s.Identity, Chain: certificateItems(s.Chain)}
	if !s.Updated.IsZero() {
		item.Updated = s.Updated.UTC().Format(time.RFC3339Nano)
	}
	return item
}
