package e2e_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/objects"
	"github.com/waylight/waylight/e2e/prometheus"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

// prometheusRole is the manifest of the right to reach Services through the API server.
const prometheusRole = "../deploy/rbac/prometheus.yaml"

// TestPrometheusIsFound has a Waylight outside of the cluster look for a Prometheus in it, which takes a right to reach.
func TestPrometheusIsFound(t *testing.T) {
	cluster.Installed(t, "prometheus")
	c := cluster.Start(t, cluster.Config{Users: []string{viewer}})
	c.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, viewRole))
	server := waylight.Serve(t, c.Kubeconfig(t, viewer), "--no-proxies", "--rates-every", every.String())
	server.WaitReady(t, wait.Limit)
	expectSoon(t, "there is none", func() error { return server.ExpectSource("prometheus", "absent") })

	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: "prometheus-operated"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "web", Port: 9090}}},
	}
	c.Apply(t, objects.Namespace("monitoring", nil), service)
	wait.For(t, counted, "the right is missing", func() error { return server.ExpectSource("prometheus", "forbidden") })
	if source, err := server.Source("prometheus"); err != nil || source.Detail != "get services/proxy in monitoring" {
		t.Errorf("%+v, %v", source, err)
	}

	c.GrantInNamespaces(t, viewer, cluster.ReadClusterRole(t, prometheusRole), "monitoring")
	wait.For(t, counted, "the right is there, and behind the Service is nobody", func() error { return server.ExpectSource("prometheus", "down") })

	asked := serveService(t, c, service, prometheus.Start(t))
	wait.For(t, 4*counted, "it answers through the API server", func() error { return server.ExpectSource("prometheus", "ok") })
	for _, request := range asked() {
		if request.Method != http.MethodGet || request.Header.Get("Authorization") != "" {
			t.Errorf("%s %s with the credentials %q", request.Method, request.URL.Path, request.Header.Get("Authorization"))
		}
	}
}

// serveService puts a Prometheus behind a Service: in a pod, as the API server sees it, whose address is one of this machine's.
// It answers what it was asked so far.
func serveService(t *testing.T, c *cluster.Cluster, service *corev1.Service, p *prometheus.Prometheus) (asked func() []*http.Request) {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(ownAddress(t), "0"))
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var requests []*http.Request
	forward := httputil.NewSingleHostReverseProxy(target)
	front := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		requests = append(requests, r.Clone(r.Context()))
		mu.Unlock()
		forward.ServeHTTP(w, r)
	})}}
	front.Start()
	t.Cleanup(front.Close)
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	number, _ := strconv.Atoi(port)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: service.Namespace, Name: service.Name + "-0"},
		Spec:       corev1.PodSpec{NodeName: nodes[0], Containers: []corev1.Container{{Name: "prometheus", Image: "registry.example/prometheus:1"}}},
		Status:     corev1.PodStatus{Phase: corev1.PodRunning, PodIP: host, PodIPs: []corev1.PodIP{{IP: host}}},
	}
	c.Apply(t, pod)
	service.Spec.Ports[0].TargetPort = intstr.FromInt(number)
	c.PublishEndpoints(t, service, []*corev1.Pod{pod}, true)
	return func() []*http.Request {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(requests)
	}
}

// ownAddress is an address of this machine that may be an endpoint's: the API refuses those of loopback.
func ownAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && network.IP.To4() != nil && network.IP.IsGlobalUnicast() {
			return network.IP.String()
		}
	}
	t.Skip("not run: this machine has no address but that of loopback, which no endpoint may have")
	return ""
}
