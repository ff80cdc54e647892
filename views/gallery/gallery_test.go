package gallery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/waylight/waylight/views"
	"github.com/waylight/waylight/views/gallery"
	"github.com/waylight/waylight/views/uitest"
)

func TestEveryStateOfEveryPageKeepsTheRules(t *testing.T) {
	for _, e := range gallery.Entries() {
		t.Run(e.Name, func(t *testing.T) {
			frame, content := e.Page()
			text := uitest.Wrapped(t, views.Layout(frame), content)
			doc := uitest.Parse(t, text)
			uitest.Check(t, doc)
			if n := doc.Find("h1").Length(); n != 1 {
				t.Errorf("%d headings of the first level, want 1", n)
			}
			doc.Find("table.cards tbody tr").Each(func(i int, row *goquery.Selection) {
				row.Find("td:not([data-label])").Each(func(_ int, cell *goquery.Selection) {
					t.Errorf("row %d has a cell without data-label: %s", i, uitest.Text(cell))
				})
			})
		})
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := make(map[string]bool)
	for _, e := range gallery.Entries() {
		if seen[e.Name] {
			t.Errorf("two entries are called %q", e.Name)
		}
		seen[e.Name] = true
		if page, state, ok := strings.Cut(e.Name, "/"); !ok || page == "" || state == "" {
			t.Errorf("%q is not page/state", e.Name)
		}
		if found, ok := gallery.Find(e.Name); !ok || found.Name != e.Name {
			t.Errorf("Find(%q) finds %q, %t", e.Name, found.Name, ok)
		}
	}
	if _, ok := gallery.Find("no/such"); ok {
		t.Error("Find finds an entry that is not there")
	}
}

func TestAFragmentDoesNotDependOnTheClock(t *testing.T) {
	for _, e := range gallery.Entries() {
		t.Run(e.Name, func(t *testing.T) {
			frame, content := e.Page()
			before := uitest.Wrapped(t, views.Fragment(frame), content)
			frame.Now = frame.Now.Add(90 * time.Second)
			if !frame.AsOf.IsZero() { // what was never read does not become read by waiting
				frame.AsOf = frame.AsOf.Add(90 * time.Second)
			}
			if !frame.Live() {
				return // a recording has no fragments to compare: nothing in it moves
			}
			if after := uitest.Wrapped(t, views.Fragment(frame), content); before != after {
				t.Errorf("the fragment changed with the time alone:\n%s", firstDifference(before, after))
			}
		})
	}
}

func TestTheIndexLeadsToEveryEntry(t *testing.T) {
	frame, content := gallery.Index()
	doc := uitest.Parse(t, uitest.Wrapped(t, views.Layout(frame), content))
	uitest.Check(t, doc)
	if got, want := doc.Find("main .rows a").Length(), len(gallery.Entries()); got != want {
		t.Errorf("the index has %d links, want %d", got, want)
	}
}

func firstDifference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from := max(0, i-80)
	return a[from:min(len(a), i+80)] + "\n…\n" + b[from:min(len(b), i+80)]
}

func TestAFragmentDoesNotDependOnTheMomentOfTheSnapshot(t *testing.T) {
	for _, e := range gallery.Entries() {
		if !strings.HasPrefix(e.Name, "triage/") {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			frame, content := e.Page()
			text, _, _ := strings.Cut(uitest.Wrapped(t, views.Fragment(frame), content), "<hx-partial")
			if at := frame.Now.UTC().Format("15:04:05"); frame.Live() && strings.Contains(text, at) {
				t.Errorf("the fragment has the snapshot's time %s in it, so it would change with every snapshot", at)
			}
		})
	}
}
