package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/kubelet"
	"github.com/waylight/waylight/e2e/logclient"
	"github.com/waylight/waylight/e2e/proxies"
	"github.com/waylight/waylight/e2e/recording"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

const (
	// proxiesRole is the manifest of the right to reach the admin ports of proxies.
	proxiesRole = "../deploy/rbac/proxies.yaml"
	// recorded is the mesh that comes back to life in these tests: istiod trusts the wrong account, and so ztunnels have no
	// certificates.
	recorded = "ca-mismatch"
	// settled is how long after its pods were made a mesh is judged as if it had always been there.
	settled = 3 * wait.Limit
)

// The recorded mesh's proxies, as sources.
const (
	nodeA    = "ztunnel/node-a"
	nodeB    = "ztunnel/node-b"
	istiod   = "istiod/istiod-6d9f8c7b5d-aax7k"
	waypoint = "envoy/shop/waypoint-6d9f8c7b5d-aax7k"
)

// revived is a recorded mesh that lives, and the Waylight that looks at it with the shipped roles.
type revived struct {
	*cluster.Cluster
	kubelet   *kubelet.Kubelet
	recording *recording.Recording
	server    *waylight.Server
}

func revive(t *testing.T) *revived {
	t.Helper()
	m := &revived{kubelet: kubelet.Start(t), recording: recording.Open(t, recorded)}
	m.Cluster = cluster.Start(t, cluster.Config{KubeletPort: m.kubelet.Port(), Users: []string{viewer}})
	m.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, viewRole))
	m.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, proxiesRole))
	m.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, logsRole))
	m.recording.Revive(t, m.Cluster, m.kubelet)
	m.server = waylight.Serve(t, m.Kubeconfig(t, viewer), "--sweep-rate", "0")
	m.server.WaitReady(t, wait.Limit)
	return m
}

// TestProxies reads recorded proxies, and a real Envoy, through the API server's port-forwards.
func TestProxies(t *testing.T) {
	m := revive(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *revived)
	}{
		{"every proxy is read, through WebSockets", everyProxyIsRead},
		{"what a ztunnel has in memory is shown completely", dumpIsShown},
		{"what the proxies of a call have written is shown, of all nodes", logsOfACall},
		{"without the right it is unknown what only proxies know", withoutTheRight},
		{"what is wrong is what was wrong when it was recorded", sameFindings},
		{"a single look on a terminal finds the same", checkOnATerminal},
		{"a call is explained on a terminal as on the page", pathOnATerminal},
		{"a terminal without the right says what is undetermined", terminalWithoutTheRight},
		{"a ztunnel that took another's place is read", replacedZtunnel},
		{"what a real Envoy says is decoded", envoyIsRead},
	} {
		if !t.Run(test.name, func(t *testing.T) { test.run(t, m) }) {
			return // they go on from one another
		}
	}
	m.throughSPDY(t)
}

func everyProxyIsRead(t *testing.T, m *revived) {
	for _, source := range []string{nodeA, nodeB, istiod, waypoint} {
		expectSoon(t, source+" is read", func() error { return m.server.ExpectSource(source, "ok") })
	}
	if n := m.tunnels(t); n == 0 {
		t.Error("the API server has led none through a WebSocket")
	}
}

// tunnels is how many port-forwards the API server has led through WebSockets.
func (m *revived) tunnels(t *testing.T) float64 {
	t.Helper()
	return m.Metric(t, "apiserver_stream_tunnel_requests_total")
}

// throughSPDY goes on with an API server that knows no WebSocket tunnels, as all did up to 1.29, and was away for a moment.
func (m *revived) throughSPDY(t *testing.T) {
	m.KillAPIServer()
	m.StartAPIServer(t, "--feature-gates=PortForwardWebsockets=false")
	expect := func() error { return m.server.ExpectDump("node-a", "workloads") }
	took := wait.For(t, recovery, "after the API server's restart a ztunnel can be read over SPDY", expect)
	t.Logf("a ztunnel read %dms after the API server was ready", took.Milliseconds())
	if n := m.tunnels(t); n != 0 {
		t.Errorf("the API server has led %v port-forwards through WebSockets, and was to know none", n)
	}
	for _, source := range []string{nodeA, istiod} {
		wait.For(t, recovery, source+" is read again", func() error { return m.server.ExpectSource(source, "ok") })
	}
}

// logsOfACall follows the proxies on the way of a call. Every line that they have written comes, from whichever node.
func logsOfACall(t *testing.T, m *revived) {
	missing := make(map[string]int)
	for _, pod := range []string{"istio-system/" + m.ztunnel(t, "node-a").Name, "istio-system/" + m.ztunnel(t, "node-b").Name, "shop/waypoint-6d9f8c7b5d-aax7k", "shop/waypoint-6d9f8c7b5d-bbx7k"} {
		name := pod + "/istio-proxy"
		missing[name] = bytes.Count(m.recording.File(t, "logs/"+name+".log"), []byte("\n"))
	}
	stream := logclient.Open(t, m.server.URL, url.Values{"from": {"shop/web-6d9f8c7b5d-aax7k"}, "to": {"shop/orders:80"}, "since": {"1h"}})
	denied := false
	stream.ReadUntil(t, wait.Limit, func(message logclient.Message) bool {
		for _, line := range message.Lines {
			if missing[line.Container]--; missing[line.Container] < 0 {
				t.Fatalf("%s has written fewer lines: %+v", line.Container, line)
			}
			denied = denied || line.Kind == "ztunnel-access" && line.Explain.Code != ""
		}
		return !slices.ContainsFunc(slices.Collect(maps.Values(missing)), func(lines int) bool { return lines > 0 })
	})
	if !denied {
		t.Error("no line of a connection that failed is explained")
	}
}

// replacedZtunnel does what a rollout does to a node.
func replacedZtunnel(t *testing.T, m *revived) {
	old := m.ztunnel(t, "node-b")
	young := old.DeepCopy()
	young.ObjectMeta = metav1.ObjectMeta{
		Namespace: old.Namespace, Name: "ztunnel-young", Labels: old.Labels, Annotations: old.Annotations, OwnerReferences: old.OwnerReferences,
	}
	m.Delete(t, old)
	m.kubelet.Stop(old.Namespace, old.Name)
	expectSoon(t, "the page says that there is no ztunnel", func() error { return m.server.ExpectNoDump("node-b", "absent") })

	dump := m.recording.File(t, "ztunnel/node-b/config_dump.json")
	m.kubelet.Run(young.Namespace, young.Name, proxies.Ztunnel(t, dump, nil))
	m.Apply(t, young)
	expectSoon(t, "the page shows what the new one has", func() error {
		return errors.Join(m.server.ExpectDump("node-b", "workloads"), m.server.ExpectText("/ztunnels/node-b", young.Name))
	})
}

// ztunnel is the pod on a node.
func (m *revived) ztunnel(t *testing.T, node string) *corev1.Pod {
	t.Helper()
	pods, err := m.Kube.CoreV1().Pods(cluster.SystemNamespace).
		List(t.Context(), metav1.ListOptions{LabelSelector: "app=ztunnel", FieldSelector: "spec.nodeName=" + node})
	if err != nil || len(pods.Items) != 1 {
		t.Fatalf("%d ztunnels on %s: %v", len(pods.Items), node, err)
	}
	pod := &pods.Items[0]
	pod.TypeMeta = metav1.TypeMeta{}
	return pod
}

// pages are those that need proxies for a part of what they show.
var pages = []string{
	"/", "/services", "/services/shop/orders", "/workloads", "/nodes", "/nodes/node-a", "/ztunnels", "/ztunnels/node-a",
	"/waypoints", "/waypoints/shop/waypoint", "/policies", "/gateways", "/sources",
}

// withoutTheRight takes the right to port-forwards away and gives it back.
func withoutTheRight(t *testing.T, m *revived) {
	role := cluster.ReadClusterRole(t, proxiesRole)
	m.Revoke(t, viewer, role)
	expectSoon(t, "a ztunnel may not be read", func() error { return m.server.ExpectNoDump("node-a", "forbidden") })
	for _, page := range pages {
		if err := m.server.Read(page); err != nil {
			t.Error(err)
		}
	}
	const right = "create pods/portforward in istio-system"
	if err := m.server.ExpectText("/ztunnels/node-a", right, strings.TrimPrefix(proxiesRole, "../")); err != nil {
		t.Error(err)
	}
	m.readAll(t)
	expectSoon(t, "the source names the right", func() error {
		source, err := m.server.Source(nodeA)
		if err == nil && (source.State != "forbidden" || source.Detail != right) {
			err = fmt.Errorf("%+v", source)
		}
		return err
	})
	m.GrantInCluster(t, viewer, role)
	expectSoon(t, "the ztunnel is read again", func() error { return m.server.ExpectDump("node-a", "workloads") })
	m.readAll(t)
	expectSoon(t, "so are all for the findings", func() error { return m.server.ExpectSource(nodeB, "ok") })
}

// readAll presses the button of the page of ztunnels.
func (m *revived) readAll(t *testing.T) {
	t.Helper()
	if err := m.server.Read("/ztunnels?fresh=1"); err != nil {
		t.Fatal(err)
	}
}
