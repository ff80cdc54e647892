package server

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/server/browsertest"
)

// liveServer serves a mesh that the test changes.
type liveServer struct {
	*Server
	url      string
	revision uint64
}

func startLive(t *testing.T, parts ...meshtest.Part) *liveServer {
	t.Helper()
	s := &liveServer{Server: New(Config{Version: "test"})}
	s.publish(parts...)
	web := httptest.NewServer(s.Handler())
	s.url = web.URL
	t.Cleanup(func() {
		s.Close()
		web.Close()
	})
	return s
}

// publish shows a mesh from now on.
func (s *liveServer) publish(parts ...meshtest.Part) {
	s.revision++
	snap := meshtest.Mesh(append(parts, meshtest.Revision(s.revision))...)
	s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
}

// hangs is how long a test waits for what comes at once where it comes at all.
const hangs = 3 * time.Minute

// waitForStreams waits until as many event streams are open.
func (s *liveServer) waitForStreams(t *testing.T, want int64) {
	t.Helper()
	deadline := time.Now().Add(hangs)
	for s.streams.Load() != want {
		if time.Now().After(deadline) {
			t.Fatalf("%d event streams are open, want %d", s.streams.Load(), want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// shop is a healthy mesh whose namespace names a waypoint.
func shop(waypoint string) meshtest.Part {
	return meshtest.Parts(
		meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint(waypoint)),
		meshtest.Waypoint("shop", "waypoint", meshtest.Replicas(2)),
		meshtest.Deployment("shop", "orders", meshtest.Replicas(2)),
		meshtest.Service("shop", "orders", meshtest.Port(80, "http")),
	)
}

func TestOpenPageShowsANewFindingByItself(t *testing.T) {
	s := startLive(t, shop("waypoint"))
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	tab.Do(t, chromedp.Navigate(s.url+"/"))
	s.waitForStreams(t, 1)
	browsertest.Eval[bool](t, tab, `window.untouched = true`)

	s.publish(shop("waypiont"))
	tab.WaitFor(t, "the finding is on the page", `document.body.innerText.includes("WAYPOINT_NOT_FOUND")`)
	s.publish(shop("waypoint"))
	tab.WaitFor(t, "the finding is gone again", `!document.body.innerText.includes("WAYPOINT_NOT_FOUND")`)

	if !browsertest.Eval[bool](t, tab, `window.untouched === true`) {
		t.Error("the page was loaded anew")
	}
	if got := tab.Complaints(); len(got) > 0 {
		t.Errorf("the browser complains:\n%s", strings.Join(got, "\n"))
	}
}

func TestUpdateKeepsFocusScrollAndOpenDetails(t *testing.T) {
	s := startLive(t, shop("waypiont"))
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	tab.Do(t, chromedp.Navigate(s.url+"/"))
	s.waitForStreams(t, 1)
	browsertest.Eval[bool](t, tab, `(() => {
		document.querySelectorAll("main details").forEach(d => d.open = true);
		document.body.style.setProperty("min-height", "4000px");
		window.scrollTo(0, 300);
		const s = document.querySelector("main summary"); s.focus({preventScroll: true}); window.focused = s; window.at = s.getBoundingClientRect().top;
		return true })()`)
	s.publish(shop("waypiont"), meshtest.Node("node-z"), meshtest.Namespace("other", meshtest.Ambient, meshtest.UseWaypoint("gone")))
	tab.WaitFor(t, "the update is there, and the second finding waits while somebody is in the list", waiting+` === "1 new"`)
	// Chromium anchors what was scrolled when it draws the next frame.
	tab.WaitFor(t, "the focused element is where it was on the screen", `Math.abs(window.focused.getBoundingClientRect().top - window.at) < 2`)
	for what, expression := range map[string]string{
		"the focused element has the focus": `document.activeElement === window.focused`,
		"what was opened is open":           `window.focused.parentElement.open`,
	} {
		if !browsertest.Eval[bool](t, tab, expression) {
			t.Errorf("not so after the update: %s", what)
		}
	}
}

// A browser opens six connections to a host, so six streams would leave none
// for a page: whoever keeps ten tabs open must still get the eleventh.
func TestHiddenTabsHoldNoStream(t *testing.T) {
	s := startLive(t, shop("waypoint"))
	browser := browsertest.Start(t)
	var tabs []*browsertest.Tab
	for range 10 {
		tab := browser.Open(t, browsertest.Look{Width: 1000})
		tab.Do(t, chromedp.Navigate(s.url+"/services"))
		s.waitForStreams(t, 1)
		tab.Hide(t, true)
		s.waitForStreams(t, 0)
		tabs = append(tabs, tab)
	}

	s.publish(shop("waypoint"), meshtest.Service("shop", "arrived-meanwhile", meshtest.Port(80, "http")))
	tabs[5].Hide(t, false)
	tabs[5].WaitFor(t, "a tab that is shown again catches up", `document.body.innerText.includes("arrived-meanwhile")`)
	s.waitForStreams(t, 1)
}
