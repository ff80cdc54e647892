package path_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestAServiceInGoodOrder(t *testing.T) {
	g := draw(shop())
	if g.Verdict != path.Reachable || g.Code != "" {
		t.Fatalf("verdict = %s %s: %s", g.Verdict, g.Code, g.Summary)
	}
	if want := "Calls to orders pass waypoint shop/waypoint; only sa/web may call it, depending on the request."; g.Summary != want {
		t.Errorf("summary = %q, want %q", g.Summary, want)
	}
	web := node(t, g, "caller/ztunnel/shop/web")
	if web.Title != "web" || web.Ref != (mesh.Ref{Kind: "Deployment", Namespace: "shop", Name: "web"}) || web.State != path.StateOK {
		t.Errorf("caller = %+v", web)
	}
	outside := node(t, g, "caller/aside/none")
	if outside.State != path.StateBad || outside.Code != "STRICT_PLAINTEXT" {
		t.Errorf("callers outside the mesh = %+v, want them refused by STRICT", outside)
	}
	wp := node(t, g, "waypoint/shop/waypoint")
	if wp.State != path.StateOK || !slices.Contains(wp.Lines, "2 of 2 ready, Programmed") || !slices.Equal(wp.Notes, []string{"bound by namespace label", "sees the caller as sa/web"}) {
		t.Errorf("waypoint = %+v", wp)
	}
	for _, z := range []string{"source/node/node-a", "destination/node/node-a", "destination/node/node-b"} {
		if n := node(t, g, z); n.State != path.StateOK || n.Ref.Kind != "Pod" {
			t.Errorf("%s = %+v, want it fine and linked to its pod", z, n)
		}
	}
	if z := node(t, g, "destination/node/node-a"); !slices.Contains(z.Notes, "sees the caller as sa/waypoint") {
		t.Errorf("notes of the destination = %v, want whom it sees", z.Notes)
	}
	v1, v2 := titled(g, path.StageVersion, "v1"), titled(g, path.StageVersion, "v2")
	if len(v1) != 1 || len(v2) != 1 {
		t.Fatalf("versions in %v", ids(g))
	}
	if l := leg(t, g, "waypoint/shop/waypoint", v1[0].ID); l.Share != 90 || l.Label != "90 %" || l.Transport != path.HBONE {
		t.Errorf("leg to v1 = %+v", l)
	}
	if l := leg(t, g, "waypoint/shop/waypoint", v2[0].ID); l.Share != 10 || l.Label != "10 %" {
		t.Errorf("leg to v2 = %+v", l)
	}
	if l := leg(t, g, "destination/node/node-b", "Deployment/shop/orders-v1"); l.Transport != path.Local || l.State != path.StateOK {
		t.Errorf("leg to the pods = %+v", l)
	}
	if !remarked(g, "x-canary: always", "rule 1 of VirtualService shop/orders") {
		t.Errorf("remarks = %+v, want the rule with a match", g.Remarks)
	}
	for _, n := range g.Nodes {
		if n.Basis != path.Expected || n.Explain == "" || !strings.HasSuffix(n.Explain, ".") {
			t.Errorf("node %s: basis %q, explain %q", n.ID, n.Basis, n.Explain)
		}
	}
}

func TestPoliciesStandByHop(t *testing.T) {
	g := draw(shop())
	type row struct {
		stage  path.Stage
		name   string
		action string
		effect string
	}
	var got []row
	for _, p := range g.Policies {
		got = append(got, row{p.Stage, p.Policy.Name, p.Action, p.Effect})
	}
	want := []row{
		{path.StageWaypoint, "orders-l7", "ALLOW", "allows sa/web: GET or POST on /api/*"},
		{path.StageDestination, "default", "STRICT", "refuses plaintext"},
		{path.StageDestination, "only-via-waypoint", "ALLOW", "allows sa/waypoint"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("policies = %+v, want %+v", got, want)
	}
}

// Each row breaks one thing in the shop and says what comes of it.
func TestWhatBreaksAService(t *testing.T) {
	for _, test := range []struct {
		name    string
		snap    *mesh.Snapshot
		verdict path.Verdict
		code    string
		outcome string
	}{
		{
			"the waypoint has no ready endpoint", meshtest.Mesh(append(without(shopParts(), 2), meshtest.Waypoint("shop", "waypoint", meshtest.Replicas(2), meshtest.Ready(0)))...),
			path.Unreachable, "WAYPOINT_NO_ENDPOINTS", "reset",
		},
		{
			"the Gateway named is no waypoint", meshtest.Mesh(append(without(shopParts(), 2), meshtest.Gateway("shop", "waypoint"))...),
			path.Unreachable, "WAYPOINT_WRONG_GATEWAY", "reset",
		},
		{
			"the namespace names a waypoint that does not exist", meshtest.Mesh(append(without(shopParts(), 0), meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("wayponit")))...),
			path.Unreachable, "POLICY_NONE_ALLOWED", "reset",
		},
		{
			"the destination does not know the waypoint's identity", shop(meshtest.Objects(denyAll())),
			path.Reachable, "", "own answer",
		},
		{
			"only clients may reach the pods", meshtest.Mesh(append(bareShop(), meshtest.Objects(policy("web-only", "ALLOW", fromPrincipals("cluster.local/ns/shop/sa/web"))))...),
			path.Unreachable, "AUTHZ_WAYPOINT_IDENTITY_DENIED", "HTTP 503 from the waypoint",
		},
		{
			"a DENY meets the waypoint", shop(meshtest.Objects(policy("no-shop", "DENY", mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Namespaces: []string{"shop"}}}}))),
			path.Unreachable, "AUTHZ_DENY_HITS_WAYPOINT", "HTTP 503 from the waypoint",
		},
		{
			"the waypoint admits nobody", shop(meshtest.Objects(atWaypoint(policy("closed", "DENY", mesh.AuthorizationRule{})))),
			path.Unreachable, "POLICY_DENIED", "HTTP 403 from the waypoint",
		},
		{
			"one version has no pod", shop(meshtest.Objects(virtualService("newer", 0)), meshtest.Objects(virtualService("older", 9e12, httpRule(subset("v1", 50), subset("v3", 50)))), meshtest.Objects(olderVersions("v1", "v3"))),
			path.Ambiguous, "SUBSET_EMPTY", "HTTP 503 from the waypoint",
		},
		{
			"a subset nobody defines", shop(meshtest.Objects(virtualService("older", 9e12, httpRule(subset("v9", 0))))),
			path.Unreachable, "SUBSET_UNDEFINED", "HTTP 503 from the waypoint",
		},
		{
			"a host nobody has", shop(meshtest.Objects(virtualService("older", 9e12, httpRule(mesh.Backend{Host: "nowhere.shop.svc.cluster.local"})))),
			path.Unreachable, "ROUTE_BACKEND_MISSING", "HTTP 503 from the waypoint",
		},
		{
			"a fault for every call", shop(meshtest.Objects(virtualService("older", 9e12, withFault(418, 100)))),
			path.Unreachable, "FAULT_INJECTED", "HTTP 418 from the waypoint",
		},
		{
			"a fault for some calls", shop(meshtest.Objects(virtualService("older", 9e12, withFault(418, 25)))),
			path.Ambiguous, "FAULT_INJECTED", "HTTP 418 from the waypoint for those",
		},
		{
			"no ztunnel where the callers are", shop(meshtest.Node("node-a", meshtest.NoZtunnel())),
			path.Unreachable, "ZTUNNEL_MISSING_ON_NODE", "cannot connect",
		},
		{
			"no ztunnel where one version is", shop(meshtest.Node("node-b", meshtest.NoZtunnel())),
			path.Ambiguous, "ZTUNNEL_MISSING_ON_NODE", "HTTP 503 from the waypoint for those",
		},
		{
			"the endpoints may not be read", shop(meshtest.Forbidden(mesh.ResourceEndpointSlices)),
			path.Undetermined, "", "Unknown.",
		},
		{
			"the policies may not be read", shop(meshtest.Forbidden(mesh.ResourceAuthorizationPolicies)),
			path.Undetermined, "", "Unknown.",
		},
		{
			"the namespace may not be read", meshtest.Mesh(append(without(shopParts(), 0), meshtest.Forbidden(mesh.ResourceNamespaces))...),
			path.Undetermined, "", "Unknown.",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := draw(test.snap)
			if g.Verdict != test.verdict || g.Code != test.code {
				t.Errorf("verdict = %s %s, want %s %s: %s", g.Verdict, g.Code, test.verdict, test.code, g.Summary)
			}
			if !strings.Contains(g.Outcome, test.outcome) {
				t.Errorf("outcome = %q, want %q in it", g.Outcome, test.outcome)
			}
		})
	}
}

// without leaves one part out, counted from 0.
func without(parts []meshtest.Part, i int) []meshtest.Part {
	return slices.Delete(slices.Clone(parts), i, i+1)
}

func denyAll() *mesh.AuthorizationPolicy { return policy("deny-all", "ALLOW") }

func olderVersions(names ...string) *mesh.DestinationRule {
	d := versions(names...)
	d.Name = "orders-2"
	return d
}

func withFault(status int, share float64) mesh.RouteRule {
	r := httpRule(subset("v1", 0))
	r.Fault = &mesh.Fault{AbortStatus: status, AbortPercent: share}
	return r
}

func TestAMissingWaypointIsDrawnBesideTheLine(t *testing.T) {
	typo := meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("wayponit"))
	g := draw(meshtest.Mesh(append(without(shopParts(), 0), typo)...))
	wp := node(t, g, "waypoint/shop/wayponit")
	if wp.State != path.StateBypassed || wp.Code != "WAYPOINT_NOT_FOUND" {
		t.Errorf("waypoint = %+v, want it bypassed", wp)
	}
	if slices.ContainsFunc(g.Legs, func(l path.Leg) bool { return l.From == wp.ID || l.To == wp.ID }) {
		t.Error("a leg touches the bypassed waypoint")
	}
	if !remarked(g, "WAYPOINT_NOT_FOUND", "NOT applied", "AuthorizationPolicy shop/orders-l7", "VirtualService shop/orders") {
		t.Errorf("remarks = %+v, want what is lost", g.Remarks)
	}
	if !remarked(g, "refuses every direct call", "shop/only-via-waypoint") {
		t.Errorf("remarks = %+v, want that ztunnel refuses all", g.Remarks)
	}
	if n := node(t, g, "destination/node/node-a"); n.State != path.StateBad || n.Code != "POLICY_NONE_ALLOWED" {
		t.Errorf("destination = %+v, want it to refuse", n)
	}
	if n := titled(g, path.StageBackend, "orders-v1")[0]; n.State != path.StateNotReached {
		t.Errorf("pods = %+v, want them not reached", n)
	}
}

func TestAWaypointNobodyCanTellOfIsUnknown(t *testing.T) {
	hidden := meshtest.Mesh(append(bareShop(), meshtest.Forbidden(mesh.ResourceGateways))...)
	for _, n := range draw(meshtest.Mesh(append(without(bareShop(), 2), meshtest.Forbidden(mesh.ResourceGateways))...)).Nodes {
		if n.Stage == path.StageWaypoint && n.State != path.StateUnknown {
			t.Errorf("waypoint = %+v, want it unknown", n)
		}
	}
	if g := draw(hidden); g.Verdict != path.Reachable {
		t.Errorf("a Gateway that was read all the same: %s %s", g.Verdict, g.Summary)
	}
}

func TestAMissingWaypointIsFailOpenWithoutPoliciesAtZtunnel(t *testing.T) {
	typo := meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("wayponit"))
	g := draw(meshtest.Mesh(append(without(bareShop(), 0), typo, meshtest.Objects(ordersL7()))...))
	if g.Verdict != path.Reachable || g.Code != "WAYPOINT_NOT_FOUND" || !strings.Contains(g.Summary, "NOT applied") {
		t.Errorf("verdict = %s %s: %s", g.Verdict, g.Code, g.Summary)
	}
	if !remarked(g, "fail-open") {
		t.Errorf("remarks = %+v, want fail-open said", g.Remarks)
	}
}

func TestTheDestinationRefusesTheWaypoint(t *testing.T) {
	g := draw(meshtest.Mesh(append(bareShop(), meshtest.Objects(denyAll(), policy("web-only", "ALLOW", fromPrincipals("cluster.local/ns/shop/sa/web")), ordersL7()))...))
	for _, id := range []string{"destination/node/node-a", "destination/node/node-b"} {
		if n := node(t, g, id); n.State != path.StateBad || n.Code != "AUTHZ_WAYPOINT_IDENTITY_DENIED" {
			t.Errorf("%s = %+v", id, n)
		}
	}
	if n := node(t, g, "waypoint/shop/waypoint"); n.State != path.StateOK {
		t.Errorf("waypoint = %+v, want it fine", n)
	}
	if n := node(t, g, "caller/ztunnel/shop/web"); n.State != path.StateOK {
		t.Errorf("caller = %+v, want web drawn: the waypoint lets it on", n)
	}
	for _, p := range g.Policies {
		if want := p.Stage == path.StageDestination && p.Action == "ALLOW"; (p.State == path.StateBad) != want {
			t.Errorf("policy %+v, bad wanted: %v", p, want)
		}
	}
}

func TestAPodThatIsNotCaptured(t *testing.T) {
	parts := without(shopParts(), 4)
	parts = append(parts, meshtest.Deployment("shop", "orders-v1", meshtest.Label("app", "orders"), meshtest.Label("version", "v1"),
		meshtest.ServiceAccount("orders"), meshtest.OnNode("node-b"), meshtest.NotCaptured))
	g := draw(meshtest.Mesh(parts...))
	if g.Verdict != path.Reachable {
		t.Errorf("verdict = %s: %s: the waypoint reaches it in plaintext", g.Verdict, g.Summary)
	}
	pods := titled(g, path.StageBackend, "orders-v1")[0]
	if pods.State != path.StateWarn || pods.Code != "POD_NOT_CAPTURED" {
		t.Errorf("pods = %+v", pods)
	}
	if l := leg(t, g, titled(g, path.StageVersion, "v1")[0].ID, pods.ID); l.Transport != path.Plaintext {
		t.Errorf("leg = %+v, want plaintext", l)
	}
	if l := leg(t, g, titled(g, path.StageVersion, "v2")[0].ID, "destination/node/node-a"); l.Transport != path.HBONE {
		t.Errorf("leg = %+v, want HBONE", l)
	}
	if !remarked(g, "POD_NOT_CAPTURED", "plaintext") {
		t.Errorf("remarks = %+v", g.Remarks)
	}
}

func TestWithoutAWaypoint(t *testing.T) {
	plain := meshtest.Namespace("shop", meshtest.Ambient)
	g := draw(meshtest.Mesh(append(without(bareShop(), 0), plain, meshtest.Objects(ordersL7(), split()))...))
	if g.Verdict != path.Reachable || g.Code != "" {
		t.Errorf("verdict = %s %s: %s", g.Verdict, g.Code, g.Summary)
	}
	if slices.ContainsFunc(g.Nodes, func(n path.Node) bool { return n.Stage == path.StageWaypoint }) {
		t.Error("a waypoint is drawn though none is asked for")
	}
	if n := node(t, g, "caller/any"); n.Title != "any workload in the mesh" || n.Lines[0] != "2 identities" {
		t.Errorf("caller = %+v, want one card for all", n)
	}
	if !remarked(g, "AUTHZ_TARGET_NOT_BOUND", "enforced nowhere") || !remarked(g, "ROUTE_NO_WAYPOINT", "VirtualService shop/orders") {
		t.Errorf("remarks = %+v", g.Remarks)
	}
	if v := titled(g, path.StageVersion, "all pods"); len(v) != 1 {
		t.Errorf("nodes = %v, want one version", ids(g))
	}
}

func TestPlaintextCallersAreAdmittedWithoutSTRICT(t *testing.T) {
	g := draw(meshtest.Mesh(bareShop()...))
	n := node(t, g, "caller/aside/none")
	if n.State != path.StateWarn || !strings.Contains(n.Notes[0], "past the waypoint") {
		t.Errorf("outside = %+v, want them admitted past the waypoint", n)
	}
	if l := leg(t, g, "caller/aside/none", "destination/node/node-a"); l.Transport != path.Plaintext || l.State != path.StateOK {
		t.Errorf("leg = %+v", l)
	}
}

func TestOddQuestions(t *testing.T) {
	s := shop()
	for _, test := range []struct {
		name string
		ref  mesh.Ref
		port uint16
		code string
		text string
	}{
		{"a port the service has not", ordersRef, 81, "PORT_NOT_ON_SERVICE", "has no port 81; it has 80."},
		{"no such service", mesh.Ref{Kind: "Service", Namespace: "shop", Name: "nothing"}, 80, "NO_SERVICE", "There is no Service shop/nothing."},
	} {
		g := path.ForService(s, test.ref, test.port, path.Options{})
		if g.Verdict != path.Unreachable || g.Code != test.code || !strings.Contains(g.Summary, test.text) {
			t.Errorf("%s: %s %s %q", test.name, g.Verdict, g.Code, g.Summary)
		}
	}
	alias := meshtest.Service("shop", "alias", meshtest.With(func(s *mesh.Service) { s.Type, s.ExternalName, s.VIPs = "ExternalName", "api.example.com", nil }))
	if g := path.ForService(shop(alias), mesh.Ref{Kind: "Service", Namespace: "shop", Name: "alias"}, 80, path.Options{}); g.Verdict != path.Undetermined || !strings.Contains(g.Summary, "alias in DNS for api.example.com") {
		t.Errorf("an ExternalName Service: %s %q", g.Verdict, g.Summary)
	}
	if g := path.ForService(s, ordersRef, 0, path.Options{}); g.Port.Port != 80 || g.Verdict != path.Reachable {
		t.Errorf("port 0 = %+v, want the first port", g.Port)
	}
	hidden := meshtest.Mesh(append(bareShop(), meshtest.Scope("shop"))...)
	if g := path.ForService(hidden, mesh.Ref{Kind: "Service", Namespace: "payments", Name: "x"}, 80, path.Options{}); g.Verdict != path.Undetermined {
		t.Errorf("a service outside the scope: %s %q", g.Verdict, g.Summary)
	}
	if g := draw(hidden); !remarked(g, "Only namespace shop is watched") {
		t.Errorf("remarks = %+v, want the scope said", g.Remarks)
	}
}

func TestStepsTellTheWholeDrawing(t *testing.T) {
	g := draw(shop())
	steps := g.Steps()
	if !strings.HasPrefix(steps[0], "Reachable: Calls to orders pass waypoint shop/waypoint") || steps[1] != "The caller sees: The application's own answer." {
		t.Errorf("steps begin with %q, %q", steps[0], steps[1])
	}
	if len(steps) != 2+len(g.Nodes)+len(g.Remarks) {
		t.Errorf("%d steps for %d nodes and %d remarks", len(steps), len(g.Nodes), len(g.Remarks))
	}
	text := strings.Join(steps, "\n")
	for _, want := range []string{"Caller web (sa/web, 1 pod)", "[STRICT_PLAINTEXT] (refuses or breaks the call)", "Waypoint shop/waypoint: 2 of 2 ready, Programmed", "Version v1:", "Pods of orders-v1: 1 of 1 pod ready."} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
