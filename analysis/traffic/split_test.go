package traffic_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

var orders = mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"}

// canary is a service of two versions behind a waypoint, 90 to 10.
func canary(more ...mt.Part) []mt.Part {
	return append([]mt.Part{
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")),
		mt.Waypoint("shop", "waypoint", mt.Replicas(2)),
		mt.Deployment("shop", "web"),
		mt.Deployment("shop", "orders-v1", mt.Label("app", "orders"), mt.Label("version", "v1")),
		mt.Deployment("shop", "orders-v2", mt.Label("app", "orders"), mt.Label("version", "v2")),
		mt.Service("shop", "orders"),
	}, more...)
}

func route(rules ...mesh.RouteRule) *mesh.Route {
	for i := range rules {
		rules[i].Protocol = "http"
	}
	return &mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "orders"}, Hosts: []string{"orders"}, Rules: rules}
}

func split(v1, v2 int32) mesh.RouteRule {
	return mesh.RouteRule{Backends: []mesh.Backend{{Host: "orders", Subset: "v1", Weight: v1}, {Host: "orders", Subset: "v2", Weight: v2}}}
}

func subsets(label string) *mesh.DestinationRule {
	return &mesh.DestinationRule{Meta: mesh.Meta{Kind: "DestinationRule", Namespace: "shop", Name: "orders"}, Host: "orders", Subsets: []mesh.Subset{
		{Name: "v1", Labels: map[string]string{label: "v1"}}, {Name: "v2", Labels: map[string]string{label: "v2"}},
	}}
}

func requests(flows ...mesh.RequestFlow) mt.Part {
	return mt.Counted(func(t *mesh.Traffic) { t.Requests = append(t.Requests, flows...) })
}

func sent(v1, v2 float64) mt.Part {
	return requests(mt.Flow("shop", "orders", "orders-v1", "v1", "200", v1), mt.Flow("shop", "orders", "orders-v2", "v2", "200", v2))
}

// said shows a split in a line: "v1 90→62.0 (310), v2 10→38.0 (190)".
func said(s traffic.Split) string {
	if !s.Known {
		return "unknown: " + s.Why
	}
	var out []string
	for _, v := range s.Versions {
		text := fmt.Sprintf("%s %g→%.1f (%d)", v.Title, v.Share, v.Observed, v.Count)
		if v.Drifts {
			text += " drifts"
		}
		out = append(out, text)
	}
	for _, o := range s.Elsewhere {
		out = append(out, fmt.Sprintf("%s (%d)", o.Name, o.Count))
	}
	if s.Refused+s.Lost > 0 {
		out = append(out, fmt.Sprintf("%d refused, %d lost", s.Refused, s.Lost))
	}
	if s.Unjudged != "" {
		out = append(out, s.Unjudged)
	}
	return strings.Join(out, ", ")
}

func TestSplit(t *testing.T) {
	declared := mt.Objects(route(split(90, 10)), subsets("version"))
	always := mesh.RouteRule{Matches: []mesh.RouteMatch{{Headers: []mesh.NamedMatch{{Name: "x-canary", Match: &mesh.StringMatch{Kind: mesh.MatchExact, Value: "always"}}}}}, Backends: []mesh.Backend{{Host: "orders", Subset: "v2", Weight: 1}}}
	changed := route(split(90, 10))
	changed.SpecChange = mesh.Change{Manager: "kubectl", Time: mt.Now.Add(-4 * time.Minute)}
	for _, tt := range []struct {
		name  string
		parts []mt.Part
		want  string
	}{
		{"62 to 38 of 500 where 90 to 10 is declared", canary(declared, sent(310, 190)), "v1 90→62.0 (310) drifts, v2 10→38.0 (190) drifts"},
		{"the same of 60 requests is shown and not judged", canary(declared, sent(37, 23)), "v1 90→61.7 (37), v2 10→38.3 (23), 60 requests are too few to judge by; it takes 200"},
		{"as declared", canary(declared, sent(451, 49)), "v1 90→90.2 (451), v2 10→9.8 (49)"},
		{"four points off are within what is meant, however many requests", canary(declared, sent(86000, 14000)), "v1 90→86.0 (86000), v2 10→14.0 (14000)"},
		{"no requests are no traffic and no share", canary(declared, sent(0, 0)), "v1 90→0.0 (0), v2 10→0.0 (0), no traffic"},
		{"nothing was counted", canary(declared), "unknown: nothing was counted: there is no Prometheus, and no two readings of the proxies"},
		{"nothing is split", canary(sent(310, 190)), "all pods 100→100.0 (500), nothing is split"},
		{
			"a rule with a match leads to one of the versions", canary(mt.Objects(route(always, split(90, 10)), subsets("version")), sent(310, 190)),
			"v1 90→62.0 (310), v2 10→38.0 (190), a rule with a match leads to the same versions, and metrics do not tell rules apart",
		},
		{
			"the route changed within the window", canary(mt.Objects(changed, subsets("version")), sent(310, 190)),
			"v1 90→62.0 (310), v2 10→38.0 (190), VirtualService shop/orders changed within the window",
		},
		{
			"subsets by another label are told apart by their Deployments", canary(
				mt.Objects(route(split(90, 10)), subsets("track")),
				mt.Deployment("shop", "orders-a", mt.Label("app", "orders"), mt.Label("track", "v1")),
				mt.Deployment("shop", "orders-b", mt.Label("app", "orders"), mt.Label("track", "v2")),
				requests(mt.Flow("shop", "orders", "orders-a", "latest", "200", 310), mt.Flow("shop", "orders", "orders-b", "latest", "200", 190))),
			"v1 90→62.0 (310) drifts, v2 10→38.0 (190) drifts",
		},
		{
			"requests a policy refused belong to no version", canary(declared, sent(310, 190), requests(mt.Flow("shop", "orders", "", "", "403", 70))),
			"v1 90→62.0 (310) drifts, v2 10→38.0 (190) drifts, 70 refused, 0 lost",
		},
		{
			"requests that were lost may have been for the version that lacks them", canary(declared, sent(450, 0), requests(mt.Flow("shop", "orders", "", "", "503", 50))),
			"v1 90→100.0 (450), v2 10→0.0 (0), 0 refused, 50 lost",
		},
		{
			"pods of no declared version are no part of the sample", canary(declared, sent(450, 50), requests(mt.Flow("shop", "orders", "orders-v3", "v3", "200", 100))),
			"v1 90→90.0 (450), v2 10→10.0 (50), orders-v3 v3 (100)",
		},
		{
			"requests that another reporter counted are not added", canary(declared, sent(450, 50), requests(reportedBy("source", mt.Flow("shop", "orders", "orders-v2", "v2", "200", 900)))),
			"v1 90→90.0 (450), v2 10→10.0 (50)",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := said(traffic.New(mt.Mesh(tt.parts...)).SplitOf(orders))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func reportedBy(reporter string, f mesh.RequestFlow) mesh.RequestFlow {
	f.Reporter = reporter
	return f
}

func TestSplitOverServices(t *testing.T) {
	backends := mesh.RouteRule{Backends: []mesh.Backend{{Host: "orders-v1", Weight: 90}, {Host: "orders-v2", Weight: 10}}}
	parts := canary(mt.Service("shop", "orders-v1"), mt.Service("shop", "orders-v2"), mt.Objects(route(backends)),
		requests(mt.Flow("shop", "orders-v1", "orders-v1", "v1", "200", 310), mt.Flow("shop", "orders-v2", "orders-v2", "v2", "200", 190)))
	for i, name := range []string{"orders-v1", "orders-v2"} {
		parts[3+i] = mt.Deployment("shop", name)
	}
	t.Run("each backend is counted under its own Service", func(t *testing.T) {
		want := "orders-v1 90→62.0 (310) drifts, orders-v2 10→38.0 (190) drifts"
		if got := said(traffic.New(mt.Mesh(parts...)).SplitOf(orders)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
	t.Run("a backend that is called by its own name as well", func(t *testing.T) {
		direct := mt.Counted(func(c *mesh.Traffic) {
			c.Connections = append(c.Connections, mesh.ConnectionFlow{Reporter: "source", Host: "orders-v2.shop.svc.cluster.local", ServiceNamespace: "shop", ServiceName: "orders-v2", Flags: "-", Opened: 12})
		})
		want := "orders-v1 90→62.0 (310), orders-v2 10→38.0 (190), Service shop/orders-v2 is also called by its own name, and metrics do not tell those requests apart"
		if got := said(traffic.New(mt.Mesh(append(parts, direct)...)).SplitOf(orders)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}
