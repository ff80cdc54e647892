package podlog

import (
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waylight/waylight/mesh"
)

// recording is a hub over the files of a bundle.
func recording(t *testing.T, files map[string]string) *Hub {
	t.Helper()
	r := Recording{File: func(path string) (io.ReadCloser, bool, error) {
		text, ok := files[path]
		return io.NopCloser(strings.NewReader(text)), ok, nil
	}}
	h := New(Options{Opener: r, Decoder: nothing{}, Recorded: true})
	t.Cleanup(h.Close)
	return h
}

func TestARecordingIsReplayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
		h := recording(t, map[string]string{
			"logs/shop/a/app.log": stamped(at, "one") + stamped(at.Add(2*time.Minute), "three") + strings.TrimSuffix(stamped(at.Add(3*time.Minute), "no line end"), "\n"),
			"logs/shop/b/app.log": stamped(at.Add(time.Minute), "two"),
		})
		wish := mesh.LogFollow{Targets: []mesh.LogTarget{target("shop/a/app", "a1"), target("shop/b/app", "b1"), target("shop/c/app", "c1")}}
		began := time.Now()
		r := h.reader(t, wish).take(time.Hour)
		r.want("one", "two", "three", "no line end")
		if took := time.Since(began); !r.end || took > 0 {
			t.Errorf("at once: ended %t after %s", r.end, took)
		}
		r.states = slices.DeleteFunc(r.states, func(s string) bool { return strings.HasSuffix(s, "following") }) // it may be too short to be seen
		slices.Sort(r.states)
		r.wantStates("a ended", "b ended", "c ended")
		wish.Recorded = true
		r = h.reader(t, wish).take(time.Hour)
		r.want("one", "two", "three", "no line end")
		if took := time.Since(began); !r.end || took != 3*time.Minute {
			t.Errorf("as recorded: ended %t after %s", r.end, took)
		}
	})
}

func TestRecent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		a, b := w.container("shop/a/app", "a1"), w.container("shop/b/app", "b1")
		gone, stuck := target("shop/c/app", "c1"), w.container("shop/d/app", "d1")
		w.change("shop/d/app", func(r *fakeRun) { r.hang = true })
		w.write("shop/a/app", "too old")
		time.Sleep(time.Minute)
		since := time.Now()
		w.write("shop/b/app", "one")
		time.Sleep(time.Second)
		w.write("shop/a/app", "two")
		h := w.hub(t, Limits{})
		look := func() *reader {
			r := &reader{t: t}
			for _, e := range h.Recent(t.Context(), []mesh.LogTarget{a, b, gone, stuck}, since) {
				r.note(e)
			}
			return r
		}
		r := look()
		r.want("one", "two")
		r.wantStates("c ended", "d reconnecting")
		opens := w.opens
		look().want("one", "two")
		if w.opens != opens {
			t.Error("a second look within seconds read again")
		}
		time.Sleep(time.Minute)
		w.write("shop/a/app", "three")
		look().want("one", "two", "three")
	})
}

func TestRecentIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		to := w.container(web, "a1")
		w.write(web, count("line ", 0, recentLines+100)...)
		r := &reader{t: t}
		for _, e := range w.hub(t, Limits{}).Recent(t.Context(), []mesh.LogTarget{to}, time.Now()) {
			r.note(e)
		}
		if n := len(r.lines); n == 0 || n > recentLines || r.lines[n-1] != "line 5099" {
			t.Errorf("%d lines", n)
		}
		for _, g := range r.gaps {
			if g.Reason != mesh.GapLimit {
				t.Errorf("gap %+v", g)
			}
		}
		if len(r.gaps) == 0 {
			t.Error("nothing says that lines were left out")
		}
	})
}
