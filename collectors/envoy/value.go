package envoy

import (
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/collectors/jsonstream"
)

// enum is an enumeration by name, or by number where Envoy has no name for it.
type enum string

// UnmarshalJSON accepts both forms.
func (e *enum) UnmarshalJSON(b []byte) error {
	if jsontext.Value(b).Kind() == '0' {
		*e = enum(b)
		return nil
	}
	var s string
	err := json.Unmarshal(b, &s, jsonstream.Options)
	*e = enum(s)
	return err
}

// or is the value, or the default that JSON of protobuf leaves out.
func (e enum) or(otherwise string) string {
	if e == "" {
		return otherwise
	}
	return string(e)
}

// number is an unsigned integer; those of 64 bits are written as strings.
type number uint64

// UnmarshalJSON accepts both forms.
func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseUint(strings.Trim(string(b), `"`), 10, 64)
	*n = number(v)
	return err
}

// uint32 is the number as protobuf has it, never wrapped around.
func (n number) uint32() uint32 { return uint32(min(n, 1<<32-1)) }

// port is the number as a port, 0 if it is none.
func (n number) port() uint16 {
	if n > 1<<16-1 {
		return 0
	}
	return uint16(n)
}

// duration is written as "0.500s".
type duration time.Duration

// UnmarshalJSON reads a number of seconds; time.ParseDuration knows the form.
func (d *duration) UnmarshalJSON(b []byte) error {
	v, err := time.ParseDuration(strings.Trim(string(b), `"`))
	*d = duration(v)
	return err
}

func (d duration) String() string { return time.Duration(d).String() }

// pointer is the duration as the domain has it.
func (d *duration) pointer() *time.Duration { return (*time.Duration)(d) }

// present tells whether a field is there: an empty message counts, null does not.
func present(v jsontext.Value) bool { return len(v) > 0 && v.Kind() != 'n' }

// moment reads a time; the zero time says that there was none. No encoding of
// times can write a year of more than four digits.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if t = t.UTC(); err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}
