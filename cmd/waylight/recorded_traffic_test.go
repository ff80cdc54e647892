package main

import (
	"testing"

	"github.com/waylight/waylight/mesh"
)

// TestRecordedTraffic reads the scrapes of a recording, which were taken eight
// to ten seconds apart.
func TestRecordedTraffic(t *testing.T) {
	counted := assessRecording(t, "clean").Snap.Traffic()
	if counted == nil || counted.Source != mesh.TrafficFromScrapes || len(counted.Unread) > 0 || len(counted.Proxies) != 4 || counted.Dropped > 0 {
		t.Fatalf("%+v", counted)
	}
	versions := make(map[string]float64)
	for _, f := range counted.Requests {
		if f.ServiceNamespace == "shop" && f.ServiceName == "orders" && f.Code == "200" {
			versions[f.Destination.Version] += f.Count
		}
	}
	if share := versions["v2"] / (versions["v1"] + versions["v2"]); share < 0.02 || share > 0.25 {
		t.Errorf("of requests to orders v2 has %.2f, %v", share, versions)
	}
	if counted.Window.Seconds() < 5 || counted.Window.Seconds() > 15 {
		t.Errorf("over %v", counted.Window)
	}
}
