package meshtest

import (
	"io"
	"runtime"
	"strings"
)

// Endless begins with a text and then repeats another for ever, as nobody but a
// hostile proxy would. Tests bound it with io.LimitReader where its end matters.
func Endless(begin, repeat string) io.Reader {
	const chunk = 64 << 10 // read at once, so that a gigabyte is no million calls
	return &endless{next: begin, repeat: strings.Repeat(repeat, chunk/len(repeat)+1)}
}

type endless struct{ next, repeat string }

// Read implements io.Reader.
func (e *endless) Read(p []byte) (int, error) {
	if e.next == "" {
		e.next = e.repeat
	}
	n := copy(p, e.next)
	e.next = e.next[n:]
	return n, nil
}

// Allocated is how many bytes f asks of memory in all, also those it gives back.
func Allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
