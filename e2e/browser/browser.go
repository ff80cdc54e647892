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

// Text answers what the page shows at this moment: the text of what is laid out, without what is hidden.
func (tab *Tab) Text(t testing.TB) string {
	t.Helper()
	return evaluate[string](t, tab, "document.body.innerText")
}

// WaitText waits until the page shows all texts and answers how long that took.
func (tab *Tab) WaitText(t testing.TB, limit time.Duration, texts ...string) time.Duration {
	t.Helper()
	return wait.For(t, limit, fmt.Sprintf("the page shows %q by itself", texts), func() error {
		page := tab.Text(t)
		for _, text := range texts {
			if !strings.Contains(page, text) {
				return fmt.Errorf("the page has no %q: %.600s", text, page)
			}
		}
		return nil
	})
}

// WaitNoText waits until the page no longer shows a text and answers how long that took.
func (tab *Tab) WaitNoText(t testing.TB, limit time.Duration, text string) time.Duration {
	t.Helper()
	return wait.For(t, limit, fmt.Sprintf("%q goes from the page by itself", text), func() error {
		if page := tab.Text(t); strings.Contains(page, text) {
			return fmt.Errorf("the page still has it: %.600s", page)
		}
		return nil
	})
}

// MarkLoad leaves a mark in the page that a reload would wipe out; Reloaded says whether it is gone.
func (tab *Tab) MarkLoad(t testing.TB) {
	t.Helper()
	evaluate[bool](t, tab, "window.e2eMark = true")
}

// Reloaded says whether the page was loaded anew since MarkLoad.
func (tab *Tab) Reloaded(t testing.TB) bool {
	t.Helper()
	return !evaluate[bool](t, tab, "window.e2eMark === true")
}

func evaluate[T any](t testing.TB, tab *Tab, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, wait.Limit) // a hanging page must fail the test, not the whole run
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return value
}
