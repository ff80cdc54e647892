package ui

import (
	"strings"

	"github.com/waylight/waylight/analysis/path"
)

// verdictLook is the colour class and the shape of a verdict. Whatever is not
// one of the four is undetermined, never fine.
func verdictLook(v path.Verdict) (class, shape string) {
	switch v {
	case path.Reachable:
		return "good", "check"
	case path.Unreachable:
		return "critical", "cross"
	case path.Ambiguous:
		return "warning", "waves"
	}
	return "unknown", "question"
}

func verdictClass(v path.Verdict) string { c, _ := verdictLook(v); return c }

func verdictShape(v path.Verdict) string { _, s := verdictLook(v); return s }

// verdictWord is the verdict in lower case, as it is written within a line.
func verdictWord(v path.Verdict) string {
	if v == "" {
		return "undetermined"
	}
	return strings.ToLower(string(v))
}

// stateLook is the colour class and the shape of a hop's state.
func stateLook(s path.State) (class, shape string) {
	switch s {
	case path.StateOK:
		return "good", "check"
	case path.StateBad:
		return "critical", "cross"
	case path.StateWarn:
		return "warning", "diamond"
	case path.StateBypassed:
		return "warning", "dash"
	case path.StateNotReached:
		return "soft", "dots"
	}
	return "unknown", "question"
}

func stateClass(s path.State) string { c, _ := stateLook(s); return c }

func stateShape(s path.State) string { _, sh := stateLook(s); return sh }
