package server

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// fullDump has an entry of each kind.
func fullDump(_ context.Context, node, _ string, _ bool) (*mesh.ZtunnelDump, error) {
	d := smallDump(node)
	waypoint := mesh.ZtunnelDestination{Namespace: "shop", Hostname: "waypoint.shop.svc.cluster.local", Port: 15008}
	d.Services = []*mesh.ZtunnelService{{
		Name: "orders", Namespace: "shop", Hostname: "orders.shop.svc.cluster.local", VIPs: []string{"/10.96.0.5"}, Ports: map[uint16]uint16{80: 8080}, Waypoint: &waypoint,
		Endpoints: []mesh.ZtunnelEndpoint{{WorkloadUID: "c//Pod/shop/orders-1", Ports: map[uint16]uint16{80: 8080}, Status: "Healthy"}},
		Weighted:  []mesh.ZtunnelWeightedWaypoint{{ZtunnelDestination: waypoint, Weight: 100}},
	}}
	d.Policies = []mesh.ZtunnelPolicy{{Name: "allow-web", Namespace: "shop", Scope: "Namespace", Action: "Allow", Rules: []mesh.ZtunnelRule{{{{"principals": {"cluster.local/ns/shop/sa/web"}}}}}}}
	d.Certificates = []mesh.ZtunnelCertificate{
		{Identity: "spiffe://cluster.local/ns/shop/sa/orders", State: "Available", Chain: []mesh.Certificate{{Serial: "255", NotBefore: meshtest.Now, NotAfter: meshtest.Now.Add(24 * time.Hour)}}},
		{Identity: "spiffe://cluster.local/ns/shop/sa/web", State: "Unavailable", Reason: "the CA refused"},
	}
	d.Local = []mesh.ZtunnelLocal{{PodUID: "u1", State: "Up", Name: "orders-1", Namespace: "shop", ServiceAccount: "orders", Inbound: []mesh.ZtunnelConnection{{Source: "10.1.0.9:4711", OriginalDestination: "orders.shop.svc.cluster.local", Destination: "10.1.0.1:8080", Protocol: "HBONE"}}}}
	return d, nil
}

func TestShapesOfZtunnelListsAreThoseOfTheDocuments(t *testing.T) {
	s := withDumps(t, fullDump, meshtest.ZtunnelLogs("node-a", "hickory_server::server=off,info"))
	for _, path := range []string{
		"ztunnels", "ztunnels/node-a", "ztunnels/node-a/workloads", "ztunnels/node-a/services", "ztunnels/node-a/policies",
		"ztunnels/node-a/certificates", "ztunnels/node-a/connections", "ztunnels/node-b/workloads",
	} {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, get(t, s, "/api/v1/"+path).Body.Bytes(), "", "  "); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		file := filepath.Join("..", "docs", "api", strings.ReplaceAll(path, "/", "_")+".json")
		if *update {
			if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
			t.Errorf("%s is no longer what %s says; go test ./server -update if that is meant:\n%s", path, file, diff)
		}
	}
}
