package e2e_test

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/objects"
	"github.com/waylight/waylight/e2e/wait"
)

// TestIstiodWritesConditions is about the tests' own ground: without it, a test of Waylight that waits for a condition
// would not know whether istiod or Waylight is the one that is silent.
func TestIstiodWritesConditions(t *testing.T) {
	c := cluster.Start(t, cluster.Config{WithIstiod: true})
	c.AddNodes(t, nodes...)
	c.Apply(t, objects.AmbientNamespace("shop", "waypoint"))
	orders := application(t, c, "shop", "orders")

	waypoint := objects.Waypoint("shop", "waypoint")
	c.Apply(t, waypoint)
	expectGateway(t, c, waypoint, gatewayv1.GatewayConditionProgrammed, metav1.ConditionFalse)

	runWaypoint(t, c, "shop", "waypoint")
	expectGateway(t, c, waypoint, gatewayv1.GatewayConditionProgrammed, metav1.ConditionTrue)
	expectBound(t, c, orders, metav1.ConditionTrue)
}

// TestAPIServerComesBack is ground, too: a restarted API server has to have the same objects, users and rights.
func TestAPIServerComesBack(t *testing.T) {
	c := cluster.Start(t, cluster.Config{Users: []string{"reader"}, WithoutCRDs: true})
	c.Apply(t, objects.Namespace("mine", nil), objects.Namespace("theirs", nil), objects.Service("mine", "orders"))
	c.GrantInNamespaces(t, "reader", &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "read-services"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"services"}, Verbs: []string{"list"}}},
	}, "mine")
	c.KillAPIServer()
	c.StartAPIServer(t)

	reader := c.As(t, "reader").CoreV1()
	services, err := reader.Services("mine").List(t.Context(), metav1.ListOptions{})
	if err != nil || len(services.Items) != 1 {
		t.Errorf("services of mine: %+v, %v", services, err)
	}
	if _, err := reader.Services("theirs").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("services of theirs: %v, want forbidden", err)
	}
}

// runWaypoint waits until istiod has deployed a waypoint and gives it its pods and endpoints. It answers the Service and
// the pods, for a test that takes them away again.
func runWaypoint(t *testing.T, c *cluster.Cluster, namespace, name string) (*corev1.Service, []*corev1.Pod) {
	t.Helper()
	d, s := deployment(namespace, name), service(namespace, name)
	wait.For(t, wait.Limit, "istiod has deployed the waypoint "+name, func() error {
		if err := c.Get(t, d); err != nil {
			return err
		}
		return c.Get(t, s)
	})
	pods := c.RunDeployment(t, d, cluster.Placement{Nodes: nodes})
	c.PublishEndpoints(t, s, pods, true)
	return s, pods
}

func deployment(namespace, name string) *appsv1.Deployment {
	return &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
}

func service(namespace, name string) *corev1.Service {
	return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
}

// expectGateway waits until istiod has written a condition of a Gateway with this status.
func expectGateway(t *testing.T, c *cluster.Cluster, gateway *gatewayv1.Gateway, kind gatewayv1.GatewayConditionType, status metav1.ConditionStatus) {
	t.Helper()
	wait.For(t, wait.Limit, fmt.Sprintf("Gateway %s is %s=%s", gateway.Name, kind, status), func() error {
		if err := c.Get(t, gateway); err != nil {
			return err
		}
		return hasCondition(gateway.Status.Conditions, string(kind), status)
	})
}

// expectBound waits until istiod has written WaypointBound of a Service with this status.
func expectBound(t *testing.T, c *cluster.Cluster, s *corev1.Service, status metav1.ConditionStatus) {
	t.Helper()
	wait.For(t, wait.Limit, fmt.Sprintf("Service %s is WaypointBound=%s", s.Name, status), func() error {
		if err := c.Get(t, s); err != nil {
			return err
		}
		return hasCondition(s.Status.Conditions, "istio.io/WaypointBound", status)
	})
}

func hasCondition(conditions []metav1.Condition, kind string, status metav1.ConditionStatus) error {
	for _, condition := range conditions {
		if condition.Type == kind && condition.Status == status {
			return nil
		}
	}
	return fmt.Errorf("conditions are %+v", conditions)
}
