package tunnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/portforward"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/rest"
	clientportforward "k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/websocket"
	"k8s.io/klog/v2"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"

	"github.com/waylight/waylight/mesh"
)

const (
	// dialTimeout is for the way to the API server, and from there to the
	// kubelet.
	dialTimeout = 10 * time.Second
	// pingPeriod keeps proxies on the way from ending a slow answer.
	pingPeriod = 10 * time.Second
)

// connection is a port-forward to one pod, over which many streams go.
type connection struct {
	httpstream.Connection
	raw   io.Closer // ends it at once, whatever waits for it
	pod   mesh.Ref
	began time.Time
}

// alive tells that the other side has not ended the connection.
func (c *connection) alive() bool {
	select {
	case <-c.CloseChan():
		return false
	default:
		return true
	}
}

// end takes the connection down. Closing politely alone would wait for streams
// that never answer.
func (c *connection) end() {
	_ = c.raw.Close() // the first error is the one that matters
	_ = c.Close()
}

// dial asks for a port-forward to a pod: over WebSocket, and if that cannot be
// had over SPDY, which servers up to 1.29 need, and those on whose way a proxy
// knows no WebSocket.
func (p *Pool) dial(ctx context.Context, pod mesh.Ref) (*connection, error) {
	address, err := p.addressOf(pod)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, raw, err := p.dialWebSocket(ctx, address)
	if err != nil && !apierrors.IsNotFound(err) && (httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)) {
		conn, raw, err = p.dialSPDY(ctx, address)
	}
	if err != nil {
		if timedOut(err) {
			return nil, &Error{Reason: TimedOut, Pod: pod, text: fmt.Sprintf("no port-forward to pod %s could be opened within %s", pod.NamespacedName(), dialTimeout)}
		}
		return nil, err
	}
	return &connection{Connection: conn, raw: raw, pod: pod, began: time.Now()}, nil
}

// addressOf is the URL of a pod's port-forward. A name that is none could lead
// to another path.
func (p *Pool) addressOf(pod mesh.Ref) (*url.URL, error) {
	if len(validation.IsDNS1123Label(pod.Namespace)) > 0 || len(validation.IsDNS1123Subdomain(pod.Name)) > 0 {
		return nil, &Error{Reason: NoPod, Pod: pod, text: plain(fmt.Sprintf("%q is not the name of a pod", pod.NamespacedName()))}
	}
	base, _, err := rest.DefaultServerUrlFor(p.config)
	if err != nil {
		return nil, fmt.Errorf("the address of the API server cannot be used: %w", err)
	}
	return base.JoinPath("api/v1/namespaces", pod.Namespace, "pods", pod.Name, "portforward"), nil
}

func (p *Pool) dialWebSocket(ctx context.Context, address *url.URL) (httpstream.Connection, io.Closer, error) {
	transport, holder, err := websocket.RoundTripperFor(p.config)
	if err != nil {
		return nil, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	ws, err := websocket.Negotiate(transport, holder, request, portforward.WebsocketsSPDYTunnelingPortForwardV1)
	if err != nil {
		return nil, nil, withoutUpgrade(err)
	}
	tunneling := clientportforward.NewTunnelingConnectionWithLogger(klog.New(nil), ws)
	conn, err := spdy.NewClientConnectionWithPings(tunneling, pingPeriod)
	return conn, ws, err
}

// withoutUpgrade brings out the API server's own answer, where there is one,
// and leaves the error what it is for those who ask.
func withoutUpgrade(err error) error {
	if failed, ok := errors.AsType[*httpstream.UpgradeFailureError](err); ok {
		return errors.Join(failed.Cause, err)
	}
	return err
}

// open opens the pair of streams that a connection to a port is made of.
func (c *connection) open(port uint16, id int) (data, failure httpstream.Stream, err error) {
	headers := http.Header{}
	headers.Set(corev1.PortHeader, strconv.FormatUint(uint64(port), 10))
	headers.Set(corev1.PortForwardRequestIDHeader, strconv.Itoa(id))
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	if failure, err = c.CreateStream(headers); err != nil {
		return nil, nil, err
	}
	headers = headers.Clone()
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	if data, err = c.CreateStream(headers); err != nil {
		return nil, nil, err
	}
	return data, failure, nil
}
