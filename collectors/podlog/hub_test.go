package podlog

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

const web = "shop/web-1/app"

// want compares the lines a reader had, and that each has an ID of its own.
func (r *reader) want(lines ...string) {
	r.t.Helper()
	if diff := cmp.Diff(lines, r.lines); diff != "" {
		r.t.Errorf("lines (-want +got):\n%s", diff)
	}
	seen := make(map[string]bool)
	for _, id := range r.ids {
		if seen[id] {
			r.t.Errorf("the line %s came twice", id)
		}
		seen[id] = true
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, to := alone()
		w.write(web, "one", "two")
		time.Sleep(time.Minute)
		r := w.hub(t, Limits{}).reader(t, mesh.LogFollow{Targets: []mesh.LogTarget{to}, Since: time.Now().Add(-time.Hour)})
		r.take(time.Second)
		w.write(web, "three")
		r.take(time.Second).want("one", "two", "three")
		if want := []string{"web-1 following"}; !slices.Equal(r.states, want) {
			t.Errorf("states %q, want %q", r.states, want)
		}
		if want := "a1/2000-01-01T00:00:00Z/1"; r.ids[1] != want {
			t.Errorf("the second line has the ID %s, want %s", r.ids[1], want)
		}
	})
}

// TestNothingIsLostOrRepeatedWhenCut cuts the way to a log in each of the ways
// that happen.
func TestNothingIsLostOrRepeatedWhenCut(t *testing.T) {
	for _, tt := range []struct {
		words string
		cut   func(w *world)
	}{
		{"between two lines, and it shows", func(w *world) { w.cut(web, io.ErrUnexpectedEOF) }},
		{"between two lines, and it looks like the end", func(w *world) { w.cut(web, nil) }},
		{"in the middle of a line", func(w *world) {
			w.raw(web, stamped(time.Now(), "the half")[:35])
			time.Sleep(time.Millisecond)
			w.cut(web, nil)
			time.Sleep(time.Millisecond)
			w.change(web, func(r *fakeRun) { r.data = r.data[:len(r.data)-35] })
		}},
		{"many times", func(w *world) {
			for range 5 {
				time.Sleep(time.Second)
				w.cut(web, io.ErrUnexpectedEOF)
			}
		}},
		{"by an API server that is away for a while", func(w *world) {
			w.mu.Lock()
			w.fail = io.ErrUnexpectedEOF
			w.mu.Unlock()
			w.cut(web, io.ErrUnexpectedEOF)
			time.Sleep(time.Minute)
			w.mu.Lock()
			w.fail = nil
			w.mu.Unlock()
		}},
	} {
		t.Run(tt.words, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, to := alone()
				r := w.hub(t, Limits{}).reader(t, mesh.LogFollow{Targets: []mesh.LogTarget{to}})
				w.write(web, count("line ", 0, 3)...) // all of one moment
				r.take(10 * time.Millisecond)
				tt.cut(w)
				w.write(web, count("line ", 3, 3)...)
				r.take(time.Minute).want(count("line ", 0, 6)...)
				if len(r.gaps) > 0 {
					t.Errorf("gaps %+v", r.gaps)
				}
			})
		})
	}
}

func TestManyReadersShareOneOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, to := alone()
		h := w.hub(t, Limits{})
		w.write(web, count("line ", 0, 100)...)
		var readers []*reader
		for range 20 {
			r := h.reader(t, mesh.LogFollow{Targets: []mesh.LogTarget{to}, Since: time.Now().Add(-time.Minute)})
			readers = append(readers, r.take(time.Second))
			w.write(web, fmt.Sprintf("line %d", 100+len(readers)-1))
		}
		for _, r := range readers {
			r.take(time.Second).want(count("line ", 0, 120)...)
		}
		if w.opens != 1 {
			t.Errorf("the log was opened %d times", w.opens)
		}
	})
}
