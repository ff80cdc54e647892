// Package loader fills a cluster with a mesh of a given size, to see how Waylight bears it. No istiod runs beside it:
// what istiod would have written (waypoint addresses and conditions) is written with the objects.
package loader

import (
	"context"
	"fmt"
	"testing"

	"golang.org/x/sync/errgroup"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/objects"
)

// writers is how many requests are under way at once: enough to keep a small machine's API server busy.
const writers = 16

// Size is how large the mesh is. Every namespace is ambient and has a programmed waypoint.
type Size struct {
	Nodes, Namespaces    int
	ServicesPerNamespace int
	PodsPerService       int
}

// Services is the number of applications, each with a Deployment, a ReplicaSet, a Service and its EndpointSlice.
func (s Size) Services() int { return s.Namespaces * s.ServicesPerNamespace }

// Pods is the number of application pods.
func (s Size) Pods() int { return s.Services() * s.PodsPerService }

// Load writes the mesh and answers when all of it is there.
func Load(t testing.TB, c *cluster.Cluster, size Size) {
	t.Helper()
	nodes := make([]string, size.Nodes)
	for i := range nodes {
		nodes[i] = fmt.Sprintf("node-%03d", i)
	}
	c.AddNodes(t, nodes...)
	for n := range size.Namespaces {
		c.Apply(t, objects.AmbientNamespace(NamespaceName(n), "waypoint"))
		c.Apply(t, programmedWaypoint(NamespaceName(n)))
	}
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(writers)
	for number := range size.Services() {
		app := application{
			client: c.Kube, namespace: NamespaceName(number % size.Namespaces), name: ServiceName(number),
			number: number, pods: size.PodsPerService, nodes: nodes,
		}
		group.Go(func() error { return app.write(ctx) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// NamespaceName is the name of namespace n.
func NamespaceName(n int) string { return fmt.Sprintf("team-%02d", n) }

// ServiceName is the name of application n, which lies in namespace n modulo the number of namespaces.
func ServiceName(n int) string { return fmt.Sprintf("app-%04d", n) }

// application is one Deployment with all that hangs on it.
type application struct {
	client          kubernetes.Interface
	namespace, name string
	// number makes pod addresses unique.
	number, pods int
	nodes        []string
}

func (a application) write(ctx context.Context) error {
	deployment, err := a.client.AppsV1().Deployments(a.namespace).
		Create(ctx, objects.Deployment(a.namespace, a.name, int32(a.pods)), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	set, err := a.client.AppsV1().ReplicaSets(a.namespace).Create(ctx, cluster.ReplicaSetOf(deployment), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	pods, err := a.writePods(ctx, set)
	if err != nil {
		return err
	}
	service, err := a.client.CoreV1().Services(a.namespace).
		Create(ctx, objects.Service(a.namespace, a.name), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	_, err = a.client.DiscoveryV1().EndpointSlices(a.namespace).
		Create(ctx, cluster.EndpointSlice(service, pods, true), metav1.CreateOptions{})
	return err
}

func (a application) writePods(ctx context.Context, set *appsv1.ReplicaSet) ([]*corev1.Pod, error) {
	client := a.client.CoreV1().Pods(a.namespace)
	pods := make([]*corev1.Pod, a.pods)
	for i := range pods {
		n := a.number*a.pods + i
		running := cluster.RunningPod(set, cluster.Placement{Nodes: a.nodes, Captured: true}, n)
		created, err := client.Create(ctx, running, metav1.CreateOptions{})
		if err != nil {
			return nil, err
		}
		created.Status = running.Status
		if pods[i], err = client.UpdateStatus(ctx, created, metav1.UpdateOptions{}); err != nil {
			return nil, err
		}
	}
	return pods, nil
}
