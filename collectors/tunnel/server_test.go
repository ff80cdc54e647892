package tunnel

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/portforward"
	"k8s.io/client-go/rest"
	clientportforward "k8s.io/client-go/tools/portforward"
	"k8s.io/klog/v2"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"

	"github.com/waylight/waylight/mesh"
)

// cluster is an API server with a kubelet behind it, as far as a port-forward
// knows them: both protocols, and what is said of a failure on the error
// stream.
type cluster struct {
	http *httptest.Server
	// upgrade answers a request instead of changing the protocol, if it says so.
	upgrade func(w http.ResponseWriter, r *http.Request) (answered bool)
	// target is what listens in the pod. What it returns is what the kubelet
	// says of it.
	target func(request string, conn io.ReadWriter) error

	// hang never ends before the test does.
	hang chan struct{}

	mu       sync.Mutex
	requests []string // method, path and query in the pod, with the port
	upgrades []string // how port-forwards were asked for
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{
		hang:    make(chan struct{}),
		upgrade: func(http.ResponseWriter, *http.Request) bool { return false },
		target:  func(_ string, conn io.ReadWriter) error { return answer(conn, "200 OK", "{}") },
	}
	c.http = httptest.NewServer(c)
	t.Cleanup(func() { close(c.hang); c.http.CloseClientConnections(); c.http.Close() })
	return c
}

func (c *cluster) pool(t *testing.T) *Pool {
	t.Helper()
	p := New(&rest.Config{Host: c.http.URL}, "test")
	t.Cleanup(p.Close)
	return p
}

// answer writes a whole HTTP response.
func answer(w io.Writer, status, body string) error {
	fmt.Fprintf(w, "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
	return nil
}

// refuse answers as an API server does.
func refuse(w http.ResponseWriter, code int, message string) bool {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure",
		Message: message, Reason: map[int]metav1.StatusReason{403: metav1.StatusReasonForbidden, 404: metav1.StatusReasonNotFound}[code], Code: int32(code),
	})
	return true
}

func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := "SPDY"
	if websocket.IsWebSocketUpgrade(r) {
		kind = "WebSocket"
	}
	c.mu.Lock()
	c.upgrades = append(c.upgrades, kind+" "+r.Method+" "+r.URL.Path)
	c.mu.Unlock()
	if c.upgrade(w, r) {
		return
	}
	streams := make(chan httpstream.Stream)
	received := func(s httpstream.Stream, _ <-chan struct{}) error { streams <- s; return nil }
	var conn httpstream.Connection
	if kind == "SPDY" {
		if _, err := httpstream.Handshake(r, w, []string{portforward.PortForwardV1Name}); err != nil {
			return
		}
		conn = spdy.NewResponseUpgrader().UpgradeResponse(w, r, received)
	} else {
		ws, err := (&websocket.Upgrader{Subprotocols: []string{portforward.WebsocketsSPDYTunnelingPortForwardV1}}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		conn, err = spdy.NewServerConnection(clientportforward.NewTunnelingConnectionWithLogger(klog.New(nil), ws), received)
		if err != nil {
			return
		}
	}
	if conn != nil {
		c.kubelet(conn, streams)
	}
}

// kubelet pairs the streams and serves each pair.
func (c *cluster) kubelet(conn httpstream.Connection, streams <-chan httpstream.Stream) {
	failures := make(map[string]httpstream.Stream)
	for {
		select {
		case <-conn.CloseChan():
			return
		case s := <-streams:
			id := s.Headers().Get(corev1.PortForwardRequestIDHeader)
			if s.Headers().Get(corev1.StreamType) == corev1.StreamTypeError {
				failures[id] = s
				continue
			}
			go c.serve(s, failures[id])
		}
	}
}

func (c *cluster) serve(data, failure httpstream.Stream) {
	defer data.Close()
	defer failure.Close()
	request := data.Headers().Get(corev1.PortHeader)
	reader := bufio.NewReader(data)
	if head, err := http.ReadRequest(reader); err == nil {
		request = head.Method + " " + request + head.URL.RequestURI()
	}
	c.mu.Lock()
	c.requests = append(c.requests, request)
	c.mu.Unlock()
	if err := c.target(request, struct {
		io.Reader
		io.Writer
	}{reader, data}); err != nil {
		fmt.Fprint(failure, err.Error())
	}
}

// seen lists the calls that reached a pod, and how port-forwards were asked
// for.
func (c *cluster) seen() (requests, upgrades []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.requests, c.upgrades
}

var proxy = mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "ztunnel-abcde"}

// text reads a whole answer.
func text(into *strings.Builder) func(io.Reader) error {
	return func(r io.Reader) error {
		_, err := io.Copy(into, r)
		return err
	}
}
