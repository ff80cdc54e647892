package path_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestADocumentHasTheShapeOthersReadAndNoNull(t *testing.T) {
	r := question("shop/web-1", "http://orders.shop/api/items")
	r.Headers = []path.Header{{Name: "X-Canary", Value: "always"}, {Name: "Authorization", Value: "Bearer secret"}}
	s := shop()
	out, err := json.Marshal(path.NewDocument(explain(t, s, r), s.At))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "null") || strings.Contains(string(out), "secret") {
		t.Errorf("a null or a credential in %s", out)
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"format", "at", "request", "verdict", "code", "summary", "outcome", "hops", "branches"} {
		if _, ok := got[key]; !ok {
			t.Errorf("no %q in the document", key)
		}
	}
	hops, _ := got["hops"].([]any)
	first, _ := hops[0].(map[string]any)
	for _, key := range []string{"kind", "name", "node", "transport", "identity", "result", "code", "decidedBy", "explain", "basis", "evidence", "commands"} {
		if _, ok := first[key]; !ok {
			t.Errorf("no %q in a hop", key)
		}
	}
	if again, err := json.Marshal(path.NewDocument(explain(t, s, r), s.At)); err != nil || !bytes.Equal(out, again) {
		t.Error("the same question gives other bytes")
	}
}

func TestInvolvedAreTheProxiesOnTheWay(t *testing.T) {
	pods := meshtest.Parts(meshtest.Waypoint("shop", "pods", meshtest.WaypointFor("workload"), meshtest.Replicas(1)), meshtest.Pod("shop", "db", meshtest.UseWaypoint("pods"), meshtest.OnNode("node-b")))
	waypoint := func(names ...string) (out []mesh.Ref) {
		for _, n := range names {
			out = append(out, mesh.Ref{Kind: "Pod", Namespace: "shop", Name: n})
		}
		return out
	}
	for _, tt := range []struct {
		name, from, to string
		want           path.Proxies
	}{
		{"to a Service behind a waypoint", "shop/web-1", "shop/orders:80", path.Proxies{Nodes: []string{"node-a", "node-b"}, Waypoints: waypoint("waypoint-1", "waypoint-2")}},
		{"to a pod", "shop/web-1", "shop/orders-v1-1:8080", path.Proxies{Nodes: []string{"node-a", "node-b"}}},
		{"to a pod behind a waypoint of its own", "shop/web-1", "shop/db:5432", path.Proxies{Nodes: []string{"node-a", "node-b"}, Waypoints: waypoint("pods-1")}},
		{"from outside the mesh", "legacy/batch-1", "shop/orders-v1-1:8080", path.Proxies{Nodes: []string{"node-b"}}},
		{"to nobody", "shop/web-1", "192.0.2.1:80", path.Proxies{Nodes: []string{"node-a"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := path.Involved(shop(pods), question(tt.from, tt.to))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCalleesAgreeWithCallers(t *testing.T) {
	s := shop(meshtest.Service("shop", "web"), meshtest.ServiceEntry("shop", "api", "api.example.com"))
	rows := 0
	for _, name := range []string{"web-1", "orders-v1-1"} {
		w := s.Workload("shop", name)
		for _, callee := range path.Callees(s, w) {
			for _, caller := range path.Callers(s, callee.Service, callee.Port.Port) {
				if caller.Account.Namespace != w.Namespace || caller.Account.Name != w.ServiceAccount || caller.Entry != callee.Entry {
					continue
				}
				rows++
				want, stage := caller.Deciding()
				got, where := callee.Deciding()
				if want.Verdict != got.Verdict || want.Reason != got.Reason || stage != where {
					t.Errorf("%s to %s: %s by its own list, %s by that of the service", name, callee.Service, got.Reason, want.Reason)
				}
			}
		}
	}
	if rows < 6 {
		t.Errorf("only %d rows were compared", rows)
	}
}
