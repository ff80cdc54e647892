package path_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// question is a call in the words of tests: "GET /api/x from shop/web-1 to
// shop/orders:80".
func question(from, to string) path.Request {
	return path.Request{From: from, To: to, Path: "/api/items"}
}

// explain follows a call that makes sense.
func explain(t *testing.T, s *mesh.Snapshot, r path.Request) *path.Explanation {
	t.Helper()
	e, err := path.Explain(s, nil, r)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// told is an explanation in short: the verdict, what the client sees, the code,
// and each hop with what it does.
func told(e *path.Explanation) string {
	out := string(e.Verdict) + " " + outcome(e.Outcome)
	if e.Code != "" {
		out += " " + e.Code
	}
	return out
}

func outcome(o path.Outcome) string {
	if o.Kind == path.OutcomeHTTP {
		return "http " + strings.TrimSpace(strings.Fields(o.Text)[1])
	}
	return string(o.Kind)
}

// hop finds the first hop of a kind, in branches too.
func hop(e *path.Explanation, kind path.HopKind) path.Hop {
	for _, h := range e.Hops {
		if h.Kind == kind {
			return h
		}
	}
	for _, b := range e.Branches {
		for _, h := range b.Hops {
			if h.Kind == kind {
				return h
			}
		}
	}
	return path.Hop{}
}

func kinds(hops []path.Hop) string {
	var out []string
	for _, h := range hops {
		out = append(out, string(h.Kind)+" "+string(h.Result))
	}
	return strings.Join(out, ", ")
}

func TestACallThatWorks(t *testing.T) {
	e := explain(t, shop(), question("shop/web-1", "shop/orders:80"))
	if got := told(e); got != "Reachable ok" {
		t.Errorf("%s: %s", got, e.Summary)
	}
	if got := kinds(e.Hops); got != "client pass, source-ztunnel pass, waypoint pass" {
		t.Errorf("common hops: %s", got)
	}
	if len(e.Branches) != 2 || e.Branches[0].Label != "v1" || e.Branches[0].Weight != 90 || e.Branches[1].Weight != 10 {
		t.Errorf("branches: %+v", e.Branches)
	}
	if got := kinds(e.Branches[0].Hops); got != "destination-ztunnel pass, backend pass" {
		t.Errorf("hops of a branch: %s", got)
	}
	if got := hop(e, path.HopWaypoint).Identity; got != "spiffe://cluster.local/ns/shop/sa/web" {
		t.Errorf("the waypoint sees %q", got)
	}
	if got := hop(e, path.HopDestinationZtunnel).Identity; got != "spiffe://cluster.local/ns/shop/sa/waypoint" {
		t.Errorf("past the waypoint the caller is %q, want the waypoint", got)
	}
}

func TestWhatMakesNoSenseGetsOneSentence(t *testing.T) {
	for _, tt := range []struct{ name, from, to, want string }{
		{"a pod that is not there", "shop/nobody", "shop/orders:80", "There is no pod shop/nobody."},
		{"the name of a Deployment in the place of a pod's", "shop/web", "shop/orders:80", "there is a Deployment of that name: shop/deployment/web"},
		{"a kind that makes no calls", "shop/configmap/web", "shop/orders:80", "not a \"configmap\""},
		{"a controller without pods", "shop/deployment/nobody", "shop/orders:80", "No pod runs for deployment shop/nobody."},
		{"an empty end", "", "shop/orders:80", "needs both ends"},
		{"a gateway that is not there", "ingress:shop/door", "shop/orders:80", "There is no Gateway shop/door."},
		{"a waypoint as the caller", "ingress:shop/waypoint", "shop/orders:80", "is a waypoint"},
		{"a service that is not there", "shop/web-1", "shop/payments:80", "There is no Service, ServiceEntry or pod shop/payments."},
		{"a port the service has not", "shop/web-1", "shop/orders:81", "Service shop/orders has no port 81; it has 80."},
		{"a port that is no number", "shop/web-1", "shop/orders:http", "\"http\" is no port"},
		{"a pod without a port", "shop/web-1", "shop/pod/web-1", "needs a port"},
		{"a URL of another scheme", "shop/web-1", "ftp://orders/", "no http or https URL"},
		{"four parts", "shop/web-1", "a/b/c/d:80", "does not say what is called"},
		{"a host with a space", "shop/web-1", "or ders:80", "no host name"},
		{"an IPv6 address without a port", "shop/web-1", "fd00::1", "needs a port: [fd00::1]:80, for example."},
		{"orders to the terminal in a name", "shop/\x1b[31mweb\u202e", "shop/orders:80", "There is no pod shop/\ufffd[31mweb\ufffd."},
		{"a name longer than anybody reads", "shop/" + strings.Repeat("a", 1000), "shop/orders:80", "There is no pod shop/" + strings.Repeat("a", 120) + "…."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := path.Explain(shop(), nil, question(tt.from, tt.to))
			var bad *path.BadRequestError
			if !errors.As(err, &bad) || !strings.Contains(bad.Text, tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if _, also := path.Involved(shop(), question(tt.from, tt.to)); also == nil {
				t.Error("Involved takes it")
			}
		})
	}
}

func TestNobodyKnowsWhatWasNotRead(t *testing.T) {
	pods := mesh.KubernetesSource + "/" + mesh.ResourcePods
	for _, tt := range []struct {
		name     string
		with     meshtest.Part
		from, to string
		want     string
	}{
		{"a pod while pods are being read", meshtest.Source(pods, mesh.SourceStarting, ""), "shop/nobody", "shop/orders:80", "Nobody knows whether there is a pod shop/nobody: Pods are still being read."},
		{"a Deployment's name in the place of a pod's while pods may not be read", meshtest.Forbidden(mesh.ResourcePods), "shop/web", "shop/orders:80", "Nobody knows whether there is a pod shop/web: Pods may not be read, the missing right is list pods in all namespaces."},
		{"pods of a controller while pods do not answer", meshtest.Source(pods, mesh.SourceDown, "connection refused"), "shop/deployment/nobody", "shop/orders:80", "Nobody knows whether there is a running pod of deployment shop/nobody: Pods could not be read, connection refused."},
		{"a gateway where Gateways were read in part", meshtest.Source(mesh.KubernetesSource+"/"+mesh.ResourceGateways, mesh.SourcePartial, "1 object is broken"), "ingress:shop/door", "shop/orders:80", "Gateways were read in part, 1 object is broken."},
		{"a service where ServiceEntries may not be read", meshtest.Forbidden(mesh.ResourceServiceEntries), "shop/web-1", "shop/payments:80", "Nobody knows whether there is a Service, ServiceEntry or pod shop/payments: ServiceEntries may not be read"},
		{"a service in a namespace that is not watched", meshtest.Scope("shop", "istio-system"), "shop/web-1", "billing/ledger:80", "namespace billing is not watched, only shop, istio-system."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := path.Explain(shop(tt.with), nil, question(tt.from, tt.to))
			var bad *path.BadRequestError
			if !errors.As(err, &bad) || bad.Unread == nil || !strings.Contains(bad.Text, tt.want) {
				t.Errorf("got %v, want %q and why", err, tt.want)
			}
		})
	}
}

func TestMalformedRequestsAreRefused(t *testing.T) {
	for name, r := range map[string]path.Request{
		"a method with a space":         {Method: "GET /"},
		"a path without a slash":        {Path: "api"},
		"a header without a name":       {Headers: []path.Header{{Name: "", Value: "x"}}},
		"a header with a line break":    {Headers: []path.Header{{Name: "x", Value: "a\r\nb"}}},
		"a token of an unheard-of kind": func() (r path.Request) { r.Token.State = "expired"; return r }(),
	} {
		t.Run(name, func(t *testing.T) {
			r.From, r.To = "shop/web-1", "shop/orders:80"
			if _, err := path.Explain(shop(), nil, r); err == nil {
				t.Error("it is taken")
			}
		})
	}
}

// How a call is addressed decides the way it takes.
func TestAddressing(t *testing.T) {
	s := shop(
		meshtest.Service("shop", "files", meshtest.With(func(s *mesh.Service) { s.VIPs, s.Selector = nil, map[string]string{"app": "files"} })),
		meshtest.StatefulSet("shop", "files"),
		meshtest.Service("legacy", "orders", meshtest.With(func(s *mesh.Service) {
			s.Type, s.ExternalName, s.VIPs, s.Selector = "ExternalName", "orders.shop.svc.cluster.local", nil, nil
		})),
		meshtest.Namespace("other", meshtest.Ambient), meshtest.Pod("other", "client"),
		meshtest.Objects(policyIn("shop", "let-web", fromPrincipals("cluster.local/ns/shop/sa/web"))),
	)
	vip := s.Service("shop", "orders").VIPs[0]
	pod := s.Workload("shop", "orders-v1-1").IPs[0]
	viaWaypoint, direct := "pass", ""
	for _, tt := range []struct{ name, from, to, want, waypoint string }{
		{"namespace and Service", "shop/web-1", "shop/orders:80", "Reachable ok", viaWaypoint},
		{"without a port where there is one", "shop/web-1", "shop/orders", "Reachable ok", viaWaypoint},
		{"a short name from its own namespace", "shop/web-1", "orders:80", "Reachable ok", viaWaypoint},
		{"a name with its namespace", "shop/web-1", "orders.shop:80", "Reachable ok", viaWaypoint},
		{"the full name", "shop/web-1", "orders.shop.svc.cluster.local:80", "Reachable ok", viaWaypoint},
		{"the full name with a dot at its end", "shop/web-1", "orders.shop.svc.cluster.local.:80", "Reachable ok", viaWaypoint},
		{"a URL", "shop/web-1", "http://orders.shop/api/items?page=2", "Reachable ok", viaWaypoint},
		{"the virtual address", "shop/web-1", vip + ":80", "Reachable ok", viaWaypoint},
		{"the virtual address with a port it has not", "shop/web-1", vip + ":81", "Unreachable reset PORT_NOT_ON_SERVICE", direct},
		{"a short name from elsewhere", "other/client", "orders:80", "Unreachable refused NO_SERVICE", direct},
		{"an alias", "shop/web-1", "legacy/orders:80", "Reachable ok", viaWaypoint},
		{"the address of a pod", "shop/web-1", pod + ":8080", "Reachable ok", "skipped"},
		{"a pod by name", "shop/web-1", "shop/orders-v1-1:8080", "Reachable ok", "skipped"},
		{"a pod by name, said so", "shop/web-1", "shop/pod/orders-v1-1:8080", "Reachable ok", "skipped"},
		{"a headless Service", "shop/web-1", "shop/files:80", "Reachable ok", "skipped"},
		{"a headless Service from outside the mesh", "legacy/batch-1", "shop/files:80", "Unreachable reset STRICT_PLAINTEXT", "skipped"},
		{"a headless Service at a port of the pods' own", "shop/web-1", "files:9000", "Reachable ok", "skipped"},
		{"a Service by name at a port it has not", "shop/web-1", "orders:81", "Unreachable reset PORT_NOT_ON_SERVICE", direct},
		{"a pod of a StatefulSet by its name in DNS", "shop/web-1", "files-1.files:8080", "Reachable ok", "skipped"},
		{"an address nobody has", "shop/web-1", "192.0.2.1:443", "Undetermined unknown", direct},
		{"a host outside", "shop/web-1", "api.example.com:443", "Undetermined unknown", direct},
		{"a name in the cluster that is none", "shop/web-1", "orders.nowhere.svc.cluster.local:80", "Unreachable refused NO_SERVICE", direct},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := explain(t, s, question(tt.from, tt.to))
			if got := told(e); got != tt.want {
				t.Errorf("%s, want %s: %s", got, tt.want, e.Summary)
			}
			if got := string(hop(e, path.HopWaypoint).Result); got != tt.waypoint {
				t.Errorf("waypoint %q, want %q (%s)", got, tt.waypoint, kinds(e.Hops))
			}
		})
	}
}

func policyIn(namespace, name string, rules ...mesh.AuthorizationRule) *mesh.AuthorizationPolicy {
	p := policy(name, "ALLOW", rules...)
	p.Namespace = namespace
	return p
}
