package server

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/server/browsertest"
)

// TestChartsInABrowser draws, zooms by the mouse as a reader does, and goes back.
func TestChartsInABrowser(t *testing.T) {
	s := startCharts(t, drawnShop(), changedShop())
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1200})
	tab.Do(t, chromedp.Navigate(s.url+"/services/shop/orders/rates?range=15m"))
	tab.WaitFor(t, "three charts are drawn", `document.querySelectorAll("[data-picture] canvas").length === 3`)
	for what, expression := range map[string]string{
		"a change is marked, with a link to it":    `document.querySelectorAll(".picture-mark").length === 1 && document.getElementById(document.querySelector(".picture-mark").hash.slice(1)) !== null`,
		"the mark says what and who":               `document.querySelector(".picture-mark").title === "07:55 UTC Service shop/orders changed by argocd"`,
		"a screen reader is told the numbers":      `document.querySelector("#picture-errors").getAttribute("aria-label").includes("last 2/s, lowest 0/s, highest 2/s")`,
		"the pictures for no scripts are not seen": `getComputedStyle(document.querySelector(".spark").parentElement).display === "none"`,
		"the chart is not wider than its panel":    `document.documentElement.scrollWidth <= document.documentElement.clientWidth`,
		"all of it is shown":                       `document.querySelector("[data-zoom-reset]").hidden`,
	} {
		if !browsertest.Eval[bool](t, tab, expression) {
			t.Errorf("not so: %s", what)
		}
	}
	browsertest.Eval[bool](t, tab, `(() => {
		const over = document.querySelector("#picture-requests .u-over");
		over.scrollIntoView({block: "center"});
		const box = over.getBoundingClientRect();
		const mouse = (type, part, target = over) => target.dispatchEvent(new MouseEvent(type, {bubbles: true, clientX: box.left + part * box.width, clientY: box.top + box.height / 2, button: 0, detail: 1, movementX: 30}));
		mouse("mouseenter", 0.3); mouse("mousemove", 0.3); mouse("mousedown", 0.3); mouse("mousemove", 0.6); mouse("mouseup", 0.6, document);
		return true })()`)
	tab.WaitFor(t, "the zoom is offered to be undone", `!document.querySelector("[data-zoom-reset]").hidden`)
	browsertest.Eval[bool](t, tab, `(() => { document.querySelector("[data-zoom-reset]").click(); return true })()`)
	tab.WaitFor(t, "all is shown again", `document.querySelector("[data-zoom-reset]").hidden`)
	if got := tab.Complaints(); len(got) > 0 {
		t.Errorf("the browser complains: %v", got)
	}
}

// TestChartsStayWhenThePageChanges keeps what is drawn while snapshots come.
func TestChartsStayWhenThePageChanges(t *testing.T) {
	s := startCharts(t, drawnShop(), changedShop())
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 360, Dark: true})
	tab.Do(t, chromedp.Navigate(s.url+"/services/shop/orders/rates"))
	tab.WaitFor(t, "three charts are drawn", `document.querySelectorAll("[data-picture] canvas").length === 3`)
	s.waitForStreams(t, 1)
	browsertest.Eval[bool](t, tab, `(window.drawn = document.querySelector("#picture-requests canvas")) !== null`)
	s.publish(shop("waypiont"))
	tab.WaitFor(t, "the page has changed", `document.querySelector("main").innerText.includes("WAYPOINT_NOT_FOUND")`)
	if !browsertest.Eval[bool](t, tab, `window.drawn.isConnected`) {
		t.Error("the chart was drawn anew, or is gone")
	}
	if !browsertest.Eval[bool](t, tab, `document.documentElement.scrollWidth <= 360`) {
		t.Error("the page scrolls sideways on a phone")
	}
}

// TestChartsWithoutScripts waits for Prometheus where nothing can come later.
func TestChartsWithoutScripts(t *testing.T) {
	s := startCharts(t, drawnShop(), changedShop())
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1000})
	tab.WithoutScripts(t)
	tab.Do(t, chromedp.Navigate(s.url+"/services/shop/orders/rates"))
	tab.Do(t, chromedp.Navigate(browsertest.Eval[string](t, tab, `document.querySelector("#history a").href`)))
	tab.WaitFor(t, "the lines are there", `document.querySelectorAll(".spark polyline").length > 0`)
	if !browsertest.Eval[bool](t, tab, `document.querySelector(".spark").getBoundingClientRect().width > 50 && document.querySelector("[data-picture]").getBoundingClientRect().width === 0`) {
		t.Error("the small pictures are not seen")
	}
}
