package server

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// counted is the shop with a canary of orders that does not get its share.
func counted() meshtest.Part {
	route := &mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "orders"}, Hosts: []string{"orders"}, Rules: []mesh.RouteRule{{
		Protocol: "http", Backends: []mesh.Backend{{Host: "orders", Subset: "v1", Weight: 90}, {Host: "orders", Subset: "v2", Weight: 10}},
	}}}
	subsets := &mesh.DestinationRule{Meta: mesh.Meta{Kind: "DestinationRule", Namespace: "shop", Name: "orders"}, Host: "orders", Subsets: []mesh.Subset{
		{Name: "v1", Labels: map[string]string{"version": "v1"}}, {Name: "v2", Labels: map[string]string{"version": "v2"}},
	}}
	version := func(v string) meshtest.Part {
		return meshtest.Deployment("shop", "orders-"+v, meshtest.Label("app", "orders"), meshtest.Label("version", v), meshtest.OnNode("node-a"))
	}
	took := meshtest.Flow("shop", "orders", "orders-v1", "v1", "", 0)
	took.Latency = &mesh.Histogram{Bounds: []float64{1, 10, 100}, Counts: []float64{10, 200, 90, 10}}
	arrived := mesh.ConnectionFlow{
		Reporter: "destination", Host: took.Host, ServiceNamespace: "shop", ServiceName: "orders", Flags: "-", Security: "mutual_tls", Opened: 12, BytesReceived: 4096,
		Source:      mesh.TrafficPeer{Workload: "waypoint", Namespace: "shop", Principal: "spiffe://cluster.local/ns/shop/sa/waypoint"},
		Destination: took.Destination,
	}
	past := arrived
	past.Source = mesh.TrafficPeer{Workload: "batch", Namespace: "legacy"}
	past.Security, past.Opened, past.Flags, past.Closed, past.Failed = "unknown", 0, "DENY", 3, 3
	return meshtest.Parts(
		meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("waypoint")), meshtest.Waypoint("shop", "waypoint"),
		version("v1"), version("v2"), meshtest.Deployment("shop", "web", meshtest.OnNode("node-a")), meshtest.Service("shop", "orders"), meshtest.Service("shop", "web"),
		meshtest.Objects(route, subsets),
		meshtest.Counted(func(c *mesh.Traffic) {
			c.Requests = append(c.Requests, meshtest.Flow("shop", "orders", "orders-v1", "v1", "200", 310), meshtest.Flow("shop", "orders", "orders-v2", "v2", "200", 180),
				meshtest.Flow("shop", "orders", "orders-v2", "v2", "503", 10), meshtest.Flow("shop", "orders", "", "", "403", 20), took)
			c.Connections = append(c.Connections, arrived, past)
		}))
}

func TestRatesKeepTheirShape(t *testing.T) {
	s := startLive(t, counted())
	holdToDocument(t, "services/shop/orders/rates", get(t, s.Server, "/api/v1/services/shop/orders/rates").Body.Bytes())
}

func TestRatesOfNobodyCountingAreUnknown(t *testing.T) {
	s := startLive(t, meshtest.Namespace("shop"), meshtest.Service("shop", "orders"))
	var answer struct {
		Split    struct{ Why string }
		Requests *struct{}
		Versions []struct{}
	}
	if err := json.Unmarshal(get(t, s.Server, "/api/v1/services/shop/orders/rates").Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Split.Why == "" || answer.Requests != nil || answer.Versions == nil {
		t.Errorf("%+v: not known, and no numbers", answer)
	}
	if got := get(t, s.Server, "/api/v1/services/shop/none/rates").Code; got != http.StatusNotFound {
		t.Errorf("a service that does not exist answers %d", got)
	}
}
