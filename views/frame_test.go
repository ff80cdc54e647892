package views

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

// assess makes the report of a snapshot at its own moment.
func assess(s *mesh.Snapshot) *analysis.Report {
	return analysis.Assess(analysis.Input{Snap: s, Now: s.At})
}

// framed renders an empty page within a frame.
func framed(t *testing.T, f Frame) *goquery.Document {
	t.Helper()
	return uitest.Parse(t, uitest.Wrapped(t, Layout(f), templ.NopComponent))
}

func TestTheMenuCountsAndMarks(t *testing.T) {
	s := mt.Mesh(
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("gone")), mt.Deployment("shop", "web", mt.Replicas(2)), mt.Service("shop", "web"),
		mt.Namespace("billing", mt.Ambient), mt.Deployment("billing", "ledger"), mt.Service("billing", "ledger"),
		mt.Forbidden(mesh.ResourceAuthorizationPolicies),
	)
	menu := func(q Query) map[string]string {
		counts := make(map[string]string)
		for _, a := range framed(t, NewFrame(assess(s), q, PageServices, "Services")).Find("#rail a").EachIter() {
			counts[uitest.Text(a.Find(".menu-label"))] = uitest.Text(a.Find(".menu-count"))
		}
		return counts
	}
	all, shop := menu(Query{}), menu(Query{Namespace: "shop"})
	for label, want := range map[string]string{"Triage": "1", "Services": "2", "Nodes": "2", "Policies": "?", "Sources": "1"} {
		if all[label] != want {
			t.Errorf("%s counts %q, want %q", label, all[label], want)
		}
	}
	if shop["Services"] != "1" || shop["Workloads"] != "2" {
		t.Errorf("within shop the menu counts %v", shop)
	}
	doc := framed(t, NewFrame(assess(s), Query{Namespace: "shop"}, PageServices, "Services"))
	if got := uitest.Text(doc.Find("#rail [aria-current] .menu-label")); got != "Services" {
		t.Errorf("%q is marked as the current page", got)
	}
	if href := doc.Find("#rail [aria-current]").AttrOr("href", ""); href != "/services?ns=shop" {
		t.Errorf("the menu loses the scope: %s", href)
	}
}

func TestBannersSayWhatToKnowBeforeBelievingThePage(t *testing.T) {
	shop := mt.Namespace("shop", mt.Ambient)
	recorded := func(o mesh.Origin) *mesh.Snapshot {
		return mt.Mesh(shop, mt.Cluster(mesh.ClusterInfo{Name: "x", Origin: o}))
	}
	tests := map[string]struct {
		snap  *mesh.Snapshot
		query Query
		demos []Demo
		want  []string // parts of the banners' text; none: no banner
	}{
		"a live mesh":               {mt.Mesh(shop), Query{}, nil, nil},
		"a recording":               {recorded(mesh.OriginRecorded), Query{}, nil, []string{"recording of 2026-11-23 08:00:00 UTC"}},
		"the demo":                  {recorded(mesh.OriginDemo), Query{}, []Demo{{"clean", true}, {"typo", false}}, []string{"Demo.", "clean", "typo"}},
		"a link made earlier":       {mt.Mesh(shop), Query{At: mt.Now.Add(-3 * time.Hour)}, nil, []string{"made 3 h ago", "2026-11-23 05:00:00 UTC", "as it is now"}},
		"a scope nobody knows":      {mt.Mesh(shop), Query{Namespace: "shpo"}, nil, []string{"Nothing is known of namespace shpo"}},
		"a scope that is known":     {mt.Mesh(shop), Query{Namespace: "shop"}, nil, nil},
		"a forbidden kind":          {mt.Mesh(shop, mt.Forbidden(mesh.ResourceGateways)), Query{}, nil, []string{"kubernetes/gateways", "may not be read", "list gateways", "Whatever depends on gateways is undetermined"}},
		"a source that is down":     {mt.Mesh(shop, mt.Source(mesh.KubernetesSource, mesh.SourceDown, "connection refused")), Query{}, nil, []string{"kubernetes does not answer", "connection refused"}},
		"a kind nobody installed":   {mt.Mesh(shop, mt.Source("kubernetes/"+mesh.ResourceTCPRoutes, mesh.SourceAbsent, "")), Query{}, nil, nil},
		"nothing read as yet":       {mt.Mesh(mt.Bare(), mt.Source(mesh.KubernetesSource, mesh.SourceStarting, "")), Query{Namespace: "shop"}, nil, nil},
		"three degraded are folded": {mt.Mesh(shop, mt.Forbidden("a"), mt.Forbidden("b"), mt.Forbidden("c")), Query{}, nil, []string{"3 sources cannot be relied on"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := NewFrame(assess(tt.snap), tt.query, PageTriage, "Triage")
			f.Demos = tt.demos
			doc := framed(t, f)
			uitest.Check(t, doc)
			text := uitest.Text(doc.Find("#banners"))
			if len(tt.want) == 0 && text != "" {
				t.Errorf("an unasked banner: %q", text)
			}
			for _, part := range tt.want {
				if !strings.Contains(text, part) {
					t.Errorf("%q is not in %q", part, text)
				}
			}
		})
	}
}

func TestFreshnessIsNotClaimedWithoutAStream(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop"))
	if got := uitest.Text(framed(t, NewFrame(assess(s), Query{}, PageTriage, "Triage")).Find("#fresh")); got != "as of 08:00:00 UTC" {
		t.Errorf("a page from the server says %q", got)
	}
	never := mt.Mesh(mt.Bare(), mt.Source(mesh.KubernetesSource, mesh.SourceStarting, ""))
	if got := uitest.Text(framed(t, NewFrame(assess(never), Query{}, PageTriage, "Triage")).Find("#fresh")); got != "not read yet" {
		t.Errorf("a mesh nobody has read says %q", got)
	}
	s.Cluster.Origin = mesh.OriginRecorded
	doc := framed(t, NewFrame(assess(s), Query{}, PageTriage, "Triage"))
	if got := uitest.Text(doc.Find("#fresh")); got != "recorded 2026-11-23 08:00 UTC" {
		t.Errorf("a recording says %q", got)
	}
	if _, live := doc.Find("html").Attr("data-live"); live {
		t.Error("a recording asks for live updates")
	}
}

func TestNewerStatesOfSourcesReplaceTheReports(t *testing.T) {
	f := NewFrame(assess(mt.Mesh(mt.Namespace("shop"))), Query{}, PageTriage, "Triage")
	later := mt.Now.Add(time.Minute)
	f = f.WithSources(mesh.Sources{{Name: mesh.KubernetesSource, State: mesh.SourceStale, AsOf: later}})
	if !f.AsOf.Equal(later) || f.Counts.Degraded != 1 {
		t.Errorf("as of %s, %d degraded", f.AsOf, f.Counts.Degraded)
	}
}

func TestAddressesOfTheFrameStayOnThisHost(t *testing.T) {
	for _, path := range []string{"//evil.example/x", "", "evil", "/services"} {
		f := NewFrame(assess(mt.Mesh(mt.Namespace("shop"))), Query{At: mt.Now}, PageTriage, "Triage")
		f.Path, f.Demos = path, []Demo{{"a", true}, {"b", false}}
		uitest.Check(t, framed(t, f))
	}
}

func TestTheScopeKeepsTheRestOfTheAddress(t *testing.T) {
	f := NewFrame(assess(mt.Mesh(mt.Namespace("shop"))), ParseQuery(map[string][]string{"q": {"node:a"}, "sort": {"-name"}, "ns": {"shop"}, "at": {"2026-11-23T05:00:00Z"}}), PageServices, "Services")
	var got []string
	for _, in := range framed(t, f).Find("form.scope input").EachIter() {
		got = append(got, in.AttrOr("name", "")+"="+in.AttrOr("value", ""))
	}
	if diff := cmp.Diff([]string{"q=node:a", "sort=-name"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheThemeIsPrintedSoThatNothingFlashes(t *testing.T) {
	tests := map[string]string{"dark": "dark", "light": "light", "": "", `"><script>`: ""}
	for cookie, want := range tests {
		f := NewFrame(assess(mt.Mesh()), Query{}, PageTriage, "Triage")
		f.Theme = ParseTheme(cookie)
		if got := framed(t, f).Find("html").AttrOr("data-theme", ""); got != want {
			t.Errorf("cookie %q prints theme %q, want %q", cookie, got, want)
		}
	}
}

func TestAFragmentHoldsThePageAndTheLivePartsOfTheFrame(t *testing.T) {
	f := NewFrame(assess(mt.Mesh(mt.Namespace("shop"))), Query{}, PageTriage, "Triage")
	text := uitest.Wrapped(t, Fragment(f), templ.NopComponent)
	doc := uitest.Parse(t, text)
	if strings.Contains(text, "<html") || doc.Find("header.top").Length() > 0 {
		t.Error("the fragment has the whole frame in it")
	}
	var targets []string
	for _, p := range doc.Find("hx-partial").EachIter() {
		targets = append(targets, p.AttrOr("hx-target", "")+" "+p.AttrOr("hx-swap", ""))
	}
	if diff := cmp.Diff([]string{"#rail innerMorph", "#bar innerMorph", "#banners innerMorph"}, targets); diff != "" {
		t.Error(diff)
	}
	whole := framed(t, f)
	for _, target := range targets {
		id, _, _ := strings.Cut(target, " ")
		if whole.Find(id).Length() != 1 {
			t.Errorf("the document has no %s to morph into", id)
		}
	}
}
