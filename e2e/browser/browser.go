// Package browser drives a real Chromium, for what only a browser can prove: that an open page changes by itself.
package browser

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/wait"
)

// startLimit is how long Chromium may take to start; a busy machine needs more than chromedp's own limit.
const startLimit = time.Minute

// Tab is one open page.
type Tab struct{ ctx context.Context }

// Open starts Chromium with one tab on a page and closes it when the test ends.
func Open(t testing.TB, url string) *Tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(cluster.Installed(t, "chromium", "chromium-browser", "google-chrome")),
		chromedp.WSURLReadTimeout(startLimit),
		// Tests run as root in containers, where Chromium's sandbox does not start; the only pages are our own.
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		chromedp.WindowSize(1400, 1000),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatalf("open %s in Chromium: %v", url, err)
	}
	return &Tab{ctx: ctx}
}

// Shows answers nil when the page shows all texts at this moment. What is hidden does not count.
func (tab *Tab) Shows(t testing.TB, texts ...string) error {
	t.Helper()
	page := tab.text(t)
	for _, text := range texts {
		if !strings.Contains(page, text) {
			return fmt.Errorf("the page has no %q: %.600s", text, page)
		}
	}
	return nil
}

// Lacks answers nil when the page does not show a text at this moment.
func (tab *Tab) Lacks(t testing.TB, text string) error {
	t.Helper()
	if page := tab.text(t); strings.Contains(page, text) {
		return fmt.Errorf("the page has %q: %.600s", text, page)
	}
	return nil
}

// WaitShows waits until the page shows all texts.
func (tab *Tab) WaitShows(t testing.TB, limit time.Duration, texts ...string) {
	t.Helper()
	wait.For(t, limit, fmt.Sprintf("the open page shows %q", texts), func() error { return tab.Shows(t, texts...) })
}

// WaitLacks waits until the page does not show a text any more.
func (tab *Tab) WaitLacks(t testing.TB, limit time.Duration, text string) {
	t.Helper()
	wait.For(t, limit, fmt.Sprintf("%q goes from the open page", text), func() error { return tab.Lacks(t, text) })
}

// text is what is laid out on the page, with single spaces.
func (tab *Tab) text(t testing.TB) string {
	t.Helper()
	return strings.Join(strings.Fields(Eval[string](t, tab, "document.body.innerText")), " ")
}

// MarkLoad leaves a mark in the page that a reload would wipe out; Reloaded says whether it is gone.
func (tab *Tab) MarkLoad(t testing.TB) {
	t.Helper()
	Eval[bool](t, tab, "window.e2eMark = true")
}

// Reloaded says whether the page was loaded anew since MarkLoad.
func (tab *Tab) Reloaded(t testing.TB) bool {
	t.Helper()
	return !Eval[bool](t, tab, "window.e2eMark === true")
}

// Eval is the value of a JavaScript expression in the page; of a promise, what it comes to.
func Eval[T any](t testing.TB, tab *Tab, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, wait.Limit) // a hanging page must fail the test, not the whole run
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return value
}
