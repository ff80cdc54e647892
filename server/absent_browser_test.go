package server

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/server/browsertest"
)

// Somebody opens a bookmark right after a start, and does not reload.
func TestALinkOpenedWhileStartingBecomesThePage(t *testing.T) {
	browser := browsertest.Start(t)
	for _, tt := range []struct{ name, address, becomes string }{
		{"a workload", "/workloads/shop/orders-1", `document.querySelector("main h1").innerText.includes("orders-1")`},
		{"a service with its drawing", "/services/shop/orders", `document.querySelector("main svg.drawing, main .drawing") !== null && document.title.startsWith("shop/orders")`},
		{"a node", "/nodes/node-a", `document.querySelector("main h1").innerText.includes("node-a")`},
		{"a waypoint", "/waypoints/shop/waypoint", `document.querySelector("main h1").innerText.includes("waypoint")`},
		{"a call", "/path?from=shop/deployment/orders&to=shop/orders:80", `document.body.innerText.includes("The way of this call")`},
		{"logs of a service", "/logs?service=shop/orders", `document.querySelector("#logs").dataset.follow === "service=shop%2Forders"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := startReading(t)
			tab := browser.Open(t, browsertest.Look{Width: 1000})
			tab.Do(t, chromedp.Navigate(s.url+tt.address))
			tab.WaitFor(t, "it says that it is being read", `document.querySelector("main .state-starting") !== null`)
			if said := browsertest.Eval[string](t, tab, `document.querySelector("main").innerText`); strings.Contains(said, "There is no") {
				t.Errorf("the page claims an absence: %s", said)
			}
			s.waitForStreams(t, 1)
			browsertest.Eval[bool](t, tab, `window.untouched = true`)
			tab.Complaints() // a browser notes every answer of 503

			s.publish(meshtest.Source(mesh.KubernetesSource, mesh.SourceForbidden, "list pods in all namespaces, and every other kind"))
			tab.WaitFor(t, "it says what is missing instead", `document.querySelector("main .state-forbidden") !== null && document.querySelector("main .state-starting") === null`)
			tab.Complaints()
			s.publish(shop("waypoint"), meshtest.Node("node-a"))
			tab.WaitFor(t, "it is the page that was asked for", tt.becomes)
			tab.WaitFor(t, "nothing is left of the refusal", `document.querySelector("main .unread-answer") === null`)
			if !browsertest.Eval[bool](t, tab, `window.untouched === true`) {
				t.Error("the page was loaded anew")
			}
			if got := tab.Complaints(); len(got) > 0 {
				t.Errorf("the browser complains:\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

// startReading serves a mesh of which nothing was read yet.
func startReading(t *testing.T) *liveServer {
	t.Helper()
	s := &liveServer{Server: New(Config{Version: "test", Logs: func(string) Logs { return newFakeLogs() }})}
	web := httptest.NewServer(s.Handler())
	s.url = web.URL
	t.Cleanup(func() {
		s.Close()
		web.Close()
	})
	return s
}
