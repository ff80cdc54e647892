package podlog

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waylight/waylight/mesh"
)

// fate is what happens to one container, by chance.
type fate struct {
	*outage
	*rand.Rand
	written, runs int
	// lossy adds rotation, which makes lines unreadable.
	lossy bool
}

// happen lets one thing happen.
func (f *fate) happen() {
	switch f.IntN(9) {
	case 0, 1, 2:
		f.say(f.IntN(20))
	case 3:
		f.cut(web, nil)
	case 4:
		f.cut(web, io.ErrUnexpectedEOF)
	case 5:
		f.down([]error{io.ErrUnexpectedEOF, &Failure{Phase: mesh.LogForbidden, Detail: Right("shop")}}[f.IntN(2)])
	case 6:
		f.up()
	case 7:
		f.restart()
	case 8:
		if f.lossy && f.begun() {
			f.change(web, func(r *fakeRun) { r.rotated = len(r.data) })
			f.cut(web, io.ErrUnexpectedEOF)
		}
	}
}

// begun tells that lines of the present run were read: of what is rotated before
// that nobody can know.
func (f *fate) begun() bool {
	return slices.ContainsFunc(f.ids, func(id string) bool { return strings.HasPrefix(id, fmt.Sprintf("run-%d/", f.runs)) })
}

// say writes the next lines.
func (f *fate) say(lines int) {
	f.write(web, count("line ", f.written, lines)...)
	f.written += lines
}

// restart runs the container again, once what happened before was reported and
// read: of a run that no snapshot ever had nobody knows.
func (f *fate) restart() {
	f.settle()
	f.runs++
	f.again = f.container(web, fmt.Sprintf("run-%d", f.runs))
	f.change(web, func(r *fakeRun) { r.unreported = true })
}

// settle lets everything come to rest.
func (f *fate) settle() {
	f.up()
	f.report()
	f.take(2 * time.Minute)
}

// TestWhateverHappens holds a reader to its promise in whatever order things
// happen: no line comes twice, and none is missing without a gap.
func TestWhateverHappens(t *testing.T) {
	for seed := range uint64(100) {
		t.Run(fmt.Sprint("by chance ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				to := w.container(web, "run-0")
				f := &fate{outage: &outage{world: w, reader: w.hub(t, Limits{}).followOne(t, to), again: to}, Rand: rand.New(rand.NewPCG(seed, 0)), lossy: seed%2 == 1}
				for range 30 {
					f.happen()
					f.take(time.Duration(f.IntN(1500)) * time.Millisecond)
					if f.IntN(4) == 0 {
						f.report()
					}
				}
				f.settle()
				f.say(1)
				f.take(time.Minute)
				f.check()
			})
		})
	}
}

// check compares what was read with what was written.
func (f *fate) check() {
	seen := make(map[string]bool)
	for _, line := range f.lines {
		if seen[line] {
			f.t.Fatalf("%s comes twice: %q", line, f.ids)
		}
		seen[line] = true
	}
	lost := f.written - len(f.lines)
	if lost > 0 && len(f.gaps) == 0 {
		f.t.Errorf("%d of %d lines are lost in silence", lost, f.written)
	}
	if !f.lossy {
		f.want(count("line ", 0, f.written)...)
		f.wantGaps()
	}
}
