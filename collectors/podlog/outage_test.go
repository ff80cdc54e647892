package podlog

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waylight/waylight/mesh"
)

// down makes the API server answer nothing but an error, and ends what is open.
func (w *world) down(err error) {
	w.mu.Lock()
	w.fail = err
	w.mu.Unlock()
	for _, name := range w.names() {
		w.cut(name, io.ErrUnexpectedEOF)
	}
}

func (w *world) up() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail = nil
}

func (w *world) names() (names []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name := range w.logs {
		names = append(names, name)
	}
	return names
}

// outage is a time in which nobody can read a container, which restarts
// meanwhile.
type outage struct {
	*world
	*reader
	again mesh.LogTarget // the new run
}

// report has the status of the pod tell of the restart, and a snapshot of it.
func (o *outage) report() {
	o.change(web, func(r *fakeRun) { r.unreported = false })
	o.Retarget([]mesh.LogTarget{o.again})
}

// TestARestartThatNobodySees restarts a container while the API server is away,
// with lines of both runs that nobody has read.
func TestARestartThatNobodySees(t *testing.T) {
	for _, tt := range []struct {
		words string
		anew  int // lines of the new run
		back  func(o *outage)
	}{
		{"reported before the API server is back", 200, func(o *outage) { o.report(); o.up() }},
		{"reported as soon as it is back", 200, func(o *outage) { o.up(); o.report() }},
		{"reported a moment later", 200, func(o *outage) { o.up(); o.take(2 * time.Second); o.report() }},
		{"reported only after a minute", 200, func(o *outage) { o.up(); o.take(time.Minute); o.report() }},
		{"reported late, and the new run writes nothing", 0, func(o *outage) { o.up(); o.take(10 * time.Second); o.report() }},
		{"reported at once, and rights are not known for a while", 200, func(o *outage) {
			o.down(&Failure{Phase: mesh.LogForbidden, Detail: Right("shop")})
			o.take(8 * time.Second)
			o.report()
			o.take(8 * time.Second)
			o.up()
		}},
		{"reported late, and the way to the new log is cut many times", 200, func(o *outage) {
			o.up()
			for range 10 {
				o.cut(web, nil)
				o.take(300 * time.Millisecond)
			}
			o.report()
			for range 10 {
				o.cut(web, io.ErrUnexpectedEOF)
				o.take(300 * time.Millisecond)
			}
		}},
	} {
		t.Run(tt.words, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, to := alone()
				o := &outage{world: w, reader: w.hub(t, Limits{}).followOne(t, to)}
				w.write(web, count("line ", 0, 200)...)
				o.take(time.Second)
				w.down(io.ErrUnexpectedEOF)
				o.take(time.Second)
				w.write(web, count("line ", 200, 200)...)
				time.Sleep(time.Second)
				o.again = w.container(web, "a2")
				w.change(web, func(r *fakeRun) { r.unreported = true })
				w.write(web, count("line ", 400, tt.anew)...)
				time.Sleep(time.Second)
				tt.back(o)
				o.take(time.Minute)
				w.write(web, "the end")
				o.take(time.Minute).want(append(count("line ", 0, 400+tt.anew), "the end")...)
				o.wantGaps()
			})
		})
	}
}

// TestARotationIsToldSoonAfterAnOutage: without a restart the run before the
// present one does not have the last line.
func TestARotationIsToldSoonAfterAnOutage(t *testing.T) {
	for _, tt := range []struct {
		words  string
		before int // runs
	}{
		{"of a container that never restarted", 0},
		{"of one that did", 1},
	} {
		t.Run(tt.words, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				for range tt.before {
					w.container(web, "a0")
					w.write(web, "long ago")
					time.Sleep(time.Hour)
				}
				to := w.container(web, "a1")
				r := w.hub(t, Limits{}).followOne(t, to)
				w.write(web, "one")
				r.take(time.Second)
				w.down(io.ErrUnexpectedEOF)
				time.Sleep(5 * time.Second)
				w.write(web, "two")
				w.change(web, func(run *fakeRun) { run.rotated = len(run.data) })
				w.write(web, "three")
				w.up()
				r.take(10*time.Second).want("one", "three")
				r.wantGaps(mesh.GapRotated)
			})
		})
	}
}

// TestAWaypointIsReplacedInAnOutage reads what the old pod wrote last.
func TestAWaypointIsReplacedInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, r := followed(t)
		w.write(web, "one")
		r.take(time.Second)
		w.down(io.ErrUnexpectedEOF)
		w.write(web, "last words")
		next := w.container("shop/web-2/app", "b1")
		w.write("shop/web-2/app", "two")
		r.Retarget([]mesh.LogTarget{next})
		r.take(15 * time.Second)
		w.up()
		r.take(10 * time.Second)
		w.change(web, func(run *fakeRun) { run.over = true })
		r.take(time.Minute)
		want := map[string]bool{"one": true, "two": true, "last words": true}
		for _, line := range r.lines {
			delete(want, line)
		}
		if len(want) > 0 || len(r.lines) != 3 {
			t.Errorf("lines %q", r.lines)
		}
		r.wantGaps()
	})
}

// TestWhatCannotBeReadAnyMoreIsAGap loses lines in each of the ways that nobody
// can make good.
func TestWhatCannotBeReadAnyMoreIsAGap(t *testing.T) {
	for _, tt := range []struct {
		words string
		loss  func(w *world, r *reader)
		gap   mesh.LogGapReason
	}{
		{"the pod is deleted in an outage", func(w *world, r *reader) {
			w.mu.Lock()
			w.logs[web].gone = &Failure{Phase: mesh.LogEnded, Detail: "The pod is gone."}
			w.mu.Unlock()
			w.up()
		}, mesh.GapRemoved},
		{"the run before cannot be read for long after a restart", func(w *world, r *reader) {
			r.Retarget([]mesh.LogTarget{w.container(web, "a2")})
			r.take(2 * time.Minute)
			w.up()
		}, mesh.GapUnread},
		{"nobody asks for it any more, and the outage goes on", func(_ *world, r *reader) {
			r.Retarget(nil)
		}, mesh.GapUnread},
	} {
		t.Run(tt.words, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _, r := followed(t)
				w.write(web, "one")
				r.take(time.Second)
				w.down(io.ErrUnexpectedEOF)
				w.write(web, "lost")
				r.take(time.Second)
				tt.loss(w, r)
				r.take(2 * time.Minute).want("one")
				r.wantGaps(tt.gap)
			})
		})
	}
}

// TestAPausedReaderIsToldWhatItMissesOfAPodThatIsGone, whose lines cannot wait for
// ever.
func TestAPausedReaderIsToldWhatItMissesOfAPodThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, r := followed(t)
		w.write(web, "one")
		r.take(time.Second)
		r.Pause()
		w.write(web, "two", "three")
		w.change(web, func(run *fakeRun) { run.over = true })
		r.Retarget(nil)
		r.take(10 * time.Second)
		w.mu.Lock()
		w.logs[web].gone = &Failure{Phase: mesh.LogEnded, Detail: "The pod is gone."}
		w.mu.Unlock()
		r.take(2 * time.Minute).want("one")
		r.Resume()
		r.take(time.Second)
		if missed := r.dropped(mesh.GapPaused); missed != 2 {
			t.Errorf("it was told of %d lines", missed)
		}
	})
}

// TestAnotherWaylightGoesOn resumes by the IDs that a client had of the process
// before.
func TestAnotherWaylightGoesOn(t *testing.T) {
	for _, tt := range []struct {
		words     string
		meanwhile func(w *world) mesh.LogTarget
		gaps      []mesh.LogGapReason
	}{
		{"in the same run", func(*world) mesh.LogTarget { return target(web, "a1") }, nil},
		{"in the next run", func(w *world) mesh.LogTarget { return w.container(web, "a2") }, nil},
		{"two runs later", func(w *world) mesh.LogTarget { w.container(web, "a2"); return w.container(web, "a3") }, []mesh.LogGapReason{mesh.GapRemoved}},
	} {
		t.Run(tt.words, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, to := alone()
				w.write(web, count("line ", 0, 200)...)
				old := w.hub(t, Limits{}).followOne(t, to).take(time.Second)
				old.Close()
				unread := 200
				if tt.gaps == nil {
					w.write(web, count("line ", unread, 100)...)
				}
				now := tt.meanwhile(w)
				w.write(web, count("line ", 300, 100)...)
				young := w.hub(t, Limits{}).reader(t, mesh.LogFollow{Targets: []mesh.LogTarget{now}, After: map[string]string{web: old.ids[199]}})
				young.take(time.Minute)
				want := count("line ", 200, 200)
				if tt.gaps != nil {
					want = want[100:]
				}
				young.want(want...)
				young.wantGaps(tt.gaps...)
			})
		})
	}
}
