package kube

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// checker keeps the first thing that is wrong in an object. An object with a
// wrong value is given up as a whole: half of a policy is another policy.
//
// Fields are named as in the API, with the list indexes apart, so that a name
// is put together only for an error: "spec.ports[].port", 2.
type checker struct{ err error }

// fail notes what is wrong with a field.
func (c *checker) fail(what, field string, index ...int) {
	if c.err == nil {
		c.err = fmt.Errorf("%s %s", fieldPath(field, index), what)
	}
}

// fieldPath puts the indexes into the field's empty brackets.
func fieldPath(field string, index []int) string {
	for _, i := range index {
		field = strings.Replace(field, "[]", "["+strconv.Itoa(i)+"]", 1)
	}
	return field
}

// port narrows a port number; 0 is let through, for ports that are not given.
func (c *checker) port(n int64, field string, index ...int) uint16 {
	if n < 0 || n > math.MaxUint16 {
		c.fail("is "+strconv.FormatInt(n, 10)+", which is no port", field, index...)
		return 0
	}
	return uint16(n)
}

// duration reads a duration as Istio and the Gateway API write it ("1.5s",
// "1h30m"); nil where none is given.
func (c *checker) duration(text, field string, index ...int) *time.Duration {
	if text == "" {
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		c.fail(fmt.Sprintf("is %q, which is no duration", bounded(text, maxQuoted)), field, index...)
		return nil
	}
	return &d
}

// maxQuoted is how much of a wrong value an error repeats.
const maxQuoted = 64
