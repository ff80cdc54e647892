package browser

import (
	"fmt"
	"testing"
	"time"
)

// WatchFor makes the page note when texts of a form, "<name>=<number>", come to the screen; SeenAt answers it.
func (tab *Tab) WatchFor(t testing.TB, name string) {
	t.Helper()
	Eval[bool](t, tab, fmt.Sprintf(`(() => {
		const seen = window.e2eSeen = {};
		const note = (number) => {
			if (number in seen) return;
			seen[number] = 0;
			// A task that is queued by a frame's callback runs when the frame has been made.
			const made = new MessageChannel();
			made.port1.onmessage = () => { seen[number] = performance.timeOrigin + performance.now(); };
			requestAnimationFrame(() => made.port2.postMessage(0));
		};
		new MutationObserver((changes) => {
			for (const change of changes) for (const [, number] of change.target.textContent.matchAll(/%s=(\d+)/g)) note(number);
		}).observe(document.body, {subtree: true, childList: true, characterData: true});
		return true;
	})()`, name))
}

// SeenAt is when the text with a number came to the screen; the error says that it has not yet. It is the end of the frame that
// follows the change of the document, and so up to a frame too late.
func (tab *Tab) SeenAt(t testing.TB, number int) (time.Time, error) {
	t.Helper()
	milliseconds := Eval[float64](t, tab, fmt.Sprintf("window.e2eSeen[%d] || 0", number))
	if milliseconds == 0 {
		return time.Time{}, fmt.Errorf("number %d has not come to the screen", number)
	}
	return time.UnixMicro(int64(milliseconds * 1000)), nil
}
