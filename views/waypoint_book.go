package views

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// envoyBook is what a waypoint's Envoy has loaded with what is looked up in it
// and beside it: the objects it was made of.
type envoyBook struct {
	report   *analysis.Report
	snap     *mesh.Snapshot
	waypoint *mesh.Waypoint
	dump     *mesh.EnvoyDump
	query    Query
	links    Links
	// objects are Services and ServiceEntries by host, as far as they were asked
	// for; entries all ServiceEntries by host. The rest are by a cluster's name.
	objects  map[string]mesh.Ref
	entries  map[string]mesh.Ref
	clusters map[string]*mesh.EnvoyCluster
	health   map[string]hostCount
	routes   map[routePlace]int // counted, by chain and by configuration
}

// routePlace is a chain of a listener, or a route configuration.
type routePlace struct{ listener, chain, config string }

// hostCount counts a cluster's endpoints: those that get requests, and all.
type hostCount struct{ healthy, all int }

func newEnvoyBook(r *analysis.Report, w *mesh.Waypoint, d *mesh.EnvoyDump, q Query) *envoyBook {
	b := &envoyBook{
		report: r, snap: r.Snap, waypoint: w, dump: d, query: q, links: q.Links(), objects: make(map[string]mesh.Ref),
		clusters: make(map[string]*mesh.EnvoyCluster, len(d.Clusters)), health: make(map[string]hostCount, len(d.Clusters)),
		routes: make(map[routePlace]int),
	}
	b.count()
	return b
}

// count makes the tables by cluster and by place.
func (b *envoyBook) count() {
	d := b.dump
	for i := range d.Routes {
		r := &d.Routes[i]
		b.routes[routePlace{r.Listener, r.Chain, ""}]++
		b.routes[routePlace{config: r.Config}]++
	}
	for i := range d.Clusters {
		b.clusters[d.Clusters[i].Name] = &d.Clusters[i]
	}
	for i := range d.Endpoints {
		e := &d.Endpoints[i]
		n := b.health[e.Cluster]
		if n.all++; e.Healthy() {
			n.healthy++
		}
		b.health[e.Cluster] = n
	}
}

func (b *envoyBook) asked() Query { return b.query }

func (b *envoyBook) holder() string { return "this Envoy" }

// object is the Service or ServiceEntry of a host; zero for a host of neither
// form.
func (b *envoyBook) object(host string) mesh.Ref {
	if host == "" {
		return mesh.Ref{}
	}
	ref, ok := b.objects[host]
	if !ok {
		ref = b.findObject(host)
		b.objects[host] = ref
	}
	return ref
}

func (b *envoyBook) findObject(host string) mesh.Ref {
	var service mesh.Ref
	if parts := strings.SplitN(host, ".", 4); len(parts) > 2 && parts[2] == "svc" {
		service = mesh.Ref{Kind: "Service", Namespace: parts[1], Name: parts[0]}
		if b.snap.Service(service.Namespace, service.Name) != nil {
			return service
		}
	}
	if entry, ok := b.entry(host); ok {
		return entry
	}
	return service
}

func (b *envoyBook) entry(host string) (mesh.Ref, bool) {
	if b.entries == nil {
		b.entries = make(map[string]mesh.Ref)
		for _, sh := range b.snap.Shards {
			for _, se := range sh.ServiceEntries {
				for _, h := range se.Hosts {
					b.entries[h] = se.Ref()
				}
			}
		}
	}
	ref, ok := b.entries[host]
	return ref, ok
}

// resources are the kinds of objects that an Envoy's configuration is made of,
// as sources name them.
var resources = map[string]string{
	"Service": mesh.ResourceServices, "ServiceEntry": mesh.ResourceServiceEntries, "Pod": mesh.ResourcePods,
	"HTTPRoute": mesh.ResourceHTTPRoutes, "VirtualService": mesh.ResourceVirtualServices, "DestinationRule": mesh.ResourceDestinationRules,
	"AuthorizationPolicy": mesh.ResourceAuthorizationPolicies,
}

// absence says that an object something was made of is not in the snapshot;
// empty where it is. That can mean that it was deleted and Envoy does not know
// yet.
func (b *envoyBook) absence(ref mesh.Ref) string {
	resource, known := resources[ref.Kind]
	switch {
	case b.snap.Lookup(ref) != nil:
		return ""
	case known && b.snap.Readable(resource, ref.Namespace):
		return "not in the API"
	}
	return "unknown whether it is in the API"
}

// routeKind tells apart what istiod writes down alike: a GRPCRoute is called an
// HTTPRoute in an Envoy.
func (b *envoyBook) routeKind(ref mesh.Ref) mesh.Ref {
	if ref.Kind != "HTTPRoute" || b.snap.Lookup(ref) != nil {
		return ref
	}
	if grpc := (mesh.Ref{Kind: "GRPCRoute", Namespace: ref.Namespace, Name: ref.Name}); b.snap.Lookup(grpc) != nil {
		return grpc
	}
	return ref
}

// made is the object that something was made of. Routing objects have no page
// of their own: they are shown with the service they are for.
func (b *envoyBook) made(ref, service mesh.Ref, port uint16, none string) DumpCell {
	if ref.IsZero() {
		return DumpCell{Text: none, Tone: toneSoft}
	}
	link := ObjectLink{Kind: cellText(ref.Kind), Name: cellText(ref.NamespacedName())}
	if service.IsZero() {
		service = b.shownWith(ref)
	}
	absent := b.absence(ref)
	switch {
	case absent != "":
		return DumpCell{Objects: []ObjectLink{link}, Note: absent, Tone: ui.ToneWarn}
	case slices.Contains([]string{"Service", "ServiceEntry", "Pod", "WorkloadEntry", "AuthorizationPolicy", "RequestAuthentication"}, ref.Kind):
		link.URL = b.links.Object(b.snap, ref)
	case b.snap.Lookup(service) != nil:
		link.URL = b.links.ServicePort(service, port, TabRoutes)
	}
	return DumpCell{Objects: []ObjectLink{link}}
}

// hostCell is the name of something that was made for a host, and leads to its
// Service. short is what a page prints of it, empty for all.
func (b *envoyBook) hostCell(text, short string, object mesh.Ref) DumpCell {
	c := monoCell(text)
	c.Short = short
	if object.IsZero() {
		return c
	}
	if c.Note = b.absence(object); c.Note == "" {
		c.URL = b.links.Object(b.snap, object)
	}
	return c
}

// part is the address of another part of the same dump, narrowed by a filter.
func (b *envoyBook) part(tab, filter string) templ.SafeURL {
	return b.links.WaypointPart(b.waypoint.Namespace, b.waypoint.Name, tab, filter, b.query.Pod)
}

// clusterLink names a cluster that something leads to, by what it is for, and
// leads to it. One that is not loaded refuses every request.
func (b *envoyBook) clusterLink(share, name string) ObjectLink {
	c, ok := b.clusters[name]
	if !ok {
		return ObjectLink{Kind: share, Name: cellText(name)}
	}
	return ObjectLink{Kind: share, Name: orWord(b.short(c.EnvoyName), cellText(c.Name)), URL: b.part(TabClusters, exactly("name", name))}
}

// short is what the name of a cluster or chain says, as people say it:
// "shop/orders:80 subset v1"; empty for a name of another form.
func (b *envoyBook) short(name mesh.EnvoyName) string {
	if name.Host == "" {
		return ""
	}
	words := name.Host
	if object := b.object(name.Host); object.Kind == "Service" {
		words = object.NamespacedName()
	}
	words += ":" + number(int(name.Port))
	if name.Subset != "" {
		words += " subset " + name.Subset
	}
	return cellText(words)
}

// headerCluster begins the name of a cluster that each request names itself.
const headerCluster = "named by header "

// missing names the clusters that are not loaded.
func (b *envoyBook) missing(names []string) string {
	var out []string
	for _, name := range names {
		if _, ok := b.clusters[name]; !ok && name != "" && !strings.HasPrefix(name, headerCluster) {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "not loaded, so that requests fail (NC): " + cellText(some(out, cellValues))
}

// destinations are clusters with their shares, the weights as percent.
func (b *envoyBook) destinations(list []mesh.EnvoyWeightedCluster) DumpCell {
	sum, names := 0.0, make([]string, 0, len(list))
	for _, c := range list {
		sum, names = sum+float64(c.Weight), append(names, c.Name)
	}
	cell := DumpCell{Note: b.missing(names)}
	for _, c := range list {
		share := ""
		if len(list) > 1 && sum > 0 {
			share = percent(100 * float64(c.Weight) / sum)
		}
		cell.Objects = append(cell.Objects, b.clusterLink(share, c.Name))
	}
	return cell
}

// shownWith is the service that a routing object or a DestinationRule is shown
// with, since they have no page of their own; zero if none is known.
func (b *envoyBook) shownWith(ref mesh.Ref) mesh.Ref {
	var hosts []string
	switch o := b.snap.Lookup(ref).(type) {
	case *mesh.Route:
		for i := range o.Parents {
			if k := o.Parents[i].Ref.Kind; k == "Service" || k == "ServiceEntry" {
				return o.Parents[i].Ref
			}
		}
		hosts = o.Hosts
	case *mesh.DestinationRule:
		hosts = []string{o.Host}
	}
	for _, host := range hosts {
		if !strings.Contains(host, ".") {
			host += "." + ref.Namespace + ".svc." + mesh.DefaultClusterDomain
		}
		if object := b.object(host); b.snap.Lookup(object) != nil {
			return object
		}
	}
	return mesh.Ref{}
}
