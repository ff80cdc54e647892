package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestBadQuestionsAreAnsweredWithAndWithoutAnUpgrade(t *testing.T) {
	s, _, web := logServer(t, Config{})
	tests := []struct {
		words, query string
		want         int
		says         string
	}{
		{"nobody's logs", "", http.StatusBadRequest, "Whose logs?"},
		{"half a path", "from=shop/deployment/web", http.StatusBadRequest, "both ends"},
		{"a path from nobody", "from=shop/nobody&to=shop/orders:80", http.StatusBadRequest, "There is no pod shop/nobody."},
		{"a service nobody made", "service=shop/none", http.StatusBadRequest, "There is no service shop/none."},
		{"a service without a namespace", "service=orders", http.StatusBadRequest, "write namespace/name"},
		{"a source of no kind", "source=../../etc/passwd", http.StatusBadRequest, "is no source of logs"},
		{"too many sources", "source=istiod" + strings.Repeat("&source=istiod", maxLogSources), http.StatusBadRequest, "at most 256 sources"},
		{"no time", "source=istiod&since=yesterday", http.StatusBadRequest, "neither a duration such as 10m nor a time"},
		{"a time to come", "source=istiod&since=-5m", http.StatusBadRequest, "neither a duration"},
		{"no expression", "source=istiod&include=(", http.StatusBadRequest, "is no regular expression (RE2): missing closing )."},
		{"an expression that repeats without end", "source=istiod&exclude=((a{100}){100}){100}", http.StatusBadRequest, "invalid repeat count"},
		{"a very long expression", "source=istiod&include=" + strings.Repeat("a", maxLogPattern+1), http.StatusBadRequest, "more than 1024 bytes"},
		{"no level", "source=istiod&level=off", http.StatusBadRequest, "is no level"},
		{"no way to replay", "source=istiod&replay=slowly", http.StatusBadRequest, "no way to replay"},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			_, err := dial(t, web, tt.query)
			if no, ok := errors.AsType[refused](err); !ok || no.status != tt.want {
				t.Errorf("an upgrade is answered %v", err)
			}
			if w := get(t, s, "/ws/logs?"+tt.query); w.Code != tt.want || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("without an upgrade: %d %s", w.Code, w.Body)
			}
		})
	}
	if w := get(t, s, "/ws/logs?source=istiod"); w.Code != http.StatusUpgradeRequired || !strings.Contains(w.Body.String(), logProtocol) {
		t.Errorf("a good question without an upgrade: %d %s", w.Code, w.Body)
	}
}

func TestAServerWithoutLogsSaysSo(t *testing.T) {
	w := get(t, New(Config{}), "/ws/logs?source=istiod")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "reads no logs") {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
}

func TestWhatEndsAStreamIsSaidInItsClose(t *testing.T) {
	tests := []struct {
		words  string
		do     func(*testing.T, *Server, *fakeStream, *websocket.Conn)
		code   int
		reason string
	}{
		{"a client that floods", func(t *testing.T, _ *Server, _ *fakeStream, conn *websocket.Conn) {
			for range orderBurst + 10 {
				say(t, conn, `{"type":"resume"}`)
			}
		}, websocket.ClosePolicyViolation, "Too many messages."},
		{"a client that floods with pings", func(t *testing.T, _ *Server, _ *fakeStream, conn *websocket.Conn) {
			for range orderBurst + 10 {
				if err := conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Minute)); err != nil {
					return // it was closed already
				}
			}
		}, websocket.ClosePolicyViolation, "Too many messages."},
		{"a message that is no order", func(t *testing.T, _ *Server, _ *fakeStream, conn *websocket.Conn) {
			say(t, conn, `{"type":"delete"}`)
		}, websocket.ClosePolicyViolation, "This is no order: write pause, resume or filter as JSON."},
		{"a message that is no JSON", func(t *testing.T, _ *Server, _ *fakeStream, conn *websocket.Conn) {
			say(t, conn, `pause`)
		}, websocket.ClosePolicyViolation, "This is no order: write pause, resume or filter as JSON."},
		{"a message that is too big", func(t *testing.T, _ *Server, _ *fakeStream, conn *websocket.Conn) {
			say(t, conn, strings.Repeat(" ", maxMessage+1))
		}, websocket.CloseMessageTooBig, ""},
		{"a server that shuts down", func(_ *testing.T, s *Server, _ *fakeStream, _ *websocket.Conn) {
			go s.Close()
		}, websocket.CloseServiceRestart, "Waylight shuts down."},
		{"logs that are closed before the server", func(t *testing.T, _ *Server, st *fakeStream, _ *websocket.Conn) {
			st.broken = io.ErrClosedPipe
			close(st.events)
		}, websocket.CloseServiceRestart, "Waylight shuts down."},
		{"a stream that breaks", func(_ *testing.T, _ *Server, st *fakeStream, _ *websocket.Conn) {
			close(st.events)
		}, websocket.CloseInternalServerErr, "The stream of logs ended: broken."},
		{"a line that breaks the server", func(t *testing.T, _ *Server, st *fakeStream, _ *websocket.Conn) {
			st.give(t, mesh.LogEvent{Line: &mesh.LogLine{}})
		}, websocket.CloseInternalServerErr, "Waylight failed to write this stream. The reason is in its log."},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			s, logs, web := logServer(t, Config{})
			conn := open(t, web, "source=ztunnel/node-a")
			stream := <-logs.streams
			go func() {
				for {
					select {
					case <-stream.calls:
					case <-stream.closed:
						return
					}
				}
			}()
			tt.do(t, s, stream, conn)
			if c := closedWith(t, conn); c.Code != tt.code || c.Text != tt.reason {
				t.Errorf("closed with %d %q", c.Code, c.Text)
			}
			<-stream.closed
		})
	}
}

func TestStreamsThatCannotBeHadAreRefusedInTheClose(t *testing.T) {
	tests := []struct {
		words  string
		err    error
		open   int
		code   int
		reason string
	}{
		{"as many streams as are allowed are open", nil, maxLogStreams, websocket.CloseTryAgainLater, "Too many streams of logs are open; try again in a minute."},
		{"as many containers as are allowed are followed", fmt.Errorf("follow: %w", ErrTooManyStreams), 0, websocket.CloseTryAgainLater, "Too many containers are followed; try again in a minute, or ask for fewer sources."},
		{"another reason, too long for a close frame", errors.New("this is " + strings.Repeat("ü", 70) + " far too long"), 0, websocket.ClosePolicyViolation, "This is " + strings.Repeat("ü", 56) + "…"},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			s, logs, web := logServer(t, Config{})
			logs.refuse = tt.err
			s.logStreams.open = tt.open
			if c := closedWith(t, open(t, web, "source=ztunnel/node-a")); c.Code != tt.code || c.Text != tt.reason {
				t.Errorf("closed with %d %q", c.Code, c.Text)
			}
			if n := s.logStreams.count(); n != tt.open {
				t.Errorf("%d streams are counted after the refusal", n)
			}
		})
	}
}

func TestAShutdownWaitsForStreamsToBeTold(t *testing.T) {
	s, logs, web := logServer(t, Config{})
	conn := open(t, web, "source=ztunnel/node-a")
	<-logs.streams
	closed := make(chan *websocket.CloseError)
	go func() { closed <- closedWith(t, conn) }()
	s.Close()
	if n := s.logStreams.count(); n != 0 {
		t.Errorf("%d streams are open after the server closed", n)
	}
	if c := <-closed; c.Code != websocket.CloseServiceRestart {
		t.Errorf("closed with %v", c)
	}
}

func TestEachStreamLeavesAnAuditLineAtBothEnds(t *testing.T) {
	var text syncBuffer
	s, logs, web := logServer(t, Config{Log: slog.New(slog.NewTextHandler(&text, nil))})
	conn := open(t, web, "from=shop/deployment/web&to=shop/orders:80")
	stream, z := <-logs.streams, ztunnelTarget()
	stream.give(t, lineAt(z, 1, "one"), lineAt(z, 2, "two"), mesh.LogEvent{Gap: &mesh.LogGap{From: z, Dropped: 41, Reason: mesh.GapSlow}}, mesh.LogEvent{Gap: &mesh.LogGap{From: z, Dropped: -1, Reason: mesh.GapRotated}})
	for range 3 {
		message(t, conn)
	}
	conn.Close()
	<-stream.closed
	s.Close() // which waits for the stream's last word
	for _, want := range []string{
		`msg="log stream opened" from=127.0.0.1:`, "caller=shop/deployment/web callee=shop/orders:80", "istio-system/ztunnel-node-a/istio-proxy",
		`msg="log stream closed" from=127.0.0.1:`, "lines=2 dropped=41 gaps=2 duration=", `reason="the client left"`,
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %s in:\n%s", want, text.String())
		}
	}
	w := get(t, s, "/metrics")
	for _, want := range []string{"waylight_log_lines_sent_total 2\n", "waylight_log_lines_dropped_total 41\n", "waylight_log_streams 0\n"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}

// syncBuffer is a log that is read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestAStreamFollowsTheRoleAndNotThePod(t *testing.T) {
	s, logs, web := logServer(t, Config{})
	conn := open(t, web, "from=shop/deployment/web&to=shop/orders:80&source=")
	stream := <-logs.streams
	before := len(stream.wish.Targets)
	// The waypoint loses its pods, and with them the containers that were followed.
	snap := meshtest.Mesh(shop("none"), meshtest.Deployment("shop", "web"))
	s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
	told := <-stream.calls
	if n := len(strings.Fields(told)) - 1; !strings.HasPrefix(told, "retarget ") || n >= before || n == 0 {
		t.Errorf("told %q after %d containers", told, before)
	}
	conn.Close()
	<-stream.closed
}

func TestSourcesThatNobodyServesAreSaid(t *testing.T) {
	_, logs, web := logServer(t, Config{})
	conn := open(t, web, "source=ztunnel/node-z&source=ztunnel/node-a")
	stream := <-logs.streams
	if n := len(stream.wish.Targets); n != 1 {
		t.Errorf("%d containers are followed", n)
	}
	const want = `{"type":"source","source":"ztunnel/node-z","state":"reconnecting","detail":"Nobody serves it now; it is followed once somebody does."}`
	if got := message(t, conn); got != want {
		t.Errorf("said %s", got)
	}
}

// TestAThousandIdleStreamsAreCheap measures what idle streams cost. The clients
// live in the same process and cost about as much again.
func TestAThousandIdleStreamsAreCheap(t *testing.T) {
	const streams, limit = 1000, 50 << 20
	s, logs, web := logServer(t, Config{})
	before := held()
	for range streams {
		open(t, web, "source=ztunnel/node-a")
		<-logs.streams
	}
	if n := s.logStreams.count(); n != streams {
		t.Fatalf("%d streams are open", n)
	}
	cost := int64(held()) - int64(before)
	t.Logf("%d idle streams and their clients hold %.1f KiB each", streams, float64(cost)/streams/1024)
	if cost > limit {
		t.Errorf("%d idle streams and their clients cost %d MiB", streams, cost>>20)
	}
}

// held is how much heap and stack are in use.
func held() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
