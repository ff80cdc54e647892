package server

import (
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/waylight/waylight/mesh"
)

// openLogStreams counts the streams of logs that are open, so that there are
// not too many and a shutdown can tell each of them.
type openLogStreams struct {
	// buffers are for the heads of frames of all sockets.
	buffers sync.Pool

	mu    sync.Mutex
	open  int
	empty chan struct{} // closed when there is none; nil while nobody waits
}

// enter admits one more stream, or refuses it.
func (o *openLogStreams) enter() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open >= maxLogStreams {
		return false
	}
	o.open++
	return true
}

func (o *openLogStreams) leave() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open--; o.open == 0 && o.empty != nil {
		close(o.empty)
		o.empty = nil
	}
}

func (o *openLogStreams) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.open
}

// wait waits until all streams have been told that the server closes, and for
// no longer than it takes to tell those who listen.
func (o *openLogStreams) wait() {
	o.mu.Lock()
	if o.open == 0 {
		o.mu.Unlock()
		return
	}
	if o.empty == nil {
		o.empty = make(chan struct{})
	}
	empty := o.empty
	o.mu.Unlock()
	select {
	case <-empty:
	case <-time.After(2 * closeWait):
	}
}

// logAudit is what is to be known of a stream later: who read whose logs.
type logAudit struct {
	from          string
	since         time.Time
	sources       []string
	lines         int
	dropped, gaps int
}

func newLogAudit(from string, now time.Time) logAudit { return logAudit{from: from, since: now} }

// maxAudited is how many sources an audit line names; the rest is counted.
const maxAudited = 32

func (a *logAudit) opened(log *slog.Logger, targets []mesh.LogTarget, q *LogQuery) {
	for i := range targets[:min(len(targets), maxAudited)] {
		a.sources = append(a.sources, targets[i].Name())
	}
	attrs := []any{"from", a.from, "containers", a.sources, "containers_total", len(targets)}
	if q.Call != nil {
		attrs = append(attrs, "caller", oneLine(q.Call.From), "callee", oneLine(q.Call.To))
	}
	if len(q.Services) > 0 {
		attrs = append(attrs, "services", oneLine(strings.Join(q.Services, " ")))
	}
	log.Info("log stream opened", attrs...)
}

func (a *logAudit) closed(log *slog.Logger, now time.Time, p parting) {
	log.Info("log stream closed", "from", a.from, "containers", a.sources, "lines", a.lines, "dropped", a.dropped, "gaps", a.gaps,
		"duration", now.Sub(a.since).Round(time.Millisecond), "code", p.code, "reason", p.reason)
}
