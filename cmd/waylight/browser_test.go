package main

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/server/browsertest"
)

// looks are the sizes and colours every page is opened in.
var looks = []browsertest.Look{{Width: 1400}, {Width: 1400, Dark: true}, {Width: 360}, {Width: 360, Dark: true}}

// TestEveryPageOfTheDemoInABrowser follows every link of the demo in a real
// Chromium: each page must load, have a heading, fit the screen, and give the
// browser nothing to complain of, violations of the content security policy
// included.
//
//nolint:tparallel // startDemo sets the environment, which no parallel test may.
func TestEveryPageOfTheDemoInABrowser(t *testing.T) {
	start := startDemo(t)
	browser := browsertest.Start(t)
	for _, look := range looks {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel() // in tabs of one browser: a tab waits most of its time
			tab := browser.Open(t, look)
			pages := crawl(t, tab, start)
			t.Logf("%d pages", pages)
			if pages < 40 {
				t.Errorf("only %d pages were found: links are missing", pages)
			}
		})
	}
}

// TestPagesWithoutJavaScript reads the demo as a browser without scripts does.
func TestPagesWithoutJavaScript(t *testing.T) {
	start := startDemo(t)
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1000})
	tab.WithoutScripts(t)
	for path, want := range map[string]string{
		"/":                     "guide-as-written",
		"/services/shop/orders": "waypoint",
		"/search?q=orders":      "orders",
		"/services?q=ns:shop":   "catalog",
	} {
		tab.Do(t, chromedp.Navigate(start+path))
		if text := browsertest.Eval[string](t, tab, `document.body.innerText`); !strings.Contains(text, want) {
			t.Errorf("%s does not show %q without scripts", path, want)
		}
	}
}

// startDemo runs the command as somebody without a kubeconfig does and returns
// the address it prints, once the recordings are there.
func startDemo(t *testing.T) string {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBECONFIG", "")
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	out, in := io.Pipe()
	var running sync.WaitGroup
	running.Go(func() {
		noEnv := func(string) (string, bool) { return "", false }
		if code := run(ctx, []string{"--listen", "127.0.0.1:0"}, noEnv, in, io.Discard); code != 0 {
			t.Errorf("waylight ended with %d", code)
		}
		in.Close()
	})
	t.Cleanup(func() { stop(); running.Wait() })
	said := make([]byte, 512)
	n, err := out.Read(said)
	if err != nil {
		t.Fatalf("waylight said nothing: %v", err)
	}
	address := regexp.MustCompile(`http://[^\s]+`).FindString(string(said[:n]))
	waitReady(t, address)
	return address
}

// waitReady waits until a server has something to show.
func waitReady(t *testing.T, address string) {
	t.Helper()
	for {
		answer, err := http.Get(address + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return
		}
		if !collectors.Sleep(t.Context(), 20*time.Millisecond) {
			t.Fatal("it is never ready")
		}
	}
}

// crawl opens every page that links lead to, each path once, and returns how
// many there are.
func crawl(t *testing.T, tab *browsertest.Tab, start string) int {
	t.Helper()
	seen, queue := map[string]bool{}, []string{start + "/"}
	for len(queue) > 0 {
		page := queue[0]
		queue = queue[1:]
		tab.Do(t, chromedp.Navigate(page))
		inspect(t, tab, page)
		for _, link := range browsertest.Eval[[]string](t, tab, `[...new Set([...document.querySelectorAll("a[href]")].map(a => String(a.href.baseVal ?? a.href)))]`) {
			if key := pageKey(start, link); key != "" && !seen[key] {
				seen[key] = true
				queue = append(queue, link)
			}
		}
	}
	return len(seen)
}

// pageKey is what makes two links lead to the same page: order and filters are
// left out. It is empty for links that lead elsewhere.
func pageKey(start, link string) string {
	u, err := url.Parse(link)
	elsewhere := err != nil || !strings.HasPrefix(link, start)
	if elsewhere || strings.HasPrefix(u.Path, "/api/") || strings.HasPrefix(u.Path, "/static/") || u.Query().Has("demo") {
		return ""
	}
	keep := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(u.Query())) {
		if name == "port" || name == "kind" || name == "tab" {
			keep[name] = u.Query()[name]
		}
	}
	return u.Path + "?" + keep.Encode()
}

// inspect judges the page that is open.
func inspect(t *testing.T, tab *browsertest.Tab, page string) {
	t.Helper()
	if got := tab.Complaints(); len(got) > 0 {
		t.Errorf("%s: the browser complains:\n%s", page, strings.Join(got, "\n"))
	}
	if n := browsertest.Eval[int](t, tab, `document.querySelectorAll("main h1").length`); n != 1 {
		t.Errorf("%s has %d main headings", page, n)
	}
	if wide := browsertest.Eval[[]string](t, tab, overflowing); len(wide) > 0 {
		t.Errorf("%s scrolls sideways because of %s", page, strings.Join(wide, ", "))
	}
	if title := browsertest.Eval[string](t, tab, `document.title`); !strings.HasSuffix(title, "Waylight") {
		t.Errorf("%s is called %q", page, title)
	}
}

// overflowing names the first elements that are wider than the screen, if the
// page as a whole scrolls sideways. What scrolls within a frame of its own is
// not among them.
const overflowing = `(() => {
	const limit = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= limit) return [];
	const framed = e => e !== document.body && (getComputedStyle(e).overflowX !== "visible" || framed(e.parentElement));
	return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > limit + 1 && !framed(e.parentElement))
		.slice(0, 5).map(e => e.tagName + "." + e.getAttribute("class"));
})()`
