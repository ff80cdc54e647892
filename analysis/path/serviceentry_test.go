package path_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func entry(host string, change func(*mesh.ServiceEntry), opts ...meshtest.Option) meshtest.Part {
	set := meshtest.With(func(e *mesh.ServiceEntry) {
		e.Ports = []mesh.ServicePort{{Port: 443, Name: "tls", Protocol: "TLS"}}
		e.Resolution, e.Location = "DNS", "MESH_EXTERNAL"
		e.Addresses, e.AutoAddresses = nil, []string{"240.240.0.9"}
		change(e)
	})
	return meshtest.ServiceEntry("shop", "api", host, append(opts, set)...)
}

func same(*mesh.ServiceEntry) {}

func TestCallsToServiceEntries(t *testing.T) {
	direct := meshtest.UseWaypoint("none")
	for _, tt := range []struct {
		said
		waypoint path.HopResult
	}{
		{said{name: "a host with an allocated address passes the waypoint", with: parts(entry("api.example.com", same)), to: "api.example.com:443", want: "Reachable ok"}, path.HopPass},
		{said{name: "by the name of the entry", with: parts(entry("api.example.com", same)), to: "shop/api:443", want: "Reachable ok"}, path.HopPass},
		{said{name: "by its address", with: parts(entry("api.example.com", same)), to: "240.240.0.9:443", want: "Reachable ok"}, path.HopPass},
		{said{name: "without a waypoint", with: parts(entry("api.example.com", same, direct)), to: "api.example.com:443", want: "Reachable ok"}, ""},
		{said{name: "a host below a wildcard", with: parts(entry("*.example.com", func(e *mesh.ServiceEntry) { e.Resolution = "DYNAMIC_DNS" })), to: "api.example.com:443", want: "Reachable ok"}, path.HopPass},
		{said{name: "a wildcard without a waypoint", with: parts(entry("*.example.com", func(e *mesh.ServiceEntry) { e.AutoAddresses = nil }, direct)), to: "api.example.com:443", want: "Reachable ok", hop: path.HopSourceZtunnel, code: "SERVICEENTRY_NEEDS_WAYPOINT"}, ""},
		{said{name: "an entry without an address goes past its waypoint", with: parts(entry("api.example.com", func(e *mesh.ServiceEntry) { e.AutoAddresses = nil })), to: "api.example.com:443", want: "Reachable ok", hop: path.HopSourceZtunnel, code: "SERVICEENTRY_NO_ADDRESS"}, path.HopSkipped},
		{said{name: "a port the entry has not", with: parts(entry("api.example.com", same)), to: "api.example.com:80", want: "Unreachable reset PORT_NOT_ON_SERVICE", hop: path.HopSourceZtunnel}, ""},
		{said{name: "a static endpoint that is a pod of the mesh", with: parts(entry("in.example.com", func(e *mesh.ServiceEntry) {
			e.Resolution, e.Location = "STATIC", "MESH_INTERNAL"
			e.WorkloadSelector = &mesh.LabelSelector{MatchLabels: map[string]string{"app": "orders"}}
		}), objects(strict())), to: "in.example.com:443", want: "Reachable ok"}, path.HopPass},
		{said{name: "a static entry without endpoints", with: parts(entry("in.example.com", func(e *mesh.ServiceEntry) { e.Resolution = "STATIC" }, direct)), to: "in.example.com:443", want: "Unreachable reset SERVICE_NO_ENDPOINTS"}, ""},
		{said{name: "a range of addresses", with: parts(entry("range.example.com", func(e *mesh.ServiceEntry) {
			e.Resolution, e.Addresses, e.AutoAddresses = "NONE", []string{"192.0.2.0/24"}, nil
		}, direct)), to: "192.0.2.77:443", want: "Reachable ok"}, ""},
		{said{name: "an entry that another namespace keeps to itself", with: parts(entry("api.example.com", func(e *mesh.ServiceEntry) { e.ExportTo = []string{"."} }), meshtest.Namespace("else", meshtest.Ambient), meshtest.Pod("else", "client")), from: "else/client", to: "api.example.com:443", want: "Undetermined unknown"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := bare(tt.with...)
			tt.check(t, s)
			from := tt.from
			if from == "" {
				from = "shop/web-1"
			}
			if h := hop(explain(t, s, question(from, tt.to)), path.HopWaypoint); h.Result != tt.waypoint {
				t.Errorf("waypoint %q, want %q", h.Result, tt.waypoint)
			}
		})
	}
}
