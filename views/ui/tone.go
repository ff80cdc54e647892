package ui

import "strings"

// Tone is how a piece of text is coloured. It never stands alone: a word or a
// mark beside it says the same.
type Tone string

// The tones.
const (
	ToneNone    Tone = ""
	ToneGood    Tone = "good"
	ToneWarn    Tone = "warning"
	ToneBad     Tone = "critical"
	ToneUnknown Tone = "unknown"
)

// classes joins class names and leaves out empty ones.
func classes(names ...string) string {
	return strings.Join(strings.Fields(strings.Join(names, " ")), " ")
}
