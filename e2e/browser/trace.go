package browser

import (
	"slices"
	"time"
)

// traceEvent is what is read of an entry of a trace; times are in microseconds.
type traceEvent struct {
	Name     string  `json:"name"`
	PID      int     `json:"pid"`
	TID      int     `json:"tid"`
	TS       float64 `json:"ts"`
	Duration float64 `json:"dur"`
}

// Entries of a trace: one task of a thread, and one callback of requestAnimationFrame.
const (
	taskEvent      = "RunTask"
	animationEvent = "FireAnimationFrame"
)

// end is when it was over.
func (e *traceEvent) end() float64 { return e.TS + e.Duration }

// frames adds up the tasks of the page's main thread, which is the one that makes frames. A frame begins with the task that
// calls animation callbacks, and has all that follow until the next such.
func frames(events []traceEvent) Frames {
	var animations, tasks []traceEvent
	for _, e := range events {
		if e.Name == animationEvent {
			animations = append(animations, e)
		}
	}
	if len(animations) == 0 {
		return Frames{}
	}
	main := animations[len(animations)/2]
	for _, e := range events {
		if e.Name == taskEvent && e.PID == main.PID && e.TID == main.TID {
			tasks = append(tasks, e)
		}
	}
	slices.SortFunc(animations, byTime)
	slices.SortFunc(tasks, byTime)
	return Frames{Busy: perFrame(tasks, animations)}
}

func byTime(a, b traceEvent) int { return int(a.TS - b.TS) }

// perFrame is the work of each frame, in order of size; the last one may not be whole and is left out.
func perFrame(tasks, animations []traceEvent) []time.Duration {
	var busy []time.Duration
	for _, task := range tasks {
		begins := false
		for len(animations) > 0 && animations[0].TS <= task.end() {
			begins = begins || animations[0].TS >= task.TS
			animations = animations[1:]
		}
		if begins {
			busy = append(busy, 0)
		}
		if n := len(busy); n > 0 {
			busy[n-1] += time.Duration(task.Duration * float64(time.Microsecond))
		}
	}
	busy = busy[:max(0, len(busy)-1)]
	slices.Sort(busy)
	return busy
}
