package server

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/server/browsertest"
)

func TestFailingCallsAppearOnAnOpenPage(t *testing.T) {
	d := newDenialTown()
	web := httptest.NewServer(d.Handler())
	t.Cleanup(func() {
		d.Close()
		web.Close()
	})
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	tab.Do(t, chromedp.Navigate(web.URL+"/"))
	stream := <-d.logs.streams
	now := time.Now()
	stream.give(t, d.phases(mesh.LogFollowing, "")...)
	tab.WaitFor(t, "nothing failed so far", `document.querySelector("#denials").innerText.includes("No failures in the last 10 min in the logs of 4 proxies.")`)

	stream.give(t, d.denied("node-b", now))
	tab.WaitFor(t, "the refused call is there without a new snapshot", `document.querySelector(".denied-count")?.innerText === "1×"`)
	browsertest.Eval[bool](t, tab, `(() => { document.querySelector(".denied-call details").open = true; return true })()`)
	stream.give(t, d.denied("node-b", now.Add(5*time.Second)))
	tab.WaitFor(t, "the next is counted", `document.querySelector(".denied-count")?.innerText === "2×"`)
	if !browsertest.Eval[bool](t, tab, `document.querySelector(".denied-call details").open`) {
		t.Error("an update closes the line that somebody reads")
	}
	if line := browsertest.Eval[string](t, tab, `document.querySelector(".denied-line").innerText`); line != "<script>alert(1)</script>" {
		t.Errorf("the line is shown as %q", line)
	}
	if got := tab.Complaints(); len(got) > 0 {
		t.Errorf("the browser complains: %v", got)
	}
}
