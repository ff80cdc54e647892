package kubelet

import (
	"sync"
	"time"
)

// Log is what a container wrote, and does to those who read it. It may be changed while it is read.
type Log struct {
	mu sync.Mutex
	// changed is closed, and another put in its place, when there is something new to see.
	changed chan struct{}
	// current is the container that runs, previous the one before, nil if there was none.
	current, previous *run
	// cuts counts how often readers were cut off.
	cuts    int
	stalled bool
}

// run is one life of a container.
type run struct {
	lines []line
	// rotated is how many lines are in files that who comes now does not get.
	rotated int
	ended   bool
}

type line struct {
	at   time.Time
	text string
}

// NewLog makes the log of a container that has written nothing yet.
func NewLog() *Log { return &Log{changed: make(chan struct{}), current: &run{}} }

// Write appends a line, which ends where text ends; text may hold what it likes, further line ends among it.
func (l *Log) Write(at time.Time, text string) {
	l.change(func() { l.current.lines = append(l.current.lines, line{at, text}) })
}

// Restart ends the container: who follows gets the end of the stream, who asks next another container's log, and
// ?previous= leads to this one.
func (l *Log) Restart() {
	l.change(func() {
		l.current.ended = true
		l.previous, l.current = l.current, &run{}
	})
}

// Rotate moves what was written to a file of its own: who follows goes on, who comes anew gets only what is written from
// here, as with a real kubelet.
func (l *Log) Rotate() { l.change(func() { l.current.rotated = len(l.current.lines) }) }

// Stall keeps everything from readers while it is on, with their connections open.
func (l *Log) Stall(on bool) { l.change(func() { l.stalled = on }) }

// Cut ends the connections of who follows, without the end of the stream.
func (l *Log) Cut() { l.change(func() { l.cuts++ }) }

func (l *Log) change(by func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	by()
	close(l.changed)
	l.changed = make(chan struct{})
}

// reader goes through one run from some line on.
type reader struct {
	log  *Log
	run  *run
	next int
	cuts int
}

// open answers a reader of the container that runs, or of the one before; nil if there is none. tail is how many lines of
// it count, at most; negative for all.
func (l *Log) open(previous bool, tail int) *reader {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := &reader{log: l, run: l.current, cuts: l.cuts}
	if previous {
		r.run = l.previous
	}
	if r.run == nil {
		return nil
	}
	r.next = r.run.rotated
	if tail >= 0 {
		r.next = max(r.next, len(r.run.lines)-tail)
	}
	return r
}

// state is what a reader finds.
type state struct {
	lines   []line
	ended   bool // nothing will follow
	cut     bool
	changed <-chan struct{}
}

// read takes what there is.
func (r *reader) read() state {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	s := state{cut: r.cuts != r.log.cuts, changed: r.log.changed}
	if r.log.stalled || s.cut {
		return s
	}
	s.lines, s.ended = r.run.lines[r.next:], r.run.ended
	r.next = len(r.run.lines)
	return s
}
