package ui

import (
	"context"
	"strconv"
	"time"
)

// Clock is what relative times are counted from.
type Clock struct {
	// Now is the moment of rendering, or the recorded moment of a bundle.
	Now time.Time
	// Ticking is set for fragments, which only a browser with scripts asks
	// for: it writes relative times itself, so the server prints none. That
	// keeps a fragment's bytes, and so its ETag, the same while nothing but
	// the time changed.
	Ticking bool
}

type clockKey struct{}

// WithClock hands the clock to all components below. Layout and Fragment of
// package views do it; without a clock times are printed absolute.
func WithClock(ctx context.Context, c Clock) context.Context {
	return context.WithValue(ctx, clockKey{}, c)
}

// agoText is what a component prints for t: relative where the clock allows.
func agoText(ctx context.Context, t time.Time) string {
	c, ok := ctx.Value(clockKey{}).(Clock)
	if !ok || c.Ticking || c.Now.IsZero() {
		return Clockface(t)
	}
	return Relative(t, c.Now)
}

// Absolute prints a moment in full: "2026-11-23 07:45:12 UTC".
func Absolute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// Clockface prints the time of day in UTC: "07:45:12 UTC".
func Clockface(t time.Time) string { return t.UTC().Format("15:04:05 UTC") }

// Machine is the form of a datetime attribute and of anything copied.
func Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Relative says how long before (or after) now a moment lies: "4 s ago",
// "3 min ago", "in 2 h". static/src/time.js says the same in the browser.
func Relative(t, now time.Time) string {
	d := now.Sub(t)
	if d < 0 {
		return "in " + Duration(-d)
	}
	return Duration(d) + " ago"
}

// Duration prints a length of time in its largest unit, rounded down, as it is
// read at a glance: "4 s", "3 min", "2 h", "5 d". Negative is printed as zero.
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return "0 s"
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	}
	return strconv.Itoa(int(d/(24*time.Hour))) + " d"
}

// Minute prints a moment to the minute: "2026-11-23 07:45 UTC".
func Minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
