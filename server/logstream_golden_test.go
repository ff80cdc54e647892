package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

// TestShapesOfLogMessagesAreThoseOfTheDocuments holds every kind of message to
// its example in docs/api: one message a line.
func TestShapesOfLogMessagesAreThoseOfTheDocuments(t *testing.T) {
	_, logs, web := logServer(t, Config{})
	conn := open(t, web, "source=ztunnel/node-a&source=waypoint/shop/none")
	stream, z := <-logs.streams, ztunnelTarget()
	at := time.Date(2026, 11, 23, 8, 18, 42, 237_511_000, time.UTC)
	denied := &mesh.LogLine{
		ID: "0a1b/2026-11-23T08:18:42.237511Z/0", Time: at, From: z, Kind: mesh.LogZtunnelAccess, Level: mesh.LogError, Scope: "access", Message: "connection complete",
		Raw: "2026-11-23T08:18:42.237511Z\terror\taccess\tconnection complete\tsrc.addr=10.244.1.11:44224 …",
		Connection: &mesh.ConnectionLog{
			Event: "complete", Direction: "inbound", HBONEAddr: "10.244.1.22:8080", Service: "orders.shop.svc.cluster.local",
			Source:      mesh.LogPeer{Addr: "10.244.1.11:44224", Workload: "web-1", Namespace: "shop", Identity: "spiffe://cluster.local/ns/shop/sa/web"},
			Destination: mesh.LogPeer{Addr: "10.244.1.22:15008", Workload: "orders-1", Namespace: "shop", Identity: "spiffe://cluster.local/ns/shop/sa/orders"},
			Error:       "connection closed due to policy rejection: allow policies exist, but none allowed",
		},
	}
	stream.give(t,
		mesh.LogEvent{State: &mesh.LogState{From: z, Phase: mesh.LogFollowing}},
		mesh.LogEvent{Line: denied, Source: z.Source},
		mesh.LogEvent{Line: &mesh.LogLine{ID: "0a1b/2026-11-23T08:18:41Z/0", Time: at.Add(-time.Second), From: z, Kind: mesh.LogPlain, Level: mesh.LogInfo, Raw: "a long line", Message: "a long line", Cut: 1200}, Late: true},
		mesh.LogEvent{Gap: &mesh.LogGap{From: z, Oldest: at, Newest: at.Add(time.Second), Dropped: 431, Reason: mesh.GapSlow}},
		mesh.LogEvent{State: &mesh.LogState{From: z, Phase: mesh.LogReconnecting, Detail: "The API server does not answer.", RetryIn: 3 * time.Second}},
		mesh.LogEvent{State: &mesh.LogState{From: z, Phase: mesh.LogForbidden, Detail: "get pods/log in istio-system"}},
	)
	var got strings.Builder
	for range 6 {
		got.WriteString(message(t, conn) + "\n")
	}
	for _, order := range []string{`{"type":"filter","include":["orders"],"level":"warn"}`, `{"type":"filter","include":["("]}`} {
		say(t, conn, order)
		got.WriteString(message(t, conn) + "\n")
	}
	stream.give(t, mesh.LogEvent{End: &mesh.LogEnd{Reason: "Everything recorded was sent."}})
	got.WriteString(message(t, conn) + "\n")

	file := filepath.Join("..", "docs", "api", "ws_logs.ndjson")
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
