package views

import "time"

// Span is a time that charts show, up to now, as it stands in the address.
type Span string

// defaultSpan is shown unasked.
const defaultSpan Span = "1h"

// spans are those there are, the shortest first.
var spans = []struct {
	name  Span
	long  time.Duration
	words string
}{
	{"5m", 5 * time.Minute, "5 min"},
	{"15m", 15 * time.Minute, "15 min"},
	{"1h", time.Hour, "1 h"},
	{"6h", 6 * time.Hour, "6 h"},
	{"24h", 24 * time.Hour, "24 h"},
	{"7d", 7 * 24 * time.Hour, "7 d"},
}

// ParseSpan reads a span. Nothing is the one that is shown unasked; false for a
// text that is none of them.
func ParseSpan(text string) (Span, bool) {
	if text == "" {
		return defaultSpan, true
	}
	for _, s := range spans {
		if string(s.name) == text {
			return s.name, true
		}
	}
	return defaultSpan, false
}

// SpanNames lists the spans there are, for a sentence.
func SpanNames() string {
	names := make([]string, 0, len(spans))
	for _, s := range spans {
		names = append(names, string(s.name))
	}
	return sentenceList(names)
}

// Length is how long it is; that of the default for the zero value.
func (s Span) Length() time.Duration {
	for _, known := range spans {
		if known.name == s {
			return known.long
		}
	}
	return defaultSpan.Length()
}
