package browser

import (
	"slices"
	"testing"
	"time"
)

func TestTasksAreAddedUpPerFrame(t *testing.T) {
	task := func(tid int, ts, duration float64) traceEvent {
		return traceEvent{Name: taskEvent, TID: tid, TS: ts, Duration: duration}
	}
	animation := func(ts float64) traceEvent { return traceEvent{Name: animationEvent, TID: 1, TS: ts} }
	got := frames([]traceEvent{
		task(1, 50, 10), // before the first frame
		task(1, 100, 10), animation(101), animation(105), task(1, 150, 3), task(2, 160, 99),
		task(1, 200, 7), animation(203),
		task(1, 300, 5), animation(301), // the last one
	})
	if want := []time.Duration{7 * time.Microsecond, 13 * time.Microsecond}; !slices.Equal(got.Busy, want) {
		t.Errorf("got %v, want %v", got.Busy, want)
	}
}
