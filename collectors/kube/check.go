package kube

import (
	"fmt"
	"math"
	"time"
)

// checker keeps the first thing that is wrong in an object. An object with a
// wrong value is given up as a whole: half of a policy is another policy.
type checker struct{ err error }

// fail notes what is wrong with a field.
func (c *checker) fail(field, format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%s %s", field, fmt.Sprintf(format, args...))
	}
}

// port narrows a port number.
func (c *checker) port(field string, n int64) uint16 {
	if n < 0 || n > math.MaxUint16 {
		c.fail(field, "is %d, which is no port", n)
		return 0
	}
	return uint16(n)
}

// duration reads a duration as Istio and the Gateway API write it ("1.5s",
// "1h30m"); nil where none is given.
func (c *checker) duration(field, text string) *time.Duration {
	if text == "" {
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		c.fail(field, "is %q, which is no duration", text)
		return nil
	}
	return &d
}
