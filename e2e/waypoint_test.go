package e2e_test

import (
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/objects"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

// waypointLife goes through what happens to a waypoint: named and not there, there and not deployed, serving, without
// pods, and gone. At each step Waylight has to say what istiod says, and what that means.
func waypointLife(t *testing.T, c *cluster.Cluster) {
	c.Apply(t, objects.AmbientNamespace("life", "waypoint"))
	orders := application(t, c, "life", "orders")
	server := waylight.Serve(t, c.Kubeconfig(t, viewer))
	server.WaitReady(t, wait.Limit)
	expectSoon(t, "the missing waypoint is found", func() error { return server.ExpectFinding("WAYPOINT_NOT_FOUND", "life") })

	waypoint := objects.Waypoint("life", "waypoint")
	c.Apply(t, waypoint)
	expectGateway(t, c, waypoint, gatewayv1.GatewayConditionProgrammed, metav1.ConditionFalse)
	expectConditionsShown(t, c, server, waypoint)
	expectSoon(t, "the waypoint is not missing any more", func() error { return server.ExpectNoFinding("WAYPOINT_NOT_FOUND", "life") })

	service, pods := runWaypoint(t, c, "life", "waypoint")
	expectGateway(t, c, waypoint, gatewayv1.GatewayConditionProgrammed, metav1.ConditionTrue)
	expectBound(t, c, orders, metav1.ConditionTrue)
	expectConditionsShown(t, c, server, waypoint)
	expectSoon(t, "the service is bound", func() error { return expectWaypointOf(server, "life/orders", "life/waypoint") })

	c.PublishEndpoints(t, service, pods, false)
	expectSoon(t, "a waypoint without ready pods fails closed", func() error {
		return server.ExpectFinding("WAYPOINT_NO_ENDPOINTS", "waypoint")
	})
	c.PublishEndpoints(t, service, pods, true)
	expectSoon(t, "its pods are back", func() error { return server.ExpectNoFinding("WAYPOINT_NO_ENDPOINTS", "waypoint") })

	c.Delete(t, waypoint)
	expectSoon(t, "the deleted waypoint is missing", func() error { return server.ExpectFinding("WAYPOINT_NOT_FOUND", "life") })
	c.Label(t, objects.Namespace("life", nil), objects.UseWaypoint, "none")
}

// expectConditionsShown waits until the waypoint's page has every condition that istiod wrote, in full words.
func expectConditionsShown(t *testing.T, c *cluster.Cluster, server *waylight.Server, waypoint *gatewayv1.Gateway) {
	t.Helper()
	expectSoon(t, "the waypoint's page shows istiod's conditions", func() error {
		if err := c.Get(t, waypoint); err != nil {
			return err
		}
		for _, condition := range waypoint.Status.Conditions {
			page := "/waypoints/" + waypoint.Namespace + "/" + waypoint.Name
			if err := server.ExpectText(page, condition.Type, string(condition.Status), condition.Reason, condition.Message); err != nil {
				return err
			}
		}
		return nil
	})
}

// expectWaypointOf answers nil when the API says that a service is bound to a waypoint, both as namespace/name.
func expectWaypointOf(server *waylight.Server, service, waypoint string) error {
	var item struct {
		Waypoint struct {
			Namespace, Name string
			Bound           bool
			Reason          string
		}
	}
	if err := server.JSON("/api/v1/services/"+service, &item); err != nil {
		return err
	}
	if got := item.Waypoint.Namespace + "/" + item.Waypoint.Name; !item.Waypoint.Bound || got != waypoint {
		return fmt.Errorf("the waypoint of %s is %+v, want %s", service, item.Waypoint, waypoint)
	}
	return nil
}

// expectSoon waits for something that Waylight has to notice by itself.
func expectSoon(t *testing.T, what string, check func() error) {
	t.Helper()
	wait.For(t, wait.Limit, what, check)
}
