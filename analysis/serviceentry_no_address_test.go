package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestServiceEntryNoAddress(t *testing.T) {
	capture := func(on bool) mt.Part {
		return mt.Objects(&mesh.CNIConfig{
			Meta: mesh.Meta{Kind: "ConfigMap", Namespace: mt.SystemNamespace, Name: "istio-cni-config"}, AmbientEnabled: true,
			Selectors: mesh.DefaultEnablement(), DNSCapture: on,
		})
	}
	entry := func(host string, opts ...mt.Option) mt.Part { return mt.ServiceEntry("shop", "api", host, opts...) }
	none := mt.With(func(s *mesh.ServiceEntry) { s.AutoAddresses = nil })
	written := mt.With(func(s *mesh.ServiceEntry) { s.Addresses = []string{"203.0.113.7"} })
	cidr := mt.With(func(s *mesh.ServiceEntry) {
		s.AutoAddresses, s.Addresses, s.Resolution = nil, []string{"203.0.113.0/24"}, "NONE"
	})
	fires := []string{"warning ServiceEntry shop/api"}
	testCheck(t, "SERVICEENTRY_NO_ADDRESS", []checkCase{
		{name: "neither written nor allocated", parts: []mt.Part{entry("api.example.com", none)}, want: fires},
		{name: "allocation is switched off", parts: []mt.Part{entry("api.example.com", mt.Label("networking.istio.io/enable-autoallocate-ip", "false"))}, want: fires},
		{name: "allocated, and DNS capture is off", parts: []mt.Part{capture(false), entry("api.example.com")}, want: fires},
		{name: "silent: allocated, and DNS capture is on", parts: []mt.Part{capture(true), entry("api.example.com")}},
		{name: "silent: allocated, and the configuration was not found", parts: []mt.Part{entry("api.example.com")}},
		{name: "silent: written", parts: []mt.Part{capture(false), entry("api.example.com", written)}},
		{name: "silent: resolution NONE with a CIDR", parts: []mt.Part{capture(false), entry("api.example.com", cidr)}},
		{name: "silent: HTTP ports only", parts: []mt.Part{entry("api.example.com", none, mt.Port(80, "http"))}},
		{name: "silent: a wildcard is another finding", parts: []mt.Part{entry("*.example.com", none)}},
		{name: "silent: made a moment ago", parts: []mt.Part{entry("api.example.com", none, mt.Age(20*time.Second))}},
	})
}
