package server

import (
	"cmp"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
)

// LogEntry is a line of a stream with what is said beside it.
type LogEntry struct {
	*mesh.LogLine
	// Source is what the reader asked for, Late that newer lines came before.
	Source mesh.LogSource
	Late   bool
	// Explained is what the line means. Fields are what it says, as its writer
	// spells it.
	Explained mesh.LogExplanation
	Fields    []mesh.LogField
	// Group names the connection or request that the line is about by the first
	// line of it that was read; empty for a line about none. Merged are groups
	// that turn out to be of this one.
	Group  string
	Merged []string
}

// LineReader says of the lines of one stream what they mean, and chooses those
// that are wanted. It is for one goroutine.
type LineReader struct {
	Filter LineFilter
	// groups is made with the first line: an idle stream needs none.
	groups *logline.Correlator
}

// Read reads a line of a stream. It is false for one the filter leaves out,
// which is then of no group.
func (r *LineReader) Read(e *mesh.LogEvent) (LogEntry, bool) {
	l := LogEntry{LogLine: e.Line, Source: cmp.Or(e.Source, e.Line.From.Source), Late: e.Late, Explained: logline.Explain(e.Line)}
	if !r.Filter.Keep(e.Line, &l.Explained) {
		return LogEntry{}, false
	}
	if r.groups == nil {
		r.groups = logline.NewCorrelator()
	}
	place := r.groups.Add(e.Line)
	l.Group, l.Merged = place.Group, place.Merged
	l.Fields = logline.Fields(e.Line)
	return l, true
}
