package prometheus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/api"
)

// queryTimeout bounds one query where nothing else is said.
const queryTimeout = 15 * time.Second

// Endpoint is where a Prometheus answers, and how to get there.
type Endpoint struct {
	// Name says where it is, for a reader.
	Name string
	// Address is the URL in front of /api/v1.
	Address string
	// Transport leads there, with all that is needed to be let in.
	Transport http.RoundTripper
	// Proxied is the namespace of the Service if the way goes through the API
	// server, and empty otherwise.
	Proxied string
}

// client asks one Prometheus.
type client struct {
	api  api.Client
	http http.Client
	to   Endpoint
	// timeout bounds one query.
	timeout time.Duration
}

func newClient(to Endpoint, timeout time.Duration) (*client, error) {
	c := &client{to: to, timeout: timeout, http: http.Client{
		Transport: getting{to.Transport},
		// A redirect would lead where nobody has allowed to go.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	var err error
	c.api, err = api.NewClient(api.Config{Address: to.Address, Client: &http.Client{
		Transport: bounded{c.http.Transport}, CheckRedirect: c.http.CheckRedirect,
	}})
	return c, err
}

// instant asks for the values at a moment.
func (c *client) instant(ctx context.Context, promQL string, at time.Time) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	u := c.api.URL("/api/v1/query", nil)
	u.RawQuery = url.Values{
		"query": {promQL}, "time": {strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64)},
		"timeout": {c.timeout.String()},
	}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(err)
	}
	defer resp.Body.Close()
	return c.read(resp)
}

// read reads an answer. Prometheus explains a refusal as it answers, in JSON.
func (c *client) read(resp *http.Response) (*answer, error) {
	if resp.StatusCode == http.StatusOK {
		a, err := decodeAnswer(resp.Body)
		if err != nil {
			return nil, c.unreachable(err)
		}
		return a, nil
	}
	_, err := decodeAnswer(io.LimitReader(resp.Body, maxRefusal))
	return nil, c.refused(resp.StatusCode, err)
}

// maxRefusal bounds what is read of an answer that is none.
const maxRefusal = 64 << 10

// Failure is why Prometheus did not answer.
type Failure struct {
	// Forbidden tells that it, or the API server on the way, wants a right or
	// credentials.
	Forbidden bool
	// Detail is a sentence; for a right that the API server misses, that right.
	Detail string
}

// Error implements error.
func (f *Failure) Error() string { return f.Detail }

// refused says what a status other than 200 means.
func (c *client) refused(status int, err error) error {
	forbidden := status == http.StatusUnauthorized || status == http.StatusForbidden
	if forbidden && c.to.Proxied != "" {
		return &Failure{Forbidden: true, Detail: "get services/proxy in " + c.to.Proxied}
	}
	detail := fmt.Sprintf("It answered %d %s.", status, http.StatusText(status))
	if said, ok := errors.AsType[*apiError](err); ok && said.text != "" {
		detail = fmt.Sprintf("It answered %d: %s.", status, said.text)
	}
	return &Failure{Forbidden: forbidden, Detail: detail}
}

// unreachable says in a sentence why there was no answer, without the query,
// which is long.
func (c *client) unreachable(err error) error {
	if asked, ok := errors.AsType[*url.Error](err); ok {
		err = asked.Err
	}
	timeout, ok := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded), ok && timeout.Timeout():
		return &Failure{Detail: fmt.Sprintf("It did not answer within %s.", c.timeout)}
	}
	return &Failure{Detail: "It did not answer: " + plain(err.Error()) + "."}
}
