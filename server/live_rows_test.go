package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/server/browsertest"
)

// pointAt moves the mouse onto the first element a selector finds.
func pointAt(t *testing.T, tab *browsertest.Tab, selector string) {
	t.Helper()
	at := browsertest.Eval[[]float64](t, tab, `(() => { const r = document.querySelector("`+selector+`").getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`)
	tab.Do(t, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
}

// press types as a keyboard does. chromedp's own KeyEvent sends the character in
// an event of its own, which a page cannot prevent.
func press(t *testing.T, tab *browsertest.Tab, keys string) {
	t.Helper()
	for key := range strings.SplitSeq(keys, "") {
		tab.Do(t, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Text: key}
			if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, down); err != nil {
				return err
			}
			_, err := cdp.Call(ctx, target, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: key})
			return err
		}))
	}
}

const (
	rowNames = `[...document.querySelectorAll("[data-rows] th")].map(e => e.innerText.trim()).join()`
	waiting  = `(b => b && !b.hidden ? b.textContent : "")(document.querySelector("[data-waiting]"))`
)

func TestNewRowsWaitWhileSomebodyPointsAtTheList(t *testing.T) {
	s := startLive(t, shop("waypoint"))
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	tab.Do(t, chromedp.Navigate(s.url+"/services?ns=shop"))
	s.waitForStreams(t, 1)
	before := browsertest.Eval[string](t, tab, rowNames)
	pointAt(t, tab, "[data-rows] tr")

	arrived := meshtest.Service("shop", "arrived", meshtest.Port(80, "http"))
	s.publish(shop("waypoint"), arrived)
	tab.WaitFor(t, "a row waits", waiting+` === "1 new"`)
	if got := browsertest.Eval[string](t, tab, rowNames); got != before {
		t.Errorf("under the pointer the rows became %s, they were %s", got, before)
	}
	tab.Do(t, chromedp.Click("[data-waiting]"))
	tab.WaitFor(t, "the row came when asked for", rowNames+`.includes("arrived") && `+waiting+` === ""`)

	pointAt(t, tab, "[data-rows] tr")
	s.publish(shop("waypoint"), arrived, meshtest.Service("shop", "later", meshtest.Port(80, "http")))
	tab.WaitFor(t, "the next row waits", waiting+` === "1 new"`)
	pointAt(t, tab, ".brand")
	tab.WaitFor(t, "the row came when the pointer left", rowNames+`.includes("later")`)
	if got := tab.Complaints(); len(got) > 0 {
		t.Errorf("the browser complains:\n%s", strings.Join(got, "\n"))
	}
}

func TestAListFiltersWhileItsFilterIsTyped(t *testing.T) {
	s := startLive(t, shop("waypoint"), meshtest.Service("shop", "catalog", meshtest.Port(80, "http")))
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	tab.Do(t, chromedp.Navigate(s.url+"/services?ns=shop"))
	s.waitForStreams(t, 1)
	press(t, tab, "fcatal")
	tab.WaitFor(t, "one row is left", rowNames+` === "catalog"`)
	for what, expression := range map[string]string{
		"the address says so":               `location.search === "?ns=shop&q=catal"`,
		"the field has focus and text":      `document.activeElement.name === "q" && document.activeElement.value === "catal"`,
		"the count says of how many":        `document.querySelector(".list-count").innerText.startsWith("1 of ")`,
		"the filter was not taken for keys": `!document.getElementById("help").matches(":popover-open")`,
	} {
		if !browsertest.Eval[bool](t, tab, expression) {
			t.Errorf("not so: %s", what)
		}
	}
}

// TestAFilterHoldsThoughASnapshotComesBeforeItsAnswer has the load for a newer
// snapshot replace the one that a filter waits for.
func TestAFilterHoldsThoughASnapshotComesBeforeItsAnswer(t *testing.T) {
	s := &liveServer{Server: New(Config{Version: "test"})}
	mesh := meshtest.Parts(shop("waypoint"), meshtest.Service("shop", "catalog", meshtest.Port(80, "http")))
	s.publish(mesh)
	handler, asked := s.Handler(), make(chan struct{})
	var first sync.Once
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("q") {
			first.Do(func() {
				close(asked)
				<-r.Context().Done()
			})
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		s.Close()
		web.Close()
	})
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	tab.Do(t, chromedp.Navigate(web.URL+"/services?ns=shop"))
	s.waitForStreams(t, 1)
	pointAt(t, tab, "[data-rows] tr")
	browsertest.Eval[bool](t, tab, `(() => { const f = document.querySelector("form[data-filter] input[name=q]"); f.value = "catal"; return f.dispatchEvent(new Event("input", {bubbles: true})) })()`)
	<-asked
	s.publish(mesh, meshtest.Service("shop", "arrived", meshtest.Port(80, "http")))
	tab.WaitFor(t, "one row is left, under the pointer", rowNames+` === "catalog"`)
}

func TestKeys(t *testing.T) {
	s := startLive(t, shop("waypiont"))
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	tab.Do(t, chromedp.Navigate(s.url+"/"))
	s.waitForStreams(t, 1)
	// Keys that belong together are pressed soon after each other, which a slow machine cannot do.
	browsertest.Eval[bool](t, tab, `(() => { performance.now = () => 0; return true })()`)
	for _, step := range []struct{ keys, what, expression string }{
		{"?", "help is open", `document.getElementById("help").matches(":popover-open")`},
		{"?", "help is closed", `!document.getElementById("help").matches(":popover-open")`},
		{"j", "the first row has the focus", `document.activeElement.closest("[data-row]") !== null`},
		{".", "live updates pause", `document.querySelector("[data-fresh-text]").textContent.startsWith("paused")`},
		{".", "and go on", `document.querySelector("[data-fresh-text]").textContent.startsWith("live") || document.querySelector("[data-fresh-text]").textContent.startsWith("stale")`},
		{"gs", "the services are open and listen", `location.pathname === "/services" && document.readyState === "complete" && !document.querySelector("[data-fresh-text]").textContent.startsWith("paused") && "stream" in document.documentElement.dataset`},
		{"/orders.", "what is typed is text", `document.activeElement.id === "search" && document.activeElement.value === "orders."`},
	} {
		press(t, tab, step.keys)
		tab.WaitFor(t, step.what, step.expression)
	}
}

func TestALostStreamIsSaid(t *testing.T) {
	s := &liveServer{Server: New(Config{Version: "test"})}
	s.publish(shop("waypoint"))
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	tab.Do(t, chromedp.Navigate(web.URL+"/"))
	s.waitForStreams(t, 1)
	s.Close()
	web.CloseClientConnections()
	tab.WaitFor(t, "the page says that it is old", `document.documentElement.dataset.stream === "lost" && document.querySelector("[data-fresh-text]").textContent.startsWith("reconnecting")`)
}
