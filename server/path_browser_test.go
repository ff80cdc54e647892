package server

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/server/browsertest"
)

func TestACallIsAskedAboutInABrowser(t *testing.T) {
	s := startLive(t, shop("waypoint"), meshtest.Deployment("shop", "web"))
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	tab.Do(t, chromedp.Navigate(s.url+"/path"))
	s.waitForStreams(t, 1)
	browsertest.Eval[bool](t, tab, `(() => { document.querySelector("[name=from]").value = "shop/deployment/web"; return true })()`)

	s.publish(shop("waypoint"), meshtest.Deployment("shop", "web"), meshtest.Service("shop", "arrived", meshtest.Port(80, "http")))
	tab.WaitFor(t, "the new service is suggested", `document.querySelector("#call-tos option[value='shop/arrived:80']") !== null`)
	if !browsertest.Eval[bool](t, tab, `document.querySelector("[name=from]").value === "shop/deployment/web"`) {
		t.Error("an update takes away what was typed")
	}

	browsertest.Eval[bool](t, tab, `(() => { document.querySelector("[name=to]").value = "shop/orders:80"; document.querySelector("form.call").requestSubmit(); return true })()`)
	tab.WaitFor(t, "the verdict is there", `document.querySelector(".verdict-good") !== null && document.querySelectorAll(".hops > li").length > 2`)
	if !browsertest.Eval[bool](t, tab, `new URLSearchParams(location.search).get("to") === "shop/orders:80"`) {
		t.Error("the call is not in the address")
	}
	if got := tab.Complaints(); len(got) > 0 {
		t.Errorf("the browser complains: %v", got)
	}
}
