package views

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

// enrolments has a workload for every way of being in the mesh or out of it.
func enrolments() *mesh.Snapshot {
	return mt.Mesh(
		mt.Namespace("shop", mt.Ambient), mt.Namespace("plain"),
		mt.Deployment("shop", "in", mt.Replicas(2), mt.OnNode("node-a")),
		mt.Deployment("shop", "half", mt.Replicas(2), mt.OnPod(2, mt.NotCaptured)),
		mt.Deployment("shop", "pending", mt.RedirectionPending),
		mt.DaemonSet("shop", "agent", mt.HostNetwork),
		mt.Deployment("shop", "sidecar", mt.Sidecar),
		mt.Job("shop", "done", mt.Phase("Succeeded")),
		mt.WorkloadEntry("shop", "vm", "192.0.2.7"),
		mt.Deployment("plain", "out"),
	)
}

func workloadsDoc(t *testing.T, s *mesh.Snapshot, parameters string) *goquery.Document {
	t.Helper()
	return checked(t, WorkloadsContent(NewWorkloads(assess(s), asked(t, parameters))))
}

func TestWorkloadsKeepFourFactsApart(t *testing.T) {
	doc := workloadsDoc(t, enrolments(), "ns=shop")
	for _, tt := range []struct{ row, want, why string }{
		{`workload\.Deployment\.shop\.in`, "yes|yes|unknown|unknown", ""},
		{`workload\.Deployment\.shop\.half`, "yes|1 yes 1 no|unknown|unknown", "asked for, and not captured"},
		{`workload\.Deployment\.shop\.pending`, "yes|pending|unknown|unknown", "redirected, but no ztunnel has taken it: its traffic fails"},
		{`workload\.DaemonSet\.shop\.agent`, "yes|no|unknown|unknown", "host network: never captured, has no identity of its own"},
		{`workload\.Deployment\.shop\.sidecar`, "yes|no|unknown|unknown", "has a sidecar, which wins over ambient"},
		{`workload\.Job\.shop\.done`, "yes|no|unknown|unknown", ""},
		{`workload\.WorkloadEntry\.shop\.vm`, "yes|no|unknown|unknown", "not a pod: nothing can redirect it"},
	} {
		got := strings.Join([]string{labelledCell(doc, tt.row, "Asked for"), labelledCell(doc, tt.row, "Claimed"), labelledCell(doc, tt.row, "Seen"), labelledCell(doc, tt.row, "Proven")}, "|")
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.row, got, tt.want)
		}
		if why := labelledCell(doc, tt.row, "Why out"); why != tt.why {
			t.Errorf("%s is out because %q, want %q", tt.row, why, tt.why)
		}
	}
	if doc.Find(`td[data-label=Seen] .fact.unknown`).Length() == 0 {
		t.Error("unknown does not look unknown")
	}
}

func TestWorkloadsGroupPodsUnderTheirOwner(t *testing.T) {
	doc := workloadsDoc(t, enrolments(), "q=ns:shop+owner:half,pending")
	if diff := cmp.Diff([]string{"Deployment half", "half-1", "half-2", "Deployment pending pending-1"}, names(doc.Find("tbody th"))); diff != "" {
		t.Error(diff)
	}
	if got := labelledCell(doc, `workload\.Deployment\.shop\.half`, "Ready"); got != "2 of 2" {
		t.Errorf("ready: %q", got)
	}
}

func TestALongListShowsOwnersOnly(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "big", mt.Replicas(podsListed+1)))
	if n := workloadsDoc(t, s, "ns=shop").Find("tr.member").Length(); n != 0 {
		t.Errorf("%d pods listed", n)
	}
	if n := workloadsDoc(t, s, "q=name:big-1*").Find("tr.member").Length(); n != 111 {
		t.Errorf("%d pods listed where the filter leaves 111", n)
	}
}

func TestWorkloadsAreFiltered(t *testing.T) {
	for query, want := range map[string]int{"q=claimed:no": 11, "q=claimed:pending": 1, "q=asked:yes+node:node-a+ns:shop": 5, "q=exempt:host-network": 1, "q=account:in": 2, "q=-ns:shop,istio-system": 1, "q=ip:192.0.2.7": 1, "q=kind:job": 1} {
		m := NewWorkloads(assess(enrolments()), asked(t, query))
		if m.Table.Shown != want {
			t.Errorf("%s: %d, want %d", query, m.Table.Shown, want)
		}
	}
}

func TestPodsThatMayNotBeReadAreNotNone(t *testing.T) {
	doc := workloadsDoc(t, mt.Mesh(mt.Bare(), mt.Forbidden(mesh.ResourcePods)), "")
	if doc.Find(".state-forbidden").Length() != 1 || doc.Find(".state-empty").Length() != 0 {
		t.Error("forbidden pods look like none")
	}
	doc = workloadsDoc(t, mt.Mesh(mt.Deployment("shop", "web"), mt.Forbidden(mesh.ResourceNamespaces)), "ns=shop")
	if got := labelledCell(doc, `workload\.Deployment\.shop\.web`, "Asked for"); got != "unknown" {
		t.Errorf("asked for is %q though the namespace's labels are not known", got)
	}
}

func names(s *goquery.Selection) []string {
	var out []string
	s.Each(func(_ int, s *goquery.Selection) { out = append(out, spaced(s)) })
	return out
}

func workloadDoc(t *testing.T, s *mesh.Snapshot, namespace, name string) *goquery.Document {
	t.Helper()
	m, ok := NewWorkload(assess(s), namespace, name, Query{})
	if !ok {
		t.Fatalf("there is no workload %s/%s", namespace, name)
	}
	return checked(t, WorkloadContent(m))
}

// panel is the text of the panel with that title.
func panel(doc *goquery.Document, title string) string {
	return spaced(doc.Find(".panel").FilterFunction(func(_ int, s *goquery.Selection) bool { return uitest.Text(s.Find("h2").First()) == title }))
}

// spaced is the text of a selection as it is read: elements stand apart.
func spaced(s *goquery.Selection) string {
	var parts []string
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			parts = append(parts, n.Data)
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	for _, n := range s.Nodes {
		walk(n)
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

func TestAPodSaysWhatEachFactRestsOn(t *testing.T) {
	doc := workloadDoc(t, enrolments(), "shop", "in-1")
	got := panel(doc, "In the mesh?")
	for _, want := range []string{"Asked for yes", "by the labels of Namespace shop", `ambient.istio.io/redirection is "enabled"`, "Seen unknown", "The dump of the ztunnel on node-a was not read."} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if got := panel(workloadDoc(t, enrolments(), "shop", "agent-1"), "In the mesh?"); !strings.Contains(got, "Never captured: host network") {
		t.Errorf("the exemption is not said: %s", got)
	}
}

func TestAPodShowsItsContainersAndWhatSelectsIt(t *testing.T) {
	crash := mt.With(func(w *mesh.Workload) {
		w.Ready = false
		c := &w.Containers[0]
		c.Ready, c.RestartCount, c.Waiting, c.WaitingText = false, 14, "CrashLoopBackOff", "back-off"
		c.LastExit = &mesh.ContainerExit{Reason: "OOMKilled", ExitCode: 137, At: mt.Now.Add(-time.Minute)}
		c.Limits = mesh.Resources{MilliCPU: 1500, MemoryBytes: 256 << 20}
	})
	s := mt.Mesh(
		mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", crash), mt.Service("shop", "web"),
		mt.Objects(
			&mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "only-a"}, Action: "ALLOW", Rules: []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/a"}}}}}},
			&mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "ask"}, Action: "CUSTOM", Provider: "x", Rules: []mesh.AuthorizationRule{{}}},
			&mesh.PeerAuthentication{Meta: mesh.Meta{Kind: "PeerAuthentication", Namespace: "shop", Name: "strict"}, Mode: "STRICT"},
			&mesh.Event{Meta: mesh.Meta{Kind: "Event", Namespace: "shop", Name: "e"}, About: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "web-1"}, Reason: "BackOff", Message: "restarting", Count: 3, Last: mt.Now},
		),
	)
	doc := workloadDoc(t, s, "shop", "web-1")
	for title, wants := range map[string][]string{
		"Containers":                {"14", "waiting: CrashLoopBackOff: back-off", "last exit OOMKilled, code 137", "1500m CPU, 256 MiB"},
		"What it is":                {"spiffe://cluster.local/ns/shop/sa/web", "Service shop/web", "Deployment shop/web"},
		"Policies at its ztunnel":   {"STRICT: refuses plaintext by PeerAuthentication shop/strict", "yes: what no ALLOW policy admits is refused", "shop/only-a ALLOW", "nothing: ztunnel does not support the action CUSTOM"},
		"Warnings of the last hour": {"BackOff restarting 3 times"},
		"Labels that matter":        {"ambient.istio.io/redirection enabled"},
	} {
		got := panel(doc, title)
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q: %s", title, want, got)
			}
		}
	}
	if got := uitest.Text(doc.Find(".page-head .tag").First()); got != "app: CrashLoopBackOff" {
		t.Errorf("the first tag is %q", got)
	}
}

func TestAPodThatIsNotCapturedHasNoPolicies(t *testing.T) {
	if got := panel(workloadDoc(t, enrolments(), "plain", "out-1"), "Policies at its ztunnel"); !strings.Contains(got, "no ztunnel stands before it") {
		t.Error(got)
	}
	s := mt.Mesh(mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web"), mt.Forbidden(mesh.ResourceAuthorizationPolicies))
	if workloadDoc(t, s, "shop", "web-1").Find(".fact.unknown").Length() == 0 {
		t.Error("policies that may not be read look like none")
	}
}

func TestAmountsAreWrittenAsInKubernetes(t *testing.T) {
	for want, r := range map[string]mesh.Resources{
		"none": {}, "2 CPU": {MilliCPU: 2000}, "100m CPU, 128 MiB": {MilliCPU: 100, MemoryBytes: 128 << 20}, "1 GiB": {MemoryBytes: 1 << 30}, "1536 MiB": {MemoryBytes: 3 << 29}, "4 KiB": {MemoryBytes: 4096}, "7 B": {MemoryBytes: 7},
	} {
		if got := resourceWords(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
