package podlog

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

// dropped adds up what a reader was told it misses.
func (r *reader) dropped(reason mesh.LogGapReason) (n int) {
	r.t.Helper()
	for _, g := range r.gaps {
		if g.Reason != reason || g.Dropped <= 0 || g.Newest.Before(g.Oldest) {
			r.t.Errorf("gap %+v", g)
		}
		n += g.Dropped
	}
	return n
}

func TestAStalledReaderIsToldExactlyWhatItMisses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		var targets []mesh.LogTarget
		for i := range 3 {
			targets = append(targets, w.container(fmt.Sprintf("shop/web-%d/app", i), fmt.Sprintf("id%d", i)))
		}
		h := w.hub(t, Limits{Bytes: 3 << 20})
		wish := mesh.LogFollow{Targets: targets}
		fast, stalled := h.reader(t, wish), h.reader(t, wish)
		fast.take(time.Second)
		const batches, each = 200, 50
		for i := range batches {
			for _, to := range targets {
				w.write(to.Name(), count("line ", i*each, each)...)
			}
			fast.take(10 * time.Millisecond)
		}
		fast.take(time.Second)
		stalled.take(time.Minute)
		const all = batches * each * 3
		if len(fast.lines) != all || len(fast.gaps) > 0 || fast.late > 0 {
			t.Errorf("the fast reader had %d of %d lines, %d late, and the gaps %v", len(fast.lines), all, fast.late, fast.gaps)
		}
		missed := stalled.dropped(mesh.GapSlow)
		if missed == 0 || missed+len(stalled.lines) != all {
			t.Errorf("the stalled reader had %d lines and was told of %d, of %d", len(stalled.lines), missed, all)
		}
		if held := h.held(); held > 3<<20 {
			t.Errorf("%d bytes are held", held)
		}
	})
}

// held is how many bytes of lines wait for readers.
func (h *Hub) held() (bytes int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.shared {
		t.mu.Lock()
		bytes += t.ring.bytes
		t.mu.Unlock()
	}
	return bytes
}

func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, to := alone()
		r := w.hub(t, Limits{Bytes: 100 * 1000}).followOne(t, to)
		r.take(time.Second)
		r.Pause()
		w.write(web, count("line ", 0, 20)...)
		r.take(time.Second).want()
		r.Resume()
		r.take(time.Second).want(count("line ", 0, 20)...)
		r.wantGaps()
		r.Pause()
		for i := range 20 {
			w.write(web, count("line ", 20+i*50, 50)...)
			time.Sleep(10 * time.Millisecond)
		}
		r.take(time.Second)
		r.Resume()
		r.take(time.Second)
		if missed := r.dropped(mesh.GapPaused); missed == 0 || missed+len(r.lines) != 1020 {
			t.Errorf("had %d lines and was told of %d", len(r.lines), missed)
		}
	})
}

func TestLinesComeByTimeAndLateOnesAreMarked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		a, b := w.container("shop/a/app", "a1"), w.container("shop/b/app", "b1")
		r := w.hub(t, Limits{}).reader(t, mesh.LogFollow{Targets: []mesh.LogTarget{a, b}, Since: time.Now()})
		r.take(time.Second)
		w.write("shop/b/app", "live")
		w.write("shop/a/app", "live")
		r.take(time.Second)
		r.lines, r.ids = nil, nil
		at := time.Now()
		write := func(name, text string, offset time.Duration) { w.raw(name, stamped(at.Add(offset), text)) }
		write("shop/a/app", "second", 2*time.Millisecond)
		time.Sleep(50 * time.Millisecond)
		write("shop/b/app", "first", time.Millisecond)
		r.take(time.Second).want("first", "second")
		if r.late != 0 {
			t.Errorf("%d lines are late", r.late)
		}
		write("shop/b/app", "late", 0)
		r.take(time.Second).want("first", "second", "late")
		if r.late != 1 {
			t.Errorf("%d lines are late", r.late)
		}
	})
}

func TestThePastIsReadAgainWhereItIsNotHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, to := alone()
		h := w.hub(t, Limits{Bytes: 100 * 1000})
		begin := time.Now()
		first := h.followOne(t, to)
		for i := range 20 {
			w.write(web, count("line ", i*50, 50)...)
			first.take(100 * time.Millisecond)
		}
		second := h.reader(t, mesh.LogFollow{Targets: []mesh.LogTarget{to}, Since: begin})
		second.take(time.Second)
		w.write(web, "line 1000")
		first.take(time.Second).want(count("line ", 0, 1001)...)
		second.take(time.Second).want(count("line ", 0, 1001)...)
		second.wantGaps()
		third := h.reader(t, mesh.LogFollow{Targets: []mesh.LogTarget{to}, Since: time.Now().Add(-2500 * time.Millisecond)})
		third.take(time.Second).want("line 1000")
		if w.opens != 2 {
			t.Errorf("the log was opened %d times, want once to follow and once for the past", w.opens)
		}
	})
}

func TestThePastIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, to := alone()
		for i := range 50 {
			w.write(web, count("line ", i*10, 10)...) // all of one moment
			time.Sleep(time.Second)
		}
		time.Sleep(time.Minute)
		all := w.hub(t, Limits{}).followOne(t, to).take(time.Second)
		r := w.hub(t, Limits{Past: 95}).followOne(t, to)
		r.take(time.Second)
		w.write(web, "line 500")
		all.take(time.Second)
		r.take(time.Second).want(count("line ", 400, 101)...)
		r.wantGaps(mesh.GapLimit)
		if g := r.gaps[0]; g.Dropped != -1 {
			t.Errorf("gap %+v", g)
		}
		if diff := cmp.Diff(all.ids[400:], r.ids); diff != "" {
			t.Errorf("where reading begins changes IDs:\n%s", diff)
		}
	})
}

func TestOnceReadsAllAndWaitsForItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, to := alone()
		w.write(web, count("line ", 0, 5000)...)
		r := w.hub(t, Limits{Bytes: 100 * 1000}).reader(t, mesh.LogFollow{Targets: []mesh.LogTarget{to}, Once: true})
		time.Sleep(time.Hour)
		r.take(time.Minute).want(count("line ", 0, 5000)...)
		r.wantGaps()
		if !r.end {
			t.Error("it does not end")
		}
	})
}

func TestWhoLeavesLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, to := alone()
		h := w.hub(t, Limits{})
		r := h.followOne(t, to)
		w.write(web, "one")
		r.take(time.Second)
		r.Close()
		time.Sleep(linger / 2)
		w.write(web, "two")
		h.followOne(t, to).take(time.Second).want("one", "two")
		if w.opens != 1 {
			t.Errorf("opened %d times", w.opens)
		}
		other := h.followOne(t, to)
		other.Close()
		time.Sleep(time.Hour)
		w.mu.Lock()
		if w.current != 1 {
			t.Errorf("%d logs are open while one reader is there", w.current)
		}
		w.mu.Unlock()
	})
}

func TestLimitsOfContainersAndReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		a, b := w.container("shop/a/app", "a1"), w.container("shop/b/app", "b1")
		h := w.hub(t, Limits{Containers: 1, Readers: 1})
		if _, err := h.Follow(mesh.LogFollow{Targets: []mesh.LogTarget{a, b}}); !errors.Is(err, ErrTooMany) {
			t.Errorf("two containers: %v", err)
		}
		time.Sleep(time.Minute)
		r := h.followOne(t, a)
		if _, err := h.Follow(mesh.LogFollow{Targets: []mesh.LogTarget{a}}); !errors.Is(err, ErrTooMany) {
			t.Errorf("two readers: %v", err)
		}
		r.Retarget([]mesh.LogTarget{a, b})
		r.take(time.Second).wantStates("b ended", "a following")
	})
}
