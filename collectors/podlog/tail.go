package podlog

import (
	"context"
	"sync"
	"time"

	"github.com/waylight/waylight/mesh"
)

// tail is one run of a container that is being read.
type tail struct {
	hub    *Hub
	target *mesh.LogTarget
	mode   mode
	since  time.Time
	// until ends the reading where another has begun; its zero value does not.
	until  boundary
	cancel context.CancelFunc
	done   chan struct{} // closed when the reading has ended

	// Hub.mu guards these: whether readers share it, and what ends it when the
	// last of them has left.
	shared bool
	idle   *time.Timer

	// The pump's own: what was had of the log, the container ID it was had under,
	// and the line without an end that the last reading stopped in.
	had        *had
	run        string
	unfinished []byte
	tear       tear
	refusals   int // for a missing right, in a row
	// foreign is the last line that was had of another run under this one's name;
	// zero for none. Readers may see it when the tail has ended.
	foreign place
	// broken tells that the last reading stopped before an end of the log.
	broken bool

	mu      sync.Mutex
	known   string // the container ID, once it is known
	ring    ring
	readers map[*cursor]*part
	gaps    []tailGap // the newest of the log's own gaps
	gapped  int       // how many there were in all
	state   phase
	ended   bool
	// moved is closed when a reader has gone on; nil while nobody waits for it.
	moved   chan struct{}
	arrived time.Time // when the newest lines came
	opened  time.Time
	live    bool // the past is read
	// superseded tells that another run has the container's name by now.
	superseded bool
	// interrupt ends a reading, or the wait for the next.
	interrupt context.CancelFunc
}

// mode is how a tail is read.
type mode struct {
	// follow waits for new lines; without it the tail ends where the log does.
	follow bool
	// prelude is for what another tail goes on with: only lines and gaps of it
	// are told, so that it must not end in silence.
	prelude bool
	// patience is how long reading the past waits for the fastest of its readers,
	// all in all.
	patience time.Duration
	// limit is how many lines of the past are read, zero for all, and bytes how
	// much of it is held, zero for a share of what all may.
	limit, bytes int
}

// phase is what has become of a tail. n counts the changes; in the first no log
// was opened yet.
type phase struct {
	n      int
	phase  mesh.LogPhase
	detail string
	retry  time.Time // when the next try is due
}

// tailGap is the number-th gap of a log, before the line seq.
type tailGap struct {
	number int
	seq    uint64
	gap    mesh.LogGap
}

// maxGaps is how many gaps of a log are remembered for readers who are behind.
const maxGaps = 64

// readOut tells that a tail has ended with its log. One that ended otherwise has
// told a gap, which stands for all that is missing from there on.
func (t *tail) readOut() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ended && t.state.detail == ""
}

func (t *tail) setPhase(to mesh.LogPhase, detail string, retry time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state.phase == to && t.state.detail == detail && retry.IsZero() {
		return
	}
	t.state = phase{n: t.state.n + 1, phase: to, detail: detail, retry: retry}
	t.ended = to == mesh.LogEnded
	t.wake()
}

// addGap notes what the log lacks before the line that comes next.
func (t *tail) addGap(g mesh.LogGap) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gapped++
	t.gaps = append(t.gaps, tailGap{t.gapped, t.ring.next, g})
	if len(t.gaps) > maxGaps {
		t.gaps = t.gaps[1:]
	}
	t.wake()
}

// wake tells all readers that there is something new. The caller holds mu.
func (t *tail) wake() {
	for c := range t.readers {
		select {
		case c.stream.wake <- struct{}{}:
		default: // it knows
		}
	}
}
