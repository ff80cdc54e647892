package tunnel

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/portforward"
	"k8s.io/client-go/rest"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
)

// maxStatus bounds what an API server says of a refusal.
const maxStatus = 64 << 10

func (p *Pool) dialSPDY(ctx context.Context, address *url.URL) (httpstream.Connection, io.Closer, error) {
	tls, err := rest.TLSConfigFor(p.config)
	if err != nil {
		return nil, nil, err
	}
	dialer, err := spdy.NewRoundTripperWithConfig(spdy.RoundTripperConfig{TLS: tls, Proxier: p.config.Proxy})
	if err != nil {
		return nil, nil, err
	}
	upgrade := &spdyUpgrade{dialer: dialer}
	transport, err := rest.HTTPWrappersForConfig(p.config, upgrade)
	if err != nil {
		return nil, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set(httpstream.HeaderProtocolVersion, portforward.PortForwardV1Name)
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, nil, err
	}
	if err := refusal(response); err != nil {
		_ = upgrade.conn.Close() // nothing else comes over it
		return nil, nil, err
	}
	conn, err := spdy.NewClientConnectionWithPings(upgrade.conn, pingPeriod)
	return conn, upgrade.conn, err
}

// spdyUpgrade asks for SPDY on a connection of its own, which it keeps. The
// round tripper of the library keeps it to itself, so that nobody could end a
// connection that hangs.
type spdyUpgrade struct {
	dialer *spdy.SpdyRoundTripper
	conn   net.Conn
}

// RoundTrip implements http.RoundTripper for one request.
func (s *spdyUpgrade) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set(httpstream.HeaderConnection, httpstream.HeaderUpgrade)
	request.Header.Set(httpstream.HeaderUpgrade, spdy.HeaderSpdy31)
	conn, err := s.dialer.Dial(request)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(request.Context(), func() { _ = conn.Close() })
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if !stop() {
		err = errors.Join(request.Context().Err(), err)
	}
	if err != nil {
		_ = conn.Close() // it is of no use
		return nil, err
	}
	s.conn = conn
	return response, nil
}

// refusal is the API server's answer where it did not change to SPDY.
func refusal(response *http.Response) error {
	if response.StatusCode == http.StatusSwitchingProtocols && strings.EqualFold(response.Header.Get(httpstream.HeaderUpgrade), spdy.HeaderSpdy31) {
		return nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxStatus))
	if err != nil {
		return fmt.Errorf("the API server's answer broke off: %w", err)
	}
	var status metav1.Status
	if json.Unmarshal(body, &status) != nil || status.Message == "" {
		status.Message = string(body)
	}
	status.Code = int32(response.StatusCode) //nolint:gosec // it has three digits
	return &apierrors.StatusError{ErrStatus: status}
}
