package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/connrotation"
	"k8s.io/client-go/util/flowcontrol"
)

// Pace and patience of requests.
const (
	// A start asks for every kind at once, in each namespace of a scope;
	// client-go's own limit of 5 a second would make that a queue of minutes.
	// The API server's priority and fairness guards it better than we could.
	requestsPerSecond = 100
	requestBurst      = 200

	// probeTimeout is when an API server that was asked whether it is ready
	// counts as not answering.
	probeTimeout = 5 * time.Second
	// listTimeout exceeds the minute after which an API server itself gives up
	// a list, so that its error is seen and not ours.
	listTimeout = 90 * time.Second
	dialTimeout = 10 * time.Second
	keepAlive   = 30 * time.Second

	maxReadyzBody = 64 << 10 // it is a list of names

	protobufType = "application/vnd.kubernetes.protobuf"
	jsonType     = "application/json"
)

// client asks one API server. All its requests share one HTTP client, and so
// few connections.
type client struct {
	config  *rest.Config
	http    *http.Client
	dialer  *connrotation.Dialer
	root    rest.Interface // for paths outside of any kind
	timeout time.Duration  // of a single request; zero leaves each its own
	server  string         // for messages: scheme and host
}

func newClient(cfg *rest.Config, userAgent string) (*client, error) {
	c := &client{config: rest.CopyConfig(cfg), timeout: cfg.Timeout}
	// Of an http.Client the timeout would end watches as well.
	c.config.Timeout = 0
	c.config.UserAgent = userAgent
	c.config.QPS, c.config.Burst = requestsPerSecond, requestBurst
	c.config.RateLimiter = flowcontrol.NewTokenBucketRateLimiter(requestsPerSecond, requestBurst)
	c.config.WarningHandler = rest.NoWarnings{}
	c.dialer = connrotation.NewDialer(dialOf(cfg))
	c.config.Dial = c.dialer.DialContext
	address, _, err := rest.DefaultServerUrlFor(c.config)
	if err != nil {
		return nil, fmt.Errorf("the address of the API server, %q, cannot be used: %w", cfg.Host, err)
	}
	c.server = address.Scheme + "://" + address.Host
	if c.http, err = rest.HTTPClientFor(c.config); err != nil {
		return nil, fmt.Errorf("the kubeconfig cannot be used: %w", err)
	}
	c.root, err = c.restClient("/", schema.GroupVersion{Version: "v1"}, false)
	return c, err
}

func dialOf(cfg *rest.Config) connrotation.DialFunc {
	if cfg.Dial != nil {
		return cfg.Dial
	}
	return (&net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}).DialContext
}

// restClient makes a client for one group and version, of generated types or of
// documents.
func (c *client) restClient(apiPath string, gv schema.GroupVersion, generated bool) (rest.Interface, error) {
	cfg := rest.CopyConfig(c.config)
	cfg.APIPath, cfg.GroupVersion = apiPath, &gv
	cfg.NegotiatedSerializer = documentCodecs
	cfg.ContentType, cfg.AcceptContentTypes = jsonType, jsonType
	if generated {
		cfg.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
		cfg.ContentType, cfg.AcceptContentTypes = protobufType, protobufType+","+jsonType
	}
	client, err := rest.RESTClientForConfigAndClient(cfg, c.http)
	if err != nil {
		return nil, fmt.Errorf("no client for %s: %w", gv, err)
	}
	return client, nil
}

// collection is one kind in one version and scope, as requests name it.
type collection struct {
	rest      rest.Interface
	plural    string
	namespace string // empty for all, and for what has none
	fields    string
	timeout   time.Duration
}

// collection prepares requests for a kind. Kinds with a generated type come as
// protobuf, which is several times cheaper to decode than JSON; others as
// documents.
func (c *client) collection(k Kind, apiVersion, namespace string) (collection, error) {
	path := "/apis"
	if k.Group == "" {
		path = "/api"
	}
	r, err := c.restClient(path, schema.GroupVersion{Group: k.Group, Version: apiVersion}, k.New != nil)
	if err != nil {
		return collection{}, err
	}
	timeout := listTimeout
	if c.timeout > 0 {
		timeout = c.timeout
	}
	return collection{rest: r, plural: k.Plural, namespace: namespace, fields: k.FieldSelector, timeout: timeout}, nil
}

// list asks for the objects of a collection, once.
func (c collection) list(ctx context.Context, opts metav1.ListOptions) (runtime.Object, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	out, err := c.request(&opts).Do(ctx).Get()
	return out, asDenied("list", err)
}

// watch asks for the changes of a collection, and for its objects first if the
// options say so.
func (c collection) watch(ctx context.Context, opts metav1.ListOptions) (watch.Interface, error) {
	opts.Watch = true
	w, err := c.request(&opts).Watch(ctx)
	if err != nil {
		return nil, asDenied("watch", err)
	}
	// client-go answers a lost connection and a timeout with a watch that ends
	// at once, and without a word.
	if _, established := w.(*watch.StreamWatcher); !established {
		w.Stop()
		return nil, errConnectionLost
	}
	return w, nil
}

func (c collection) request(opts *metav1.ListOptions) *rest.Request {
	opts.FieldSelector = c.fields
	return c.rest.Get().Namespace(c.namespace).Resource(c.plural).VersionedParams(opts, metav1.ParameterCodec)
}

// ready asks whether the API server is ready for requests. One that has no
// answer to that (404) is; of one that does not answer us (403) it is not known.
func (c *client) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.probePatience())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.root.Get().AbsPath("/readyz").URL().String(), nil)
	if err != nil {
		return fmt.Errorf("cannot ask whether the API server is ready: %w", err)
	}
	// A REST client would hide the text of the answer, which names what failed.
	response, err := c.http.Do(request)
	if err != nil {
		return err //nolint:wrapcheck // explain looks into it
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReadyzBody))
	switch {
	case err != nil:
		return err //nolint:wrapcheck // explain looks into it
	case response.StatusCode == http.StatusUnauthorized:
		return apierrors.NewUnauthorized("")
	case response.StatusCode == http.StatusForbidden, response.StatusCode >= http.StatusInternalServerError:
		return &notReadyError{status: response.StatusCode, failed: failedChecks(string(body))}
	}
	return nil
}

func (c *client) probePatience() time.Duration {
	if c.timeout > 0 {
		return min(c.timeout, probeTimeout)
	}
	return probeTimeout
}

// version asks for the API server's version, e.g. "v1.37.2".
func (c *client) version(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.probePatience())
	defer cancel()
	body, err := c.root.Get().AbsPath("/version").Do(ctx).Raw()
	if err != nil {
		return "", fmt.Errorf("cannot read the version: %w", err)
	}
	var info version.Info
	if err := json.Unmarshal(body, &info); err != nil {
		return "", fmt.Errorf("cannot read the version: %w", err)
	}
	return info.GitVersion, nil
}

func (c *client) discovery() *discovery.DiscoveryClient {
	return discovery.NewDiscoveryClient(c.root)
}
