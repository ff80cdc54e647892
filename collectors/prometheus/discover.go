package prometheus

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Service is a Kubernetes Service that may be a Prometheus.
type Service struct {
	Namespace, Name string
	Port            uint16
	// Scheme is http or https, Path what stands in front of /api/v1.
	Scheme, Path string
}

// Address is its URL within the cluster.
func (s Service) Address() string {
	return fmt.Sprintf("%s://%s.%s.svc:%d%s", s.Scheme, s.Name, s.Namespace, s.Port, s.Path)
}

// namespaces are where a Prometheus is looked for, besides the mesh's root
// namespace. Elsewhere a Service of a telling name can be anybody's.
var namespaces = []string{
	"istio-system", "monitoring", "observability", "prometheus", "kube-prometheus-stack", "prometheus-operator", "openshift-monitoring",
	"cattle-monitoring-system", "metrics", "thanos", "mimir", "cortex",
}

// kind is a program that answers Prometheus' queries, by the names its charts
// and operators give its Service.
type kind struct {
	name  string // whole, or the end of one after a hyphen
	path  string
	ports []uint16 // without a port of a telling name
}

// kinds in the order in which they are tried: what sees several Prometheuses
// comes before one of them.
var kinds = []kind{
	{name: "thanos-query-frontend", ports: []uint16{9090, 10902, 80}},
	{name: "thanos-query", ports: []uint16{9090, 10902, 80}},
	{name: "thanos-querier", ports: []uint16{9090, 9091, 10902, 80}},
	{name: "mimir-query-frontend", path: "/prometheus", ports: []uint16{8080, 80}},
	{name: "mimir-gateway", path: "/prometheus", ports: []uint16{80, 8080}},
	{name: "mimir-nginx", path: "/prometheus", ports: []uint16{80, 8080}},
	{name: "prometheus-server", ports: []uint16{80, 9090}},
	{name: "prometheus-k8s", ports: []uint16{9090, 9091}},
	{name: "kube-prometheus-prometheus", ports: []uint16{9090}},
	{name: "kube-prometheus-stack-prometheus", ports: []uint16{9090}},
	{name: "kube-prom-prometheus", ports: []uint16{9090}},
	{name: "prometheus", ports: []uint16{9090, 80}},
	{name: "prometheus-operated", ports: []uint16{9090}},
}

// webPorts are names of ports that such programs listen on for queries.
var webPorts = []string{"http", "web", "http-web", "https", "http-metrics", "nginx", "http-query"}

// Find lists Services of well-known names in well-known namespaces, the most
// likely first.
func Find(snap *mesh.Snapshot) []Service {
	type ranked struct {
		Service
		kind, namespace int
	}
	var found []ranked
	in := slices.Concat([]string{snap.RootNamespace()}, namespaces)
	for _, sh := range snap.Shards {
		rank := slices.Index(in, sh.Namespace)
		if rank < 0 {
			continue
		}
		for _, svc := range sh.Services {
			if k := kindOf(svc.Name); k >= 0 {
				if s, ok := kinds[k].service(svc); ok {
					found = append(found, ranked{s, k, rank})
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.namespace, b.namespace), strings.Compare(a.Name, b.Name))
	})
	out := make([]Service, 0, len(found))
	for _, f := range found {
		out = append(out, f.Service)
	}
	return out
}

// kindOf finds a kind by the name of a Service: of those that fit, the one with
// the longest name. It is -1 where none does.
func kindOf(name string) int {
	best := -1
	for i, k := range kinds {
		fits := name == k.name || strings.HasSuffix(name, "-"+k.name)
		if fits && (best < 0 || len(k.name) > len(kinds[best].name)) {
			best = i
		}
	}
	return best
}

// service is where a Service of the kind answers.
func (k kind) service(svc *mesh.Service) (Service, bool) {
	for _, name := range webPorts {
		for _, p := range svc.Ports {
			if p.Name == name && p.Protocol != "UDP" {
				return k.at(svc, p), true
			}
		}
	}
	for _, number := range k.ports {
		if p := svc.Port(number); p != nil && p.Protocol != "UDP" {
			return k.at(svc, *p), true
		}
	}
	return Service{}, false
}

func (k kind) at(svc *mesh.Service, p mesh.ServicePort) Service {
	scheme := "http"
	if p.Name == "https" || p.AppProtocol == "https" || p.Port == 443 || p.Port == 9091 {
		scheme = "https"
	}
	return Service{Namespace: svc.Namespace, Name: svc.Name, Port: p.Port, Scheme: scheme, Path: k.path}
}
