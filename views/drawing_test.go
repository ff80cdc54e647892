package views

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/uitest"
)

func TestNamesAreShortenedInTheMiddle(t *testing.T) {
	pod := "payments/fraud-score-6d9f8c7b5d-x2x7k"
	for limit := 20.0; limit < 400; limit += 7 {
		got := faceTitle.middle(pod, limit)
		if w := faceTitle.width(got); w > limit {
			t.Errorf("%q is %.1f wide in a room of %.1f", got, w, limit)
		}
		if got == pod {
			continue
		}
		head, tail, ok := strings.Cut(got, ellipsis)
		if !ok || !strings.HasPrefix(pod, head) || !strings.HasSuffix(pod, tail) || len(tail) < len(head) {
			t.Errorf("%q keeps too little of the end of %q", got, pod)
		}
	}
	if got := faceTitle.middle(pod, 5); got != "" {
		t.Errorf("in no room at all: %q", got)
	}
}

func TestWrapLosesNothingThatFits(t *testing.T) {
	for name, tt := range map[string]struct {
		text  string
		width float64
		limit int
		want  []string
	}{
		"words":                    {"sees the caller as sa/web", 90, 5, []string{"sees the caller", "as sa/web"}},
		"a code breaks at its _":   {"AUTHZ_WAYPOINT_IDENTITY_DENIED", 110, 5, []string{"AUTHZ_WAYPOINT_", "IDENTITY_DENIED"}},
		"a word without a joint":   {"aaaaaaaaaa", 25, 9, []string{"aaa", "aaa", "aaa", "a"}},
		"too much for the lines":   {"one two three four five", 30, 2, []string{"one", "tw…"}},
		"nothing":                  {"  ", 100, 3, nil},
		"narrower than one letter": {"ab", 1, 5, []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			face := faceLine
			if strings.Contains(tt.text, "_") {
				face = faceChip
			}
			if diff := cmp.Diff(tt.want, face.wrap(tt.text, tt.width, tt.limit)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// brokenGraph is a split behind a waypoint with one broken leg, a plaintext
// caller and a bypassed waypoint.
func brokenGraph() *path.Graph {
	pod := mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "z"}
	return &path.Graph{
		Service: mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"}, Port: mesh.ServicePort{Port: 80},
		Nodes: []path.Node{
			{ID: "web", Stage: path.StageCaller, State: path.StateOK, Title: "web", Lines: []string{"sa/web"}, Explain: "Web calls."},
			{ID: "batch", Stage: path.StageCaller, State: path.StateWarn, Title: "batch"},
			{ID: "old", Stage: path.StageWaypoint, State: path.StateBypassed, Title: "old", Notes: []string{"There is no Gateway shop/old."}, Code: "WAYPOINT_NOT_FOUND"},
			{ID: "v1", Stage: path.StageVersion, State: path.StateOK, Title: "v1"},
			{ID: "v2", Stage: path.StageVersion, State: path.StateOK, Title: "v2"},
			{ID: "z", Stage: path.StageDestination, State: path.StateBad, Title: "ztunnel-z", Code: "AUTHZ_WAYPOINT_IDENTITY_DENIED", Ref: pod},
			{ID: "p", Stage: path.StageBackend, State: path.StateNotReached, Title: "orders-v1"},
		},
		Legs: []path.Leg{
			{From: "web", To: "v1", Transport: path.HBONE, State: path.StateOK, Share: 90, Label: "90 %"},
			{From: "web", To: "v2", Transport: path.HBONE, State: path.StateOK, Share: 10, Label: "10 %"},
			{From: "batch", To: "z", Transport: path.Plaintext, State: path.StateOK, Share: -1},
			{From: "v1", To: "z", Transport: path.HBONE, State: path.StateBad, Share: -1},
			{From: "z", To: "p", Transport: path.Local, State: path.StateNotReached, Share: -1},
			{From: "gone", To: "p", Transport: path.Local, State: path.StateOK, Share: -1},
		},
	}
}

// toNames leads to pages named after the nodes.
var toNames = Targets{
	Node: func(n *path.Node) templ.SafeURL {
		if n.Ref.IsZero() {
			return ""
		}
		return templ.SafeURL("/workloads/" + n.Ref.Name)
	},
	Code: func(c string) templ.SafeURL { return templ.SafeURL("/checks#" + c) },
}

func drawn(t *testing.T, g *path.Graph) *goquery.Document {
	t.Helper()
	doc := uitest.Document(t, DrawingFigure(NewDrawing(g, toNames)))
	uitest.Check(t, doc)
	return doc
}

func TestEachPictureTellsTheWholePath(t *testing.T) {
	doc := drawn(t, brokenGraph())
	for _, picture := range []string{"svg.across", "svg.down"} {
		svg := doc.Find(picture)
		if name, _ := svg.Attr("aria-label"); !strings.Contains(name, "shop/orders port 80") {
			t.Errorf("%s is called %q", picture, name)
		}
		for what, selector := range map[string]string{
			"the broken hop":                  ".node.is-bad .chip",
			"the broken hop's link":           `.node.is-bad a.node-link[href="/workloads/z"]`,
			"the bypassed waypoint":           ".node.is-bypassed .chip",
			"what is not reached":             ".node.is-not-reached",
			"a leg that breaks":               ".leg.is-bad",
			"a leg that is not reached":       ".leg.is-not-reached",
			"a plaintext leg":                 ".leg.plaintext",
			"the inside of the plaintext leg": ".core",
		} {
			if n := svg.Find(selector).Length(); n != 1 {
				t.Errorf("%s: %d of %s (%s)", picture, n, what, selector)
			}
		}
		if got := uitest.Text(svg.Find(".is-bad .chip")); strings.ReplaceAll(got, " ", "") != "AUTHZ_WAYPOINT_IDENTITY_DENIED" {
			t.Errorf("%s: the code on the drawing reads %q", picture, got)
		}
		if got := uitest.Text(svg); !strings.Contains(got, "90 %") || !strings.Contains(got, "10 %") || !strings.Contains(got, "There is no Gateway") {
			t.Errorf("%s: a share or the reason of the bypass is missing: %s", picture, got)
		}
	}
}

func TestWidthFollowsTheShare(t *testing.T) {
	widths := make(map[string]string)
	drawn(t, brokenGraph()).Find("svg.across .leg").Each(func(_ int, s *goquery.Selection) {
		title := uitest.Text(s.Find("title"))
		widths[title], _ = s.Attr("stroke-width")
	})
	if thick, thin := widths["to v1, encrypted (HBONE), 90 % of the calls as declared"], widths["to v2, encrypted (HBONE), 10 % of the calls as declared"]; thick <= thin {
		t.Errorf("90 %% is %q wide and 10 %% is %q: %v", thick, thin, widths)
	}
}

func TestTheListEqualsTheDrawing(t *testing.T) {
	items := drawn(t, brokenGraph()).Find("ol > li")
	if items.Length() != len(brokenGraph().Nodes) {
		t.Fatalf("%d steps for %d nodes", items.Length(), len(brokenGraph().Nodes))
	}
	for i, want := range []string{"caller: web", "caller: batch", "waypoint: old", "version: v1", "version: v2", "destination side: ztunnel-z", "pod: orders-v1"} {
		if got := uitest.Text(items.Eq(i)); !strings.HasPrefix(got, want) {
			t.Errorf("step %d is %q, want it to begin with %q", i, got, want)
		}
	}
	for i, want := range map[int]string{
		0: "Goes on to v1, encrypted (HBONE), 90 % of the calls as declared; to v2",
		1: "to ztunnel-z, in plaintext",
		2: "bypassed",
		3: "to ztunnel-z, encrypted (HBONE), refused",
		5: "AUTHZ_WAYPOINT_IDENTITY_DENIED",
		6: "not reached",
	} {
		if got := uitest.Text(items.Eq(i)); !strings.Contains(got, want) {
			t.Errorf("step %d is %q, want %q in it", i, got, want)
		}
	}
}

func TestTheLegendExplainsOnlyWhatOccurs(t *testing.T) {
	all := uitest.Text(uitest.Document(t, DrawingLegend(newLegend(brokenGraph()))).Selection)
	for _, want := range []string{"encrypted", "plaintext", "refused or broken", "not reached", "declared share"} {
		if !strings.Contains(all, want) {
			t.Errorf("the legend lacks %q: %s", want, all)
		}
	}
	g := path.Graph{Nodes: []path.Node{
		{Seen: path.Sighting{Where: "the ztunnel on node-a", At: time.Unix(1, 0)}}, {Seen: path.Sighting{Where: "the ztunnel on node-a", At: time.Unix(1, 0)}}, {},
	}}
	if got := uitest.Text(uitest.Document(t, DrawingLegend(newLegend(&g))).Selection); strings.Count(got, "seen in the ztunnel on node-a") != 1 {
		t.Errorf("of what was seen it says %q", got)
	}
	if len(newLegend(&path.Graph{})) != 0 {
		t.Error("a drawing without legs has a legend")
	}
}

func TestHostileNamesAreOnlyText(t *testing.T) {
	g := brokenGraph()
	g.Nodes[0].Title = `</text><script>alert(1)</script>`
	g.Nodes[0].Lines = []string{`"><img src=x onerror=alert(1)>`, "\u202e\u0000turned"}
	g.Nodes[5].Code = `" onclick="alert(1)`
	g.Legs[0].Label = "<b>90 %</b>"
	doc := drawn(t, g)
	if n := doc.Find("script, img, b[onclick]").Length(); n != 0 {
		t.Errorf("%d elements came out of names", n)
	}
	if text := doc.Text(); strings.ContainsAny(text, "\u202e\x00") {
		t.Error("a control character survived")
	}
}

func TestAnEmptyGraphIsDrawn(t *testing.T) {
	d := NewDrawing(&path.Graph{}, noTargets)
	checkPicture(t, d.Across)
	checkPicture(t, d.Down)
}

// FuzzDrawing draws whatever names a cluster can have.
func FuzzDrawing(f *testing.F) {
	f.Add("orders-v1-6d9f8c7b5d-x2x7k", "not reached", "WAYPOINT_NOT_FOUND", "90 %")
	f.Add("\u202e", "a b  c\n", "____", "\xff")
	f.Fuzz(func(t *testing.T, title, line, code, label string) {
		g := brokenGraph()
		for i := range g.Nodes {
			g.Nodes[i].Title, g.Nodes[i].Code = title, code
			g.Nodes[i].Lines, g.Nodes[i].Notes = []string{line, title}, []string{line}
		}
		for i := range g.Legs {
			g.Legs[i].Label = label
		}
		d := NewDrawing(g, noTargets)
		checkPicture(t, d.Across)
		checkPicture(t, d.Down)
	})
}
