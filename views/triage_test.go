package views

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

// finding is a finding of a class about a Service.
func finding(code string, class analysis.Class, severity analysis.Severity, name string) analysis.Finding {
	return analysis.Finding{Code: code, Class: class, Severity: severity, Summary: "Summary of " + code + ".", Subject: mesh.Ref{Kind: "Service", Namespace: "shop", Name: name}}
}

func group(cause analysis.Finding, consequences ...analysis.Finding) analysis.Group {
	return analysis.Group{Cause: cause, Consequences: consequences, Severity: cause.Severity}
}

func TestSplitListsWhatBreaksAndCountsTheRest(t *testing.T) {
	breaks := group(finding("A", analysis.Breaks, analysis.Critical, "a"))
	open := group(finding("B", analysis.Unprotected, analysis.Critical, "b"))
	risk := group(finding("C", analysis.Risk, analysis.Warning, "c"))
	grave := group(finding("D", analysis.Risk, analysis.Info, "d"), finding("E", analysis.Breaks, analysis.Error, "e"))
	listed, risks := split([]analysis.Group{open, breaks, risk, grave})
	codes := func(groups []analysis.Group) (out []string) {
		for _, g := range groups {
			out = append(out, g.Cause.Code)
		}
		return out
	}
	if diff := cmp.Diff([]string{"A", "B", "D"}, codes(listed)); diff != "" {
		t.Errorf("listed, breaking ones first; a risk that breaks something by its consequence too:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"C"}, codes(risks)); diff != "" {
		t.Errorf("risks:\n%s", diff)
	}
}

func TestHeadline(t *testing.T) {
	breaks := group(finding("A", analysis.Breaks, analysis.Critical, "a"))
	open := group(finding("B", analysis.Unprotected, analysis.Critical, "b"))
	held := []analysis.HeldBack{{Code: "X"}}
	tests := []struct {
		report analysis.Report
		listed []analysis.Group
		paths  pathReport
		want   string
	}{
		{analysis.Report{Ran: 2}, []analysis.Group{breaks}, pathReport{}, "1 cause breaks 1 service"},
		{analysis.Report{Ran: 2}, []analysis.Group{breaks, breaks, open}, pathReport{}, "2 causes break 1 service, 1 leaves a protection off"},
		{analysis.Report{Ran: 2}, []analysis.Group{open, open}, pathReport{}, "2 causes leave a protection off"},
		{analysis.Report{Ran: 2}, nil, pathReport{}, "Nothing is broken"},
		{analysis.Report{Ran: 2, HeldBack: held}, nil, pathReport{}, "Nothing found, but not everything could be judged"},
		{analysis.Report{HeldBack: held}, nil, pathReport{}, "Nothing could be judged"},
		{analysis.Report{Ran: 2, HeldBack: held}, []analysis.Group{breaks}, pathReport{}, "1 cause breaks 1 service"},
		{analysis.Report{Ran: 2}, nil, pathReport{Unexplained: 1}, "1 service cannot be reached"},
		{analysis.Report{Ran: 2}, []analysis.Group{open}, pathReport{Unexplained: 3}, "1 cause leaves a protection off, 3 services cannot be reached"},
		{analysis.Report{Ran: 2}, nil, pathReport{Skipped: 4000}, "No check fires"},
	}
	for _, tt := range tests {
		if got := headline(&tt.report, tt.listed, tt.paths); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestQuietIsSaidOnlyWhenSure(t *testing.T) {
	shop := []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web"), mt.Service("shop", "web")}
	tests := map[string]struct {
		parts []mt.Part
		sure  bool
	}{
		"all readable":       {[]mt.Part{mt.ProxiesRead()}, true},
		"no proxy was read":  {nil, false},
		"a kind forbidden":   {[]mt.Part{mt.Forbidden(mesh.ResourceGateways)}, false},
		"the API is down":    {[]mt.Part{mt.Source(mesh.KubernetesSource, mesh.SourceDown, "refused")}, false},
		"one namespace seen": {[]mt.Part{mt.Scope("shop")}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := NewTriage(assess(mt.Mesh(append(shop, tt.parts...)...)), Query{})
			if !m.Quiet || m.Sure != tt.sure {
				t.Fatalf("quiet %t, sure %t; title %q", m.Quiet, m.Sure, m.Title)
			}
			green := uitest.Document(t, TriageContent(m)).Find("h1.quiet").Length() == 1
			if green != tt.sure {
				t.Errorf("the title is green: %t, want %t", green, tt.sure)
			}
		})
	}
}

// typo is a mesh whose namespace names a waypoint that is not there.
func typo() *mesh.Snapshot {
	return mt.Mesh(
		mt.Cluster(mesh.ClusterInfo{Name: "prod", Origin: mesh.OriginLive}),
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypont"), func(o mesh.Object) {
			o.Metadata().SpecChange = mesh.Change{Manager: "kubectl-label", Time: mt.Now.Add(-4 * time.Minute)}
		}),
		mt.Waypoint("shop", "waypoint", mt.Replicas(2)),
		mt.Deployment("shop", "web"), mt.Service("shop", "web"),
		mt.Namespace("billing", mt.Ambient), mt.Deployment("billing", "ledger"), mt.Service("billing", "ledger"),
	)
}

func TestACauseIsPrintedWithAllThatAReaderNeeds(t *testing.T) {
	doc := uitest.Document(t, TriageContent(NewTriage(assess(typo()), Query{})))
	card := doc.Find("#causes article").First()
	tests := map[string]struct{ selector, want string }{
		"severity":    {".sev", "critical"},
		"code":        {".code", "WAYPOINT_NOT_FOUND"},
		"subject":     {".cause-subject", "Namespace shop"},
		"summary":     {".cause-summary", "waypont"},
		"affects":     {".affects", "shop/web"},
		"last change": {".cause-facts", "by kubectl label"},
		"evidence":    {".evidence", "istio.io/use-waypoint"},
		"command":     {".cmd", "kubectl"},
	}
	for name, tt := range tests {
		if got := uitest.Text(card.Find(tt.selector)); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q is not in %q", name, tt.want, got)
		}
	}
	if href := card.Find("a[data-open]").AttrOr("href", ""); href != "/path?from=billing%2Fledger-1&to=shop%2Fweb%3A80" {
		t.Errorf("the path leads to %q, want a call that shows the cause", href)
	}
	if href := card.Find(".cause-head .code").AttrOr("href", ""); href != "/checks#WAYPOINT_NOT_FOUND" {
		t.Errorf("the code leads to %q", href)
	}
}

func TestScopeLimitsCauses(t *testing.T) {
	r := assess(typo())
	if m := NewTriage(r, Query{Namespace: "billing"}); len(m.Causes) != 0 {
		t.Errorf("billing lists %d causes of shop", len(m.Causes))
	}
	if m := NewTriage(r, Query{Namespace: "shop"}); len(m.Causes) != 1 {
		t.Errorf("shop lists %d causes, want 1", len(m.Causes))
	}
}

func TestChatTextIsSixLinesThatNoNameCanBreak(t *testing.T) {
	hostile := "a`b\n# title\n@here"
	f := finding("CODE", analysis.Breaks, analysis.Critical, hostile)
	f.Detail, f.Summary = "Two\nlines.", "One "+hostile
	f.Evidence = []analysis.Evidence{{Object: f.Subject, Field: "spec", Text: hostile, Time: "2026-11-23T07:00:00Z"}}
	f.Fix.Commands = []string{"kubectl get " + hostile}
	f.Affects = []mesh.Ref{{Kind: "Service", Namespace: "shop", Name: hostile}}
	r := &analysis.Report{Snap: mt.Mesh(), At: mt.Now}
	text := chatText(r, Query{}, analysis.Group{Cause: f, Severity: f.Severity, Affects: f.Affects}, nil)
	lines := strings.Split(text, "\n")
	if len(lines) != 6 {
		t.Fatalf("%d lines:\n%s", len(lines), text)
	}
	for i, part := range []string{"**critical** `CODE`", "One", "Two lines.", "Affects", "07:00:00Z", "kubectl get"} {
		if !strings.Contains(lines[i], part) {
			t.Errorf("line %d lacks %q: %s", i+1, part, lines[i])
		}
	}
	if strings.Count(lines[5], "`") != 2 {
		t.Errorf("a name ends the code span early: %s", lines[5])
	}
	if at := strings.LastIndex(text, " · /"); at < 0 || strings.ContainsAny(text[at+5:], " \n") {
		t.Errorf("the text does not end in a link: %s", lines[5])
	}
}

// denyAll is a mesh whose root namespace lets nobody call anybody, which is no
// mistake that a check knows.
func denyAll(parts ...mt.Part) *mesh.Snapshot {
	deny := &mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "deny-all"}, Action: "ALLOW"}
	return mt.Mesh(append(parts,
		mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web"), mt.Service("shop", "web"), mt.Deployment("shop", "orders"), mt.Service("shop", "orders"),
		mt.Service("shop", "idle"), mt.Objects(deny), mt.ProxiesRead(),
		mt.Namespace("billing", mt.Ambient), mt.Deployment("billing", "ledger"), mt.Service("billing", "ledger"))...)
}

func TestServicesNobodyReachesAreListedWithoutACheck(t *testing.T) {
	m := NewTriage(assess(denyAll()), Query{})
	if len(m.Unreached) != 1 || m.Sure || m.Quiet {
		t.Fatalf("unreached %+v, quiet %t, sure %t", m.Unreached, m.Quiet, m.Sure)
	}
	doc := uitest.Document(t, TriageContent(m))
	var names []string
	for _, a := range doc.Find("#unreached a[data-open]").EachIter() {
		names = append(names, uitest.Text(a)+" "+a.AttrOr("href", ""))
	}
	want := []string{"shop/orders /services/shop/orders", "shop/web /services/shop/web"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("listed services; one without any endpoint is idle and not unreachable:\n%s", diff)
	}
	if n := NewFrame(assess(denyAll()), Query{}, PageTriage, "Triage").Counts.Causes; n != 1+len(m.Causes) {
		t.Errorf("the menu counts %d", n)
	}
}

func TestScopeLimitsUnreachedServices(t *testing.T) {
	if m := NewTriage(assess(denyAll()), Query{Namespace: "billing"}); len(m.Unreached) > 0 || !m.Sure {
		t.Errorf("billing lists %+v", m.Unreached)
	}
}

func TestACauseThatExplainsAnUnreachedServiceIsNotRepeated(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.Ready(0)), mt.Deployment("shop", "web"), mt.Service("shop", "web"))
	m := NewTriage(assess(s), Query{})
	if len(m.Causes) != 1 || len(m.Unreached) > 0 {
		t.Errorf("%d causes and unreached %+v", len(m.Causes), m.Unreached)
	}
}

func TestTooManyPathsAreNotFollowedAndThatIsSaid(t *testing.T) {
	m := NewTriage(assess(mt.Large(10, pathsDrawn+20, 300, 3)), Query{})
	if m.Sure || !strings.Contains(m.Lead, "too many to follow") {
		t.Errorf("sure %t, lead %q", m.Sure, m.Lead)
	}
}

func TestDataPlaneShowsTheWorstFirst(t *testing.T) {
	s := mt.Mesh(
		mt.Node("node-a"), mt.Node("node-b"), mt.Node("node-c", mt.NoZtunnel()), mt.Node("node-d", mt.NoZtunnel()),
		mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.Replicas(2), mt.OnNode("node-b", "node-c")),
	)
	d := newDataPlane(s, Links{})
	if got := d.Rows[0]; got.Name != "node-c" || got.Ztunnel != mesh.FactNo || got.Captured != "1 captured" {
		t.Errorf("first is %+v, want node-c, where captured pods lack ztunnel", got)
	}
	if d.Summary != "3 of 4 nodes without fault" {
		t.Errorf("summary %q: a node without ztunnel and without pods of the mesh has no fault", d.Summary)
	}
}

func TestANodeWhosePodsWaitForZtunnelIsNotWithoutFault(t *testing.T) {
	s := mt.Mesh(mt.Node("node-a", mt.NoZtunnel()), mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.OnNode("node-a"), mt.NotCaptured))
	if d := newDataPlane(s, Links{}); !d.Rows[0].Needed || d.Summary != "0 of 1 node without fault" {
		t.Errorf("%+v, %q", d.Rows[0], d.Summary)
	}
}

func TestDataPlaneDoesNotTakeUnreadForAbsent(t *testing.T) {
	pods := mt.Mesh(mt.Node("node-a", mt.NoZtunnel()), mt.Namespace("shop"), mt.Forbidden(mesh.ResourcePods))
	if got := newDataPlane(pods, Links{}).Rows[0].Ztunnel; got != mesh.FactUnknown {
		t.Errorf("without a right on pods ztunnel is %q, want unknown", got)
	}
	if got := newDataPlane(pods, Links{}).Rows[0].Captured; got != "captured: unknown" {
		t.Errorf("without a right on pods so many are captured: %q", got)
	}
	nodes := newDataPlane(mt.Mesh(mt.Namespace("shop"), mt.Forbidden(mesh.ResourceNodes)), Links{})
	if nodes.Unknown == "" || len(nodes.Rows) > 0 {
		t.Errorf("without a right on nodes: %+v", nodes)
	}
}

func TestDataPlaneOfManyNodesIsCut(t *testing.T) {
	var parts []mt.Part
	for i := range 20 {
		parts = append(parts, mt.Node("node-"+number(i)))
	}
	d := newDataPlane(mt.Mesh(parts...), Links{})
	if len(d.Rows) != rowsShown || d.More != 20-rowsShown {
		t.Errorf("%d rows and %d more", len(d.Rows), d.More)
	}
}

func TestChanges(t *testing.T) {
	ago := func(d time.Duration) time.Time { return mt.Now.Add(-d) }
	made := func(kind, name string, created, changed time.Duration, by string) mesh.Meta {
		return mesh.Meta{Kind: kind, Namespace: "shop", Name: name, Created: ago(created), SpecChange: mesh.Change{Manager: by, Time: ago(changed)}}
	}
	day := 24 * time.Hour
	deleted := made("Service", "bye", day, day, "")
	deleted.Deleting = ago(time.Minute)
	rollout := made("ReplicaSet", "web-5d4", 6*time.Minute, 6*time.Minute, "kube-controller-manager")
	rollout.Owner = mesh.Ref{Kind: "Deployment", Namespace: "shop", Name: "web"}
	owned := made("Job", "nightly-1", time.Minute, time.Minute, "")
	owned.Owner = mesh.Ref{Kind: "CronJob", Namespace: "shop", Name: "nightly"}
	restarted := &mesh.Workload{Meta: made("Pod", "web-1", day, day, ""), Phase: "Running", Containers: []mesh.Container{{Name: "app", LastExit: &mesh.ContainerExit{Reason: "OOMKilled", At: ago(3 * time.Minute)}}}}
	turned := &mesh.Gateway{Meta: made("Gateway", "wp", day, day, ""), Conditions: mesh.Conditions{{Type: "Programmed", Status: "False", Reason: "Invalid", Since: ago(2 * time.Minute)}, {Type: "Accepted", Status: "True", Since: ago(day)}}}
	fresh := &mesh.Gateway{Meta: made("Gateway", "new", 10*time.Minute, 10*time.Minute, "helm"), Conditions: mesh.Conditions{{Type: "Programmed", Status: "True", Since: ago(9 * time.Minute)}}}
	s := mt.Mesh(mt.Bare(), mt.Namespace("shop"), mt.Objects(
		&mesh.Service{Meta: deleted}, restarted, turned, fresh,
		&mesh.Controller{Meta: rollout}, &mesh.Controller{Meta: owned},
		&mesh.AuthorizationPolicy{Meta: made("AuthorizationPolicy", "deny-all", day, 5*time.Minute, "kubectl")},
		&mesh.Route{Meta: made("HTTPRoute", "old", day, 61*time.Minute, "kubectl")},
		&mesh.Route{Meta: made("HTTPRoute", "future", day, -time.Minute, "kubectl")},
	))
	var got []string
	for _, c := range newChangeList(assess(s), Query{}).Rows {
		got = append(got, strings.TrimSpace(strings.Join([]string{mt.Now.Sub(c.Time).String(), c.Object.Kind, c.Object.Name, c.Did, c.By}, " ")))
	}
	want := []string{
		"1m0s Service shop/bye is being deleted",
		"2m0s Gateway shop/wp Programmed became False (Invalid)",
		"3m0s Pod shop/web-1 container app restarted (OOMKilled)",
		"5m0s AuthorizationPolicy shop/deny-all changed kubectl",
		"6m0s Deployment shop/web rolled out",
		"10m0s Gateway shop/new created helm",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := len(newChangeList(assess(s), Query{Namespace: "billing"}).Rows); n != 0 {
		t.Errorf("another namespace shows %d changes of shop", n)
	}
}

func TestStartingSaysNothingElse(t *testing.T) {
	s := mt.Mesh(mt.Bare(), mt.Source(mesh.KubernetesSource, mesh.SourceStarting, ""))
	doc := uitest.Document(t, TriageContent(NewTriage(assess(s), Query{})))
	if doc.Find(".state-starting").Length() != 1 || doc.Find(".panel, .cause").Length() > 0 {
		t.Errorf("a mesh nobody has read shows %q", uitest.Text(doc.Selection))
	}
}

func BenchmarkTriage(b *testing.B) {
	r := assess(mt.Large(400, 4000, 20000, 200))
	for b.Loop() {
		NewTriage(r, Query{})
	}
}

// BenchmarkTriageWithFailures is the page with as many failing calls as a feed
// holds.
func BenchmarkTriageWithFailures(b *testing.B) {
	r := assess(mt.Large(400, 4000, 20000, 200))
	d := Denials{State: DenialsFollowing, Window: logline.DefaultWindow, At: r.At, Proxies: 64, All: 204}
	for i := range 300 {
		d.Failures.Groups = append(d.Failures.Groups, logline.FailureGroup{
			Source: logline.End{Ref: mesh.Ref{Kind: "Deployment", Namespace: "a", Name: "client" + number(i)}}, Destination: logline.End{Ref: mesh.Ref{Kind: "Service", Namespace: "a", Name: "s"}, Port: 80},
			Code: mesh.CodeNoneAllowed, Denied: true, Count: i, First: r.At, Last: r.At, Sample: &mesh.LogLine{ID: "c/1/0", Time: r.At, From: &mesh.LogTarget{}, Raw: "connection complete"},
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := TriageContent(NewTriage(r, Query{}).WithDenials(r, Query{}, d)).Render(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func TestNothingReadYetIsNotNothingChanged(t *testing.T) {
	snap := mesh.NewSnapshot(mesh.Content{
		At: mt.Now, Cluster: mesh.ClusterInfo{Origin: mesh.OriginLive},
		Sources: mesh.Sources{{Name: mesh.KubernetesSource, State: mesh.SourceDown, Detail: "connection refused"}},
	})
	m := NewTriage(analysis.Assess(analysis.Input{Snap: snap, Now: mt.Now}), Query{})
	if m.Changes.Unknown != "Nothing was read yet: connection refused" {
		t.Errorf("of changes it says %q", m.Changes.Unknown)
	}
	summary := heldBackSummary(m.HeldBack)
	if want := plural(len(analysis.Checks()), "check") + " could not judge"; !strings.HasPrefix(summary, want) {
		t.Errorf("it says %q, want %q", summary, want)
	}
}
