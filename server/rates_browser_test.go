package server

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/server/browsertest"
)

// queried is a Prometheus whose queries can be copied.
type queried struct{ *fakeMetrics }

func (queried) Queries(host string) []MetricQuery {
	return []MetricQuery{
		{Name: "split", PromQL: `sum by (destination_version) (increase(istio_requests_total{destination_service="` + host + `"}[5m]))`, URL: "https://prometheus.example/graph"},
		{Name: "callers", PromQL: "sum by (source_workload) (requests)"},
	}
}

// cell is what stands in a column of a version's row of the split. On a phone a
// row out of sight is not laid out, and has a text but no innerText.
func cell(version, column string) string {
	return `(row => row ? row.querySelector('[data-label="` + column + `"]').textContent.trim() : "")([...document.querySelectorAll("main tr")].find(r => r.querySelector("th[scope=row]")?.textContent.trim() === "` +
		version + `" && r.querySelector('[data-label="Declared"]')))`
}

// is is an expression that compares another with a text.
func is(expression, text string) string { return expression + " === `" + text + "`" }

func startRates(t *testing.T) (*liveServer, *browsertest.Browser) {
	t.Helper()
	s := startCharts(t, queried{drawnShop()}, counted(), meshtest.Source("prometheus", "ok", "At http://prometheus.example."))
	return s, browsertest.Start(t)
}

func TestRatesInABrowser(t *testing.T) {
	s, browser := startRates(t)
	for _, look := range []browsertest.Look{{Width: 1600}, {Width: 360, Dark: true}} {
		t.Run(look.String(), func(t *testing.T) {
			tab := browser.Open(t, look)
			tab.Do(t, chromedp.Navigate(s.url+"/services/shop/orders/rates"))
			for what, expression := range map[string]string{
				"declared stands beside observed":      is(cell("v1", "Declared"), "90 %") + " && " + is(cell("v1", "Observed"), "62 %"),
				"with its interval":                    is(cell("v2", "95 % interval"), "33.7 % to 42.4 %"),
				"and its sample":                       is(cell("v2", "Requests"), "190") + ` && document.querySelector("main").textContent.includes("500 requests with a version")`,
				"what the waypoint answered is no one": `document.querySelector("main").textContent.includes("20 answered by the waypoint itself")`,
				"the page does not scroll sideways":    `document.documentElement.scrollWidth <= document.documentElement.clientWidth`,
			} {
				tab.WaitFor(t, what, expression)
			}
			if got := tab.Complaints(); len(got) > 0 {
				t.Errorf("the browser complains: %v", got)
			}
		})
	}
}

// TestNoTrafficIsNotUnknownInABrowser reads the same tab of a service that nobody calls, and of one whose proxies nobody reads.
func TestNoTrafficIsNotUnknownInABrowser(t *testing.T) {
	s, browser := startRates(t)
	tab := browser.Open(t, browsertest.Look{Width: 1000})
	const text = `document.querySelector("main").textContent`
	tab.Do(t, chromedp.Navigate(s.url+"/services/shop/web/rates"))
	tab.WaitFor(t, "nobody called", text+`.includes("no traffic")`)
	tab.WaitFor(t, "the page is whole", `document.readyState === "complete"`)
	if !browsertest.Eval[bool](t, tab, `!`+text+`.includes("Rates are not known") && ![...document.querySelectorAll("main .table-wrap")].some(e => /(^|[^0-9])0 %/.test(e.textContent))`) {
		t.Error("no traffic is taken for unknown, or for 0 %")
	}
	s.waitForStreams(t, 1)
	s.publish(meshtest.Namespace("shop"), meshtest.Service("shop", "web"))
	tab.WaitFor(t, "nothing is known", text+`.includes("Rates are not known") && !`+text+`.includes("no traffic")`)
}

func TestAQueryIsCopiedInABrowser(t *testing.T) {
	s, browser := startRates(t)
	tab := browser.Open(t, browsertest.Look{Width: 1000})
	tab.Do(t, chromedp.Navigate(s.url+"/services/shop/orders/rates"))
	const query = `[...document.querySelectorAll("main .query")].find(q => q.querySelector("b").textContent === "split")`
	tab.WaitFor(t, "the query is there, and the script that copies", query+` !== undefined && document.readyState === "complete"`)
	browsertest.Eval[bool](t, tab, `(() => { window.copied = ""; Object.defineProperty(navigator, "clipboard", {value: {writeText: async (text) => { window.copied = text }}}); return true })()`)
	browsertest.Eval[bool](t, tab, `(() => { `+query+`.querySelector("summary").click(); return true })()`)
	tab.WaitFor(t, "it is copied as it stands there", `window.copied !== "" && window.copied === `+query+`.querySelector("code").textContent && window.copied.includes('destination_service="orders.shop.svc.cluster.local"')`)
	tab.WaitFor(t, "and said to be, though not for the chat", `document.getElementById("toast").textContent === "Copied"`)
	tab.WaitFor(t, "it can be opened in Prometheus", query+`.querySelector("a").href === "https://prometheus.example/graph"`)
}

// TestRatesChangeUnderTheFocus lets new numbers come while a reader is at a button.
func TestRatesChangeUnderTheFocus(t *testing.T) {
	s, browser := startRates(t)
	tab := browser.Open(t, browsertest.Look{Width: 1000})
	tab.Do(t, chromedp.Navigate(s.url+"/services/shop/orders/rates"))
	tab.WaitFor(t, "the charts are drawn", `document.querySelectorAll("[data-picture] canvas").length === 3`)
	s.waitForStreams(t, 1)
	tab.WaitFor(t, "the page is whole", `document.readyState === "complete"`)
	browsertest.Eval[bool](t, tab, `(() => { window.at = [...document.querySelectorAll("main .query summary")].pop(); window.at.focus(); return document.activeElement === window.at })()`)
	s.publish(counted(), meshtest.Source("prometheus", "ok", "At http://prometheus.example."), meshtest.Counted(func(c *mesh.Traffic) {
		c.Requests = append(c.Requests, meshtest.Flow("shop", "orders", "orders-v1", "v1", "200", 500))
	}))
	tab.WaitFor(t, "the new share is there", is(cell("v1", "Observed"), "81 %")+" && "+is(cell("v1", "Requests"), "810"))
	if !browsertest.Eval[bool](t, tab, `window.at.isConnected && document.activeElement === window.at`) {
		t.Error("the focus is gone")
	}
	if got := tab.Complaints(); len(got) > 0 {
		t.Errorf("the browser complains: %v", got)
	}
}
