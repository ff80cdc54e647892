// Package browsertest drives a real Chromium for tests: what only a browser can
// prove is that a page lays out, obeys its content security policy, and changes
// by itself.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// startLimit is how long Chromium may take to start on a busy machine, stepLimit
// how long one step in it may take. They tell what is slow from what hangs, and
// say nothing of speed.
const (
	startLimit = 3 * time.Minute
	stepLimit  = 3 * time.Minute
	// saysLimit is for a page that failed, and may not answer any more.
	saysLimit = 20 * time.Second
)

// programs are the names Chromium goes by.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"}

// Browser is a running Chromium.
type Browser struct{ ctx context.Context }

// Start runs Chromium until the test ends. Where none is installed the test is
// skipped in plain words, but with CI=true it fails: a test that was not run
// proves nothing.
func Start(t *testing.T) *Browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(installed(t)),
		chromedp.WSURLReadTimeout(startLimit),
		// Tests run as root in containers, where the sandbox does not start.
		// The only pages are our own.
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true),
	)
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(closeBrowser)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return &Browser{ctx: ctx}
}

func installed(t *testing.T) string {
	t.Helper()
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no Chromium is installed, and CI must not leave browser tests out")
	}
	t.Skip("not run: no Chromium is installed")
	return ""
}

// Look is how a tab shows pages.
type Look struct {
	Width int64 // CSS pixels
	Dark  bool
}

// String names the look in test names.
func (l Look) String() string {
	if l.Dark {
		return fmt.Sprintf("%dpx dark", l.Width)
	}
	return fmt.Sprintf("%dpx light", l.Width)
}

// tabHeight is tall enough for a page's first screen.
const tabHeight = 900

// Tab is one open page. What it complained of since the last Complaints is kept.
type Tab struct {
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

// Open makes a new tab with a look.
func (b *Browser) Open(t *testing.T, look Look) *Tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(b.ctx)
	t.Cleanup(closeTab)
	tab := &Tab{ctx: ctx}
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(look.Width, tabHeight)); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatalf("choose colours: %v", err)
	}
	if err := chromedp.Listen(ctx, tab.listen); err != nil {
		t.Fatalf("listen to the console: %v", err)
	}
	return tab
}

// Do runs steps, each within a limit.
func (tab *Tab) Do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, stepLimit)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatalf("%v\n%s", err, tab.says())
	}
}

// Eval returns the value of a JavaScript expression in the page.
func Eval[T any](t *testing.T, tab *Tab, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, stepLimit)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v\n%s", expression, err, tab.says())
	}
	return v
}

// WaitFor waits until a JavaScript expression is true in the page. An expression
// that fails is not true yet: while one page gives way to the next there is
// nothing to ask, and not all of it is there at first.
func (tab *Tab) WaitFor(t *testing.T, what, expression string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, stepLimit)
	defer cancel()
	answer := "no answer"
	for {
		yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		switch {
		case err == nil && yes:
			return
		case ctx.Err() != nil:
			t.Fatalf("the page never came to this: %s (%s): %s\n%s", what, expression, answer, tab.says())
		case err != nil:
			answer = err.Error()
		default:
			answer = "false"
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// says is the address of the page and the beginning of its text, for whoever
// reads what failed.
func (tab *Tab) says() string {
	ctx, cancel := context.WithTimeout(tab.ctx, saysLimit)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 2000)`))
	if err != nil {
		return fmt.Sprintf("the page does not answer: %v", err)
	}
	return text
}

// Hide makes the page believe that its tab is hidden, or shown again, as a
// browser does when another tab comes to the front. Headless Chromium has no
// front: it keeps all tabs visible.
func (tab *Tab) Hide(t *testing.T, hidden bool) {
	t.Helper()
	state := "visible"
	if hidden {
		state = "hidden"
	}
	Eval[bool](t, tab, fmt.Sprintf(`(() => {
		Object.defineProperty(document, "hidden", {value: %t, configurable: true});
		Object.defineProperty(document, "visibilityState", {value: %q, configurable: true});
		return document.dispatchEvent(new Event("visibilitychange")) })()`, hidden, state))
}

// WithoutScripts switches JavaScript off for the pages of the tab.
func (tab *Tab) WithoutScripts(t *testing.T) {
	t.Helper()
	off := emulation.SetScriptExecutionDisabledParams{Value: true}
	if _, err := chromedp.Call(tab.ctx, emulation.SetScriptExecutionDisabled, off); err != nil {
		t.Fatalf("switch scripts off: %v", err)
	}
}
