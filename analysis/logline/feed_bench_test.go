package logline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// city is a town with many clients.
func city(clients int) (town, []*mesh.Workload) {
	parts := make([]meshtest.Part, 0, clients)
	for i := range clients {
		parts = append(parts, meshtest.Deployment("shop", fmt.Sprintf("client%d", i), meshtest.OnNode("node-a")))
	}
	c := newTown(parts...)
	var pods []*mesh.Workload
	for i := range clients {
		pods = append(pods, c.Workload("shop", fmt.Sprintf("client%d-1", i)))
	}
	return c, pods
}

// BenchmarkFeed is a line that comes in, and a look at a full feed.
func BenchmarkFeed(b *testing.B) {
	c, clients := city(300)
	b.Run("line of a call that arrived", func(b *testing.B) {
		feed := logline.NewFeed(0)
		line := c.ztunnel("node-b", at(0), mesh.ConnectionLog{Direction: "inbound", Source: peer(c.web, 40000), Destination: peer(c.orders, 15008), Service: ordersHost})
		b.ReportAllocs()
		for b.Loop() {
			feed.Add(c.Snapshot, line, at(0))
		}
	})
	b.Run("two lines of a refused call, a thousand a second", func(b *testing.B) {
		feed, when := logline.NewFeed(0), at(0)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			when = when.Add(time.Millisecond)
			out, in := c.denied(when, clients[i%len(clients)])
			feed.Add(c.Snapshot, out, when)
			feed.Add(c.Snapshot, in, when)
		}
	})
	b.Run("a thousand a second of which one end is read", func(b *testing.B) {
		feed, when := logline.NewFeed(0), at(0)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			when = when.Add(time.Millisecond)
			out, _ := c.denied(when, clients[i%len(clients)])
			feed.Add(c.Snapshot, out, when)
		}
	})
	b.Run("look at 300 kinds", func(b *testing.B) {
		feed := logline.NewFeed(0)
		for i := range 6000 {
			when := at(float64(i) / 10)
			out, in := c.denied(when, clients[i%len(clients)])
			feed.Add(c.Snapshot, out, when)
			if i < 5900 { // the last still wait for their other line
				feed.Add(c.Snapshot, in, when)
			}
		}
		b.ReportAllocs()
		for b.Loop() {
			if got := feed.Failures(at(600)); len(got.Groups) != 300 {
				b.Fatalf("%d groups of %d calls", len(got.Groups), got.Calls)
			}
		}
	})
}
