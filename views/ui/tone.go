package ui

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
