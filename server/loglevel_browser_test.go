package server

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/server/browsertest"
)

// TestABrowserConfirmsAChange holds that what a browser says of where a form
// comes from passes the check of origins. It says null for a form of a page
// whose policy is to tell nobody.
func TestABrowserConfirmsAChange(t *testing.T) {
	for words, scripts := range map[string]bool{"with scripts": true, "without scripts": false} {
		t.Run(words, func(t *testing.T) {
			l := &levels{}
			web := httptest.NewServer(withLevels(t, l).Handler())
			defer web.Close()
			tab := browsertest.Start(t).Open(t, browsertest.Look{Width: 1000})
			if !scripts {
				tab.WithoutScripts(t)
			}
			tab.Do(t, chromedp.Navigate(web.URL+levelPage+"?level=access%3Ddebug"))
			for _, step := range []struct{ click, then string }{
				{"form.ask button", "button[name=confirm]"},
				{"button[name=confirm]", "input[name=level]:not([type=hidden])"},
			} {
				browsertest.Eval[bool](t, tab, `document.querySelector("`+step.click+`").click() === undefined`)
				tab.WaitFor(t, "the next page has "+step.then, `document.querySelector("`+step.then+`") !== null`)
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			if len(l.orders) != 1 || l.orders[0].Change.String() != "access=debug" || l.orders[0].Seen != defaultLogs {
				t.Errorf("ordered %+v", l.orders)
			}
			if got := tab.Complaints(); len(got) > 0 {
				t.Errorf("the browser complains:\n%s", strings.Join(got, "\n"))
			}
		})
	}
}
