package mesh_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func policy(namespace, name, action string) *mesh.AuthorizationPolicy {
	return &mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: namespace, Name: name}, Action: action}
}

func overlaid() *mesh.Snapshot {
	return mt.Mesh(
		mt.Namespace("shop", mt.Ambient), mt.Namespace("billing"), mt.Deployment("shop", "web"),
		mt.Service("shop", "orders"), mt.Waypoint("shop", "waypoint"), mt.Objects(policy("shop", "allow", "ALLOW")),
	)
}

func TestWithPutsAddsAndTakesAway(t *testing.T) {
	s := overlaid()
	allow := mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "allow"}
	out := s.With([]mesh.Object{policy("shop", "allow", "DENY"), policy("shop", "more", "ALLOW"), policy("fresh", "first", "ALLOW")}, nil)
	if got := len(out.Shard("shop").Authorizations); got != 2 {
		t.Fatalf("shop has %d policies, want the changed and the added one", got)
	}
	if p, _ := out.Lookup(allow).(*mesh.AuthorizationPolicy); p.Action != "DENY" {
		t.Errorf("the changed policy has action %s", p.Action)
	}
	if len(out.Shard("fresh").Authorizations) != 1 {
		t.Error("a policy of a namespace that held nothing is lost")
	}
	if gone := out.With(nil, []mesh.Ref{allow}); gone.Lookup(allow) != nil {
		t.Error("what is gone is still there")
	}
	if p, _ := s.Lookup(allow).(*mesh.AuthorizationPolicy); p.Action != "ALLOW" || len(s.Shard("shop").Authorizations) != 1 {
		t.Error("the snapshot itself was changed")
	}
}

func TestWithSharesShardsThatDoNotChange(t *testing.T) {
	s := overlaid()
	out := s.With([]mesh.Object{policy("shop", "more", "ALLOW")}, nil)
	if out.Shard("billing") != s.Shard("billing") {
		t.Error("a shard without a change was made anew")
	}
	if out.Shard("shop") == s.Shard("shop") {
		t.Error("a shard with a change is shared")
	}
	if out.At != s.At || out.Revision != s.Revision || len(out.Nodes) != len(s.Nodes) || len(out.ZtunnelEvidences()) != len(s.ZtunnelEvidences()) {
		t.Error("what lies outside the shards was not kept")
	}
}

func TestWithOfNothingIsTheSameMesh(t *testing.T) {
	s := overlaid()
	for _, namespace := range s.Namespaces() {
		was := s.Shard(namespace)
		marker := policy(namespace, "marker", "ALLOW")
		now := s.With([]mesh.Object{marker}, nil).With(nil, []mesh.Ref{marker.Ref()}).Shard(namespace)
		v, w := reflect.ValueOf(*was), reflect.ValueOf(*now)
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !cmp.Equal(v.Field(i).Interface(), w.Field(i).Interface()) {
				t.Errorf("%s of %s differ after a change that was taken back", f.Name, namespace)
			}
		}
	}
}

// A list that With forgets would vanish from every shard it touches.
func TestWithKeepsEveryListOfAShard(t *testing.T) {
	lists := []mesh.Object{
		&mesh.Workload{}, &mesh.Controller{}, &mesh.Service{}, &mesh.EndpointSlice{}, &mesh.ServiceEntry{}, &mesh.ServiceAccount{},
		&mesh.Gateway{}, &mesh.IstioGateway{}, &mesh.Route{}, &mesh.ReferenceGrant{}, &mesh.DestinationRule{}, &mesh.AuthorizationPolicy{},
		&mesh.PeerAuthentication{}, &mesh.RequestAuthentication{}, &mesh.Telemetry{}, &mesh.EnvoyFilter{}, &mesh.WasmPlugin{}, &mesh.TrafficExtension{}, &mesh.NetworkPolicy{},
		&mesh.Autoscaler{}, &mesh.DisruptionBudget{}, &mesh.MeshConfig{}, &mesh.CNIConfig{}, &mesh.Event{},
	}
	for _, o := range lists {
		*o.Metadata() = mesh.Meta{Kind: reflect.TypeOf(o).Elem().Name(), Namespace: "all", Name: "one"}
	}
	s := mesh.NewSnapshot(mesh.Content{Shards: []*mesh.Shard{mesh.NewShard("all", lists)}})
	v := reflect.ValueOf(*s.With([]mesh.Object{policy("all", "two", "ALLOW")}, nil).Shard("all"))
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && f.Type.Kind() == reflect.Slice && v.Field(i).Len() == 0 {
			t.Errorf("%s are lost", f.Name)
		}
	}
}

func TestWithGuessesWhatControllersFillIn(t *testing.T) {
	s := overlaid()
	was := s.Gateway("shop", "waypoint")
	out := s.With([]mesh.Object{
		&mesh.Gateway{Meta: mesh.Meta{Kind: "Gateway", Namespace: "shop", Name: "waypoint"}, Class: was.Class},
		&mesh.Service{Meta: mesh.Meta{Kind: "Service", Namespace: "shop", Name: "orders"}},
	}, nil)
	if now := out.Gateway("shop", "waypoint"); len(now.Conditions) != len(was.Conditions) || len(now.Addresses) != len(was.Addresses) {
		t.Error("a Gateway written without status lost that of the old one")
	}
	if len(out.Service("shop", "orders").VIPs) == 0 {
		t.Error("a Service written without its address became headless")
	}
}
