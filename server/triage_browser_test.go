package server

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/server/browsertest"
)

func TestTriageIsWorkedThroughWithKeys(t *testing.T) {
	s := startLive(t, shop("typo"), meshtest.Namespace("billing", meshtest.Ambient, meshtest.UseWaypoint("other")), meshtest.Deployment("billing", "ledger"), meshtest.Service("billing", "ledger"))
	tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	tab.Do(t, chromedp.Navigate(s.url+"/"))
	tab.WaitFor(t, "two causes", `document.querySelectorAll("#causes article").length === 2`)
	key := func(name string) {
		browsertest.Eval[bool](t, tab, `(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", {key: "`+name+`", bubbles: true, cancelable: true}))`)
	}
	browsertest.Eval[bool](t, tab, `(() => { document.execCommand = () => true; window.copied = ""; Object.defineProperty(navigator, "clipboard", {value: {writeText: async (text) => { window.copied = text }}}); return true })()`)
	inCard := `[...document.querySelectorAll("#causes article")].findIndex((card) => card.contains(document.activeElement))`

	key("j")
	key("j")
	if at := browsertest.Eval[int](t, tab, inCard); at != 1 {
		t.Errorf("j twice leads to card %d, want the second", at)
	}
	key("e")
	if !browsertest.Eval[bool](t, tab, `document.querySelectorAll("#causes article")[1].querySelector("details[id$='.evidence']").open`) {
		t.Error("e does not open the evidence of the card in focus")
	}
	key("y")
	tab.WaitFor(t, "the text for the chat is copied", `window.copied !== ""`)
	copied := browsertest.Eval[string](t, tab, `window.copied`)
	second := browsertest.Eval[string](t, tab, `document.querySelectorAll("#causes article")[1].querySelector(".cause-subject").innerText.trim().split(/\s+/).pop()`)
	if lines := strings.Split(copied, "\n"); len(lines) > 6 || !strings.Contains(lines[0], second) || !strings.Contains(copied, s.url) {
		t.Errorf("copied, want at most six lines about %s with a whole link:\n%s", second, copied)
	}
	key("k")
	if at := browsertest.Eval[int](t, tab, inCard); at != 0 {
		t.Errorf("k leads to card %d, want the first", at)
	}
	browsertest.Eval[bool](t, tab, `(() => { document.querySelector("form[data-filter] input[name=q]").focus(); return true })()`)
	key("e")
	if browsertest.Eval[bool](t, tab, `document.querySelectorAll("#causes article")[0].querySelector("details[id$='.evidence']").open`) {
		t.Error("a key works while somebody types")
	}
	if got := tab.Complaints(); len(got) > 0 {
		t.Errorf("the browser complains: %v", got)
	}
}
