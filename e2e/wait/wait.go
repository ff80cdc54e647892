// Package wait repeats a question until the answer is yes. End-to-end tests watch other programs, so that they can only
// ask again; every wait has a limit, and when it is over the last answer is the failure's text.
package wait

import (
	"testing"
	"time"
)

// Limit is how long a test waits for anything that does not say otherwise. It is generous on purpose: it decides between
// "works" and "never", and says nothing about speed.
const Limit = 2 * time.Minute

// pause between two questions: short, because some tests measure the time that passes until the answer changes.
const pause = 25 * time.Millisecond

// For asks until check returns nil and ends the test with check's last error when limit has passed.
// It answers how long it took.
func For(t testing.TB, limit time.Duration, what string, check func() error) time.Duration {
	t.Helper()
	start := time.Now()
	for {
		err := check()
		took := time.Since(start)
		if err == nil {
			return took
		}
		if took > limit {
			t.Fatalf("%s: not within %s: %v", what, limit, err)
		}
		time.Sleep(pause)
	}
}
