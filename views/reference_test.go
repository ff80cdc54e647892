package views

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

func TestEveryCheckHasAnEntryUnderItsCode(t *testing.T) {
	doc := uitest.Document(t, ChecksContent(NewChecks(assess(typo()), Query{})))
	for _, c := range analysis.Checks() {
		entry := doc.Find("article#" + c.Code)
		if entry.Length() != 1 {
			t.Errorf("%s has %d entries", c.Code, entry.Length())
			continue
		}
		if got := uitest.Text(entry); !strings.Contains(got, c.Title) || !strings.Contains(got, strings.Join(strings.Fields(c.Fires), " ")) {
			t.Errorf("%s does not say what fires it: %q", c.Code, got)
		}
	}
}

func TestChecksTellZeroFromUnknown(t *testing.T) {
	now := func(s *mesh.Snapshot, code string) string {
		doc := uitest.Document(t, ChecksContent(NewChecks(assess(s), Query{})))
		return uitest.Text(doc.Find("#row\\." + strings.ReplaceAll(code, "_", "_5f_") + " td.num"))
	}
	if got := now(typo(), "WAYPOINT_NOT_FOUND"); got != "1" {
		t.Errorf("one finding counts %q", got)
	}
	if got := now(mt.Mesh(mt.Namespace("shop")), "WAYPOINT_NOT_FOUND"); got != "none" {
		t.Errorf("no finding counts %q", got)
	}
	if got := now(mt.Mesh(mt.Namespace("shop"), mt.Forbidden(mesh.ResourceGateways)), "WAYPOINT_NOT_FOUND"); got != "unknown" {
		t.Errorf("a check that is held back counts %q", got)
	}
}

func TestChecksAreFilteredAndSorted(t *testing.T) {
	m := NewChecks(assess(typo()), Query{Text: "severity:critical", Filter: ParseFilter("severity:critical"), Sort: Sort{Key: "now", Desc: true}})
	if m.Table.Shown == 0 || m.Table.Shown == m.Table.Total {
		t.Errorf("%d of %d are shown", m.Table.Shown, m.Table.Total)
	}
	if m.Checks[0].Code != "WAYPOINT_NOT_FOUND" {
		t.Errorf("the one that fires is not first, but %s", m.Checks[0].Code)
	}
}

func TestSourcesSayWhatIsLostAndWhichRoleHelps(t *testing.T) {
	since := mt.Now.Add(-3 * time.Minute)
	states := mesh.Sources{
		{Name: "kubernetes", State: mesh.SourceOK, AsOf: mt.Now},
		{Name: "kubernetes/" + mesh.ResourceGateways, State: mesh.SourceForbidden, Detail: "list gateways in shop", Since: since},
		{Name: "logs/shop/web/app", State: mesh.SourceForbidden},
		{Name: "ztunnel/node-a", State: mesh.SourceDown, Detail: "refused", Since: since},
	}
	m := NewSources(assess(mt.Mesh(mt.Namespace("shop"), mt.Forbidden(mesh.ResourceGateways))), states, Query{})
	type line struct{ State, Tone, Role, Lost string }
	var got []line
	for _, r := range m.Rows {
		got = append(got, line{r.State, string(r.Tone), r.Role, r.Lost})
	}
	want := []line{
		{"ok", "good", "", "Nothing newer than the last complete read is known."},
		{"forbidden", "warning", "deploy/rbac/view.yaml", "Whatever depends on gateways is undetermined."},
		{"forbidden", "warning", "deploy/rbac/logs.yaml", "There are no logs of it."},
		{"down", "warning", "", "Paths through this node are expected only; drift, certificates and live connections are unknown."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(m.Rows[1].Checks) == 0 {
		t.Error("no check is held back without gateways")
	}
	if !strings.Contains(m.Unread, "Prometheus") || strings.Contains(m.Unread, "ztunnel") {
		t.Errorf("unread: %q", m.Unread)
	}
}

func TestSourcesSayThatTheScopeIsLimited(t *testing.T) {
	m := NewSources(assess(mt.Mesh(mt.Namespace("a"), mt.Namespace("b"), mt.Scope("a", "b"))), nil, Query{})
	if !strings.Contains(m.Scope, "a and b") {
		t.Errorf("scope: %q", m.Scope)
	}
}

func TestABannerLeadsToTheSourceItNames(t *testing.T) {
	r := assess(mt.Mesh(mt.Namespace("shop"), mt.Forbidden(mesh.ResourceGateways)))
	href := framed(t, NewFrame(r, Query{}, PageTriage, "Triage")).Find("#banners a").AttrOr("href", "")
	page, id, _ := strings.Cut(href, "#")
	if page != "/sources" || uitest.Document(t, SourcesContent(NewSources(r, nil, Query{}))).Find(`[id="`+id+`"]`).Length() != 1 {
		t.Errorf("the banner leads to %s", href)
	}
}

func TestErrorPages(t *testing.T) {
	tests := map[int]string{400: "Not understood", 403: "Refused", 404: "Not found", 405: "Not understood", 500: "Something broke", 503: "Not available", 418: "Something broke"}
	for status, title := range tests {
		m := NewError(status, "", Query{})
		doc := uitest.Document(t, BareError(m))
		uitest.Check(t, doc)
		if got := uitest.Text(doc.Find("h1")); !strings.Contains(got, title) {
			t.Errorf("%d is called %q", status, got)
		}
		if m.Text == "" {
			t.Errorf("%d says nothing", status)
		}
	}
	hostile := uitest.Document(t, ErrorContent(NewError(404, `There is no <b>x</b>.`, Query{Namespace: "shop"})))
	if hostile.Find("b").Length() > 0 || !strings.Contains(uitest.Text(hostile.Selection), "<b>x</b>") {
		t.Error("the text of an error became markup")
	}
	if href := hostile.Find("a").First().AttrOr("href", ""); href != "/search?ns=shop" {
		t.Errorf("the way on loses the scope: %s", href)
	}
}

func TestACheckWhoseCountersNobodyReadSaysSo(t *testing.T) {
	shop := mt.Mesh(mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web"))
	doc := uitest.Document(t, ChecksContent(NewChecks(assess(shop), Query{})))
	if got := uitest.Text(doc.Find("#row\\.SPLIT_5f_DRIFT td.num")); !strings.Contains(got, "unknown") {
		t.Errorf("a check that could not judge counts %q", got)
	}
	if got := uitest.Text(doc.Find("article#SPLIT_DRIFT")); !strings.Contains(got, "No traffic was counted") {
		t.Errorf("the entry does not say why: %q", got)
	}
}
