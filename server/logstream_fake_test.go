package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// fakeLogs hands out streams that a test feeds.
type fakeLogs struct {
	refuse  error
	streams chan *fakeStream
}

func newFakeLogs() *fakeLogs { return &fakeLogs{streams: make(chan *fakeStream, 2000)} }

func (f *fakeLogs) Follow(wish mesh.LogFollow) (LogStream, error) {
	if f.refuse != nil {
		return nil, f.refuse
	}
	st := &fakeStream{wish: wish, events: make(chan []mesh.LogEvent), calls: make(chan string, 100), closed: make(chan struct{})}
	f.streams <- st
	return st, nil
}

func (f *fakeLogs) Recent(context.Context, []mesh.LogTarget, time.Time) []mesh.LogEvent { return nil }

// fakeStream is fed by give, and notes what it is told.
type fakeStream struct {
	wish   mesh.LogFollow
	events chan []mesh.LogEvent
	calls  chan string
	closed chan struct{}
	// broken is what a stream whose events were closed answers.
	broken error
	once   sync.Once
}

func (s *fakeStream) Next(ctx context.Context) ([]mesh.LogEvent, error) {
	select {
	case e, ok := <-s.events:
		if !ok {
			return nil, cmp.Or(s.broken, errors.New("broken"))
		}
		return e, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *fakeStream) Retarget(targets []mesh.LogTarget) {
	var names []string
	for i := range targets {
		names = append(names, targets[i].Name())
	}
	s.calls <- "retarget " + strings.Join(names, " ")
}
func (s *fakeStream) Pause()  { s.calls <- "pause" }
func (s *fakeStream) Resume() { s.calls <- "resume" }
func (s *fakeStream) Close()  { s.once.Do(func() { close(s.closed) }) }

func (s *fakeStream) give(t *testing.T, events ...mesh.LogEvent) {
	t.Helper()
	select {
	case s.events <- events:
	case <-t.Context().Done():
		t.Fatal("nobody takes what the stream has")
	}
}

// lineAt is the n-th line of a container, a second after the one before.
func lineAt(from *mesh.LogTarget, n int, raw string) mesh.LogEvent {
	at := time.Unix(1000+int64(n), 0)
	return mesh.LogEvent{Line: &mesh.LogLine{ID: fmt.Sprintf("c/%d/0", n), Time: at, From: from, Raw: raw, Kind: mesh.LogPlain, Message: raw}}
}

func ztunnelTarget() *mesh.LogTarget {
	return &mesh.LogTarget{
		Source: "ztunnel/node-a", Writer: mesh.WriterZtunnel, Node: "node-a", Container: "istio-proxy",
		Pod: mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "ztunnel-a"},
	}
}

// logServer serves the logs of a mesh with one service behind a waypoint.
func logServer(t *testing.T, cfg Config) (*Server, *fakeLogs, *httptest.Server) {
	t.Helper()
	logs := newFakeLogs()
	cfg.Logs = func(string) Logs { return logs }
	s := New(cfg)
	snap := meshtest.Mesh(shop("waypoint"), meshtest.Deployment("shop", "web"))
	s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close)
	return s, logs, web
}

// refused is how the server answers who gets no stream.
type refused struct {
	status int
	text   string
}

func (r refused) Error() string { return fmt.Sprintf("%d %s", r.status, r.text) }

// dial opens a stream, with headers as "name: value".
func dial(t *testing.T, web *httptest.Server, query string, headers ...string) (*websocket.Conn, error) {
	t.Helper()
	h := http.Header{}
	dialer := websocket.Dialer{Subprotocols: []string{logProtocol}}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Sec-WebSocket-Protocol" {
			dialer.Subprotocols = nil
		}
		h.Set(name, value)
	}
	conn, res, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(web.URL, "http")+"/ws/logs?"+query, h)
	if res != nil {
		defer res.Body.Close()
	}
	if errors.Is(err, websocket.ErrBadHandshake) {
		body, _ := io.ReadAll(res.Body)
		return nil, refused{res.StatusCode, string(body)}
	}
	if err == nil {
		t.Cleanup(func() { conn.Close() })
	}
	return conn, err
}

// open is dial where nothing may fail.
func open(t *testing.T, web *httptest.Server, query string) *websocket.Conn {
	t.Helper()
	conn, err := dial(t, web, query)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// message reads the next message as text.
func message(t *testing.T, conn *websocket.Conn) string {
	t.Helper()
	_, data, err := conn.ReadMessage()
	if err != nil {
		t.Fatalf("the stream ended: %v", err)
	}
	return string(data)
}

// closedWith reads on to the close frame.
func closedWith(t *testing.T, conn *websocket.Conn) *websocket.CloseError {
	t.Helper()
	for {
		_, _, err := conn.ReadMessage()
		if err == nil {
			continue
		}
		c, ok := errors.AsType[*websocket.CloseError](err)
		if !ok {
			t.Fatalf("the connection ended without a close frame: %v", err)
		}
		return c
	}
}

func say(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
}
