package server

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/server/browsertest"
)

// logsPage is the page of logs in a browser, with streams that a test feeds.
type logsPage struct {
	*browsertest.Tab
	logs *fakeLogs
	web  *httptest.Server
}

// recentLogs are logs whose past is known.
type recentLogs struct {
	*fakeLogs
	recent []mesh.LogEvent
}

func (r recentLogs) Recent(context.Context, []mesh.LogTarget, time.Time) []mesh.LogEvent {
	return r.recent
}

// openLogs serves a mesh, and opens the page of logs of a node's ztunnel.
func openLogs(t *testing.T, width int64, query string) (*logsPage, *fakeStream) {
	t.Helper()
	p := serveLogs(t, newFakeLogs(), nil)
	p.Tab = browsertest.Start(t).Open(t, browsertest.Look{Width: width})
	return p, p.visit(t, query)
}

func serveLogs(t *testing.T, logs *fakeLogs, recent []mesh.LogEvent, more ...meshtest.Part) *logsPage {
	t.Helper()
	s := New(Config{Version: "test", Logs: func(string) Logs { return recentLogs{logs, recent} }})
	snap := meshtest.Mesh(append(more, shop("waypoint"), meshtest.Node("node-a"))...)
	s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
	web := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		s.Close()
		web.Close()
	})
	return &logsPage{logs: logs, web: web}
}

func (p *logsPage) visit(t *testing.T, query string) *fakeStream {
	t.Helper()
	p.Do(t, chromedp.Navigate(p.web.URL+"/logs?source=ztunnel/node-a"+query))
	return p.stream(t)
}

// stream waits for the next stream that the page opens.
func (p *logsPage) stream(t *testing.T) *fakeStream {
	t.Helper()
	select {
	case st := <-p.logs.streams:
		return st
	case <-time.After(hangs):
		t.Fatal("the page opens no stream")
		return nil
	}
}

// told waits until the page told a stream something.
func told(t *testing.T, st *fakeStream, want string) {
	t.Helper()
	for {
		select {
		case got := <-st.calls:
			if got == want {
				return
			}
		case <-time.After(hangs):
			t.Fatalf("the stream was never told %q", want)
		}
	}
}

// key presses a key where the focus is.
func (p *logsPage) key(t *testing.T, name string) {
	t.Helper()
	browsertest.Eval[bool](t, p.Tab, fmt.Sprintf(`(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", {key: %q, bubbles: true, cancelable: true}))`, name))
}

// typed writes into a field of the form, as somebody who types.
func (p *logsPage) typed(t *testing.T, field, text string) {
	t.Helper()
	browsertest.Eval[bool](t, p.Tab, fmt.Sprintf(`(() => { const f = document.querySelector("#logs form").elements[%q]; f.value = %q; return f.dispatchEvent(new Event("input", {bubbles: true})) })()`, field, text))
}

// meanings are the texts of the rows in sight, from top to bottom.
const meanings = `[...document.querySelectorAll(".logs-sheet .logs-row:not([hidden])")].sort((a, b) => a.index - b.index).map((row) => row.querySelector(".logs-meaning").textContent)`

func (p *logsPage) waitForRows(t *testing.T, want ...string) {
	t.Helper()
	p.WaitFor(t, "the rows are "+strings.Join(want, ", "), fmt.Sprintf(`(%s).join("|") === %q`, meanings, strings.Join(want, "|")))
}

func (p *logsPage) waitForText(t *testing.T, selector, part string) {
	t.Helper()
	p.WaitFor(t, selector+" says "+part, fmt.Sprintf(`document.querySelector(%q)?.textContent.includes(%q) === true`, selector, part))
}

func (p *logsPage) contented(t *testing.T) {
	t.Helper()
	if got := p.Complaints(); len(got) > 0 {
		t.Errorf("the browser complains: %v", got)
	}
}

// logLines are lines of the ztunnel, a second from one to the next, that say
// their number and what is given.
func logLines(from, to int, say string) []mesh.LogEvent {
	target := ztunnelTarget()
	var out []mesh.LogEvent
	for n := from; n < to; n++ {
		out = append(out, lineAt(target, n, fmt.Sprintf("%s %d", say, n)))
	}
	return out
}

func TestLinesArePausedAndGoOn(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	st.give(t, logLines(0, 2, "line")...)
	p.waitForRows(t, "line 0", "line 1")

	p.key(t, " ")
	st.give(t, logLines(2, 5, "line")...)
	p.waitForText(t, "[data-logs-status]", "paused · 3 new")
	p.waitForRows(t, "line 0", "line 1")

	p.key(t, " ")
	p.waitForRows(t, "line 0", "line 1", "line 2", "line 3", "line 4")
	p.contented(t)
}

func TestALongPauseIsHeldByTheServerAndEndsInACountedGap(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	st.give(t, logLines(0, 1, "line")...)
	p.waitForRows(t, "line 0")
	p.key(t, " ")
	for n := 1; n < 22_001; n += 1_000 {
		st.give(t, logLines(n, n+1_000, "line")...)
	}
	told(t, st, "pause")
	p.waitForText(t, "[data-logs-status]", "and more new")

	p.key(t, " ")
	told(t, st, "resume")
	gap := mesh.LogGap{From: ztunnelTarget(), Oldest: time.Unix(30_000, 0), Newest: time.Unix(31_000, 0), Dropped: 700, Reason: mesh.GapPaused}
	st.give(t, mesh.LogEvent{Gap: &gap})
	p.waitForText(t, "[data-logs-count]", "22,001 lines · 700 missing")
	p.WaitFor(t, "the gap is the last row", meanings+`.at(-1).startsWith("700 lines are missing of istio-system/ztunnel-a/istio-proxy: more lines came while paused than are kept")`)
	p.contented(t)
}

func TestAGapIsLoaded(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	st.give(t, logLines(0, 2, "line")...)
	gap := mesh.LogGap{From: ztunnelTarget(), Oldest: time.Unix(1002, 0), Newest: time.Unix(1003, 0), Dropped: 2, Reason: mesh.GapSlow}
	st.give(t, mesh.LogEvent{Gap: &gap})
	st.give(t, logLines(4, 5, "line")...)
	p.WaitFor(t, "the gap has a button", `document.querySelector(".logs-load")?.textContent === "load"`)

	p.Do(t, chromedp.Click(".logs-load"))
	again := p.stream(t)
	if got := again.wish.Since; !got.Equal(time.Unix(1002, 0)) {
		t.Errorf("the range is read again from %s", got)
	}
	again.give(t, logLines(2, 5, "line")...)
	p.waitForRows(t, "line 0", "line 1", "line 2", "line 3", "line 4")
	p.waitForText(t, "[data-logs-count]", "5 lines")
	p.contented(t)
}

func TestALostStreamComesBackAfterTheLastLine(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	st.give(t, logLines(0, 3, "line")...)
	p.waitForRows(t, "line 0", "line 1", "line 2")
	// It counts for a second only, which a slow machine may not look at.
	browsertest.Eval[bool](t, p.Tab, `(() => {
		const told = () => document.querySelector("[data-logs-status]").textContent + " " + document.querySelector("[data-logs-countdown]").textContent;
		new MutationObserver(() => { window.counted ||= /reconnecting.* in \d+ s$/.test(told()) }).observe(document.querySelector("#logs-live"), {subtree: true, childList: true, characterData: true});
		return true })()`)
	close(st.events)
	p.WaitFor(t, "the page counts down", `window.counted === true`)

	next := p.stream(t)
	if got := next.wish.After["istio-system/ztunnel-a/istio-proxy"]; got != "c/2/0" {
		t.Errorf("the stream goes on after %q, want the last line", got)
	}
	next.give(t, logLines(2, 4, "line")...) // one of them was had before
	p.waitForRows(t, "line 0", "line 1", "line 2", "line 3")
	p.waitForText(t, "[data-logs-status]", "following")
}

func TestARefusedStreamSaysWhy(t *testing.T) {
	logs := newFakeLogs()
	logs.refuse = errors.New("the cluster does not want it")
	p := serveLogs(t, logs, nil)
	p.Tab = browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	p.Do(t, chromedp.Navigate(p.web.URL+"/logs?source=ztunnel/node-a"))
	p.waitForText(t, "[data-logs-status]", "refused: The cluster does not want it.")
}

func TestASourceThatReconnectsCountsDown(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	state := mesh.LogState{From: ztunnelTarget(), Phase: mesh.LogReconnecting, Detail: "connection refused", RetryIn: time.Hour}
	st.give(t, mesh.LogEvent{State: &state})
	p.WaitFor(t, "the seconds are counted", `/^reconnecting, \d+ s$/.test(document.querySelector("[data-source='ztunnel/node-a'] [data-word]").textContent)`)
	state = mesh.LogState{From: ztunnelTarget(), Phase: mesh.LogFollowing}
	st.give(t, mesh.LogEvent{State: &state})
	p.waitForText(t, "[data-source='ztunnel/node-a'] [data-word]", "following")
}

func TestLinesOfOneCallAreAGroupWithTheHopThatDecides(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	connection := func(n int, direction, problem string) mesh.LogEvent {
		e := lineAt(ztunnelTarget(), n, direction)
		e.Line.Kind, e.Line.Level = mesh.LogZtunnelAccess, mesh.LogError
		e.Line.Connection = &mesh.ConnectionLog{
			Event: "complete", Direction: direction, Error: problem, Duration: time.Millisecond,
			Source:      mesh.LogPeer{Addr: "10.0.0.1:4000", Workload: "web-1", Namespace: "shop", Identity: "spiffe://cluster.local/ns/shop/sa/web"},
			Destination: mesh.LogPeer{Addr: "10.0.0.2:15008", Workload: "orders-1", Namespace: "shop", Identity: "spiffe://cluster.local/ns/shop/sa/orders"},
			HBONEAddr:   "10.0.0.2:8080", Service: "orders.shop.svc.cluster.local",
		}
		return e
	}
	inbound := connection(0, "inbound", "connection closed due to policy rejection: allow policies exist, but none allowed")
	outbound := connection(0, "outbound", "http status: 401 Unauthorized")
	outbound.Line.ID = "c/0/1"
	st.give(t, inbound, outbound)
	p.WaitFor(t, "two lines are one row", `document.querySelectorAll(".logs-sheet .logs-row:not([hidden])").length === 1 && document.querySelector(".logs-sheet .logs-closed .logs-where").textContent.includes("destination ztunnel2×")`)
	p.Do(t, chromedp.Click(".logs-sheet .logs-closed .logs-time"))
	p.WaitFor(t, "its lines are under it, with the one that decides", `[...document.querySelectorAll(".logs-sheet .logs-member:not([hidden])")].sort((a, b) => a.index - b.index).map((row) => row.querySelector(".logs-where b").textContent + /decides/.test(row.textContent)).join() === "destination ztunneltrue,client ztunnelfalse"`)
	p.Do(t, chromedp.Click("[data-tool=group]"))
	p.WaitFor(t, "ungrouped, each line is a row", `document.querySelectorAll(".logs-sheet .logs-row:not([hidden])").length === 2 && !document.querySelector(".logs-sheet .logs-member:not([hidden])")`)
	p.contented(t)
}

func TestALinkLeadsToALine(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	st.give(t, logLines(0, 500, "line")...)
	p.WaitFor(t, "the newest line is in sight", meanings+`.at(-1) === "line 499"`)
	browsertest.Eval[bool](t, p.Tab, `(() => { document.querySelector(".logs-box").scrollTop = 0; return true })()`)
	p.WaitFor(t, "the oldest line is in sight", meanings+`[0] === "line 0"`)
	p.Do(t, chromedp.Click(`.logs-sheet .logs-row:not([hidden])[aria-rowindex="4"] .logs-meaning`))
	p.waitForText(t, ".logs-detail [data-detail=raw]", "line 2")
	link := browsertest.Eval[string](t, p.Tab, `location.search`)
	if !strings.Contains(link, "line=c%2F2%2F0") || !strings.Contains(link, "since=1970-01-01T00%3A15%3A42") {
		t.Fatalf("the address does not lead to the line whenever it is opened: %s", link)
	}

	p.Do(t, chromedp.Navigate(p.web.URL+"/logs"+link))
	again := p.stream(t)
	if want := time.Unix(942, 0); !again.wish.Since.Equal(want) {
		t.Errorf("the stream begins at %s, want %s", again.wish.Since, want)
	}
	again.give(t, logLines(0, 500, "line")...)
	p.waitForText(t, ".logs-detail [data-detail=raw]", "line 2")
	p.WaitFor(t, "the line is chosen and in sight", `document.querySelector(".logs-sheet .logs-row:not([hidden])[aria-selected=true] .logs-meaning")?.textContent === "line 2"`)
	p.contented(t)
}

func TestALinkToALineThatIsGoneSaysSo(t *testing.T) {
	p, st := openLogs(t, 1400, "&line=c/1970-01-01T00:16:45Z/0")
	st.give(t, logLines(0, 20, "line")...)
	p.waitForText(t, "#toast", "not among those that could be read")
}

func TestLogsAreWorkedThroughWithKeys(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	st.give(t, logLines(0, 5, "line")...)
	p.WaitFor(t, "five rows", meanings+`.length === 5`)
	browsertest.Eval[bool](t, p.Tab, `(() => { window.copied = ""; Object.defineProperty(navigator, "clipboard", {value: {writeText: async (text) => { window.copied = text }}}); return true })()`)
	chosen := `document.querySelector(".logs-sheet .logs-row:not([hidden])[aria-selected=true] .logs-meaning")?.textContent ?? ""`
	for _, k := range []string{"j", "j", "j", "k"} {
		p.key(t, k)
	}
	if got := browsertest.Eval[string](t, p.Tab, chosen); got != "line 1" {
		t.Errorf("j j j k chooses %q, want the second line", got)
	}
	p.key(t, "Enter")
	p.waitForText(t, ".logs-detail:not([hidden]) [data-detail=raw]", "line 1")
	p.key(t, "c")
	p.WaitFor(t, "the line is copied", `window.copied === "line 1"`)
	p.key(t, "Escape")
	p.WaitFor(t, "the line is closed", `document.querySelector(".logs-detail").hidden`)
	p.key(t, "w")
	p.WaitFor(t, "lines are wrapped", `document.querySelector(".logs-box").classList.contains("logs-wrapped") && location.search.includes("wrap=1")`)
	p.key(t, "t")
	p.WaitFor(t, "times are ages", `document.querySelector(".logs-sheet .logs-row:not([hidden]) .logs-time").textContent.endsWith("ago")`)
	p.key(t, "f")
	if !browsertest.Eval[bool](t, p.Tab, `document.activeElement.name === "include"`) {
		t.Error("f does not lead to the filter")
	}
	p.key(t, " ")
	if browsertest.Eval[bool](t, p.Tab, `document.querySelector("[data-logs-status]").textContent.startsWith("paused")`) {
		t.Error("a key works while somebody types")
	}
	p.contented(t)
}

func TestAHundredThousandLinesAreScrolledWithFewRows(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	for n := 0; n < 101_000; n += 1_000 {
		st.give(t, logLines(n, n+1_000, "line")...)
	}
	p.waitForText(t, "[data-logs-count]", "100,000 lines · 1,000 let go")
	p.WaitFor(t, "the newest line is in sight", meanings+`.at(-1) === "line 100999"`)
	browsertest.Eval[bool](t, p.Tab, `(() => {
		const box = document.querySelector(".logs-box"); window.most = 0;
		let step = 0;
		const next = () => { box.scrollTop = box.scrollHeight * (step % 97) / 97; window.most = Math.max(window.most, document.querySelectorAll(".logs-sheet .logs-row").length); if (step++ < 200) requestAnimationFrame(next); else window.scrolled = true };
		requestAnimationFrame(next); return true })()`)
	p.WaitFor(t, "the list was scrolled", `window.scrolled === true`)
	if rows := browsertest.Eval[int](t, p.Tab, `window.most`); rows == 0 || rows > 120 {
		t.Errorf("%d rows are in the document, want as many as can be seen", rows)
	}
	browsertest.Eval[bool](t, p.Tab, `(() => { document.querySelector(".logs-box").scrollTop = 0; return true })()`)
	p.WaitFor(t, "what was let go is said at the top", meanings+`[0].startsWith("1,000 older lines were let go") && `+meanings+`[1] === "line 1000"`)
	st.give(t, logLines(101_000, 101_001, "line")...)
	p.waitForText(t, "[data-logs-status]", "paused · 1 new")
	p.key(t, " ")
	p.waitForText(t, "[data-logs-count]", "1,001 let go")
	if browsertest.Eval[bool](t, p.Tab, `document.querySelector("[data-tool=newest]").getAttribute("aria-pressed") === "true"`) {
		t.Error("a reader of old lines is taken to the newest")
	}
	p.Do(t, chromedp.Click("[data-tool=newest]"))
	p.WaitFor(t, "the newest line is in sight", meanings+`.at(-1) === "line 101000"`)
	p.contented(t)
}

func TestLinesAreSavedAsTextAndNDJSON(t *testing.T) {
	p, st := openLogs(t, 1400, "&exclude=pear")
	st.give(t, append(logLines(0, 2, "apple"), logLines(2, 4, "pear")...)...)
	p.waitForRows(t, "apple 0", "apple 1")
	browsertest.Eval[bool](t, p.Tab, `(() => { URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text }); return "#" }; return true })()`)
	saved := func(tool string) string {
		browsertest.Eval[bool](t, p.Tab, `(() => { window.saved = undefined; document.querySelector("[data-tool=`+tool+`]").click(); return true })()`)
		p.WaitFor(t, "a file is made", `window.saved !== undefined`)
		return browsertest.Eval[string](t, p.Tab, `window.saved`)
	}
	if got, want := saved("text"), "1970-01-01T00:16:40Z istio-system/ztunnel-a/istio-proxy apple 0\n1970-01-01T00:16:41Z istio-system/ztunnel-a/istio-proxy apple 1\n"; got != want {
		t.Errorf("the text is %q, want %q", got, want)
	}
	if got := strings.Split(strings.TrimSpace(saved("ndjson")), "\n"); len(got) != 2 || !strings.HasPrefix(got[0], `{"id":"c/0/0","time":"1970-01-01T00:16:40Z","source":"ztunnel/node-a"`) {
		t.Errorf("NDJSON is %q", got)
	}
}

func TestHostileLinesAreText(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	lines := []string{`<img src=x onerror="window.owned=1">`, "\u202egnp.exe \u2066x", "\x1b[31mred\x00", "عربي 123 abc", strings.Repeat("w", 16<<10)}
	var events []mesh.LogEvent
	for n, raw := range lines {
		events = append(events, lineAt(ztunnelTarget(), n, raw))
	}
	st.give(t, events...)
	p.waitForRows(t, lines[0], "\ufffdgnp.exe \ufffdx", "\ufffd[31mred\ufffd", lines[3], lines[4][:4<<10]) // no row has room for more; its details have all
	p.Do(t, chromedp.Click(`.logs-sheet .logs-row:not([hidden])[aria-rowindex="2"] .logs-meaning`))
	p.waitForText(t, ".logs-detail [data-detail=raw]", lines[0])
	if browsertest.Eval[bool](t, p.Tab, `document.querySelectorAll("#logs img").length > 0 || window.owned === 1`) {
		t.Error("a line became markup")
	}
	if browsertest.Eval[bool](t, p.Tab, `document.documentElement.scrollWidth > innerWidth || document.querySelector(".logs-box").scrollWidth > document.querySelector(".logs-box").clientWidth`) {
		t.Errorf("a long line makes the page scroll sideways: %s", browsertest.Eval[string](t, p.Tab, `[document.documentElement.scrollWidth, innerWidth, document.querySelector(".logs-box").scrollWidth, document.querySelector(".logs-box").clientWidth].join()`))
	}
	p.contented(t)
}

func TestLogsFitAPhone(t *testing.T) {
	p, st := openLogs(t, 360, "")
	st.give(t, logLines(0, 50, strings.Repeat("a long line ", 20))...)
	p.WaitFor(t, "rows are there", meanings+`.length > 3`)
	if got := browsertest.Eval[int](t, p.Tab, `document.documentElement.scrollWidth`); got > 360 {
		t.Errorf("the page is %d px wide", got)
	}
	small := browsertest.Eval[[]string](t, p.Tab, `[...document.querySelectorAll("#logs :is(button, summary, input:not([type=checkbox]), select, .logs-row, .logs-check, .logs-source a)")].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height > 0 && e.getBoundingClientRect().height < 43.5).map((e) => e.className + " " + e.name)`)
	if small = slices.Compact(small); len(small) > 0 {
		t.Errorf("too small for a finger: %q", small)
	}
}

func TestLogsWithoutScripts(t *testing.T) {
	gap := mesh.LogGap{From: ztunnelTarget(), Oldest: time.Unix(999, 0), Newest: time.Unix(999, 0), Dropped: 1234, Reason: mesh.GapLimit}
	p := serveLogs(t, newFakeLogs(), append([]mesh.LogEvent{{Gap: &gap}}, append(logLines(0, 2, "apple"), logLines(2, 400, "<b>pear")...)...))
	p.Tab = browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	p.WithoutScripts(t)
	p.Do(t, chromedp.Navigate(p.web.URL+"/logs?source=ztunnel/node-a&include=apple"))
	for what, expression := range map[string]string{
		"the lines of the filter are there":     `[...document.querySelectorAll(".logs-fold .logs-meaning")].map((e) => e.textContent).join("|") === "apple 0|apple 1"`,
		"the gap is there":                      `document.querySelector(".logs-gap").textContent.includes("1,234 lines are missing")`,
		"it is said how many of how many":       `document.querySelector("[data-logs-count]").textContent === "2 of 400 lines"`,
		"what needs scripts is not there":       `!document.querySelector(".logs-tools").checkVisibility() && !document.querySelector(".logs-box").checkVisibility()`,
		"the filter stands in its field":        `document.querySelector("[name=include]").value === "apple"`,
		"the raw line is one disclosure away":   `document.querySelector(".logs-fold .logs-raw").textContent === "apple 0"`,
		"the form asks for the same source too": `document.querySelector("[name=source]").value === "ztunnel/node-a"`,
	} {
		if !browsertest.Eval[bool](t, p.Tab, expression) {
			t.Errorf("not so: %s", what)
		}
	}
	p.Do(t, chromedp.Navigate(p.web.URL+"/logs?source=ztunnel/node-a&include=%28"))
	if !browsertest.Eval[bool](t, p.Tab, `document.querySelector(".logs-filter [role=alert].call-problem").textContent.includes("no regular expression") && document.querySelectorAll(".logs-fold").length === 300`) {
		t.Error("a bad expression blanks the page, or says nothing")
	}
}
