package analysis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// canary is a Service of two versions behind a waypoint.
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

// weighted sends 90 of 100 requests to v1 and 10 to v2.
func weighted(change ...func(*mesh.Route)) mt.Part {
	r := &mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "orders"}, Hosts: []string{"orders"}, Rules: []mesh.RouteRule{{
		Protocol: "http",
		Backends: []mesh.Backend{{Host: "orders", Subset: "v1", Weight: 90}, {Host: "orders", Subset: "v2", Weight: 10}},
	}}}
	for _, c := range change {
		c(r)
	}
	d := &mesh.DestinationRule{Meta: mesh.Meta{Kind: "DestinationRule", Namespace: "shop", Name: "orders"}, Host: "orders", Subsets: []mesh.Subset{
		{Name: "v1", Labels: map[string]string{"version": "v1"}}, {Name: "v2", Labels: map[string]string{"version": "v2"}},
	}}
	return mt.Objects(r, d)
}

// sent are requests to each version, counted by the waypoint in five minutes.
func sent(v1, v2 float64) mt.Part {
	return mt.Counted(func(t *mesh.Traffic) {
		t.Requests = append(t.Requests, mt.Flow("shop", "orders", "orders-v1", "v1", "200", v1), mt.Flow("shop", "orders", "orders-v2", "v2", "200", v2))
	})
}

func TestSplitDrift(t *testing.T) {
	changedAgo := func(ago time.Duration) func(*mesh.Route) {
		return func(r *mesh.Route) {
			r.SpecChange = mesh.Change{Manager: "kubectl", Time: mt.Now.Add(-ago)}
		}
	}
	always := func(r *mesh.Route) {
		rule := mesh.RouteRule{Protocol: "http", Backends: []mesh.Backend{{Host: "orders", Subset: "v2", Weight: 1}}}
		rule.Matches = []mesh.RouteMatch{{Headers: []mesh.NamedMatch{{Name: "x-canary"}}}}
		r.Rules = append([]mesh.RouteRule{rule}, r.Rules...)
	}
	withoutV2 := canary(weighted(), sent(500, 0))
	withoutV2[4] = mt.Deployment("shop", "orders-v2", mt.Label("app", "orders"), mt.Label("version", "v2"), mt.Ready(0))
	want := []string{"warning Service shop/orders"}
	testCheck(t, "SPLIT_DRIFT", []checkCase{
		{name: "62 to 38 where 90 to 10 is declared, of 500 requests", parts: canary(weighted(), sent(310, 190)), want: want},
		{name: "of 200 requests", parts: canary(weighted(), sent(124, 76)), want: want},
		{name: "the route changed before the window", parts: canary(weighted(changedAgo(6*time.Minute)), sent(310, 190)), want: want},
		{name: "a version without weight gets requests", parts: canary(weighted(func(r *mesh.Route) {
			r.Rules[0].Backends[0].Weight, r.Rules[0].Backends[1].Weight = 100, 0
		}), sent(900, 100)), want: want},
		{name: "silent: 199 requests", parts: canary(weighted(), sent(123, 76))},
		{name: "silent: 60 requests", parts: canary(weighted(), sent(37, 23))},
		{name: "silent: as declared", parts: canary(weighted(), sent(450, 50))},
		{name: "silent: less than five points off, however many requests", parts: canary(weighted(), sent(86_000, 14_000))},
		{name: "silent: seven points off of 200 requests are chance enough", parts: canary(weighted(), sent(166, 34))},
		{name: "silent: the route changed within the window", parts: canary(weighted(changedAgo(4*time.Minute)), sent(310, 190))},
		{name: "silent: a rule with a match leads to the same version", parts: canary(weighted(always), sent(310, 190))},
		{name: "silent: no traffic", parts: canary(weighted(), sent(0, 0))},
		{name: "silent: nothing was counted", parts: canary(weighted())},
		{name: "silent: what v2 lacks was lost on the way to some version", parts: canary(weighted(), sent(450, 0), mt.Counted(func(c *mesh.Traffic) {
			c.Requests = append(c.Requests, mt.Flow("shop", "orders", "", "", "503", 50))
		}))},
		{name: "silent: v2 has no ready pod, which is another finding", parts: withoutV2},
	})
}

func TestSplitDriftShowsBothAndTheSample(t *testing.T) {
	f := only(t, assess(canary(weighted(), sent(310, 190))...), "SPLIT_DRIFT")
	if want := "Requests to Service shop/orders are split v1 62 %, v2 38 %, and v1 90 %, v2 10 % is declared."; f.Summary != want {
		t.Errorf("summary %q, want %q", f.Summary, want)
	}
	if text := evidenceText(f); !strings.Contains(text, "v2: 190 of 500 requests, 38 % (33.7 % to 42.4 % with 95 % confidence), declared 10 % in 5m0s") {
		t.Errorf("evidence:\n%s", text)
	}
}
