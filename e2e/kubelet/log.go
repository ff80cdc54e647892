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
	// cuts counts how often readers were cut off, tears how often in the middle of a line.
	cuts, tears int
	stalled     bool
	readers     int
}

// Batch is lines that a container writes at once. They are not kept but made when they are read, so that a container may
// write for as long, and as fast, as a test likes.
type Batch struct {
	// At is the time of the first line, Step what the next one is younger by; without it all have the same time.
	At   time.Time
	Step time.Duration
	// Lines is how many there are, Text what the one with an index is, always the same.
	Lines int
	Text  func(index int) string
}

// run is one life of a container.
type run struct {
	batches []Batch
	// rotated is how many batches are in files that who comes now does not get.
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
	l.WriteBatch(Batch{At: at, Lines: 1, Text: func(int) string { return text }})
}

// WriteBatch appends lines.
func (l *Log) WriteBatch(lines Batch) {
	l.change(func() { l.current.batches = append(l.current.batches, lines) })
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
func (l *Log) Rotate() { l.change(func() { l.current.rotated = len(l.current.batches) }) }

// End ends the container for good, as when its pod is deleted.
func (l *Log) End() { l.change(func() { l.current.ended = true }) }

// Stall keeps everything from readers while it is on, with their connections open.
func (l *Log) Stall(on bool) { l.change(func() { l.stalled = on }) }

// Cut ends the connections of who follows, without the end of the stream.
func (l *Log) Cut() { l.change(func() { l.cuts++ }) }

// Tear ends the connections of who follows in the middle of the line that is written next, without the end of the stream.
func (l *Log) Tear() { l.change(func() { l.tears++ }) }

// Readers is how many read it at this moment.
func (l *Log) Readers() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.readers
}

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
	next int // the batch
	skip int // so many lines of it
	// cuts and tears are those that it has outlived.
	cuts, tears int
}

// open answers a reader of the container that runs, or of the one before; nil if there is none. tail is how many lines of
// it count, at most; negative for all. Who opens it closes it.
func (l *Log) open(previous bool, tail int) *reader {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := &reader{log: l, run: l.current, cuts: l.cuts, tears: l.tears}
	if previous {
		r.run = l.previous
	}
	if r.run == nil {
		return nil
	}
	l.readers++
	r.next = r.run.rotated
	if tail >= 0 {
		r.toTail(tail)
	}
	return r
}

func (r *reader) close() {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	r.log.readers--
}

// toTail skips all but the last lines.
func (r *reader) toTail(lines int) {
	first := r.next
	for r.next = len(r.run.batches); r.next > first && lines > 0; {
		r.next--
		size := r.run.batches[r.next].Lines
		r.skip = max(0, size-lines)
		lines -= size
	}
}

// state is what a reader finds.
type state struct {
	batches []Batch
	skip    int
	ended   bool // nothing will follow
	cut     bool
	torn    bool // the last line does not come whole, and nothing after it
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
	s.batches, s.skip, s.ended = r.run.batches[r.next:], r.skip, r.run.ended
	s.torn = r.tears != r.log.tears && len(s.batches) > 0
	r.next, r.skip = len(r.run.batches), 0
	return s
}

// lines are what the reader has found, in order.
func (s *state) lines(yield func(line) bool) {
	skip := s.skip
	for _, batch := range s.batches {
		for i := skip; i < batch.Lines; i++ {
			if !yield(line{batch.At.Add(time.Duration(i) * batch.Step), batch.Text(i)}) {
				return
			}
		}
		skip = 0
	}
}
