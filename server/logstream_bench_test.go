package server

import (
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// accessLines are n lines of a ztunnel, one in ten of which failed.
func accessLines(from *mesh.LogTarget, n, first int) []mesh.LogEvent {
	out := make([]mesh.LogEvent, n)
	for i := range out {
		at := time.Unix(0, 0).Add(time.Duration(first+i) * 50 * time.Microsecond)
		c := &mesh.ConnectionLog{
			Event: "complete", Direction: "outbound", HBONEAddr: "10.96.74.131:9080", Service: "orders.shop.svc.cluster.local",
			Source:      mesh.LogPeer{Addr: fmt.Sprintf("10.244.1.10:%d", 30000+i), Workload: "web-7656cf8794-qpvbm", Namespace: "shop", Identity: "spiffe://cluster.local/ns/shop/sa/web"},
			Destination: mesh.LogPeer{Addr: "10.244.2.59:15008", Workload: "waypoint-5cdd6745d5-rc2gg", Namespace: "shop", Identity: "spiffe://cluster.local/ns/shop/sa/waypoint"},
			BytesSent:   112, BytesReceived: 438, Duration: 13 * time.Millisecond,
		}
		l := &mesh.LogLine{
			ID: fmt.Sprintf("c/%d/0", first+i), Time: at, From: from, Kind: mesh.LogZtunnelAccess, Level: mesh.LogInfo, Scope: "access", Message: "connection complete", Connection: c,
			Raw: at.Format(time.RFC3339Nano) + strings.Repeat("\tinfo\taccess\tconnection complete\tsrc.addr=10.244.1.10:46238", 8),
		}
		if i%10 == 0 {
			l.Level, c.Error = mesh.LogError, "http status: 401 Unauthorized"
		}
		out[i].Line = l
	}
	return out
}

// BenchmarkReadLine is what one line costs one stream before it is sent: what it
// means, which lines belong to it, and its JSON.
func BenchmarkReadLine(b *testing.B) {
	events := accessLines(ztunnelTarget(), 1000, 0)
	var r LineReader
	var buf []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l, _ := r.Read(&events[i%len(events)])
		buf = l.AppendJSON(buf[:0])
	}
	b.SetBytes(int64(len(buf)))
}

// BenchmarkLogStream is what one line costs on its way through a socket,
// including a client that reads and forgets it. 20,000 lines a second are fine
// below 10 µs.
func BenchmarkLogStream(b *testing.B) {
	logs := newFakeLogs()
	s := New(Config{Logs: func(string) Logs { return logs }})
	snap := meshtest.Mesh(shop("waypoint"))
	s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	dialer := websocket.Dialer{Subprotocols: []string{logProtocol}, ReadBufferSize: 64 << 10}
	conn, res, err := dialer.Dial("ws"+strings.TrimPrefix(web.URL, "http")+"/ws/logs?source=ztunnel/node-a", nil)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	defer conn.Close()
	read := make(chan int64)
	go func() {
		var all int64
		for {
			_, r, err := conn.NextReader()
			if err != nil {
				read <- all
				return
			}
			n, _ := io.Copy(io.Discard, r)
			all += n
		}
	}()
	stream := <-logs.streams
	events := accessLines(ztunnelTarget(), 1000, 0)
	b.ReportAllocs()
	lines := 0
	for b.Loop() {
		stream.events <- events
		lines += len(events)
	}
	stream.events <- []mesh.LogEvent{{End: &mesh.LogEnd{}}}
	bytes := <-read
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(lines), "ns/line")
	b.ReportMetric(float64(bytes)/float64(lines), "B/line")
}

// BenchmarkTargets is what it costs one stream to find the containers it follows
// in a large mesh, once for each report.
func BenchmarkTargets(b *testing.B) {
	s := meshtest.Large(50, 500, 5000, 50)
	var service *mesh.Service
	for _, sh := range s.Shards {
		if len(sh.Services) > 0 {
			service = sh.Services[0]
		}
	}
	for name, q := range map[string]LogQuery{
		"service": {Services: []string{service.Namespace + "/" + service.Name}},
		"source":  {Sources: []mesh.LogSource{"ztunnel/node-1", "istiod"}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := q.Targets(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
