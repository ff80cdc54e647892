package drift_test

import (
	"slices"
	"testing"
	"time"

	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestDigestsOfDumps(t *testing.T) {
	fresh := func() *mesh.ZtunnelDump {
		d := told(mt.Mesh(mt.Namespace("shop"), mt.Deployment("shop", "web"), mt.Service("shop", "web"), mt.Service("shop", "api")))
		d.Policies = []mesh.ZtunnelPolicy{
			{Namespace: "shop", Name: "p", Scope: "Namespace", Action: "Allow", Rules: []mesh.ZtunnelRule{{{{"principals": {"a", "b"}, "namespaces": {"x"}}}}, {}}},
			{Namespace: "shop", Name: "q", Scope: "Global", Action: "Deny"},
		}
		return d
	}
	before := drift.Digest(fresh())
	if before.Services.Sum == "" || before.Services.Sum == before.Policies.Sum {
		t.Fatalf("%+v", before)
	}
	for _, tt := range []struct {
		name               string
		change             func(*mesh.ZtunnelDump)
		services, policies bool // whether the digest is another
	}{
		{"in another order", func(d *mesh.ZtunnelDump) {
			slices.Reverse(d.Services)
			slices.Reverse(d.Policies)
			slices.Reverse(d.Policies[1].Rules)
		}, false, false},
		{"other endpoints, which come and go", func(d *mesh.ZtunnelDump) { service(d, "web").Endpoints = nil }, false, false},
		{"another waypoint", func(d *mesh.ZtunnelDump) { service(d, "web").Waypoint = &mesh.ZtunnelDestination{Address: "10.0.0.1"} }, true, false},
		{"another port", func(d *mesh.ZtunnelDump) { service(d, "web").Ports = map[uint16]uint16{80: 1} }, true, false},
		{"a service less", lacks("api"), true, false},
		{"another rule", func(d *mesh.ZtunnelDump) { d.Policies[0].Rules = d.Policies[0].Rules[:1] }, false, true},
		{"another value of a rule", func(d *mesh.ZtunnelDump) { d.Policies[0].Rules[0][0][0]["principals"] = []string{"a"} }, false, true},
		{"another action", func(d *mesh.ZtunnelDump) { d.Policies[1].Action = "Allow" }, false, true},
	} {
		d := fresh()
		tt.change(d)
		after := drift.Digest(d)
		if services, policies := after.Services.Sum != before.Services.Sum, after.Policies.Sum != before.Policies.Sum; services != tt.services || policies != tt.policies {
			t.Errorf("%s: services differ %t, policies %t", tt.name, services, policies)
		}
	}
	partial := fresh()
	if partial.Skipped = 1; drift.Digest(partial) != (mesh.ZtunnelDigest{}) {
		t.Error("a dump that is not complete has a digest")
	}
}

func TestADigestIsAsOldAsItIsTheSame(t *testing.T) {
	at := func(services string, ago time.Duration) mesh.ZtunnelDigest {
		return mesh.ZtunnelDigest{Services: mesh.PartDigest{Sum: services, Since: mt.Now.Add(-ago)}}
	}
	first := at("a", 3*time.Minute)
	if same := at("a", time.Minute).After(first); !same.Services.Since.Equal(first.Services.Since) {
		t.Errorf("the same since %s", same.Services.Since)
	}
	if other := at("b", time.Minute).After(first); !other.Services.Since.Equal(mt.Now.Add(-time.Minute)) {
		t.Errorf("another since %s", other.Services.Since)
	}
}
