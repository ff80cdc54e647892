package traffic_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/prom"
	"github.com/waylight/waylight/collectors/traffic"
	"github.com/waylight/waylight/mesh"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// scrape is what a proxy says so many seconds after the start.
func scrape(t *testing.T, after float64, lines ...string) *mesh.Scrape {
	t.Helper()
	s, err := prom.Decode(strings.NewReader(strings.Join(lines, "\n")+"\n"), start.Add(time.Duration(after*float64(time.Second))))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// waypoint is the pod of one, ztunnel that of one of node-a.
var (
	waypoint = traffic.Proxy{Pod: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "waypoint-1"}}
	ztunnel  = traffic.Proxy{Pod: mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "ztunnel-a"}, Node: "node-a"}
)

// toVersion writes how many requests went to a version.
func toVersion(version, value string) string {
	return `istio_requests_total{reporter="waypoint",source_workload="web",destination_workload="orders-` + version + `",destination_version="` + version +
		`",destination_service="orders.shop.svc.cluster.local",response_code="200",response_flags="-"} ` + value
}

func up(seconds string) string { return "envoy_server_uptime " + seconds }

// counted gives the requests to each version that scrapes of a waypoint tell.
func counted(window time.Duration, scrapes ...*mesh.Scrape) map[string]float64 {
	m := traffic.NewMeter(window)
	for _, s := range scrapes {
		m.Add(s)
	}
	out := make(map[string]float64)
	if t := traffic.FromScrapes([]traffic.Metered{{Proxy: waypoint, Meter: m}}); t != nil {
		for _, f := range t.Requests {
			out[f.Destination.Version] += f.Count
		}
	}
	return out
}

func TestCountersGrowAcrossScrapes(t *testing.T) {
	type versions map[string]float64
	for _, test := range []struct {
		name    string
		window  time.Duration
		scrapes []*mesh.Scrape
		want    versions
	}{
		{"one scrape is no rate", 0, []*mesh.Scrape{scrape(t, 0, toVersion("v1", "90"))}, versions{}},
		{"two scrapes differ", 0, []*mesh.Scrape{
			scrape(t, 0, toVersion("v1", "100"), toVersion("v2", "10")), scrape(t, 10, toVersion("v1", "162"), toVersion("v2", "48")),
		}, versions{"v1": 62, "v2": 38}},
		{"what does not grow is no flow", 0, []*mesh.Scrape{
			scrape(t, 0, toVersion("v1", "100"), toVersion("v2", "10")), scrape(t, 10, toVersion("v1", "101"), toVersion("v2", "10")),
		}, versions{"v1": 1}},
		{"a new series began at zero", 0, []*mesh.Scrape{
			scrape(t, 0, toVersion("v1", "100")), scrape(t, 10, toVersion("v1", "110"), toVersion("v2", "5")),
		}, versions{"v1": 10, "v2": 5}},
		{"a series that is new after an incomplete scrape may have been there", 0, []*mesh.Scrape{
			scrape(t, 0, toVersion("v1", "100"), "istio_requests_total{broken"), scrape(t, 10, toVersion("v1", "110"), toVersion("v2", "500")),
			scrape(t, 20, toVersion("v1", "110"), toVersion("v2", "503")),
		}, versions{"v1": 10, "v2": 3}},
		{"a restart that the uptime tells of, with a counter that is already higher", 0, []*mesh.Scrape{
			scrape(t, 0, up("900"), toVersion("v1", "5"), toVersion("v2", "7")), scrape(t, 10, up("4"), toVersion("v1", "8"), toVersion("v2", "2")),
		}, versions{"v1": 8, "v2": 2}},
		{"a restart that only the counters tell of", 0, []*mesh.Scrape{
			scrape(t, 0, toVersion("v1", "500"), toVersion("v2", "700"), toVersion("v3", "1")),
			scrape(t, 10, toVersion("v1", "3"), toVersion("v2", "2"), toVersion("v3", "4")),
		}, versions{"v1": 3, "v2": 2, "v3": 4}},
		{"one series that was let go of and began anew is no restart", 0, []*mesh.Scrape{
			scrape(t, 0, toVersion("v1", "500"), toVersion("v2", "700"), toVersion("v3", "900")),
			scrape(t, 10, toVersion("v1", "510"), toVersion("v2", "710"), toVersion("v3", "4")),
		}, versions{"v1": 10, "v2": 10, "v3": 4}},
		{"a series that was missing once goes on where it was", 0, []*mesh.Scrape{
			scrape(t, 0, toVersion("v1", "500"), toVersion("v2", "700")), scrape(t, 10, toVersion("v1", "510")),
			scrape(t, 20, toVersion("v1", "510"), toVersion("v2", "705")),
		}, versions{"v1": 10, "v2": 5}},
		{"a scrape that is missing takes nothing away", 0, []*mesh.Scrape{
			scrape(t, 0, toVersion("v1", "500")), scrape(t, 60, toVersion("v1", "530")),
		}, versions{"v1": 30}},
		{"a clock that went back, or stood still, is waited for", 0, []*mesh.Scrape{
			scrape(t, 10, toVersion("v1", "500")), scrape(t, 5, toVersion("v1", "501")), scrape(t, 10, toVersion("v1", "502")), scrape(t, 20, toVersion("v1", "503")),
		}, versions{"v1": 3}},
		{"what was before the window is forgotten", time.Minute, []*mesh.Scrape{
			scrape(t, 0, toVersion("v1", "0")), scrape(t, 30, toVersion("v1", "1000")), scrape(t, 60, toVersion("v1", "1001")), scrape(t, 90, toVersion("v1", "1003")),
		}, versions{"v1": 3}},
		{"two readings that are further apart than the window are all there is", time.Minute, []*mesh.Scrape{
			scrape(t, 0, toVersion("v1", "0")), scrape(t, 300, toVersion("v1", "7")),
		}, versions{"v1": 7}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, versions(counted(test.window, test.scrapes...))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
