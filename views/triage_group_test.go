package views

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

// oneHop is a waypoint that one policy keeps from the pods of two Services.
func oneHop() *mesh.Snapshot {
	clients := mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/web"}}}}
	return mt.Mesh(
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.Replicas(2)), mt.ProxiesRead(),
		mt.Deployment("shop", "web"), mt.Service("shop", "web"), mt.Deployment("shop", "orders"), mt.Service("shop", "orders"),
		mt.Objects(&mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "clients", SpecChange: mesh.Change{Manager: "kubectl-apply", Time: mt.Now.Add(-time.Minute)}}, Action: "ALLOW", Rules: []mesh.AuthorizationRule{clients}}),
	)
}

func TestWhatOneHopDecidesIsOneCard(t *testing.T) {
	m := NewTriage(assess(oneHop()), Query{})
	if m.Title != "1 cause breaks 2 services" {
		t.Errorf("the title is %q", m.Title)
	}
	doc := uitest.Document(t, TriageContent(m))
	cards := doc.Find("#causes article.cause")
	if cards.Length() != 1 {
		t.Fatalf("%d cards, want 1", cards.Length())
	}
	for selector, want := range map[string]string{
		".cause-subject": "shop/orders shop/web",
		".cause-detail":  "The same holds for shop/web, which is decided alike by Gateway shop/waypoint and AuthorizationPolicy shop/clients.",
		".cause-call":    "HTTP 503",
		".cause-facts":   "2 services · 1 namespace",
		"textarea":       "Service shop/orders, shop/web",
	} {
		if got := uitest.Text(cards.Find(selector)); !strings.Contains(got, want) {
			t.Errorf("%s: %q is not in %q", selector, want, got)
		}
	}
	if got := uitest.Text(cards.Find(".cause-facts")); !strings.Contains(got, "AuthorizationPolicy shop/clients by kubectl apply") {
		t.Errorf("what changed last: %q", got)
	}
	if lines := strings.Count(m.Causes[0].Chat, "\n") + 1; lines > 6 {
		t.Errorf("%d lines for the chat:\n%s", lines, m.Causes[0].Chat)
	}
	if g := m.Failing.Groups; len(g) != 1 || len(g[0].Services) != 2 || g[0].Hop.Name != "shop/waypoint" || string(g[0].Cause) != "#"+m.Causes[0].ID {
		t.Errorf("failing services: %+v", g)
	}
}

func TestAnErrorThatBreaksNothingIsListedToo(t *testing.T) {
	listed, risks := split([]analysis.Group{group(finding("A", analysis.Risk, analysis.Error, "a")), group(finding("B", analysis.Risk, analysis.Warning, "b"))})
	if len(listed) != 1 || len(risks) != 1 || listed[0].Cause.Code != "A" {
		t.Errorf("listed %v, risks %v", listed, risks)
	}
	if got := headline(&analysis.Report{Ran: 1}, listed, pathReport{}); got != "1 cause does not act as written" {
		t.Errorf("the title is %q", got)
	}
}

func TestTheFilterOfTriage(t *testing.T) {
	r := assess(typo())
	tests := []struct {
		filter string
		shown  int
	}{
		{"", 1},
		{"severity:critical", 1},
		{"class:breaks", 0},
		{"code:WAYPOINT_*", 1},
		{"ns:shop", 1},
		{"ns:billing", 0},
		{"kind:Service name:web", 1},
		{"waypont", 1},
		{"-code:WAYPOINT_NOT_FOUND", 0},
		{"no such words", 0},
	}
	for _, tt := range tests {
		m := NewTriage(r, ParseQuery(url.Values{"q": {tt.filter}}))
		if len(m.Causes) != tt.shown || (m.Filtered == "") != (len(m.Causes)+len(m.Risks) == 4) {
			t.Errorf("%q: %d causes, %d risks, said %q", tt.filter, len(m.Causes), len(m.Risks), m.Filtered)
		}
		if m.Quiet {
			t.Errorf("%q makes a mesh quiet", tt.filter)
		}
	}
}

func TestMutesOfTheAddress(t *testing.T) {
	r := assess(oneHop())
	plain := NewTriage(r, Query{})
	u, err := url.Parse(string(plain.Causes[0].Mutes[0].URL))
	if err != nil {
		t.Fatal(err)
	}
	q := ParseQuery(u.Query())
	m := NewTriage(r, q)
	if len(m.Causes) != 0 || len(m.Muted.Rows) != 1 || m.Sure {
		t.Fatalf("%d causes, muted %+v, sure %t", len(m.Causes), m.Muted, m.Sure)
	}
	if len(m.Unreached) != 0 {
		t.Errorf("what is muted comes back as unreached: %+v", m.Unreached)
	}
	if len(m.Failing.Groups) != 1 || !m.Failing.Groups[0].Muted {
		t.Errorf("the services still fail, for a muted reason: %+v", m.Failing)
	}
	if diff := cmp.Diff("/", string(m.Muted.Rows[0].Undo)); diff != "" {
		t.Errorf("unmute leads to:\n%s", diff)
	}
	for _, link := range []string{string(q.Links().Page(PageTriage)), string(plain.Causes[0].Mutes[3].URL)} {
		if !strings.HasPrefix(link, "/") {
			t.Errorf("%q leaves the page", link)
		}
	}
}

func TestAMuteThatRanOutIsSaid(t *testing.T) {
	v := url.Values{"mute": {"WAYPOINT_NOT_FOUND:Namespace//shop@2026-11-22T10:00Z", "GONE:Service/shop/x@2026-11-22T10:00Z", "nonsense"}}
	m := NewTriage(assess(typo()), ParseQuery(v))
	if len(m.Causes) != 1 || len(m.Muted.Rows) != 0 {
		t.Errorf("%d causes, muted %+v", len(m.Causes), m.Muted.Rows)
	}
	text := uitest.Text(uitest.Document(t, TriageContent(m)).Find(".over-mute"))
	for _, want := range []string{"is still there and listed again", "is not found any more", "nonsense"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
}

func TestAMuteFileHoldsForEveryAddress(t *testing.T) {
	r := assess(typo())
	r.Mutes = []analysis.Mute{{Cause: r.Findings[0].Key(), Until: r.At.Add(time.Hour), Reason: "known"}}
	m := NewTriage(r, Query{})
	if len(m.Muted.Rows) != 1 || m.Muted.Rows[0].Undo != "" || m.Muted.Rows[0].Reason != "known" {
		t.Errorf("muted: %+v", m.Muted)
	}
}
