package e2e_test

import (
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/waylight/waylight/e2e/browser"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

const (
	// probes are the lines of which it is measured how soon they are on the screen.
	probes = 25
	// busyRate is how many lines a second each container writes meanwhile, the second time.
	busyRate = 50
	// fullPage is how many lines are scrolled through, scrollSteps in how many frames.
	fullPage    = 100_000
	scrollSteps = 600
	// Limits that no machine needs; the goals are 300 ms and 16 ms.
	grossDelay = 5 * time.Second
	grossFrame = 200 * time.Millisecond
)

// Parts of the page.
const (
	logBox     = "#logs .logs-box"
	logStatus  = "[data-logs-status]"
	logCount   = "[data-logs-count]"
	logInclude = "#logs form [name=include]"
	logProblem = "[data-problem=include]"
	logChosen  = `.logs-row[aria-selected="true"]`
	logRaw     = "[data-detail=raw]"
)

// logPage is the page of logs in a browser, and the containers it follows.
type logPage struct {
	*chatter
	*browser.Tab
	server *waylight.Server
	probed int
}

// TestLogPage works on the page as its users do, and measures it; what it prints goes into docs/performance.md.
func TestLogPage(t *testing.T) {
	c := startChatter(t, busyContainers)
	p := &logPage{chatter: c, server: c.serve(t, viewer)}
	p.Tab = browser.Open(t, p.server.URL+"/logs?"+c.all().Encode())
	p.waitFollowed(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *logPage)
	}{
		{"a line is soon on the screen", screenDelay},
		{"space pauses and goes on", pausing},
		{"a filter hides lines and says what is wrong with it", filtering},
		{"keys choose a line and open it", keysOnLogs},
		{"a link leads to a line", permalink},
		{"a full page scrolls", fullPageScrolls},
	} {
		if !t.Run(test.name, func(t *testing.T) { test.run(t, p) }) {
			return // they go on from one another
		}
	}
}

// waitFollowed waits until the page follows all containers.
func (p *logPage) waitFollowed(t *testing.T) {
	t.Helper()
	p.expect(t, logStatus, "following")
	for _, w := range p.writers {
		expectSoon(t, w.name()+" is followed", func() error {
			if n := w.log.Readers(); n != 1 {
				return fmt.Errorf("%d times", n)
			}
			return nil
		})
	}
}

// expect waits until a part of the page says something.
func (p *logPage) expect(t *testing.T, selector, text string) {
	t.Helper()
	expectSoon(t, fmt.Sprintf("%s says %q", selector, text), func() error {
		if got := p.text(t, selector); !strings.Contains(got, text) {
			return fmt.Errorf("it says %q", got)
		}
		return nil
	})
}

// expectLines waits until the page shows so many lines and hides none.
func (p *logPage) expectLines(t *testing.T, lines string) {
	t.Helper()
	expectSoon(t, "the page shows "+lines+" lines", func() error {
		if got := p.text(t, logCount); !strings.HasPrefix(got, lines+" lines") {
			return fmt.Errorf("it says %q", got)
		}
		return nil
	})
}

// text is what a part of the page shows; nothing if it is hidden or not there.
func (p *logPage) text(t *testing.T, selector string) string {
	t.Helper()
	return browser.Eval[string](t, p.Tab, fmt.Sprintf(`((part) => part?.checkVisibility() ? part.innerText : "")(document.querySelector(%q))`, selector))
}

// lines is how many lines all have written, as the page writes numbers.
func (p *logPage) lines() string {
	n := p.probed
	for _, w := range p.writers {
		n += w.written
	}
	return grouped(n)
}

func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// screenDelay measures the page at rest, and then as it hides many other lines.
func screenDelay(t *testing.T, p *logPage) {
	p.WatchFor(t, "probe")
	p.probe(t, "at rest")
	p.Fill(t, logInclude, "probe=")
	quiet := p.background(busyRate)
	p.probe(t, fmt.Sprintf("with %d other lines/s", busyRate*len(p.writers)))
	quiet()
	p.Fill(t, logInclude, "")
	p.expectLines(t, p.lines())
}

func (p *logPage) probe(t *testing.T, when string) {
	t.Helper()
	var delays []time.Duration
	for i := range probes {
		time.Sleep(time.Duration(i*37%100) * time.Millisecond) // whatever goes by a clock is met at all its points
		p.probed++
		number, at := p.probed, time.Now()
		p.writers[i%len(p.writers)].log.Write(at, fmt.Sprintf("probe=%d", number))
		wait.For(t, wait.Limit, "the line is on the screen", func() error {
			seen, err := p.SeenAt(t, number)
			if err == nil {
				delays = append(delays, seen.Sub(at))
			}
			return err
		})
	}
	slices.Sort(delays)
	median := delays[len(delays)/2]
	t.Logf("log page: line to screen %s: %dms median of %d, slowest %dms; %d CPUs", when, median.Milliseconds(), len(delays), delays[len(delays)-1].Milliseconds(), runtime.NumCPU())
	if median > grossDelay {
		t.Errorf("a line takes %s", median)
	}
}

func pausing(t *testing.T, p *logPage) {
	before := p.lines()
	p.focusLines(t) // in a field a space is a space
	p.Press(t, " ")
	p.expect(t, logStatus, "paused")
	p.chat(linesPerSecond/10, time.Second)
	p.expect(t, logStatus, grouped(len(p.writers)*linesPerSecond/10)+" new")
	if got := p.text(t, logCount); !strings.HasPrefix(got, before+" lines") {
		t.Errorf("while the page is paused it says %q, want %s lines", got, before)
	}
	p.Press(t, " ")
	p.expect(t, logStatus, "following")
	p.expectLines(t, p.lines())
}

// focusLines puts the focus on the lines.
func (p *logPage) focusLines(t *testing.T) {
	t.Helper()
	browser.Eval[bool](t, p.Tab, fmt.Sprintf("(() => { document.querySelector(%q).focus(); return true })()", logBox))
}

func filtering(t *testing.T, p *logPage) {
	p.Fill(t, logInclude, "line=7 ")
	filtered := fmt.Sprintf("%d of %s lines", len(p.writers), p.lines())
	p.expect(t, logCount, filtered)
	p.Fill(t, logInclude, "line=(")
	p.expect(t, logProblem, "regular expression")
	if got := p.text(t, logCount); got != filtered {
		t.Errorf("with an expression nobody can read the page says %q, want %q", got, filtered)
	}
	p.Fill(t, logInclude, "")
	p.expectLines(t, p.lines())
}

func keysOnLogs(t *testing.T, p *logPage) {
	p.focusLines(t)
	p.Press(t, "kkj")
	p.expect(t, logChosen, "line=")
	chosen := p.text(t, logChosen)
	p.Press(t, kb.Enter)
	p.expect(t, logRaw, "line=")
	if raw := p.text(t, logRaw); !strings.Contains(chosen, strings.Fields(raw)[0]) {
		t.Errorf("the details are of %q, chosen is %q", raw, chosen)
	}
	p.Press(t, kb.Escape)
	expectSoon(t, "the details are closed", func() error {
		if p.text(t, logRaw) != "" {
			return fmt.Errorf("they are open")
		}
		return nil
	})
}

func permalink(t *testing.T, p *logPage) {
	p.Press(t, kb.Enter)
	p.expect(t, logRaw, "line=")
	raw, container := p.text(t, logRaw), p.text(t, "[data-detail=container]")
	link := browser.Eval[string](t, p.Tab, "location.href")
	if address, err := url.Parse(link); err != nil || !address.Query().Has("line") {
		t.Fatalf("the address %s names no line", link)
	}
	p.Visit(t, "about:blank")
	p.Visit(t, link)
	p.expect(t, logRaw, raw)
	p.expect(t, "[data-detail=container]", container)
	p.expect(t, logChosen, strings.Fields(raw)[0])
}

// fullPageScrolls fills the page with as much as it keeps, and scrolls from the first to the last line of it.
func fullPageScrolls(t *testing.T, p *logPage) {
	p.Visit(t, p.server.URL+"/logs?"+p.all().Encode()+"&since=1s")
	p.waitFollowed(t)
	during := fullPage * time.Second / linesPerSecond / time.Duration(len(p.writers))
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.chat(linesPerSecond, during)
	}()
	p.report(t, fmt.Sprintf("while %d lines/s come", linesPerSecond*len(p.writers)), p.Watch(t, during))
	<-done
	p.expectLines(t, grouped(fullPage))
	p.report(t, fmt.Sprintf("scrolling %d lines in %d frames", fullPage, scrollSteps), p.ScrollThrough(t, logBox, scrollSteps))
}

func (p *logPage) report(t *testing.T, what string, frames browser.Frames) {
	t.Helper()
	t.Logf("log page: main thread per frame, %s: %.1fms median, %.1fms at most for 95%%, %.1fms slowest of %d", what,
		milliseconds(frames.Share(0.5)), milliseconds(frames.Share(0.95)), milliseconds(frames.Share(1)), len(frames.Busy))
	if len(frames.Busy) == 0 || frames.Share(0.5) > grossFrame {
		t.Errorf("%s: %d frames, each of which keeps the main thread busy for %s", what, len(frames.Busy), frames.Share(0.5))
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
