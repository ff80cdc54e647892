package e2e_test

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/waylight/waylight/e2e/logclient"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

const (
	// idleSockets follow a container that writes nothing, and may cost idleMemory bytes together.
	idleSockets = 1000
	idleMemory  = 50 << 20
	// flood is more messages than any page has reason to send, tooLong more bytes than one has.
	flood   = 100_000
	tooLong = 8 << 20
)

// TestLogSockets tries what a log stream must not let happen, on loopback, where every page of every website can open sockets.
func TestLogSockets(t *testing.T) {
	c := startChatter(t, 2)
	server := c.serve(t, viewer)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *chatter, *waylight.Server)
	}{
		{"pages of others are refused", foreignSockets},
		{"who floods is closed, nobody else suffers", floodingSockets},
		{"idle sockets cost little", idleSocketsAreCheap},
		{"who may not read logs is told which right is missing", logsForbidden},
		{"an API server does not say that a log was torn", func(t *testing.T, c *chatter, _ *waylight.Server) { logsTearUnseen(t, c) }},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, c, server) })
	}
}

func foreignSockets(t *testing.T, c *chatter, server *waylight.Server) {
	host := strings.TrimPrefix(server.URL, "http://")
	_, port, err := net.SplitHostPort(host)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		words, host, origin string
		admitted            bool
	}{
		{"its own page", host, "http://" + host, true},
		{"a program, which has no origin", host, "", true},
		{"another site's page", host, "https://evil.example", false},
		{"a page of another port of this machine", host, "http://127.0.0.1:1", false},
		{"its own page behind a proxy that ends TLS", host, "https://" + host, true},
		{"a page without an origin to name", host, "null", false},
		{"a name that leads to loopback, and the page that made it", "evil.example:" + port, "http://evil.example:" + port, false},
		{"such a name without an origin", "evil.example:" + port, "", false},
	} {
		t.Run(tt.words, func(t *testing.T) {
			header := http.Header{"Host": {tt.host}}
			if tt.origin != "" {
				header.Set("Origin", tt.origin)
			}
			stream, err := logclient.Dial(t.Context(), server.URL, c.all(), header)
			if err == nil {
				stream.Close()
			}
			var refused logclient.Refused
			if errors.As(err, &refused); (err == nil) != tt.admitted || !tt.admitted && refused.Status/100 != 4 {
				t.Errorf("admitted %t (%v), want %t", err == nil, err, tt.admitted)
			}
		})
	}
}

// floodingSockets are closed with a code, while another goes on.
func floodingSockets(t *testing.T, c *chatter, server *waylight.Server) {
	good := logclient.Open(t, server.URL, c.all())
	for _, tt := range []struct {
		words   string
		code    int
		message func(*logclient.Client) error
	}{
		{"orders", websocket.ClosePolicyViolation, func(s *logclient.Client) error { return s.Send(map[string]string{"type": "resume"}) }},
		{"pings", websocket.ClosePolicyViolation, (*logclient.Client).Ping},
		{"nonsense", websocket.ClosePolicyViolation, func(s *logclient.Client) error { return s.Send("nonsense") }},
		{"bytes", websocket.CloseMessageTooBig, func(s *logclient.Client) error { return s.Send(strings.Repeat("a", tooLong)) }},
	} {
		t.Run(tt.words, func(t *testing.T) {
			bad := logclient.Open(t, server.URL, c.all())
			go func() {
				for range flood {
					if tt.message(bad) != nil {
						return
					}
				}
			}()
			if got := closeCode(bad); got != tt.code {
				t.Errorf("the server closes with %d, want %d", got, tt.code)
			}
		})
	}
	c.writers[0].write(time.Now(), 1)
	good.ReadUntil(t, wait.Limit, func(m logclient.Message) bool { return len(m.Lines) > 0 })
}

// closeCode reads until the server closes a stream.
func closeCode(stream *logclient.Client) int {
	for until := time.Now().Add(wait.Limit); ; {
		if _, err := stream.Read(until); err != nil {
			return logclient.CloseCode(err)
		}
	}
}

func idleSocketsAreCheap(t *testing.T, c *chatter, server *waylight.Server) {
	one := url.Values{"source": {c.writers[1].source()}}
	waitFollowing(t, logclient.Open(t, server.URL, one), 1)
	before := server.ResidentBytes()
	for range idleSockets {
		waitFollowing(t, logclient.Open(t, server.URL, one), 1)
	}
	grown := server.ResidentBytes() - before
	t.Logf("log sockets: %d idle ones cost %.1f MiB, %.1f KiB each (%d MiB resident before)", idleSockets, float64(grown)/(1<<20), float64(grown)/idleSockets/1024, before>>20)
	if grown > idleMemory {
		t.Errorf("%d idle sockets cost %d MiB", idleSockets, grown>>20)
	}
	if n := c.writers[1].log.Readers(); n != 1 {
		t.Errorf("the container is followed %d times, want once", n)
	}
}

// logsForbidden is about a user without deploy/rbac/logs.yaml.
func logsForbidden(t *testing.T, c *chatter, _ *waylight.Server) {
	server := c.serve(t, withoutLogs)
	var detail string
	logclient.Open(t, server.URL, c.all()).ReadUntil(t, wait.Limit, func(m logclient.Message) bool {
		detail = m.Detail
		return m.Type == "source" && m.State == logclient.Forbidden && m.Container != ""
	})
	const right = "get pods/log in shop"
	if !strings.Contains(detail, right) {
		t.Errorf("the detail %q does not name the right to %s", detail, right)
	}
	for _, page := range []string{"/", "/services", "/workloads", "/sources", "/logs", "/logs?" + c.all().Encode()} {
		if err := server.Read(page); err != nil {
			t.Error(err)
		}
	}
}
