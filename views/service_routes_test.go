package views

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

// routed is a service with a rule for everything a route can declare.
func routed(namespace ...mt.Option) *mesh.Snapshot {
	five := uint32(5)
	prefix := func(p string) []mesh.RouteMatch {
		return []mesh.RouteMatch{{Path: &mesh.StringMatch{Kind: mesh.MatchPrefix, Value: p}}}
	}
	return mt.Mesh(
		mt.Namespace("shop", append([]mt.Option{mt.Ambient}, namespace...)...), mt.Waypoint("shop", "waypoint"), mt.Service("shop", "orders"),
		mt.Deployment("shop", "orders", mt.Replicas(3), mt.Label("version", "v1"), mt.OnPod(3, mt.NotReady)),
		mt.Objects(
			&mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "orders"}, Hosts: []string{"orders"}, Rules: []mesh.RouteRule{
				{Protocol: "http", Matches: prefix("/api"), Timeout: new(3 * time.Second), Retry: &mesh.Retry{Attempts: 2, PerTryTimeout: new(time.Second), On: "5xx"}, Backends: []mesh.Backend{{Host: "orders", Subset: "v1"}}, Mirrors: []mesh.Backend{{Host: "shadow.example", Percent: 5}}},
				{Protocol: "http", Matches: prefix("/old"), Redirect: &mesh.Redirect{Host: "new.example", Status: 301}},
				{Protocol: "http", Backends: []mesh.Backend{{Host: "orders", Subset: "v1", Weight: 90}, {Host: "orders", Subset: "v2", Weight: 10}}, Fault: &mesh.Fault{AbortStatus: 503, AbortPercent: 0.5}},
				{Protocol: "http", Matches: prefix("/late"), Backends: []mesh.Backend{{Host: "orders"}}},
			}},
			&mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "by-label"}, Hosts: []string{"orders"}, Rules: []mesh.RouteRule{{Protocol: "http", Matches: []mesh.RouteMatch{{SourceLabels: map[string]string{"a": "b"}}}}}},
			&mesh.DestinationRule{
				Meta: mesh.Meta{Kind: "DestinationRule", Namespace: "shop", Name: "orders"}, Host: "orders",
				Policy:  &mesh.TrafficPolicy{MaxConnections: 100, TLSMode: "ISTIO_MUTUAL", Outlier: &mesh.Outlier{Consecutive5xx: &five, Interval: new(10 * time.Second)}, PortLevel: map[uint16]*mesh.TrafficPolicy{80: {MaxRequests: 7}}},
				Subsets: []mesh.Subset{{Name: "v1", Labels: map[string]string{"version": "v1"}}, {Name: "v2", Labels: map[string]string{"version": "v2"}}},
			},
		),
	)
}

func TestRulesAreShownInTheOrderTheyAreTried(t *testing.T) {
	doc := serviceDoc(t, routed(mt.UseWaypoint("waypoint")), "shop", "orders", TabRoutes, "")
	rules := doc.Find(".rule")
	if rules.Length() != 4 {
		t.Fatalf("%d rules", rules.Length())
	}
	for i, want := range [][]string{
		{"path begins with /api", "100 %", "subset v1", "5 % mirrored to", "shadow.example", "3s", "2 retries on 5xx, 1s per try"},
		{"redirect", "HTTP 301, to host new.example"},
		{"every request", "90 %", "10 %", "weight 90", "0.5 % of requests get HTTP 503"},
		{"Never reached: rule 3 takes every request."},
	} {
		got := spaced(rules.Eq(i))
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("rule %d lacks %q: %s", i+1, w, got)
			}
		}
	}
	if doc.Find(".rule-dead").Length() != 1 || doc.Find(".notice").Length() != 0 {
		t.Error("the dead rule is not marked, or rules in effect are said not to be")
	}
	if got := uitest.Text(doc.Find(`.panel:contains("Left out")`)); !strings.Contains(got, "shop/by-label") || !strings.Contains(got, "sourceLabels") {
		t.Errorf("what is left out reads %q", got)
	}
}

func TestResilienceIsShownAsDeclared(t *testing.T) {
	doc := serviceDoc(t, routed(mt.UseWaypoint("waypoint")), "shop", "orders", TabRoutes, "")
	resilience := doc.Find(`.panel:contains("Resilience")`)
	for _, want := range []string{"connections at most 100", "no effect in ambient", "after 5 5xx in a row, looked at every 10s", "Port 80", "requests at most 7"} {
		if got := spaced(resilience); !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if diff := cmp.Diff([]string{"2 of 3", "none"}, texts(resilience.Find(`td[data-label="Pods ready"]`))); diff != "" {
		t.Error(diff)
	}
}

func TestRoutesWithoutAWaypointAreSaidToDoNothing(t *testing.T) {
	for name, tt := range map[string]struct{ label, want string }{
		"no label":        {"", "No waypoint is in effect, so nothing below is applied."},
		"a missing one":   {"gone", "There is no Gateway shop/gone."},
		"one that exists": {"waypoint", ""},
	} {
		var opts []mt.Option
		if tt.label != "" {
			opts = append(opts, mt.UseWaypoint(tt.label))
		}
		got := uitest.Text(serviceDoc(t, routed(opts...), "shop", "orders", TabRoutes, "").Find(".notice"))
		if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestRoutesThatCouldNotBeReadAreUnknown(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop"), mt.Service("shop", "orders"), mt.Forbidden(mesh.ResourceVirtualServices))
	if serviceDoc(t, s, "shop", "orders", TabRoutes, "").Find(".state-forbidden").Length() != 1 {
		t.Error("VirtualServices that may not be read look like none")
	}
}

func TestMatchWords(t *testing.T) {
	text := func(kind mesh.MatchKind, v string) *mesh.StringMatch { return &mesh.StringMatch{Kind: kind, Value: v} }
	for name, tt := range map[string]struct {
		match *mesh.RouteMatch
		want  []string
	}{
		"nothing": {nil, nil},
		"a request": {
			&mesh.RouteMatch{Path: text(mesh.MatchRegex, "/a.*"), Method: text(mesh.MatchExact, "GET"), Authority: text(mesh.MatchPrefix, "a."), Scheme: text(mesh.MatchExact, "https")},
			[]string{"path matches the expression /a.*", "method is GET", "host begins with a.", "scheme is https"},
		},
		"headers and parameters": {
			&mesh.RouteMatch{Headers: []mesh.NamedMatch{{Name: "x"}}, WithoutHeaders: []mesh.NamedMatch{{Name: "y", Match: text(mesh.MatchExact, "1")}}, QueryParams: []mesh.NamedMatch{{Name: "q", Match: text(mesh.MatchExact, "2")}}},
			[]string{"header x is present", "not: header y is 1", "query parameter q is 2"},
		},
		"gRPC":          {&mesh.RouteMatch{GRPCService: text(mesh.MatchExact, "S"), GRPCMethod: text(mesh.MatchExact, "M")}, []string{"gRPC service is S", "gRPC method is M"}},
		"a connection":  {&mesh.RouteMatch{SNIHosts: []string{"a", "b"}, DestinationIPs: []string{"10.0.0.0/8"}, Port: 443}, []string{"SNI is a or b", "address in 10.0.0.0/8", "port is 443"}},
		"where it goes": {&mesh.RouteMatch{SourceNamespace: "edge", SourceLabels: map[string]string{"b": "2", "a": "1"}}, []string{"waypoint is in namespace edge", "caller has label a=1", "caller has label b=2"}},
	} {
		if diff := cmp.Diff(tt.want, matchWords(tt.match)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestRuleWords(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{durationWords(nil), ""},
		{durationWords(new(time.Duration(0))), "none (0s)"},
		{durationWords(new(1500 * time.Millisecond)), "1.5s"},
		{retryWords(&mesh.Retry{}), "none"},
		{retryWords(&mesh.Retry{Attempts: 1, Backoff: new(time.Second)}), "1 retry, 1s between tries"},
		{redirectWords(&mesh.Redirect{}), "to the same address"},
		{redirectWords(&mesh.Redirect{Scheme: "https", Port: 8443, Path: "/x", PrefixPath: true}), "to scheme https, to port 8443, matched prefix of the path becomes /x"},
		{rewriteWords(&mesh.Rewrite{Host: "h", Path: "/"}), "host becomes h, path becomes /"},
		{faultWords(&mesh.Fault{Delay: new(time.Second), DelayPercent: 10, AbortGRPC: "UNAVAILABLE", AbortPercent: 1}), "10 % of requests wait 1s, 1 % of requests get gRPC status UNAVAILABLE"},
		{outlierWords(&mesh.Outlier{}), "on, with Istio's defaults"},
		{weightShare(1, 3, 3), "33.3 %"},
		{weightShare(0, 0, 1), "100 %"},
		{weightShare(0, 10, 2), "0 %"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func TestBackendsAreFoundAsIstioCompletesNames(t *testing.T) {
	for host, want := range map[string]string{
		"orders":                         "Service shop/orders",
		"orders.other.svc.cluster.local": "Service other/orders",
		"orders.other":                   "",
		"api.example":                    "",
		"*.example":                      "",
		"":                               "",
	} {
		if got := backendRef("shop", mesh.Backend{Host: host}).String(); got != want {
			t.Errorf("%q is %q, want %q", host, got, want)
		}
	}
}
