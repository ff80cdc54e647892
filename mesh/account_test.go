package mesh_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestAccountsKeepPodsApartByHowTheirCallsLeave(t *testing.T) {
	same := meshtest.ServiceAccount("web")
	s := meshtest.Mesh(
		meshtest.Namespace("shop", meshtest.Ambient),
		meshtest.Waypoint("shop", "waypoint"),
		meshtest.Deployment("shop", "web", meshtest.Replicas(2)),
		meshtest.Pod("shop", "side", same, meshtest.Sidecar),
		meshtest.Pod("shop", "out", same, meshtest.NotCaptured),
		meshtest.Pod("shop", "host", same, meshtest.HostNetwork),
		meshtest.Pod("shop", "done", same, meshtest.Phase("Succeeded")),
		meshtest.Pod("shop", "ingress", same, meshtest.Label(mesh.LabelGatewayName, "ingress"), meshtest.OptedOut),
		meshtest.Pod("shop", "nobody", meshtest.ServiceAccount("")),
	)
	accounts := s.Shard("shop").Accounts()
	if len(accounts) != 2 || accounts[0].Name != "default" || accounts[1].Name != "web" {
		t.Fatalf("accounts = %+v, want default and web and no waypoint", accounts)
	}
	web := accounts[1]
	if len(web.Captured) != 2 || len(web.Sidecars) != 1 || len(web.Outside) != 2 || len(web.Gateways) != 1 || !web.InMesh() {
		t.Errorf("web = %+v", web)
	}
	if got, want := web.Principal("cluster.local"), "cluster.local/ns/shop/sa/web"; got != want {
		t.Errorf("principal = %q, want %q", got, want)
	}
	for _, a := range s.Shard(meshtest.SystemNamespace).Accounts() {
		if a.Name != "istiod" {
			t.Errorf("account %s calls on behalf of others and should not be listed", a.Name)
		}
	}
}
