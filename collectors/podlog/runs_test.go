package podlog

import (
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waylight/waylight/mesh"
)

// follow reads one container from its beginning.
func (h *Hub) followOne(t *testing.T, to mesh.LogTarget) *reader {
	t.Helper()
	return h.reader(t, mesh.LogFollow{Targets: []mesh.LogTarget{to}})
}

// alone is a world with one container.
func alone() (*world, mesh.LogTarget) {
	w := newWorld()
	return w, w.container(web, "a1")
}

// followed is a world with one container, and who follows it.
func followed(t *testing.T) (*world, mesh.LogTarget, *reader) {
	t.Helper()
	w, to := alone()
	return w, to, w.hub(t, Limits{}).followOne(t, to)
}

func (r *reader) wantGaps(reasons ...mesh.LogGapReason) {
	r.t.Helper()
	var got []mesh.LogGapReason
	for _, g := range r.gaps {
		got = append(got, g.Reason)
	}
	if !slices.Equal(got, reasons) {
		r.t.Errorf("gaps %q, want %q", got, reasons)
	}
}

func (r *reader) wantStates(states ...string) {
	r.t.Helper()
	if !slices.Equal(r.states, states) {
		r.t.Errorf("states %q, want %q", r.states, states)
	}
}

// TestRotation rotates the log while nobody reads it.
func TestRotation(t *testing.T) {
	for _, tt := range []struct {
		words   string
		rotated int // how many of the lines "a", "b" were read and are rotated away, and "c" was not
		gaps    []mesh.LogGapReason
		want    []string
	}{
		{"of what was read before the last line", 1, nil, []string{"a", "b", "c", "d"}},
		{"of all that was read", 2, []mesh.LogGapReason{mesh.GapRotated}, []string{"a", "b", "c", "d"}},
		{"of what was not read", 3, []mesh.LogGapReason{mesh.GapRotated}, []string{"a", "b", "d"}},
	} {
		t.Run(tt.words, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _, r := followed(t)
				length := len(stamped(time.Now(), "a"))
				for _, line := range []string{"a", "b"} {
					w.write(web, line)
					time.Sleep(time.Millisecond)
				}
				r.take(time.Second)
				w.change(web, func(run *fakeRun) {
					run.cut, run.cutErr = run.cut+1, io.ErrUnexpectedEOF
					run.data = append(run.data, stamped(time.Now(), "c")...)
					run.rotated = tt.rotated * length
				})
				time.Sleep(time.Second)
				w.write(web, "d")
				r.take(time.Minute).want(tt.want...)
				r.wantGaps(tt.gaps...)
			})
		})
	}
}

func TestARestartIsReadRunByRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, r := followed(t)
		w.write(web, "one")
		r.take(time.Second)
		// The way is cut, and the last words of the run are written meanwhile.
		w.cut(web, io.ErrUnexpectedEOF)
		w.write(web, "last words")
		again := w.container(web, "a2")
		w.write(web, "anew")
		r.Retarget([]mesh.LogTarget{again})
		r.take(time.Second)
		w.write(web, "and on")
		r.take(time.Second).want("one", "last words", "anew", "and on")
		r.wantGaps()
		if id := r.ids[2]; id[:3] != "a2/" {
			t.Errorf("a line of the second run has the ID %s", id)
		}
	})
}

func TestARunThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, r := followed(t)
		w.write(web, "one")
		r.take(time.Second)
		w.cut(web, io.ErrUnexpectedEOF)
		w.container(web, "a2")
		third := w.container(web, "a3")
		w.write(web, "third")
		r.Retarget([]mesh.LogTarget{third})
		r.take(time.Minute).want("one", "third")
		r.wantGaps(mesh.GapRemoved)
	})
}

func TestARunThatNoSnapshotHad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, r := followed(t)
		w.write(web, "one")
		r.take(time.Second)
		w.container(web, "a2") // what is written before is read to its end
		r.take(time.Second)
		w.write(web, "two")
		third := w.container(web, "a3")
		third.Restarts = 2
		w.write(web, "three")
		r.Retarget([]mesh.LogTarget{third})
		r.take(time.Minute).want("one", "three")
		r.wantGaps(mesh.GapRemoved)
	})
}

func TestAPodIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, to := alone()
		h := w.hub(t, Limits{})
		r := h.followOne(t, to)
		w.write(web, "one")
		r.take(time.Second)
		next := w.container("shop/web-2/app", "b1")
		w.write("shop/web-2/app", "two")
		r.Retarget([]mesh.LogTarget{next})
		time.Sleep(time.Second)
		w.write(web, "last words")
		w.change(web, func(run *fakeRun) { run.over = true })
		w.mu.Lock()
		w.logs[web].gone = &Failure{Phase: mesh.LogEnded, Detail: "The pod is gone."}
		w.mu.Unlock()
		r.take(time.Minute).want("one", "two", "last words")
		r.wantGaps()
		slices.Sort(r.states) // two containers have no order
		r.wantStates("web-1 ended", "web-1 following", "web-1 reconnecting", "web-2 following")
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.open != 1 {
			t.Errorf("%d logs are open", h.open)
		}
	})
}

func TestTheRunBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.container(web, "a1")
		w.write(web, "crash")
		to := w.container(web, "a2")
		w.write(web, "anew")
		to.Previous = true
		r := w.hub(t, Limits{}).reader(t, mesh.LogFollow{Targets: []mesh.LogTarget{to}, Once: true})
		r.take(time.Minute).want("crash")
		if !r.end || r.ids[0][:3] != "a1/" {
			t.Errorf("ended %t, IDs %q", r.end, r.ids)
		}
	})
}

func TestAMissingRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, to := alone()
		w.write(web, "one")
		w.fail = &Failure{Phase: mesh.LogForbidden, Detail: Right("shop")}
		r := w.hub(t, Limits{}).followOne(t, to)
		r.take(time.Second).wantStates("web-1 forbidden")
		w.mu.Lock()
		w.fail = nil
		w.mu.Unlock()
		r.take(time.Minute).want("one")
		r.wantStates("web-1 forbidden", "web-1 following")
	})
}

func TestARightThatWasThereIsNotMissingAtOnce(t *testing.T) {
	for _, tt := range []struct {
		words  string
		during time.Duration
		want   []string
	}{
		{"an API server that has just started", 3 * time.Second, []string{"web-1 following", "web-1 reconnecting", "web-1 following"}},
		{"a right that was taken away", time.Minute, []string{"web-1 following", "web-1 reconnecting", "web-1 forbidden", "web-1 following"}},
	} {
		t.Run(tt.words, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _, r := followed(t)
				w.write(web, "one")
				r.take(time.Second)
				w.down(&Failure{Phase: mesh.LogForbidden, Detail: Right("shop")})
				r.take(tt.during)
				w.write(web, "two")
				w.up()
				r.take(time.Minute).want("one", "two")
				r.states = slices.Compact(r.states) // each retry is told
				r.wantStates(tt.want...)
			})
		})
	}
}

func TestReconnectingIsSaidAndSlowsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, to := alone()
		w.fail = io.ErrUnexpectedEOF
		s, err := w.hub(t, Limits{}).Follow(mesh.LogFollow{Targets: []mesh.LogTarget{to}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		events, err := s.Next(t.Context())
		if err != nil || len(events) != 1 || events[0].State == nil {
			t.Fatalf("%+v, %v", events, err)
		}
		if st := events[0].State; st.Phase != mesh.LogReconnecting || st.RetryIn <= 0 || st.RetryIn > time.Second || st.Detail != "The connection was cut." {
			t.Errorf("state %+v", st)
		}
		time.Sleep(time.Hour)
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.opens < 600 || w.opens > 1000 {
			t.Errorf("the log was asked for %d times within an hour", w.opens)
		}
	})
}

func TestALogThatDoesNotAnswerIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		silent, busy := w.container(web, "a1"), w.container("shop/web-2/app", "b1")
		w.change(web, func(r *fakeRun) { r.hang = true })
		w.write("shop/web-2/app", "two")
		r := w.hub(t, Limits{}).reader(t, mesh.LogFollow{Targets: []mesh.LogTarget{silent, busy}})
		r.take(1100 * time.Millisecond).want("two")
		r.take(time.Minute).wantStates("web-2 following", "web-1 following")
	})
}

func TestAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, to := alone()
		w.write(web, "one", "two", "three")
		h := w.hub(t, Limits{})
		first := h.followOne(t, to).take(time.Second)
		again := func(id string) *reader {
			r := h.reader(t, mesh.LogFollow{Targets: []mesh.LogTarget{to}, After: map[string]string{web: id}})
			return r.take(time.Second)
		}
		again(first.ids[1]).want("three")
		first.Close()
		time.Sleep(time.Hour) // nobody follows it any more
		again(first.ids[0]).want("two", "three")
		w.container(web, "a2")
		w.write(web, "anew")
		to = target(web, "a2")
		again(first.ids[1]).want("three", "anew")
	})
}
