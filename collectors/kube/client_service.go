package kube

import (
	"fmt"
	"net/http"
	"net/url"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

// ServiceProxy leads to Services through the API server, for who is outside of
// the cluster. It needs the right to get services/proxy.
type ServiceProxy struct{ client *rest.RESTClient }

// NewServiceProxy makes the way through the API server that cfg leads to.
func NewServiceProxy(cfg *rest.Config, userAgent string) (*ServiceProxy, error) {
	cfg = rest.CopyConfig(cfg)
	cfg.UserAgent = userAgent
	cfg.APIPath, cfg.GroupVersion = "/api", &corev1.SchemeGroupVersion
	cfg.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	client, err := rest.RESTClientFor(cfg)
	if err != nil {
		return nil, fmt.Errorf("the API server's service proxy cannot be used: %w", err)
	}
	return &ServiceProxy{client}, nil
}

// URL is where a port of a Service is reached, by http or https.
func (p *ServiceProxy) URL(namespace, name, scheme string, port uint16) *url.URL {
	return p.client.Get().Namespace(namespace).Resource("services").
		Name(fmt.Sprintf("%s:%s:%d", scheme, name, port)).SubResource("proxy").URL()
}

// Transport carries requests there, with the credentials of the cluster.
func (p *ServiceProxy) Transport() http.RoundTripper { return p.client.Client.Transport }

// accountToken is where a pod finds the token of its account.
const accountToken = "/var/run/secrets/kubernetes.io/serviceaccount/token" //nolint:gosec // a path, and no token

// Inside tells whether cfg is that of a pod in the cluster, which reaches
// Services by their names.
func Inside(cfg *rest.Config) bool { return cfg.BearerTokenFile == accountToken }
