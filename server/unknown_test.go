package server

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// lists are the pages of the menu that list objects, each with the kind it lives
// from.
var lists = []struct{ page, kind string }{
	{"/services", mesh.ResourceServices},
	{"/workloads", mesh.ResourcePods},
	{"/nodes", mesh.ResourceNodes},
	{"/ztunnels", mesh.ResourceNodes},
	{"/waypoints", mesh.ResourceGateways},
	{"/policies", mesh.ResourcePeerAuthentications},
	{"/gateways", mesh.ResourceGateways},
}

// bareCount is a zero that claims to be one: "0 nodes", and not "0 nodes known".
var bareCount = regexp.MustCompile(`^0 [a-z]+( · .*)?$`)

// An empty mesh, and every way in which nobody knows whether it is empty.
func TestOnlyWhatIsKnownToBeEmptyIsCalledEmpty(t *testing.T) {
	type situation struct {
		name  string
		part  func(kind string) meshtest.Part
		known bool
		state mesh.SourceState
		box   string
	}
	whole := func(state mesh.SourceState, detail string) func(string) meshtest.Part {
		return func(string) meshtest.Part { return meshtest.Source(mesh.KubernetesSource, state, detail) }
	}
	one := func(state mesh.SourceState, detail string) func(string) meshtest.Part {
		return func(kind string) meshtest.Part {
			return meshtest.Source(mesh.KubernetesSource+"/"+kind, state, detail)
		}
	}
	for _, tt := range []situation{
		{"everything was read and is empty", one(mesh.SourceOK, ""), true, mesh.SourceOK, ".state-empty"},
		{"nothing was read yet", whole(mesh.SourceStarting, "1 of 30 kinds read"), false, mesh.SourceStarting, ".state-starting"},
		{"nothing may be read", whole(mesh.SourceForbidden, "list pods in all namespaces, and every other kind"), false, mesh.SourceForbidden, ".state-forbidden"},
		{"the cluster never answered", whole(mesh.SourceDown, "connection refused"), false, mesh.SourceDown, ".state-down"},
		{"this kind may not be read", one(mesh.SourceForbidden, "list it in all namespaces"), false, mesh.SourceForbidden, ".state-forbidden"},
		{"this kind was not read yet", one(mesh.SourceStarting, ""), false, mesh.SourceStarting, ".state-starting"},
		{"this kind was read in part", one(mesh.SourcePartial, "1 object could not be read"), false, mesh.SourcePartial, ".state-stale"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, list := range lists {
				s := serverOf(meshtest.Mesh(meshtest.Bare(), tt.part(list.kind)))
				main := document(t, get(t, s, list.page)).Find("main")
				if main.Find(tt.box).Length() == 0 {
					t.Errorf("%s shows no %s", list.page, tt.box)
				}
				if got := main.Find(".state-empty").Length() > 0; got != tt.known {
					t.Errorf("%s claims to be empty: %t", list.page, got)
				}
				if count := strings.TrimSpace(main.Find(".list-count").Text()); !tt.known && bareCount.MatchString(count) {
					t.Errorf("%s counts %q, and nobody knows", list.page, count)
				}
				if got := listState(t, s, list.page); got != tt.state {
					t.Errorf("the API's list for %s rests on a source that is %s, want %s", list.page, got, tt.state)
				}
			}
		})
	}
}

// listState is the state of the source of a list of the read API.
func listState(t *testing.T, s *Server, page string) mesh.SourceState {
	t.Helper()
	var list apiList[any]
	body := get(t, s, "/api/v1"+page).Body.Bytes()
	if err := json.Unmarshal(body, &list); err != nil {
		t.Fatalf("%s: %v in %s", page, err, body)
	}
	return list.Source.State
}

func TestAnEmptyListOfSomeNamespacesSaysNothingOfTheOthers(t *testing.T) {
	s := serverOf(meshtest.Mesh(meshtest.Bare(), meshtest.Scope("shop")))
	for _, page := range []string{"/services", "/workloads", "/waypoints", "/policies", "/gateways"} {
		for query, want := range map[string]string{"": "It watches shop only", "?ns=billing": "Namespace billing is not watched"} {
			if text := document(t, get(t, s, page+query)).Find("main .state-empty").Text(); !strings.Contains(text, want) {
				t.Errorf("%s says %q, want %q", page+query, text, want)
			}
		}
	}
}

// What a page of an object lives from beside the object itself.
func TestPagesOfObjectsDoNotTakeForbiddenForNone(t *testing.T) {
	parts := []meshtest.Part{
		meshtest.Bare(), meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("waypoint")),
		meshtest.Objects(
			&mesh.Node{Meta: mesh.Meta{Kind: "Node", Name: "node-a"}, Ready: mesh.FactYes},
			&mesh.Gateway{Meta: mesh.Meta{Kind: "Gateway", Namespace: "shop", Name: "front"}, Class: "istio"},
			&mesh.Gateway{Meta: mesh.Meta{Kind: "Gateway", Namespace: "shop", Name: "waypoint"}, Class: mesh.ClassWaypoint},
		),
	}
	for _, kind := range []string{mesh.ResourcePods, mesh.ResourceHTTPRoutes, mesh.ResourceEndpointSlices} {
		parts = append(parts, meshtest.Forbidden(kind))
	}
	s := serverOf(meshtest.Mesh(parts...))
	for _, tt := range []struct{ name, address, not string }{
		{"routes of a gateway", "/gateways/shop/front", "it answers every request with HTTP 404"},
		{"proxies of a waypoint", "/waypoints/shop/waypoint/routes", "There is no proxy to read"},
		{"the data plane of nodes", "/", "of 1 node without fault"},
		{"pods of a node", "/nodes/node-a", "no pod"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := get(t, s, tt.address)
			if text := document(t, w).Find("main").Text(); w.Code != 200 || strings.Contains(text, tt.not) {
				t.Errorf("%s answers %d and says %q", tt.address, w.Code, fmt.Sprintf("%.400s", text))
			}
		})
	}
}
