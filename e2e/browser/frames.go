package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"

	"github.com/waylight/waylight/e2e/wait"
)

// Frames are the frames that a page made while it was looked at.
type Frames struct {
	// Busy is how long the main thread worked for each frame: all its tasks from one frame's to the next one's, in order of
	// size. What happens on other threads (raster, compositing) is not in it.
	Busy []time.Duration
}

// Share is what the frames' work stayed below, for a share of them.
func (f Frames) Share(of float64) time.Duration {
	if len(f.Busy) == 0 {
		return 0
	}
	return f.Busy[int(of*float64(len(f.Busy)-1))]
}

// ScrollThrough scrolls an element from its beginning to its end in so many equal steps, one each frame, and answers what that
// cost, from Chromium's own trace.
func (tab *Tab) ScrollThrough(t testing.TB, selector string, steps int) Frames {
	t.Helper()
	return tab.trace(t, fmt.Sprintf(`new Promise((done) => {
		const box = document.querySelector(%q);
		let step = 0;
		const next = () => {
			box.scrollTop = (box.scrollHeight - box.clientHeight) * step / %d;
			if (step++ < %[2]d) requestAnimationFrame(next); else done(true);
		};
		requestAnimationFrame(next);
	})`, selector, steps))
}

// Watch answers what the frames cost that a page makes in a time in which it is let alone.
func (tab *Tab) Watch(t testing.TB, during time.Duration) Frames {
	t.Helper()
	return tab.trace(t, fmt.Sprintf(`new Promise((done) => {
		const end = performance.now() + %d;
		const next = () => { if (performance.now() < end) requestAnimationFrame(next); else done(true); };
		requestAnimationFrame(next);
	})`, during.Milliseconds()))
}

// traceCategories have the tasks of a thread and the beginning of each frame.
var traceCategories = []string{"devtools.timeline", "disabled-by-default-devtools.timeline"}

// trace records the page while an expression runs to its end.
func (tab *Tab) trace(t testing.TB, expression string) Frames {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, 2*wait.Limit)
	defer cancel()
	var events []traceEvent
	complete := make(chan struct{})
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *tracing.EventDataCollected:
			for _, text := range e.Value {
				var one traceEvent
				if json.Unmarshal(text, &one) == nil {
					events = append(events, one)
				}
			}
		case *tracing.EventTracingComplete:
			close(complete)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	config := tracing.StartParams{TraceConfig: &tracing.TraceConfig{IncludedCategories: traceCategories}}
	if _, err := chromedp.Call(ctx, tracing.Start, config); err != nil {
		t.Fatalf("trace: %v", err)
	}
	Eval[bool](t, tab, expression)
	if _, err := chromedp.Call(ctx, tracing.End, cdp.Empty{}); err != nil {
		t.Fatalf("end the trace: %v", err)
	}
	select {
	case <-complete:
	case <-ctx.Done():
		t.Fatal("the trace does not end")
	}
	return frames(events)
}
