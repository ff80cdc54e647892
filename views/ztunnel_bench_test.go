package views

import (
	"fmt"
	"io"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// largeDump has as many workloads and services as the target mesh.
func largeDump() *mesh.ZtunnelDump {
	d := &mesh.ZtunnelDump{Node: "node-a", At: mt.Now, LocalKnown: true}
	for i := range 4000 {
		d.Services = append(d.Services, &mesh.ZtunnelService{Name: fmt.Sprintf("s-%d", i), Namespace: "shop", Hostname: fmt.Sprintf("s-%d.shop.svc.cluster.local", i), VIPs: []string{fmt.Sprintf("/10.%d.%d.1", i>>8, i&255)}})
	}
	for i := range 20000 {
		d.Workloads = append(d.Workloads, &mesh.ZtunnelWorkload{
			UID: fmt.Sprintf("c//Pod/shop/web-%d", i), Name: fmt.Sprintf("web-%d", i), Namespace: "shop", Node: fmt.Sprintf("node-%d", i%200), IPs: []string{fmt.Sprintf("10.1.%d.%d", i>>8, i&255)},
			Protocol: "HBONE", Status: "Healthy", Waypoint: &mesh.ZtunnelDestination{Namespace: "shop", Hostname: fmt.Sprintf("s-%d.shop.svc.cluster.local", i%4000)},
		})
	}
	return d
}

// BenchmarkZtunnelTable is what a filtered table takes once a dump of 20,000
// workloads is decoded.
func BenchmarkZtunnelTable(b *testing.B) {
	r, d := assess(nodeMesh()), largeDump()
	for name, text := range map[string]string{"a node": "node:node-7", "a text": "web-1999", "a waypoint": "waypoint:s-7", "all": ""} {
		b.Run(name, func(b *testing.B) {
			q := Query{Text: text, Filter: ParseFilter(text)}
			b.ReportAllocs()
			for b.Loop() {
				if err := ZtunnelContent(NewZtunnel(r, "node-a", TabWorkloads, ZtunnelRead{Dump: d}, q)).Render(b.Context(), io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
