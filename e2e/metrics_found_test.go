package e2e_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/objects"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

// prometheusRole is the manifest of the right to reach Services through the API server.
const prometheusRole = "../deploy/rbac/prometheus.yaml"

// TestPrometheusIsFound has a Waylight outside of the cluster look for a Prometheus in it, which takes a right to reach.
func TestPrometheusIsFound(t *testing.T) {
	c := cluster.Start(t, cluster.Config{Users: []string{viewer}})
	c.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, viewRole))
	server := waylight.Serve(t, c.Kubeconfig(t, viewer), "--no-proxies")
	server.WaitReady(t, wait.Limit)
	expectSoon(t, "there is none", func() error { return server.ExpectSource("prometheus", "absent") })

	c.Apply(t, objects.Namespace("monitoring", nil), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: "prometheus-operated"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "web", Port: 9090}}},
	})
	wait.For(t, counted, "the right is missing", func() error { return server.ExpectSource("prometheus", "forbidden") })
	if source, err := server.Source("prometheus"); err != nil || source.Detail != "get services/proxy in monitoring" {
		t.Errorf("%+v, %v", source, err)
	}

	// Behind the Service is nobody, which the API server says once the right is there.
	c.GrantInNamespaces(t, viewer, cluster.ReadClusterRole(t, prometheusRole), "monitoring")
	wait.For(t, counted, "the right is there", func() error { return server.ExpectSource("prometheus", "down") })
}
