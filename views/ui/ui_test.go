package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/uitest"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestSplitNameKeepsTheDistinguishingEnd(t *testing.T) {
	tests := map[string]struct{ name, head, tail string }{
		"short":        {"orders", "orders", ""},
		"just whole":   {strings.Repeat("a", wholeRunes), strings.Repeat("a", wholeRunes), ""},
		"pod":          {"payments/fraud-score-6d9f8c7b5d-x2x7k", "payments/fraud-score-6d9f8", "c7b5d-x2x7k"},
		"not ASCII":    {strings.Repeat("ä", 40), strings.Repeat("ä", 40), ""},
		"control code": {strings.Repeat("a", 40) + "\n", strings.Repeat("a", 40) + "\n", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			head, tail := splitName(tt.name)
			if head+tail != tt.name {
				t.Errorf("%q + %q is not the name", head, tail)
			}
			if tt.tail == "" && tail != "" || tt.tail != "" && !strings.HasSuffix(tail, tt.tail) {
				t.Errorf("splitName(%q) = %q, %q", tt.name, head, tail)
			}
		})
	}
}

func TestALongNameHasAllOfItInTheTitleAndInTheText(t *testing.T) {
	long := "payments/fraud-score-6d9f8c7b5d-x2x7k"
	name := uitest.Document(t, Name(long)).Find(".name")
	if title := name.AttrOr("title", ""); title != long {
		t.Errorf("title %q, want %q", title, long)
	}
	if text := name.Text(); text != long {
		t.Errorf("a selection copies %q, want %q", text, long)
	}
}

func TestNamesAreEscaped(t *testing.T) {
	for _, hostile := range []string{`<img src=x onerror=alert(1)>`, `"><script>alert(1)</script>`, strings.Repeat(`<b>"'`, 50)} {
		components := map[string]templ.Component{
			"name": Name(hostile), "link": NameLink("/x", hostile), "object": Object(hostile, "/x", hostile),
			"tag": Tag(hostile, ToneBad), "code": Code(hostile, "/checks"), "command": Command(hostile),
			"chat": CopyText(hostile, hostile, "y"), "unknown": Unknown(hostile),
			"forbidden": Forbidden(hostile, hostile, hostile), "down": Down(hostile, hostile, noon),
			"evidence":  EvidenceList([]Evidence{{Source: hostile, Kind: hostile, Object: hostile, ObjectURL: "/x", Field: hostile, Text: hostile}}),
			"condition": Conditions([]Condition{{Condition: mesh.Condition{Type: hostile, Status: "True", Reason: hostile, Message: hostile}, Note: hostile}}),
			"table":     List(Table{ID: ID(hostile), Caption: hostile, Noun: hostile, Filter: &Filter{Action: "/", Clear: "/", Value: hostile, Unknown: []string{hostile}}}),
		}
		for name, c := range components {
			doc := uitest.Document(t, c)
			if n := doc.Find("img, script, b.x").Length(); n > 0 {
				t.Errorf("%s lets markup through: %s", name, uitest.Render(t, c))
			}
			uitest.Check(t, doc)
		}
	}
}

func TestHostileLinksAreDefused(t *testing.T) {
	list := []Evidence{{Kind: "Pod", Object: "x", ObjectURL: "javascript:alert(1)"}}
	if href := uitest.Document(t, EvidenceList(list)).Find("a").AttrOr("href", ""); strings.HasPrefix(href, "javascript:") {
		t.Errorf("href %q", href)
	}
}

func TestEveryAnswerLooksDifferent(t *testing.T) {
	seen := make(map[string]string)
	note := func(t *testing.T, what string, c templ.Component) {
		t.Helper()
		mark := uitest.Document(t, c).Find("svg")
		shape, err := mark.Html()
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[shape]; ok {
			t.Errorf("%s and %s have the same shape", what, other)
		}
		seen[shape] = what
	}
	t.Run("facts", func(t *testing.T) {
		clear(seen)
		for _, f := range []mesh.Fact{mesh.FactYes, mesh.FactNo, mesh.FactPending, mesh.FactUnknown} {
			note(t, string(f), Fact(f))
		}
		note(t, "a bad no", FactBad(mesh.FactNo))
	})
	t.Run("severities", func(t *testing.T) {
		clear(seen)
		for _, s := range []analysis.Severity{analysis.Critical, analysis.Error, analysis.Warning, analysis.Info, "odd"} {
			note(t, string(s), Severity(s))
		}
	})
	t.Run("verdicts", func(t *testing.T) {
		clear(seen)
		for _, v := range []path.Verdict{path.Reachable, path.Unreachable, path.Ambiguous, path.Undetermined} {
			note(t, string(v), Verdict(v))
		}
	})
}

func TestAForgottenAnswerIsUnknown(t *testing.T) {
	if got := uitest.Text(uitest.Document(t, Fact("")).Selection); got != "unknown" {
		t.Errorf("a fact nobody set prints %q", got)
	}
	if got := uitest.Text(uitest.Document(t, Verdict("")).Selection); got != "undetermined" {
		t.Errorf("a verdict nobody set prints %q", got)
	}
}

func TestDuration(t *testing.T) {
	tests := map[time.Duration]string{
		-time.Minute: "0 s", 0: "0 s", 900 * time.Millisecond: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min",
		59*time.Minute + 59*time.Second: "59 min", time.Hour: "1 h", 47 * time.Hour: "47 h", 48 * time.Hour: "2 d", 400 * 24 * time.Hour: "400 d",
	}
	for d, want := range tests {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%s) = %q, want %q", d, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	printed := func(ctx context.Context, at time.Time) string {
		var b strings.Builder
		if err := Ago(at).Render(ctx, &b); err != nil {
			t.Fatal(err)
		}
		return uitest.Text(uitest.Parse(t, b.String()).Selection)
	}
	page := WithClock(t.Context(), Clock{Now: noon})
	fragment := WithClock(t.Context(), Clock{Now: noon, Ticking: true})
	tests := map[string]struct {
		ctx  context.Context
		at   time.Time
		want string
	}{
		"a page counts from its clock":          {page, noon.Add(-4 * time.Second), "4 s ago"},
		"the future":                            {page, noon.Add(2 * time.Hour), "in 2 h"},
		"a fragment leaves that to the browser": {fragment, noon.Add(-4 * time.Second), "11:59:56 UTC"},
		"without a clock":                       {t.Context(), noon, "12:00:00 UTC"},
		"never":                                 {page, time.Time{}, "unknown"},
		"another zone":                          {t.Context(), noon.In(time.FixedZone("CET", 3600)), "12:00:00 UTC"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := printed(tt.ctx, tt.at); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	title := uitest.Document(t, Ago(noon)).Find("time").AttrOr("title", "")
	if title != "2026-11-23 12:00:00 UTC" {
		t.Errorf("the title is %q, want the absolute time", title)
	}
}

func TestIDIsInjectiveAndPlain(t *testing.T) {
	inputs := [][]string{{"a", "b"}, {"a.b"}, {"a", "", "b"}, {"a_b"}, {"A", "b"}, {`<img src=x>`}, {"_2e_"}, {"."}, {"ä"}, {"a b"}, {"a/b"}}
	seen := make(map[string]int)
	for i, in := range inputs {
		id := ID(in...)
		if j, ok := seen[id]; ok {
			t.Errorf("%q and %q share the id %q", in, inputs[j], id)
		}
		seen[id] = i
		if strings.ContainsAny(id, " <>\"'/#") {
			t.Errorf("ID(%q) = %q is no plain id", in, id)
		}
	}
}

func TestListSaysHowManyOfAll(t *testing.T) {
	tests := []struct {
		shown, total int
		want         string
	}{{3, 3, "3 services"}, {1, 1, "1 service"}, {2, 240, "2 of 240 services"}, {0, 0, "0 services"}, {0, 5, "0 of 5 services"}}
	for _, tt := range tests {
		doc := uitest.Document(t, List(Table{ID: "x", Noun: "services", Shown: tt.shown, Total: tt.total}))
		if got := uitest.Text(doc.Find(".list-count")); got != tt.want {
			t.Errorf("%d of %d prints %q, want %q", tt.shown, tt.total, got, tt.want)
		}
		if got := doc.Find("table").Length() == 1; got != (tt.shown > 0) {
			t.Errorf("%d of %d: table is there: %t", tt.shown, tt.total, got)
		}
	}
}

func TestSortedColumnsSaySo(t *testing.T) {
	columns := []Column{{Label: "Name", SortURL: "/x?sort=-name", Sorted: SortAscending}, {Label: "Node", SortURL: "/x?sort=node"}, {Label: "Why"}}
	doc := uitest.Document(t, List(Table{ID: "x", Noun: "rows", Shown: 1, Total: 1, Columns: columns}))
	var got []string
	for _, th := range doc.Find("th").EachIter() {
		got = append(got, uitest.Text(th)+" "+th.AttrOr("aria-sort", "-")+" "+th.Find("a").AttrOr("href", "-"))
	}
	want := []string{"Name ascending /x?sort=-name", "Node - /x?sort=node", "Why - -"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheFilterKeepsTheRestOfTheAddress(t *testing.T) {
	f := &Filter{Action: "/services", Value: "ns:shop", Keep: []Param{{"sort", "-name"}}, Keys: []string{"ns", "node"}, Unknown: []string{"nod"}, Clear: "/services?sort=-name"}
	doc := uitest.Document(t, FilterBox(f))
	form := doc.Find("form")
	if got := form.AttrOr("method", "") + " " + form.AttrOr("action", ""); got != "get /services" {
		t.Errorf("the form is %q", got)
	}
	if got := doc.Find(`input[name=sort]`).AttrOr("value", ""); got != "-name" {
		t.Errorf("the order is lost: %q", got)
	}
	if got := uitest.Text(doc.Find(".filter-unknown")); !strings.Contains(got, "nod") || !strings.Contains(got, "node:") {
		t.Errorf("the unknown key is not explained: %q", got)
	}
}
