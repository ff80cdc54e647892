package tunnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"k8s.io/client-go/rest"

	"github.com/waylight/waylight/mesh"
)

// TestNothingElseCanBeAsked goes through every method of Pool that takes a
// reader, so that a new one is not forgotten. What can be asked of a log level
// is in TestALogLevelIsReadSetAndReset.
func TestNothingElseCanBeAsked(t *testing.T) {
	c := newCluster(t)
	p := c.pool(t)
	calls := 0
	for i := range reflect.TypeOf(p).NumMethod() {
		method, ok := reflect.TypeAssert[func(context.Context, mesh.Ref, func(io.Reader) error) error](reflect.ValueOf(p).Method(i))
		if !ok {
			name := reflect.TypeOf(p).Method(i).Name
			if !slices.Contains([]string{"Close", "LogLevel", "SetLogLevel", "ResetLogLevel"}, name) {
				t.Errorf("%s is a way into pods that this test does not know", name)
			}
			continue
		}
		calls++
		if err := method(t.Context(), proxy, func(io.Reader) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	want := []string{
		"GET 15000/clusters?format=json", "GET 15000/config_dump?include_eds", "GET 15000/stats/prometheus",
		"GET 15014/debug/syncz", "GET 15000/config_dump", "GET 15020/metrics",
	}
	got, upgrades := c.seen()
	if diff := cmp.Diff(want, got); diff != "" || calls != len(want) {
		t.Errorf("%d calls: %s", calls, diff)
	}
	if diff := cmp.Diff([]string{"WebSocket GET /api/v1/namespaces/istio-system/pods/ztunnel-abcde/portforward"}, upgrades); diff != "" {
		t.Errorf("the connection is not kept: %s", diff)
	}
}

func TestAWholeAnswerComesOverEitherProtocol(t *testing.T) {
	body := strings.Repeat("workload ", 1<<20)
	for words, old := range map[string]bool{"WebSocket": false, "SPDY, where the server has no WebSocket": true} {
		t.Run(words, func(t *testing.T) {
			c := newCluster(t)
			c.upgrade = func(w http.ResponseWriter, r *http.Request) bool {
				return old && websocket.IsWebSocketUpgrade(r) && refuse(w, http.StatusBadRequest, "Upgrade request required")
			}
			c.target = func(_ string, conn io.ReadWriter) error { return answer(conn, "200 OK", body) }
			var got strings.Builder
			if err := c.pool(t).ZtunnelDump(t.Context(), proxy, text(&got)); err != nil || got.String() != body {
				t.Errorf("%d bytes of %d, error %v", got.Len(), len(body), err)
			}
		})
	}
}

func TestARightForCreateAloneIsEnoughOnOldServers(t *testing.T) {
	c := newCluster(t)
	c.upgrade = func(w http.ResponseWriter, r *http.Request) bool {
		return r.Method == http.MethodGet && refuse(w, http.StatusForbidden, "cannot get pods/portforward")
	}
	if err := c.pool(t).ZtunnelDump(t.Context(), proxy, text(&strings.Builder{})); err != nil {
		t.Error(err)
	}
}

func TestEveryFailureHasAReason(t *testing.T) {
	status := func(code int, message string) func(*cluster) {
		return func(c *cluster) {
			c.upgrade = func(w http.ResponseWriter, _ *http.Request) bool { return refuse(w, code, message) }
		}
	}
	target := func(f func(io.ReadWriter) error) func(*cluster) {
		return func(c *cluster) { c.target = func(_ string, conn io.ReadWriter) error { return f(conn) } }
	}
	kubelet := func(words string) func(*cluster) {
		return target(func(io.ReadWriter) error { return errors.New(words) })
	}
	write := func(words string) func(*cluster) {
		return target(func(conn io.ReadWriter) error { _, err := io.WriteString(conn, words); return err })
	}
	tests := []struct {
		words  string
		breaks func(*cluster)
		want   Reason
		text   string // part of it
	}{
		{"the right is missing", status(403, `pods "x" is forbidden`), Forbidden, "create pods/portforward in istio-system"},
		{"the credentials are not accepted", status(401, "Unauthorized"), Failed, "does not accept the credentials"},
		{"the pod is gone", status(404, "not found"), NoPod, "there is no pod istio-system/ztunnel-abcde"},
		{"the kubelet does not answer", status(500, "error dialing backend: dial tcp 10.0.0.1:10250: connect: connection refused"), Failed, "does not reach the kubelet"},
		{"a proxy on the way answers with a page", func(c *cluster) {
			c.upgrade = func(w http.ResponseWriter, _ *http.Request) bool {
				http.Error(w, "<html>\x00"+strings.Repeat("x", 1<<20), http.StatusBadGateway)
				return true
			}
		}, Failed, "does not reach the kubelet"},
		{"nothing listens on the port", kubelet("failed to connect to localhost:15000 inside namespace x: dial tcp4 127.0.0.1:15000: connect: connection refused"), Refused, "nothing listens on port 15000 of pod istio-system/ztunnel-abcde"},
		{"the pod's sandbox is gone", kubelet("sandbox not found"), NoPod, "is not running"},
		{"the kubelet has another reason", kubelet("socat not\n\x1b[31minstalled"), Failed, "socat not [31minstalled"},
		{"the proxy closes without an answer", write(""), Failed, "broke off"},
		{"the answer is cut off", write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), Failed, "broke off"},
		{"the answer is no HTTP", write("SSH-2.0\r\n\r\n"), Failed, "does not speak HTTP"},
		{"the head of the answer has no end", func(c *cluster) {
			c.target = func(_ string, conn io.ReadWriter) error {
				_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nA: "+strings.Repeat("a", 1<<20))
				return err
			}
		}, Failed, "broke off"},
		{"the port says that it cannot", target(func(conn io.ReadWriter) error { return answer(conn, "503 Service Unavailable", "draining") }), Failed, "answered 503 Service Unavailable: draining"},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			c := newCluster(t)
			tt.breaks(c)
			err := c.pool(t).ZtunnelDump(t.Context(), proxy, text(&strings.Builder{}))
			failed, ok := errors.AsType[*Error](err)
			if !ok || failed.Reason != tt.want || !strings.Contains(err.Error(), tt.text) || failed.Pod != proxy {
				t.Errorf("got %v (%+v)", err, failed)
			}
			if len(err.Error()) > 2*maxText || strings.ContainsAny(err.Error(), "\x00\x1b\n") {
				t.Errorf("the text is not fit for a page: %q", err)
			}
		})
	}
}

func TestAnAPIServerThatIsGone(t *testing.T) {
	c := newCluster(t)
	c.http.Close()
	err := c.pool(t).ZtunnelDump(t.Context(), proxy, text(&strings.Builder{}))
	if err == nil || !strings.Contains(err.Error(), "the API server does not listen") {
		t.Errorf("got %v", err)
	}
}

// TestWhoNeverAnswersCostsItsDeadline has targets that hang at each stage.
func TestWhoNeverAnswersCostsItsDeadline(t *testing.T) {
	tests := map[string]func(*cluster){
		"the API server": func(c *cluster) {
			c.upgrade = func(http.ResponseWriter, *http.Request) bool { <-c.hang; return true }
		},
		"the API server, asked for SPDY": func(c *cluster) {
			c.upgrade = func(w http.ResponseWriter, r *http.Request) bool {
				if websocket.IsWebSocketUpgrade(r) {
					return refuse(w, http.StatusBadRequest, "no")
				}
				<-c.hang
				return true
			}
		},
		"the proxy": func(c *cluster) {
			c.target = func(string, io.ReadWriter) error { <-c.hang; return nil }
		},
		"the proxy, within its answer": func(c *cluster) {
			c.target = func(_ string, conn io.ReadWriter) error {
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
				<-c.hang
				return nil
			}
		},
		"the proxy, over SPDY": func(c *cluster) {
			c.upgrade = func(w http.ResponseWriter, r *http.Request) bool {
				return websocket.IsWebSocketUpgrade(r) && refuse(w, http.StatusBadRequest, "no")
			}
			c.target = func(string, io.ReadWriter) error { <-c.hang; return nil }
		},
	}
	for words, hangs := range tests {
		t.Run(words, func(t *testing.T) {
			c := newCluster(t)
			hangs(c)
			p := c.pool(t)
			p.patience = 300 * time.Millisecond
			err := p.ZtunnelDump(t.Context(), proxy, text(&strings.Builder{}))
			if failed, ok := errors.AsType[*Error](err); !ok || failed.Reason != TimedOut {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnAnswerWithoutEndEndsWithTheDeadline(t *testing.T) {
	c := newCluster(t)
	c.target = func(_ string, conn io.ReadWriter) error {
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		for {
			if _, err := io.WriteString(conn, strings.Repeat(" ", 1<<14)); err != nil {
				return nil
			}
		}
	}
	p := c.pool(t)
	p.patience = 300 * time.Millisecond
	err := p.ZtunnelDump(t.Context(), proxy, func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err })
	if failed, ok := errors.AsType[*Error](err); !ok || failed.Reason != TimedOut {
		t.Errorf("got %v", err)
	}
}

func TestWhatTheReaderFindsWrongStaysItsError(t *testing.T) {
	c := newCluster(t)
	wrong := errors.New("no dump")
	p := c.pool(t)
	if err := p.ZtunnelDump(t.Context(), proxy, func(io.Reader) error { return wrong }); err != wrong { //nolint:errorlint // the very same
		t.Errorf("got %v", err)
	}
	if err := p.ZtunnelDump(t.Context(), proxy, text(&strings.Builder{})); err != nil {
		t.Errorf("the next call fails: %v", err)
	}
}

func TestACallerWhoLeavesFreesTheWay(t *testing.T) {
	c := newCluster(t)
	arrived := make(chan struct{})
	var once sync.Once
	c.target = func(_ string, conn io.ReadWriter) error {
		first := false
		once.Do(func() { first = true })
		if first {
			close(arrived)
			<-c.hang
		}
		return answer(conn, "200 OK", "{}")
	}
	p := c.pool(t)
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-arrived; leave() }()
	if err := p.ZtunnelDump(ctx, proxy, text(&strings.Builder{})); err == nil || !strings.Contains(err.Error(), "given up") {
		t.Errorf("got %v", err)
	}
	if err := p.ZtunnelDump(t.Context(), proxy, text(&strings.Builder{})); err != nil {
		t.Errorf("the next call fails: %v", err)
	}
}

func TestAConnectionThatTheOtherSideEndedIsMadeAnew(t *testing.T) {
	c := newCluster(t)
	p := c.pool(t)
	for range 2 {
		if err := p.ZtunnelDump(t.Context(), proxy, text(&strings.Builder{})); err != nil {
			t.Fatal(err)
		}
		p.mu.Lock()
		conn := p.lanes[proxy].conn
		p.mu.Unlock()
		conn.raw.Close()
		<-conn.CloseChan()
	}
	if _, upgrades := c.seen(); len(upgrades) != 2 {
		t.Errorf("asked %d times for a port-forward", len(upgrades))
	}
}

func TestAConnectionDoesNotOutliveTheRightToIt(t *testing.T) {
	c := newCluster(t)
	p := c.pool(t)
	p.lifetime = 0
	if err := p.ZtunnelDump(t.Context(), proxy, text(&strings.Builder{})); err != nil {
		t.Fatal(err)
	}
	c.upgrade = func(w http.ResponseWriter, _ *http.Request) bool { return refuse(w, http.StatusForbidden, "no") }
	err := p.ZtunnelDump(t.Context(), proxy, text(&strings.Builder{}))
	if failed, ok := errors.AsType[*Error](err); !ok || failed.Reason != Forbidden {
		t.Errorf("got %v", err)
	}
}

func TestAnIdleConnectionIsGivenBack(t *testing.T) {
	c := newCluster(t)
	p := c.pool(t)
	p.keep = time.Millisecond
	if err := p.ZtunnelDump(t.Context(), proxy, text(&strings.Builder{})); err != nil {
		t.Fatal(err)
	}
	for {
		p.mu.Lock()
		left := len(p.lanes)
		p.mu.Unlock()
		if left == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestOfOnePodOneThingIsAskedAtATimeAndOfAllSixteen(t *testing.T) {
	for words, tt := range map[string]struct {
		pods int
		most int64
	}{
		"one pod":   {1, 1},
		"many pods": {40, maxFlights},
	} {
		t.Run(words, func(t *testing.T) {
			c := newCluster(t)
			var now, most atomic.Int64
			c.target = func(_ string, conn io.ReadWriter) error {
				if n := now.Add(1); n > most.Load() {
					most.Store(n) // of two at once either will do
				}
				time.Sleep(5 * time.Millisecond)
				now.Add(-1)
				return answer(conn, "200 OK", "{}")
			}
			p := c.pool(t)
			var calls sync.WaitGroup
			for i := range 40 {
				pod := proxy
				pod.Name = fmt.Sprintf("ztunnel-%d", i%tt.pods)
				calls.Go(func() {
					if err := p.ZtunnelDump(t.Context(), pod, text(&strings.Builder{})); err != nil {
						t.Error(err)
					}
				})
			}
			calls.Wait()
			if most.Load() > tt.most {
				t.Errorf("%d at once", most.Load())
			}
		})
	}
}

func TestOfLargeAnswersFewAreReadAtATime(t *testing.T) {
	c := newCluster(t)
	c.target = func(_ string, conn io.ReadWriter) error {
		return answer(conn, "200 OK", strings.Repeat(" ", largeAnswer+1<<20))
	}
	p := c.pool(t)
	var now, most atomic.Int64
	// The buffer on the way may be ahead of what is read.
	read := func(r io.Reader) error {
		if _, err := io.CopyN(io.Discard, r, largeAnswer+1<<19); err != nil {
			return err
		}
		if n := now.Add(1); n > most.Load() {
			most.Store(n) // of two at once either will do
		}
		defer now.Add(-1)
		_, err := io.Copy(io.Discard, r)
		return err
	}
	var calls sync.WaitGroup
	for i := range 2 * maxFlights {
		pod := proxy
		pod.Name = fmt.Sprintf("ztunnel-%d", i)
		calls.Go(func() {
			if err := p.ZtunnelDump(t.Context(), pod, read); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	if most.Load() > maxLarge {
		t.Errorf("%d at once", most.Load())
	}
}

func TestNamesThatAreNoneLeadNowhere(t *testing.T) {
	c := newCluster(t)
	for _, pod := range []mesh.Ref{{}, {Namespace: "a", Name: ".."}, {Namespace: "a", Name: "b/../../c"}, {Namespace: "..", Name: "b"}, {Namespace: "a", Name: "b?x=y"}} {
		err := c.pool(t).ZtunnelDump(t.Context(), pod, text(&strings.Builder{}))
		if failed, ok := errors.AsType[*Error](err); !ok || failed.Reason != NoPod {
			t.Errorf("%v: %v", pod, err)
		}
	}
	if _, upgrades := c.seen(); len(upgrades) > 0 {
		t.Errorf("asked for %v", upgrades)
	}
}

func TestAPoolThatIsClosedEndsWhatItDoes(t *testing.T) {
	c := newCluster(t)
	p := New(&rest.Config{Host: c.http.URL}, "test")
	c.target = func(string, io.ReadWriter) error { p.Close(); <-c.hang; return nil }
	if err := p.ZtunnelDump(t.Context(), proxy, text(&strings.Builder{})); err == nil {
		t.Error("it answers")
	}
}
