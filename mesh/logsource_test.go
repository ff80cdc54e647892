package mesh_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestParseLogSource(t *testing.T) {
	for _, tt := range []struct {
		words, text string
		ok          bool
	}{
		{"a ztunnel by its node", "ztunnel/node-a", true},
		{"an istio-cni by its node", "cni/ip-10-0-0-1.eu-west-1.compute.internal", true},
		{"a waypoint", "waypoint/shop/waypoint", true},
		{"istiod", "istiod", true},
		{"a container of a pod", "pod/shop/web-1/app", true},
		{"nothing", "", false},
		{"only a slash", "/", false},
		{"a kind that does not exist", "sidecar/shop/web-1", false},
		{"a kind in capitals", "Ztunnel/node-a", false},
		{"a ztunnel without a node", "ztunnel", false},
		{"a ztunnel with an empty node", "ztunnel/", false},
		{"a waypoint without a namespace", "waypoint/waypoint", false},
		{"a waypoint with an empty namespace", "waypoint//waypoint", false},
		{"istiod with a name", "istiod/istiod-1", false},
		{"istiod and a slash", "istiod/", false},
		{"a pod without a container", "pod/shop/web-1", false},
		{"a pod with more than a container", "pod/shop/web-1/app/log", false},
		{"a kind behind a space", " istiod", false},
		{"a name as long as can be", "pod/" + strings.Repeat("n", 63) + "/" + strings.Repeat("p", 253) + "/" + strings.Repeat("c", 63), true},
		{"a name that no name can be", "ztunnel/" + strings.Repeat("n", 2000), false},
	} {
		t.Run(tt.words, func(t *testing.T) {
			source, err := mesh.ParseLogSource(tt.text)
			switch {
			case (err == nil) != tt.ok:
				t.Errorf("error %v", err)
			case tt.ok && string(source) != tt.text:
				t.Errorf("it is read as %q", source)
			case !tt.ok && (source != "" || len(err.Error()) > 400):
				t.Errorf("source %q, error %v", source, err)
			}
		})
	}
}

// TestAHostileLogSourceIsQuoted: the sentence is shown in terminals as well.
func TestAHostileLogSourceIsQuoted(t *testing.T) {
	_, err := mesh.ParseLogSource("\x1b]0;gone\a\n" + strings.Repeat("\u202e", 50))
	if err == nil || strings.ContainsAny(err.Error(), "\x1b\a\n\u202e") {
		t.Errorf("error %v", err)
	}
}

// container gives a pod another container, with a run.
func container(name, id string) meshtest.Option {
	return meshtest.With(func(w *mesh.Workload) {
		w.Containers = append(slices.Clone(w.Containers), mesh.Container{Name: name, ID: id})
	})
}

func TestLogTargets(t *testing.T) {
	young := meshtest.Pod(meshtest.SystemNamespace, "ztunnel-young", meshtest.Label("app", "ztunnel"), container(mesh.ProxyContainer, "containerd://young"),
		meshtest.With(func(w *mesh.Workload) {
			w.Node, w.Owner = "node-a", mesh.Ref{Kind: "DaemonSet", Namespace: meshtest.SystemNamespace, Name: "ztunnel"}
		}))
	whole := meshtest.Parts(
		meshtest.Node("node-a", meshtest.CNI(meshtest.With(func(w *mesh.Workload) { w.Containers = []mesh.Container{{Name: "install-cni"}} }))), meshtest.Node("node-b"),
		meshtest.Namespace("shop"),
		meshtest.Waypoint("shop", "waypoint", meshtest.Replicas(2)),
		meshtest.Pod("shop", "web-1", container("log", "containerd://log")),
		meshtest.WorkloadEntry("shop", "vm-1", "10.9.9.9"),
		meshtest.Pod(meshtest.SystemNamespace, "istiod-canary-1", meshtest.Label("app", "istiod"), container("discovery", "containerd://canary")),
	)
	for _, tt := range []struct {
		words  string
		mesh   meshtest.Part
		source mesh.LogSource
		want   []string // writer, node and name of each
	}{
		{"the ztunnel of a node", whole, mesh.ZtunnelLogs("node-b"), []string{"ztunnel node-b istio-system/ztunnel-node-b/istio-proxy"}},
		{
			"two ztunnels of a node, one of which takes over",
			meshtest.Parts(whole, young),
			mesh.ZtunnelLogs("node-a"),
			[]string{"ztunnel node-a istio-system/ztunnel-node-a/istio-proxy", "ztunnel node-a istio-system/ztunnel-young/istio-proxy"},
		},
		{"the ztunnel of a node that does not exist", whole, mesh.ZtunnelLogs("node-z"), nil},
		{"the istio-cni of a node", whole, "cni/node-a", []string{"istio-cni node-a istio-system/istio-cni-node-node-a/install-cni"}},
		{
			"a waypoint with two replicas", whole, mesh.WaypointLogs("shop", "waypoint"),
			[]string{"waypoint node-a shop/waypoint-1/istio-proxy", "waypoint node-b shop/waypoint-2/istio-proxy"},
		},
		{"a waypoint without pods", meshtest.Parts(meshtest.Namespace("shop"), meshtest.Waypoint("shop", "waypoint", meshtest.Replicas(0))), mesh.WaypointLogs("shop", "waypoint"), nil},
		{"a waypoint that does not exist", whole, mesh.WaypointLogs("shop", "other"), nil},
		{"an istiod, and not what else runs in its namespace", whole, mesh.LogSourceIstiod, []string{"istiod node-b istio-system/istiod-canary-1/discovery"}},
		{"one container of a pod, and not the others", whole, mesh.PodLogs("shop", "web-1", "log"), []string{"application node-a shop/web-1/log"}},
		{"the container of a ztunnel, asked for by its name", whole, mesh.PodLogs(meshtest.SystemNamespace, "ztunnel-node-b", "istio-proxy"), []string{"ztunnel node-b istio-system/ztunnel-node-b/istio-proxy"}},
		{"a container that a pod does not have", whole, mesh.PodLogs("shop", "web-1", "none"), nil},
		{"a machine outside of the cluster", whole, mesh.PodLogs("shop", "vm-1", "app"), nil},
		{"pods that may not be read", meshtest.Parts(meshtest.Bare(), meshtest.Namespace("shop"), meshtest.Forbidden(mesh.ResourcePods)), mesh.PodLogs("shop", "web-1", "app"), nil},
		{"a source that nobody parsed", whole, "pod/", nil},
	} {
		t.Run(tt.words, func(t *testing.T) {
			var got []string
			for _, to := range meshtest.Mesh(tt.mesh).LogTargets(tt.source) {
				got = append(got, string(to.Writer)+" "+to.Node+" "+to.Name())
				if to.Source != tt.source {
					t.Errorf("the source is %s", to.Source)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("targets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALogTargetIsOneRunOfAContainer(t *testing.T) {
	snap := meshtest.Mesh(meshtest.Namespace("shop"), meshtest.Pod("shop", "web-1", container("log", "containerd://log"), meshtest.With(func(w *mesh.Workload) { w.UID = "web-uid" })))
	source := mesh.PodLogs("shop", "web-1", "log")
	want := []mesh.LogTarget{{
		Source: source, Writer: mesh.WriterApplication, Pod: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "web-1"},
		UID: "web-uid", Node: "node-a", Container: "log", ContainerID: "containerd://log",
	}}
	if diff := cmp.Diff(want, snap.LogTargets(source)); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	if name := want[0].SourceName(); name != "logs/shop/web-1/log" {
		t.Errorf("as a source of evidence it is %s", name)
	}
}
