package browser

import (
	"cmp"
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/waylight/waylight/e2e/wait"
)

// Press types keys, one character each (see package kb for those that have no character), where the focus is.
func (tab *Tab) Press(t testing.TB, keys string) {
	t.Helper()
	tab.do(t, chromedp.KeyEvent(keys))
}

// Click clicks on the first element of a selector.
func (tab *Tab) Click(t testing.TB, selector string) {
	t.Helper()
	tab.do(t, chromedp.Click(selector))
}

// Fill types text over what is in a field; nothing empties it.
func (tab *Tab) Fill(t testing.TB, selector, text string) {
	t.Helper()
	Eval[bool](t, tab, fmt.Sprintf("(() => { const field = document.querySelector(%q); field.focus(); field.select(); return true })()", selector))
	tab.Press(t, cmp.Or(text, kb.Delete))
}

// Visit leads the tab to another page.
func (tab *Tab) Visit(t testing.TB, url string) {
	t.Helper()
	tab.do(t, chromedp.Navigate(url))
}

// do runs steps, within a limit.
func (tab *Tab) do(t testing.TB, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, wait.Limit)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}
