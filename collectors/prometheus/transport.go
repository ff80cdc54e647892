package prometheus

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"time"
)

// Access is what a Prometheus wants of those who ask.
type Access struct {
	// TokenFile holds a bearer token. It is read for every query: tokens of
	// pods change.
	TokenFile string
	// CAFile holds certificates to trust beside those of the system.
	CAFile string
	// Header is added to every query, such as the tenant of a Mimir.
	Header http.Header
}

// ParseHeaders reads headers as flags give them, "Name: value" or "Name=value".
func ParseHeaders(lines []string) (http.Header, error) {
	out := make(http.Header)
	for _, line := range lines {
		at := strings.IndexAny(line, ":=")
		if at <= 0 {
			return nil, fmt.Errorf("%q is no header: write Name: value", line)
		}
		name, value := strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+1:])
		if strings.ContainsAny(name, " \t\r\n") || strings.ContainsAny(value, "\r\n") {
			return nil, fmt.Errorf("%q is no header: write Name: value", line)
		}
		out.Add(name, value)
	}
	return out, nil
}

// Limits of connections to Prometheus.
const (
	handshakeTimeout = 5 * time.Second
	idleConnections  = 4
	idleTimeout      = 90 * time.Second
)

// Transport is the way to a Prometheus that is reached directly.
func (a Access) Transport() (http.RoundTripper, error) {
	base := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: handshakeTimeout,
		MaxIdleConnsPerHost: idleConnections, IdleConnTimeout: idleTimeout, ForceAttemptHTTP2: true,
	}
	if a.CAFile != "" {
		pem, err := os.ReadFile(a.CAFile)
		if err != nil {
			return nil, err
		}
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", a.CAFile)
		}
		base.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	return authorized{a, base}, nil
}

// WithHeader adds the headers to what goes another way. The token stays out of
// it: it is for Prometheus, and the API server is not that.
func (a Access) WithHeader(next http.RoundTripper) http.RoundTripper {
	return authorized{Access{Header: a.Header}, next}
}

// authorized adds what Prometheus wants to every request.
type authorized struct {
	Access
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (a authorized) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	maps.Copy(req.Header, a.Header)
	if a.TokenFile != "" {
		token, err := os.ReadFile(a.TokenFile)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	return a.next.RoundTrip(req)
}

// getting lets nothing but GET through. The client library asks by POST first
// and goes on by GET where that is not allowed; through the API server a POST
// needs the right to create, which is the right to write.
type getting struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (g getting) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet {
		return g.next.RoundTrip(req)
	}
	if req.Body != nil {
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
	}
	return &http.Response{
		StatusCode: http.StatusMethodNotAllowed, Status: http.StatusText(http.StatusMethodNotAllowed), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header), Body: http.NoBody, Request: req,
	}, nil
}

// maxChart bounds the answer for a chart, in bytes, which the client library
// holds as a whole: 100 lines of 300 points take one megabyte.
const maxChart = 8 << 20

// errChart says that there are too many lines.
var errChart = errors.New("the answer is larger than any chart")

// bounded refuses answers that are larger than any chart.
type bounded struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = &cutBody{resp.Body, maxChart}
	return resp, nil
}

// cutBody ends with an error beyond a bound.
type cutBody struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (c *cutBody) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errChart
	}
	n, err := c.ReadCloser.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}
