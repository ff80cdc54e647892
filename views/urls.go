package views

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Page is a page of the menu.
type Page string

// The pages, by the path they are served under.
const (
	PageTriage    Page = "/"
	PageServices  Page = "/services"
	PageWorkloads Page = "/workloads"
	PageNodes     Page = "/nodes"
	PageZtunnels  Page = "/ztunnels"
	PageWaypoints Page = "/waypoints"
	PagePolicies  Page = "/policies"
	PageGateways  Page = "/gateways"
	PageChecks    Page = "/checks"
	PageSources   Page = "/sources"
	PageSearch    Page = "/search"
)

// Links builds every address of Waylight. It is the only place that does: names
// from the cluster are escaped here, and the namespace scope is kept.
type Links struct {
	// Namespace is the scope (?ns=) that stays in every address; empty for all
	// namespaces.
	Namespace string
}

// Page is the address of a page of the menu.
func (l Links) Page(p Page) templ.SafeURL { return l.to(nil, string(p)) }

// Filtered is a list narrowed by a filter ("waypoint:none").
func (l Links) Filtered(p Page, filter string) templ.SafeURL {
	return l.to(url.Values{paramFilter: {filter}}, string(p))
}

// Service is the page of a Service.
func (l Links) Service(namespace, name string) templ.SafeURL {
	return l.to(nil, string(PageServices), namespace, name)
}

// ServicePort is a tab of a Service's page for one of its ports. An empty tab
// is the first one, port 0 the first port.
func (l Links) ServicePort(r mesh.Ref, port uint16, tab string) templ.SafeURL {
	v := url.Values{}
	if r.Kind == "ServiceEntry" {
		v.Set(paramKind, r.Kind)
	}
	if port != 0 {
		v.Set(paramPort, strconv.Itoa(int(port)))
	}
	segments := []string{r.Namespace, r.Name}
	if tab != "" {
		segments = append(segments, tab)
	}
	return l.to(v, string(PageServices), segments...)
}

// Workload is the page of a pod or WorkloadEntry.
func (l Links) Workload(namespace, name string) templ.SafeURL {
	return l.to(nil, string(PageWorkloads), namespace, name)
}

// Node is the page of a node.
func (l Links) Node(name string) templ.SafeURL { return l.to(nil, string(PageNodes), name) }

// Ztunnel is a tab of the page of a node's ztunnel, narrowed by a filter. An
// empty tab is the first one, an empty filter shows all.
func (l Links) Ztunnel(node, tab, filter string) templ.SafeURL {
	v := url.Values{}
	if filter != "" {
		v.Set(paramFilter, filter)
	}
	return l.to(v, ztunnelPath(node, tab))
}

// ztunnelPath is the path of a tab of the page of a node's ztunnel.
func ztunnelPath(node, tab string) string {
	path := string(PageZtunnels) + "/" + url.PathEscape(node)
	if tab != "" && tab != TabWorkloads {
		path += "/" + tab
	}
	return path
}

// Waypoint is the page of a waypoint.
func (l Links) Waypoint(namespace, name string) templ.SafeURL {
	return l.to(nil, string(PageWaypoints), namespace, name)
}

// WaypointPart is a tab of the page of a waypoint, narrowed by a filter; pod is
// the replica whose Envoy is shown. Any of the three may be empty.
func (l Links) WaypointPart(namespace, name, tab, filter, pod string) templ.SafeURL {
	v := url.Values{}
	if filter != "" {
		v.Set(paramFilter, filter)
	}
	if pod != "" {
		v.Set(paramPod, pod)
	}
	return l.to(v, waypointPath(namespace, name, tab))
}

// waypointPath is the path of a tab of the page of a waypoint.
func waypointPath(namespace, name, tab string) string {
	path := string(PageWaypoints) + "/" + url.PathEscape(namespace) + "/" + url.PathEscape(name)
	if tab != "" && tab != TabOverview {
		path += "/" + tab
	}
	return path
}

// Gateway is the page of a gateway that is no waypoint.
func (l Links) Gateway(namespace, name string) templ.SafeURL {
	return l.to(nil, string(PageGateways), namespace, name)
}

// Policy is the page of a policy of any kind.
func (l Links) Policy(r mesh.Ref) templ.SafeURL {
	return l.to(nil, string(PagePolicies), strings.ToLower(r.Kind), r.Namespace, r.Name)
}

// Check is the entry of a code in the catalogue.
func (l Links) Check(code string) templ.SafeURL {
	return l.Page(PageChecks) + templ.SafeURL("#"+url.PathEscape(code))
}

// Source is the entry of a source on its page.
func (l Links) Source(name string) templ.SafeURL {
	return l.Page(PageSources) + templ.SafeURL("#"+ui.ID("source", name))
}

// Object is the page of any object, empty for kinds that have none. The
// snapshot tells waypoints from other Gateways; a Gateway it does not know is
// looked for among the waypoints, which is what names one.
func (l Links) Object(s *mesh.Snapshot, r mesh.Ref) templ.SafeURL {
	switch r.Kind {
	case "Service":
		return l.Service(r.Namespace, r.Name)
	case "ServiceEntry":
		return l.ServicePort(r, 0, "")
	case "Pod", "WorkloadEntry":
		return l.Workload(r.Namespace, r.Name)
	case "Node":
		return l.Node(r.Name)
	case "Gateway":
		return l.gateway(s.Gateway(r.Namespace, r.Name))
	case "Namespace":
		return Links{Namespace: r.Name}.Page(PageServices)
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob":
		return l.Filtered(PageWorkloads, "ns:"+quoteValue(r.Namespace)+" owner:"+quoteValue(r.Name))
	case "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication":
		return l.Policy(r)
	}
	return ""
}

func (l Links) gateway(g *mesh.Gateway) templ.SafeURL {
	switch {
	case g == nil:
		return ""
	case g.Role() == mesh.RoleWaypoint:
		return l.Waypoint(g.Namespace, g.Name)
	}
	return l.Gateway(g.Namespace, g.Name)
}

// Sorted is a page with another order; a column that is already sorted turns
// round. path is the page's own.
func (l Links) Sorted(path string, q Query, key string) templ.SafeURL {
	v := q.params()
	v.Set(paramSort, q.Sort.next(key))
	return templ.SafeURL(path + "?" + v.Encode())
}

// Column is a sortable column of a list, with its link and its present order.
func (l Links) Column(path string, q Query, key, label, class string) ui.Column {
	return ui.Column{Label: label, Class: class, SortURL: l.Sorted(path, q, key), Sorted: q.Sort.order(key)}
}

// FilterBox is the filter box of a list at path that understands keys.
func (l Links) FilterBox(path string, q Query, keys ...string) *ui.Filter {
	keep := q.params()
	keep.Del(paramFilter)
	return &ui.Filter{
		Action:  templ.SafeURL(path),
		Value:   q.Text,
		Keep:    params(keep),
		Keys:    keys,
		Unknown: q.Filter.Unknown(keys...),
		Clear:   withQuery(path, keep),
	}
}

// to joins path segments, escaping all but the first, and adds the scope.
func (l Links) to(v url.Values, base string, segments ...string) templ.SafeURL {
	path := base
	for _, s := range segments {
		path = strings.TrimSuffix(path, "/") + "/" + url.PathEscape(s)
	}
	if l.Namespace != "" {
		if v == nil {
			v = url.Values{}
		}
		v.Set(paramNamespace, l.Namespace)
	}
	return withQuery(path, v)
}

func withQuery(path string, v url.Values) templ.SafeURL {
	if len(v) == 0 {
		return templ.SafeURL(path)
	}
	return templ.SafeURL(path + "?" + v.Encode())
}
