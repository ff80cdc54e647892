package logline

import "time"

// slotsOfWindow is how many parts a window is counted in.
const slotsOfWindow = 120

// slots counts events of the last window in equal parts of it, in a ring.
type slots struct {
	counts [slotsOfWindow]uint32
	// last is the number of the newest part, counted from the Unix epoch.
	last int64
}

// add counts an event; one older than the window is past counting.
func (s *slots) add(at time.Time, window time.Duration) {
	n := slotOf(at, window)
	switch {
	case n > s.last:
		s.forward(n)
	case n <= s.last-slotsOfWindow:
		return
	}
	s.counts[index(n)]++
}

// sum counts the events of the window that ends at now.
func (s *slots) sum(now time.Time, window time.Duration) int {
	total := 0
	newest := slotOf(now, window)
	for n := max(newest, s.last) - slotsOfWindow + 1; n <= s.last; n++ {
		total += int(s.counts[index(n)])
	}
	return total
}

// forward empties the parts up to a new newest one.
func (s *slots) forward(to int64) {
	if to-s.last >= slotsOfWindow {
		s.counts = [slotsOfWindow]uint32{}
	} else {
		for n := s.last + 1; n <= to; n++ {
			s.counts[index(n)] = 0
		}
	}
	s.last = to
}

func slotOf(t time.Time, window time.Duration) int64 {
	return t.UnixNano() / max(int64(window)/slotsOfWindow, 1)
}

func index(n int64) int { return int(((n % slotsOfWindow) + slotsOfWindow) % slotsOfWindow) }
