package ui

import "github.com/waylight/waylight/mesh"

// Condition is one status condition and how it is to be taken. Tone is decided
// by whoever knows what the condition should say: the status alone never
// decides it, because Istio's conditions lie by omission.
type Condition struct {
	mesh.Condition
	Tone Tone
	// Note is what the spec says where it disagrees, or what the condition
	// means here; empty for nothing to add.
	Note string
	// Stale is set when the condition was written for an older generation of
	// the object.
	Stale bool
}

// conditionShape marks the tone; a condition nobody judged has none.
func conditionShape(t Tone) string {
	switch t {
	case ToneGood:
		return "check"
	case ToneBad:
		return "cross"
	case ToneWarn:
		return "diamond"
	case ToneUnknown:
		return "question"
	}
	return "dash"
}
