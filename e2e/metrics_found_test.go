package e2e_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/objects"
	"github.com/waylight/waylight/e2e/prometheus"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

// prometheusRole is the manifest of the right to reach Services through the API server.
const prometheusRole = "../deploy/rbac/prometheus.yaml"

// TestPrometheusIsFound has a Waylight outside of the cluster look for a Prometheus in it, and reach it by the API server's
// service proxy once it may.
func TestPrometheusIsFound(t *testing.T) {
	p := prometheus.Start(t, prometheus.Target{Namespace: "shop", Pod: "waypoint", Metrics: prometheus.NewCounters(prometheus.ToVersion("shop", "orders", "v1", "web") + " 7")})
	c := cluster.Start(t, cluster.Config{Users: []string{viewer}})
	c.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, viewRole))
	server := waylight.Serve(t, c.Kubeconfig(t, viewer), "--no-proxies")
	server.WaitReady(t, wait.Limit)
	expectSoon(t, "there is none", func() error { return server.ExpectSource("prometheus", "absent") })

	c.Apply(t, objects.Namespace("monitoring", nil))
	publish(t, c, outside(t, p.URL))
	wait.For(t, counted, "the right is missing", func() error { return server.ExpectSource("prometheus", "forbidden") })
	if source, err := server.Source("prometheus"); err != nil || source.Detail != "get services/proxy in monitoring" {
		t.Errorf("%+v, %v", source, err)
	}

	c.GrantInNamespaces(t, viewer, cluster.ReadClusterRole(t, prometheusRole), "monitoring")
	wait.For(t, counted, "it is asked", func() error { return server.ExpectSource("prometheus", "ok") })
}

// outside makes a server on loopback reachable by an address that an EndpointSlice may have.
func outside(t *testing.T, target string) *net.TCPAddr {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort(notLoopback(t), "0"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
		w.WriteHeader(http.StatusBadGateway)
	}})
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("it listens on %s", listener.Addr())
	}
	return address
}

// notLoopback is an address of this machine that others could reach.
func notLoopback(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	t.Skip("not run: this machine has no address but loopback ones, which no EndpointSlice may have")
	return ""
}

// publish makes the Service of a Prometheus that is reached at an address.
func publish(t *testing.T, c *cluster.Cluster, at *net.TCPAddr) {
	t.Helper()
	const name, namespace = "prometheus-operated", "monitoring"
	port, protocol, portName, ready := int32(at.Port), corev1.ProtocolTCP, "web", true
	c.Apply(t, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: portName, Port: 9090}}},
	}, &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: namespace, Name: name + "-e2e", Labels: map[string]string{discoveryv1.LabelServiceName: name}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: &portName, Port: &port, Protocol: &protocol}},
		Endpoints:   []discoveryv1.Endpoint{{Addresses: []string{at.IP.String()}, Conditions: discoveryv1.EndpointConditions{Ready: &ready}}},
	})
}
