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

// tookMillis is a flow that says how long requests to a version took.
func tookMillis(version string, counts ...float64) mesh.RequestFlow {
	f := mt.Flow("shop", "orders", "orders-"+version, version, "", 0)
	f.Latency = &mesh.Histogram{Bounds: []float64{1, 10, 100}, Counts: counts}
	return f
}

// red shows what requests did in a line.
func red(list ...traffic.Requests) string {
	var out []string
	for _, r := range list {
		text := fmt.Sprintf("%s %g at %.2f/s", r.Name, r.Count, r.PerSecond)
		if share, ok := r.ErrorShare(); ok {
			text += fmt.Sprintf(", %.1f %% fail", share)
		}
		for _, l := range []*traffic.Latency{r.P50, r.P99} {
			if l != nil {
				text += fmt.Sprintf(", %.1f ms", l.Milliseconds)
				if l.Above {
					text += " or more"
				}
			}
		}
		out = append(out, strings.TrimSpace(text))
	}
	return strings.Join(out, "; ")
}

func TestRequestsByVersion(t *testing.T) {
	flow := func(version, code, flags string, count float64) mesh.RequestFlow {
		f := mt.Flow("shop", "orders", "orders-"+version, version, code, count)
		f.Flags = flags
		return f
	}
	fine := func(version string) mesh.RequestFlow {
		f := tookMillis(version)
		f.Latency = &mesh.Histogram{Bounds: []float64{1, 5, 10}, Counts: []float64{0, 25, 25, 0}}
		return f
	}
	grpc := flow("v1", "200", "-", 30)
	grpc.GRPCStatus, grpc.Protocol = "14", "grpc"
	for _, tt := range []struct {
		name  string
		flows []mesh.RequestFlow
		want  string
	}{
		{"nothing", nil, ""},
		{"rates, and no share of errors where nothing was sent", []mesh.RequestFlow{flow("v1", "200", "-", 300), flow("v2", "200", "-", 0)}, "v1 300 at 1.00/s, 0.0 % fail; v2 0 at 0.00/s"},
		{"5xx and no response at all fail, 404 and 403 do not", []mesh.RequestFlow{flow("v1", "200", "-", 240), flow("v1", "503", "UF", 30), flow("v1", "0", "DC", 15), flow("v1", "404", "-", 15)}, "v1 300 at 1.00/s, 15.0 % fail"},
		{"a gRPC status of the server's fails under HTTP 200", []mesh.RequestFlow{flow("v1", "200", "-", 270), grpc}, "v1 300 at 1.00/s, 10.0 % fail"},
		{"quantiles lie within their bucket", []mesh.RequestFlow{flow("v1", "200", "-", 100), tookMillis("v1", 0, 100, 0, 0)}, "v1 100 at 0.33/s, 0.0 % fail, 5.5 ms, 9.9 ms"},
		{"above the last bound only that is known", []mesh.RequestFlow{flow("v1", "200", "-", 100), tookMillis("v1", 90, 0, 0, 10)}, "v1 100 at 0.33/s, 0.0 % fail, 0.6 ms, 100.0 ms or more"},
		{"histograms of several proxies are added", []mesh.RequestFlow{flow("v1", "200", "-", 100), tookMillis("v1", 50, 0, 0, 0), tookMillis("v1", 0, 0, 50, 0)}, "v1 100 at 0.33/s, 0.0 % fail, 1.0 ms, 98.2 ms"},
		{"histograms with other bounds are added by those they share", []mesh.RequestFlow{flow("v1", "200", "-", 100), tookMillis("v1", 50, 0, 0, 0), fine("v1")}, "v1 100 at 0.33/s, 0.0 % fail, 1.0 ms, 9.8 ms"},
		{"a histogram of another shape makes the latency unknown", []mesh.RequestFlow{flow("v1", "200", "-", 100), tookMillis("v1", 50, 0, 0, 0), tookMillis("v1", 1)}, "v1 100 at 0.33/s, 0.0 % fail"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := red(traffic.New(mt.Mesh(canary(requests(tt.flows...))...)).ByVersion(orders, traffic.ReporterWaypoint)...)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCodesAreCountedMostFirst(t *testing.T) {
	c := traffic.New(mt.Mesh(canary(requests(
		mt.Flow("shop", "orders", "orders-v1", "v1", "503", 5), mt.Flow("shop", "orders", "orders-v1", "v1", "200", 90), mt.Flow("shop", "orders", "orders-v2", "v2", "200", 5),
	))...))
	all := c.RequestsOf(orders, traffic.ReporterWaypoint)
	want := []traffic.CodeCount{{Code: "200", Flags: "-", Count: 95}, {Code: "503", Flags: "-", Count: 5}}
	if diff := cmp.Diff(want, all.Codes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if by := c.ByCaller(orders, traffic.ReporterWaypoint); len(by) != 1 || by[0].Name != "shop/web" || by[0].Count != 100 {
		t.Errorf("by caller: %+v", by)
	}
}

func TestServiceEntriesAreFoundByHost(t *testing.T) {
	entry := mesh.Ref{Kind: "ServiceEntry", Namespace: "shop", Name: "bank"}
	f := mt.Flow("shop", "bank", "", "", "200", 60)
	f.Host, f.ServiceName = "api.bank.example", "api.bank.example"
	c := traffic.New(mt.Mesh(canary(mt.ServiceEntry("shop", "bank", "api.bank.example"), requests(f))...))
	if got := c.RequestsOf(entry, traffic.ReporterWaypoint).Count; got != 60 {
		t.Errorf("%g requests to the host, want 60", got)
	}
}

func TestUnknownIsNotZero(t *testing.T) {
	var none *traffic.Counts
	if none.Window() != 0 || !none.Began().IsZero() || none.Traffic() != nil || none.CountedNode("node-a") || none.RequestsOf(orders, traffic.ReporterWaypoint).Count != 0 {
		t.Error("without counters something was said")
	}
	waypoint := mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "waypoint-1"}
	s := mt.Mesh(canary(mt.Counted(func(c *mesh.Traffic) {
		c.Unread = []mesh.TrafficGap{{Proxy: waypoint, Reason: "port 15020 did not answer"}}
	}))...)
	c := traffic.New(s)
	if c.Counted(waypoint) {
		t.Error("a proxy that was not read counts as counted")
	}
	gaps := c.Gaps(s.Waypoint("shop", "waypoint").Pods)
	if want := []mesh.TrafficGap{{Proxy: waypoint, Reason: "port 15020 did not answer"}}; cmp.Diff(want, gaps) != "" {
		t.Errorf("gaps %v, want %v", gaps, want)
	}
	if !c.CountedNode("node-a") || c.CountedNode("node-z") {
		t.Error("nodes: a node without a ztunnel was counted, or one with was not")
	}
	if want := mt.Now.Add(-5 * time.Minute); !c.Began().Equal(want) {
		t.Errorf("began %v, want %v", c.Began(), want)
	}
	if dropped := traffic.New(mt.Mesh(canary(mt.Counted(func(c *mesh.Traffic) { c.Dropped = 1 }))...)); dropped.CountedNode("node-a") {
		t.Error("where series were dropped silence means something")
	}
}
