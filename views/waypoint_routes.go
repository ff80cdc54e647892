package views

import (
	"cmp"
	"math"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// eRoute is a route with its place: routes of one configuration are tried in
// order.
type eRoute struct {
	*mesh.EnvoyRoute
	order  int            // among the routes of its virtual host in its chain, from 1
	host   mesh.EnvoyName // what its chain is for; zero for Envoy's own
	object mesh.Ref       // the Service of it
	owner  mesh.Ref
}

// routesPart lists every route: the columns of istioctl proxy-config routes,
// and what a route does with a request.
var routesPart = dumpPart[*envoyBook, eRoute]{
	tab: TabRoutes, noun: "routes",
	rows:      routeRows,
	namespace: func(r *eRoute) string { return r.object.Namespace },
	id: func(r *eRoute) []string {
		return []string{r.Listener, r.Chain, r.Config, r.VirtualHost, number(r.order), string(r.state())}
	},
	only: func(r *eRoute) string {
		return exactly("chain", orWord(r.Chain, "none")) + " " + exactly("listener", orWord(r.Listener, "none")) + " " + exactly("config", orWord(r.Config, "none")) +
			" " + exactly("vhost", r.VirtualHost) + " " + exactly("order", number(r.order))
	},
	item:   newRouteItem,
	ref:    func(_ *envoyBook, r *eRoute) mesh.Ref { return r.owner },
	keys:   []string{"ns", "service", "owner", "name", "config", "vhost", "listener", "chain", "domain", "cluster", "fault", "state", "order"},
	fields: routeFields,
	columns: []dumpColumn[*envoyBook, eRoute]{
		{key: "config", label: "Routes of", hint: "the route configuration, in which routes are tried in order", cell: routeConfigCell, compare: compareBy(func(r *eRoute) string { return r.Config })},
		{key: "order", label: "Order", class: "num", hint: "the first route that matches is taken", cell: func(_ *envoyBook, r *eRoute) DumpCell { return DumpCell{Text: number(r.order)} }, compare: func(a, b *eRoute) int { return cmp.Compare(a.order, b.order) }},
		{key: "match", label: "Match", cell: func(_ *envoyBook, r *eRoute) DumpCell { return textCell(r.Match) }, compare: compareBy(func(r *eRoute) string { return r.Match })},
		{key: "owner", label: "Made by", cell: func(b *envoyBook, r *eRoute) DumpCell {
			return b.made(r.owner, r.object, r.host.Port, "no route object")
		}, compare: compareBy(func(r *eRoute) string { return r.owner.NamespacedName() })},
		{key: "destination", label: "Destination", cell: routeDestination, compare: compareBy(func(r *eRoute) string { return strings.Join(r.clusterNames(), ",") })},
		{key: "timeout", label: "Timeout", hint: "for the whole answer", cell: func(_ *envoyBook, r *eRoute) DumpCell { return timeoutCell(r.EnvoyRoute) }, compare: func(a, b *eRoute) int { return cmp.Compare(a.timeout(), b.timeout()) }},
		{key: "retries", label: "Retries", hint: "attempts after the first", cell: func(_ *envoyBook, r *eRoute) DumpCell { return retriesCell(r.EnvoyRoute) }, compare: func(a, b *eRoute) int { return cmp.Compare(a.Retries, b.Retries) }},
		{key: "fault", label: "Fault", hint: "injected on purpose", cell: func(_ *envoyBook, r *eRoute) DumpCell { return faultCell(r.Fault) }, compare: compareBy(func(r *eRoute) string { return r.Fault })},
		{key: "state", exported: true, label: "State", hint: "draining routes serve only connections from before an update", cell: func(_ *envoyBook, r *eRoute) DumpCell { return DumpCell{Text: string(r.state()), Tone: r.tone()} }, compare: compareBy(func(r *eRoute) string { return string(r.state()) })},
		{key: "name", folded: true, label: "Name", cell: func(_ *envoyBook, r *eRoute) DumpCell { return monoCell(r.Name) }, compare: compareBy(func(r *eRoute) string { return r.Name })},
		{key: "vhost", folded: true, label: "Virtual host", cell: func(_ *envoyBook, r *eRoute) DumpCell { return monoCell(r.VirtualHost) }, compare: compareBy(func(r *eRoute) string { return r.VirtualHost })},
		{key: "domains", folded: true, label: "Domains", cell: func(_ *envoyBook, r *eRoute) DumpCell { return domainsCell(r.Domains) }},
		{key: "mirrors", folded: true, label: "Mirrors", hint: "clusters that get copies of requests", cell: func(b *envoyBook, r *eRoute) DumpCell { return b.mirrors(r.Mirrors) }},
		{key: "retryOn", exported: true, label: "Retry on", cell: func(_ *envoyBook, r *eRoute) DumpCell { return textCell(r.RetryOn) }},
		{key: "rewrite", folded: true, label: "Rewrite", cell: func(_ *envoyBook, r *eRoute) DumpCell { return textCell(r.Rewrite) }},
		{key: "listener", exported: true, label: "Listener", cell: func(_ *envoyBook, r *eRoute) DumpCell { return monoCell(r.Listener) }, compare: compareBy(func(r *eRoute) string { return r.Listener })},
		{key: "chain", exported: true, label: "Chain", cell: func(_ *envoyBook, r *eRoute) DumpCell { return monoCell(r.Chain) }, compare: compareBy(func(r *eRoute) string { return r.Chain })},
	},
}

// routeRows numbers the routes of each virtual host. Envoy lists a configuration
// again for connections that drain; of several such lists in a row the numbers
// run on, since nothing tells where one ends.
func routeRows(b *envoyBook) []eRoute {
	hosts := b.chainHosts()
	out := make([]eRoute, 0, len(b.dump.Routes))
	for i := range b.dump.Routes {
		r := eRoute{EnvoyRoute: &b.dump.Routes[i], order: 1, owner: b.routeKind(b.dump.Routes[i].Owner)}
		if host, ok := hosts[r.Config]; ok {
			r.host, r.object = host, b.object(host.Host)
		}
		if n := len(out); n > 0 && out[n-1].sameList(&r) {
			r.order = out[n-1].order + 1
		}
		out = append(out, r)
	}
	return out
}

// chainHosts are what route configurations are for, by their name. That of a
// draining one is that of the chain it was of.
func (b *envoyBook) chainHosts() map[string]mesh.EnvoyName {
	out := make(map[string]mesh.EnvoyName)
	for i := range b.dump.Listeners {
		for j := range b.dump.Listeners[i].Chains {
			if c := &b.dump.Listeners[i].Chains[j]; c.Host != "" && c.RouteConfig != "" {
				out[c.RouteConfig] = c.EnvoyName
			}
		}
	}
	return out
}

func (r *eRoute) sameList(next *eRoute) bool {
	return r.Listener == next.Listener && r.Chain == next.Chain && r.Config == next.Config && r.VirtualHost == next.VirtualHost && r.Draining == next.Draining
}

func (r *eRoute) state() mesh.EnvoyState {
	if r.Draining {
		return mesh.EnvoyDraining
	}
	return mesh.EnvoyActive
}

func (r *eRoute) tone() ui.Tone {
	if r.Draining {
		return toneSoft
	}
	return ui.ToneNone
}

func (r *eRoute) clusterNames() []string {
	out := make([]string, 0, len(r.Clusters))
	for _, c := range r.Clusters {
		out = append(out, c.Name)
	}
	return out
}

func routeFields(_ *envoyBook, r *eRoute, key string) ([]string, bool) {
	switch key {
	case "":
		return append([]string{r.Config, r.Name, r.Match, r.owner.NamespacedName(), r.Fault, r.Redirect}, append(r.clusterNames(), r.Domains...)...), true
	case "ns":
		return []string{orWord(r.object.Namespace, "none")}, true
	case "service":
		return objectWords(r.object), true
	case "owner":
		return append(objectWords(r.owner), r.owner.Kind), true
	case "cluster":
		return orNone(r.clusterNames()), true
	case "domain":
		return orNone(r.Domains), true
	case "fault":
		return []string{orWord(r.Fault, "none")}, true
	case "state":
		return []string{string(r.state())}, true
	}
	return r.places(key)
}

// places answers filters for where a route stands.
func (r *eRoute) places(key string) ([]string, bool) {
	switch key {
	case "name":
		return []string{orWord(r.Name, "none")}, true
	case "config":
		return []string{orWord(r.Config, "none")}, true
	case "vhost":
		return []string{r.VirtualHost}, true
	case "listener":
		return []string{orWord(r.Listener, "none")}, true
	case "chain":
		return []string{orWord(r.Chain, "none")}, true
	case "order":
		return []string{number(r.order)}, true
	}
	return nil, false
}

func routeConfigCell(b *envoyBook, r *eRoute) DumpCell {
	if r.Config == "" {
		return DumpCell{Text: cellText(r.Listener), Note: "has no name of its own", Mono: true}
	}
	c := b.hostCell(r.Config, b.short(r.host), r.object)
	if r.Draining {
		c.Note = "draining: for connections from before an update"
	}
	return c
}

// routeDestination says where a request goes, or what Envoy answers itself.
func routeDestination(b *envoyBook, r *eRoute) DumpCell {
	switch {
	case len(r.Clusters) > 0:
		return b.destinations(r.Clusters)
	case r.Redirect != "":
		return textCell("redirect " + r.Redirect)
	case r.DirectResponse != 0:
		return DumpCell{Text: "answers " + number(r.DirectResponse) + " itself"}
	}
	return DumpCell{Text: "none", Tone: toneSoft}
}

// defaultRouteTimeout is Envoy's for a route that names none.
const defaultRouteTimeout = 15 * time.Second

// timeout is what holds, for sorting: none is the longest.
func (r *eRoute) timeout() time.Duration {
	switch {
	case r.Timeout == nil:
		return defaultRouteTimeout
	case *r.Timeout == 0:
		return math.MaxInt64
	}
	return *r.Timeout
}

func timeoutCell(r *mesh.EnvoyRoute) DumpCell {
	switch {
	case len(r.Clusters) == 0:
		return DumpCell{}
	case r.Timeout == nil:
		return DumpCell{Text: defaultRouteTimeout.String(), Note: "Envoy's default"}
	case *r.Timeout == 0:
		return DumpCell{Text: "none", Tone: toneSoft}
	}
	return DumpCell{Text: r.Timeout.String()}
}

// defaultRetryOn is what Istio retries where nobody says otherwise.
const defaultRetryOn = "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes"

func retriesCell(r *mesh.EnvoyRoute) DumpCell {
	if r.Retries == 0 && r.RetryOn == "" {
		return DumpCell{Text: "none", Tone: toneSoft}
	}
	c := DumpCell{Text: number(int(r.Retries)), Note: cellText("on " + strings.ReplaceAll(orWord(r.RetryOn, "nothing"), ",", ", "))}
	if r.RetryOn == defaultRetryOn {
		c.Note = "Istio's default"
	}
	if r.PerTryTimeout != nil {
		c.Text += ", " + r.PerTryTimeout.String() + " each"
	}
	return c
}

func faultCell(words string) DumpCell {
	if words == "" {
		return DumpCell{Text: "none", Tone: toneSoft}
	}
	return DumpCell{Text: cellText(words), Tone: ui.ToneWarn}
}

func domainsCell(domains []string) DumpCell {
	c := listCell(domains, "none")
	c.Quiet = len(domains) == 1 && domains[0] == "*"
	return c
}

func (b *envoyBook) mirrors(list []mesh.EnvoyMirror) DumpCell {
	var cell DumpCell
	names := make([]string, 0, len(list))
	for _, m := range list {
		names = append(names, m.Cluster)
		cell.Objects = append(cell.Objects, b.clusterLink(cellText(orWord(m.Share, "all")), m.Cluster))
	}
	cell.Note = b.missing(names)
	return cell
}
