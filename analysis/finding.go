package analysis

import (
	"cmp"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Severity of a finding.
type Severity string

// Severities, worst first.
const (
	Critical Severity = "critical" // traffic fails or a protection is off right now
	Error    Severity = "error"    // something declared has no or the wrong effect
	Warning  Severity = "warning"  // risk
	Info     Severity = "info"
)

// Rank orders severities: 0 is the worst. An unknown one ranks last.
func (s Severity) Rank() int {
	switch s {
	case Critical:
		return 0
	case Error:
		return 1
	case Warning:
		return 2
	case Info:
		return 3
	}
	return 4
}

// Valid tells whether s is one of the four.
func (s Severity) Valid() bool { return s.Rank() <= Info.Rank() }

// AtLeast tells whether s is as bad as limit or worse.
func (s Severity) AtLeast(limit Severity) bool { return s.Rank() <= limit.Rank() }

// Class is what a finding means for traffic.
type Class string

// The classes.
const (
	Breaks      Class = "breaks"      // traffic fails now
	Unprotected Class = "unprotected" // a protection that is written is off now
	Risk        Class = "risk"        // all else
)

// Finding is one thing a check has to say. The JSON form is a contract
// (waylight.findings/v1).
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Class    Class    `json:"class"`
	Subject  mesh.Ref `json:"subject"`
	// Summary is one plain sentence; Detail says what happens to traffic.
	Summary  string     `json:"summary"`
	Detail   string     `json:"detail"`
	Evidence []Evidence `json:"evidence"`
	// Affects lists what suffers from it, sorted.
	Affects []mesh.Ref `json:"affects"`
	Fix     Fix        `json:"fix"`
	// CausedBy marks a consequence; nil on a cause.
	CausedBy *Cause `json:"causedBy,omitempty"`
	// Doubt says when the finding could be wrong.
	Doubt string `json:"doubt"`
	Docs  string `json:"docs"`
}

// Evidence is the exact field or line a finding rests on.
type Evidence struct {
	// Source as named in the report's sources, e.g. "kubernetes".
	Source string   `json:"source"`
	Object mesh.Ref `json:"object"`
	// Field is a path as kubectl users write it: "metadata.labels[istio.io/use-waypoint]".
	Field string `json:"field"`
	Text  string `json:"text"`
	// Time is RFC3339 in UTC, or empty where the evidence has none.
	Time string `json:"time"`
	// File and Line, counted from 1, are where the field stands in a manifest:
	// "-" is standard input. Empty and 0 for what a cluster said.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Fix is what to do. Commands are shell-quoted and complete; those that only
// read come before those that change something.
type Fix struct {
	Text     string   `json:"text"`
	Commands []string `json:"commands"`
	// Changes is how many of the commands, counted from the last, change the
	// cluster.
	Changes int `json:"changes"`
	// Mutates is true when one of the commands changes the cluster.
	Mutates bool `json:"mutates"`
}

// Reading lists the commands that only read.
func (f Fix) Reading() []string { return f.Commands[:len(f.Commands)-f.Changes] }

// Changing lists the commands that change the cluster.
func (f Fix) Changing() []string { return f.Commands[len(f.Commands)-f.Changes:] }

// Cause names the finding this one is a consequence of.
type Cause struct {
	Code    string   `json:"code"`
	Subject mesh.Ref `json:"subject"`
}

// Key is what makes a finding unique in a report.
func (f *Finding) Key() Cause { return Cause{Code: f.Code, Subject: f.Subject} }

// compare orders findings for a report: severity, code, subject.
func compare(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), cmp.Compare(a.Code, b.Code), a.Subject.Compare(b.Subject))
}

// timeText formats a moment for evidence; empty for the zero time.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
