package views

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// machines has a node in order, one without ztunnel, and one nobody needs.
func machines(parts ...mt.Part) *mesh.Snapshot {
	image := mt.With(func(w *mesh.Workload) {
		w.Containers[0].Image = "registry.example:5000/istio/ztunnel:1.31.1@sha256:abc"
	})
	return mt.Mesh(append([]mt.Part{
		mt.Namespace("shop", mt.Ambient),
		mt.Node("a", mt.Ztunnel(image)), mt.Node("b", mt.NoZtunnel()), mt.Node("c", mt.NoZtunnel(), mt.CNI(mt.NotReady)),
		mt.Deployment("shop", "web", mt.Replicas(2), mt.OnNode("a"), mt.OnPod(2, mt.NotCaptured)),
		mt.Deployment("shop", "api", mt.OnNode("b")),
	}, parts...)...)
}

func TestNodesSayWhatCarriesTraffic(t *testing.T) {
	doc := checked(t, NodesContent(NewNodes(assess(machines()), Query{})))
	for _, tt := range []struct{ what, row, label, want string }{
		{"a ready ztunnel by its version", "node.a", "ztunnel", "yes 1.31.1"},
		{"a missing ztunnel", "node.b", "ztunnel", "no no pod"},
		{"an agent that is not ready", "node.c", "istio-cni", "no version unknown running, not ready"},
		{"what is asked for", "node.a", "Asked for", "2"},
		{"what is captured", "node.a", "Captured", "1"},
		{"nothing to capture", "node.c", "Captured", "0"},
	} {
		if got := spaced(doc.Find(`[id="` + tt.row + `"] td[data-label="` + tt.label + `"]`)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, got, tt.want)
		}
	}
	if doc.Find(`[id="node.b"] td[data-label=ztunnel] .critical`).Length() != 1 {
		t.Error("a missing ztunnel that pods need is not marked")
	}
	if doc.Find(`[id="node.c"] td[data-label=ztunnel] .critical`).Length() != 0 {
		t.Error("a missing ztunnel that nobody needs is marked")
	}
}

func TestNodesTellUnreadFromAbsent(t *testing.T) {
	doc := checked(t, NodesContent(NewNodes(assess(mt.Mesh(mt.Bare(), mt.Objects(&mesh.Node{Meta: mesh.Meta{Kind: "Node", Name: "a"}, Ready: mesh.FactYes}), mt.Forbidden(mesh.ResourcePods))), Query{})))
	for _, label := range []string{"ztunnel", "istio-cni", "Asked for", "Captured"} {
		if doc.Find(`td[data-label="`+label+`"] .unknown`).Length() != 1 {
			t.Errorf("%s does not look unknown though pods may not be read", label)
		}
	}
	doc = checked(t, NodesContent(NewNodes(assess(mt.Mesh(mt.Bare(), mt.Forbidden(mesh.ResourceNodes))), Query{})))
	if doc.Find(".state-forbidden").Length() != 1 || doc.Find(".state-empty").Length() != 0 {
		t.Error("forbidden nodes look like none")
	}
}

func TestNodesAreFiltered(t *testing.T) {
	for query, want := range map[string]int{"q=ztunnel:no": 2, "q=cni:no": 1, "q=name:a": 1, "q=zone:none": 0, "q=finding:ztunnel_missing_on_node": 1} {
		if got := len(NewNodes(assess(machines()), asked(t, query)).Rows); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}

func TestANodeListsItsPodsMissedOnesFirst(t *testing.T) {
	m, ok := NewNode(assess(machines()), "a", Query{})
	if !ok {
		t.Fatal("there is no such node")
	}
	doc := checked(t, NodeContent(m))
	if got := names(doc.Find("#pods tbody th")); len(got) < 3 || got[0] != "web-2" {
		t.Errorf("pods %v, want the one that is asked for and not captured first", got)
	}
	if got := panel(doc, "Data plane"); !strings.Contains(got, "ztunnel yes 1.31.1 ztunnel-a") {
		t.Error(got)
	}
	if _, ok := NewNode(assess(machines()), "z", Query{}); ok {
		t.Error("a node that does not exist has a page")
	}
}

func TestImageTags(t *testing.T) {
	got := map[string]string{}
	for image := range map[string]string{"a/b:1": "", "h:5000/b": "", "h:5000/b:2@sha256:x": "", "b@sha256:x": "", "": ""} {
		got[image] = imageTag(image)
	}
	if diff := cmp.Diff(map[string]string{"a/b:1": "1", "h:5000/b": "", "h:5000/b:2@sha256:x": "2", "b@sha256:x": "", "": ""}, got); diff != "" {
		t.Error(diff)
	}
}
