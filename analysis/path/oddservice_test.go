package path_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestHeadlessServicesSkipTheServiceWaypoint(t *testing.T) {
	headless := meshtest.Service("shop", "orders", meshtest.Headless)
	g := draw(meshtest.Mesh(append(without(bareShop(), 6), headless, meshtest.Objects(ordersL7(), split()))...))
	if n := node(t, g, "waypoint/shop/waypoint"); n.State != path.StateBypassed || n.Code != "WAYPOINT_BYPASSED_POD_ADDRESSED" {
		t.Errorf("waypoint = %+v, want it bypassed", n)
	}
	if !remarked(g, "WAYPOINT_BYPASSED_POD_ADDRESSED", "NOT applied", "orders-l7", "VirtualService shop/orders") {
		t.Errorf("remarks = %+v", g.Remarks)
	}
	if g.Verdict != path.Reachable || g.Code != "WAYPOINT_BYPASSED_POD_ADDRESSED" {
		t.Errorf("verdict = %s %s", g.Verdict, g.Code)
	}
}

func TestAWorkloadWaypointTakesCallsToPods(t *testing.T) {
	parts := []meshtest.Part{
		meshtest.Namespace("shop", meshtest.Ambient),
		meshtest.Waypoint("shop", "pods", meshtest.WaypointFor("workload")),
		meshtest.Deployment("shop", "orders", meshtest.UseWaypoint("pods")),
		meshtest.Service("shop", "orders", meshtest.Headless),
		meshtest.Deployment("shop", "web"),
	}
	onGateway := policy("deny", "DENY", mesh.AuthorizationRule{})
	onGateway.TargetRefs = []mesh.TargetRef{{Group: "gateway.networking.k8s.io", Kind: "Gateway", Name: "pods"}}
	onService := atWaypoint(policy("deny", "DENY", mesh.AuthorizationRule{}))
	if g := draw(meshtest.Mesh(append(parts, meshtest.Objects(onGateway))...)); g.Code != "POLICY_DENIED" || g.Verdict != path.Unreachable {
		t.Errorf("a policy on the Gateway: %s %s %s", g.Verdict, g.Code, g.Summary)
	}
	g := draw(meshtest.Mesh(append(parts, meshtest.Objects(onService))...))
	if g.Verdict != path.Reachable {
		t.Errorf("a policy on the Service: %s %s %s", g.Verdict, g.Code, g.Summary)
	}
	if n := node(t, g, "waypoint/shop/pods"); n.State != path.StateOK {
		t.Errorf("waypoint = %+v", n)
	}
}

func TestACanaryWaypointTakesItsShare(t *testing.T) {
	ns := meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("waypoint"),
		meshtest.Label(mesh.LabelUseWaypointCanary, "next"), meshtest.Annotation(mesh.AnnotationCanaryWeight, "20"))
	g := draw(meshtest.Mesh(append(without(bareShop(), 0), ns, meshtest.Waypoint("shop", "next"))...))
	if l := leg(t, g, "source/node/node-a", "waypoint/shop/next"); l.Share != 20 {
		t.Errorf("leg to the canary = %+v", l)
	}
	if l := leg(t, g, "source/node/node-a", "waypoint/shop/waypoint"); l.Share != 80 {
		t.Errorf("leg to the primary = %+v", l)
	}
	g = draw(meshtest.Mesh(append(without(bareShop(), 0), ns, meshtest.Waypoint("shop", "next", meshtest.Ready(0)))...))
	if g.Verdict != path.Ambiguous || g.Code != "WAYPOINT_NO_ENDPOINTS" || !strings.HasPrefix(g.Summary, "20 % of the calls fail") {
		t.Errorf("broken canary: %s %s %s", g.Verdict, g.Code, g.Summary)
	}
	onlyOld := meshtest.Objects(onlyWaypoint())
	if g = draw(meshtest.Mesh(append(without(bareShop(), 0), ns, meshtest.Waypoint("shop", "next"), onlyOld)...)); g.Verdict != path.Ambiguous || g.Code != "AUTHZ_WAYPOINT_IDENTITY_DENIED" {
		t.Errorf("a canary nobody admits: %s %s %s", g.Verdict, g.Code, g.Summary)
	}
}

func TestSidecarsSkipTheWaypoint(t *testing.T) {
	side := meshtest.Deployment("shop", "old", meshtest.Sidecar)
	g := draw(shop(side))
	n := node(t, g, "caller/aside/sidecar")
	if n.State != path.StateBad || n.Code != "POLICY_NONE_ALLOWED" {
		t.Errorf("sidecars = %+v, want them refused: only the waypoint may call", n)
	}
	g = draw(meshtest.Mesh(append(bareShop(), side, meshtest.Objects(ordersL7()))...))
	if n := node(t, g, "caller/aside/sidecar"); n.State != path.StateWarn || !strings.Contains(n.Notes[0], "past the waypoint") {
		t.Errorf("sidecars = %+v, want them past the waypoint", n)
	}
}

func TestSidecarBackendsDecideForThemselves(t *testing.T) {
	parts := []meshtest.Part{
		meshtest.Namespace("shop", meshtest.Ambient), meshtest.Deployment("shop", "web"),
		meshtest.Deployment("shop", "orders", meshtest.Sidecar), meshtest.Service("shop", "orders"),
	}
	if g := draw(meshtest.Mesh(parts...)); g.Verdict != path.Reachable {
		t.Errorf("without policies: %s %s", g.Verdict, g.Summary)
	}
	g := draw(meshtest.Mesh(append(parts, meshtest.Objects(strict()))...))
	if g.Verdict != path.Undetermined || !strings.Contains(g.Summary, "proxy of their own") {
		t.Errorf("under STRICT: %s %s", g.Verdict, g.Summary)
	}
}

func TestGatewaysUseTheWaypointOnlyWhereAsked(t *testing.T) {
	pod := meshtest.Deployment("ingress", "ingress-istio", meshtest.Label(mesh.LabelGatewayName, "ingress"), meshtest.OptedOut)
	base := func(svc ...meshtest.Option) []meshtest.Part {
		return append(without(bareShop(), 6), meshtest.Namespace("ingress"), pod, meshtest.Service("shop", "orders", svc...), meshtest.Objects(ordersL7()))
	}
	row := func(s *mesh.Snapshot) path.Caller {
		for _, c := range path.Callers(s, ordersRef, 80) {
			if c.Entry == path.EntryGateway {
				return c
			}
		}
		t.Fatal("no gateway among the callers")
		return path.Caller{}
	}
	if c := row(meshtest.Mesh(base()...)); c.ViaWaypoint {
		t.Errorf("caller = %+v, want it past the waypoint", c)
	}
	asked := meshtest.Label(mesh.LabelIngressUseWaypoint, "true")
	if c := row(meshtest.Mesh(base(asked)...)); !c.ViaWaypoint || !c.Waypoint.Refused() {
		t.Errorf("caller = %+v, want it refused at the waypoint", c)
	}
}

func TestManyCallersAndNodesAreCountedNotDropped(t *testing.T) {
	parts := bareShop()
	for i := range 9 {
		name := fmt.Sprintf("client-%d", i)
		parts = append(parts, meshtest.Deployment("shop", name, meshtest.OnNode(fmt.Sprintf("node-%d", i))))
	}
	someClients := policy("clients", "ALLOW", fromPrincipals("cluster.local/ns/shop/sa/client-*"))
	g := draw(meshtest.Mesh(append(parts, meshtest.Objects(atWaypoint(someClients)))...))
	if got := len(slices.DeleteFunc(ids(g), func(id string) bool { return !strings.HasPrefix(id, "caller/ztunnel") })); got != path.DefaultMaxCards-1 {
		t.Errorf("%d cards of single callers, want %d", got, path.DefaultMaxCards-1)
	}
	if n := node(t, g, "caller/more"); n.Title != "and 4 more" || n.Lines[0] != "4 identities" {
		t.Errorf("the rest = %+v", n)
	}
	if n := node(t, g, "source/ready"); n.Title != "ztunnel on 9 nodes" {
		t.Errorf("sources = %+v", n)
	}
	if want := "9 of 11 identities may call it"; !strings.Contains(g.Summary, want) {
		t.Errorf("summary = %q, want %q", g.Summary, want)
	}
	g = path.ForService(meshtest.Mesh(append(parts, meshtest.Node("node-3", meshtest.NoZtunnel()))...), ordersRef, 80, path.Options{MaxCards: 3})
	if n := node(t, g, "source/missing"); n.State != path.StateBad || n.Title != "no ztunnel on 1 node" {
		t.Errorf("missing = %+v", n)
	}
	if g.Verdict != path.Ambiguous || g.Code != "ZTUNNEL_MISSING_ON_NODE" {
		t.Errorf("verdict = %s %s", g.Verdict, g.Code)
	}
}

func TestManyBackendsAreCounted(t *testing.T) {
	parts := []meshtest.Part{meshtest.Namespace("shop", meshtest.Ambient), meshtest.Service("shop", "orders")}
	for i := range 20 {
		parts = append(parts, meshtest.Deployment("shop", fmt.Sprintf("orders-%02d", i), meshtest.Label("app", "orders")))
	}
	g := draw(meshtest.Mesh(parts...))
	more := titled(g, path.StageBackend, "and 15 more")
	if len(more) != 1 || more[0].Lines[0] != "15 of 15 pods ready" {
		t.Errorf("backends = %+v", more)
	}
}

func TestServiceEntries(t *testing.T) {
	ref := mesh.Ref{Kind: "ServiceEntry", Namespace: "shop", Name: "api"}
	outside := meshtest.ServiceEntry("shop", "api", "api.example.com")
	g := path.ForService(shop(outside), ref, 443, path.Options{})
	if g.Verdict != path.Reachable || g.Host != "api.example.com" {
		t.Errorf("verdict = %s %s %s", g.Verdict, g.Code, g.Summary)
	}
	if n := titled(g, path.StageBackend, "api"); len(n) != 1 || !slices.Contains(n[0].Notes, "outside the mesh") {
		t.Errorf("backend = %+v in %v", n, ids(g))
	}
	members := meshtest.ServiceEntry("shop", "api", "api.internal", meshtest.With(func(e *mesh.ServiceEntry) {
		e.Resolution, e.WorkloadSelector = "STATIC", &mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}}
	}))
	g = path.ForService(shop(members), ref, 443, path.Options{})
	if n := titled(g, path.StageBackend, "web"); len(n) != 1 {
		t.Errorf("backends = %v, want the workloads selected", ids(g))
	}
	empty := meshtest.ServiceEntry("shop", "api", "api.internal", meshtest.With(func(e *mesh.ServiceEntry) { e.Resolution = "STATIC" }))
	if g = path.ForService(shop(empty), ref, 443, path.Options{}); g.Verdict != path.Unreachable {
		t.Errorf("without endpoints: %s %s", g.Verdict, g.Summary)
	}
}

func TestATCPPortIsCutAndNotAnswered(t *testing.T) {
	tcp := meshtest.Service("shop", "orders", meshtest.TargetPort(80, "tcp", "8080"))
	g := draw(meshtest.Mesh(append(without(bareShop(), 6), tcp, meshtest.Objects(ordersL7(), split(), versions()))...))
	if g.Verdict != path.Unreachable || g.Code != "POLICY_NONE_ALLOWED" || g.Outcome != "The connection is cut by the waypoint." {
		t.Errorf("verdict = %s %s %q: an ALLOW with HTTP fields refuses a TCP port", g.Verdict, g.Code, g.Outcome)
	}
	if v := titled(g, path.StageVersion, "all pods"); len(v) != 1 {
		t.Errorf("nodes = %v, want HTTP rules left out", ids(g))
	}
}

func TestAMissingWaypointIsSaidToBeOpenOrClosed(t *testing.T) {
	webOnly := policy("web-only", "ALLOW", fromPrincipals("cluster.local/ns/shop/sa/web"))
	astray := slices.Clip(append(without(bareShop(), 6), meshtest.Service("shop", "orders", meshtest.UseWaypoint("typo"))))
	for _, test := range []struct {
		name string
		with []meshtest.Part
		want string
	}{
		{"only the waypoint may call", append(astray, meshtest.Objects(onlyWaypoint())), "refuses every direct call"},
		{"nothing restricts", append(astray, meshtest.Objects(ordersL7())), "fail-open"},
		{"some may call", append(astray, meshtest.Objects(webOnly)), "1 identity of the mesh reach"},
		{"policies may not be read", append(astray, meshtest.Forbidden(mesh.ResourceAuthorizationPolicies)), "is unknown"},
		{"nobody is there to call", []meshtest.Part{meshtest.Namespace("shop"), meshtest.Service("shop", "orders", meshtest.UseWaypoint("typo"))}, "No workload of the mesh"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if g := draw(meshtest.Mesh(test.with...)); !remarked(g, test.want) {
				t.Errorf("remarks: %+v", g.Remarks)
			}
		})
	}
}

func TestCallersNameWhoDecides(t *testing.T) {
	got := make(map[string]string)
	for _, c := range path.Callers(shop(), ordersRef, 80) {
		d, stage := c.Deciding()
		got[c.Account.Namespace+"/"+c.Account.Name+" "+string(c.Entry)] = fmt.Sprintf("%s %s %s %s", stage, d.Verdict, d.Code, d.Policy.Name)
	}
	want := map[string]string{
		"shop/web ztunnel":         "Waypoint undetermined POLICY_NONE_ALLOWED orders-l7",
		"shop/orders ztunnel":      "Waypoint deny POLICY_NONE_ALLOWED orders-l7",
		"legacy/batch none":        "Destination side deny STRICT_PLAINTEXT default",
		"istio-system/istiod none": "Destination side deny STRICT_PLAINTEXT default",
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: %q, want %q", k, got[k], v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("callers = %v, want no others", got)
	}
	if rows := path.Callers(shop(), ordersRef, 81); rows != nil {
		t.Errorf("a port the service has not: %v", rows)
	}
}

func TestPodsUnderDifferentPoliciesDecidePartly(t *testing.T) {
	v2 := policy("not-v2", "DENY", mesh.AuthorizationRule{})
	v2.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{"version": "v2"}}
	s := meshtest.Mesh(append(without(bareShop(), 0), meshtest.Namespace("shop", meshtest.Ambient), meshtest.Objects(v2))...)
	for _, c := range path.Callers(s, ordersRef, 80) {
		if c.Entry == path.EntryZtunnel && (!c.Partly || !c.Destination.Refused() || !c.Admitted()) {
			t.Errorf("caller = %+v, want it refused by some pods", c)
		}
	}
	g := draw(s)
	if n := node(t, g, "destination/node/node-a"); n.State == path.StateOK && g.Verdict == path.Reachable {
		t.Errorf("verdict = %s, %+v: half of the calls are refused", g.Verdict, n)
	}
}

func TestDecisionsAreSharedBetweenCallersTreatedAlike(t *testing.T) {
	s := meshtest.Large(10, 40, 200, 5)
	rows := path.Callers(s, mesh.Ref{Kind: "Service", Namespace: "ns-0", Name: "svc-0"}, 80)
	distinct := make(map[*authz.Decision]bool)
	for _, c := range rows {
		distinct[c.Destination] = true
	}
	if len(rows) < 40 || len(distinct) > 2 {
		t.Errorf("%d rows with %d decisions", len(rows), len(distinct))
	}
}
