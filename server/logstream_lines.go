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
	// Group names the connection or request that the line is about, where others
	// are about the same; else it is empty.
	Group string
}

// LineReader says of the lines of one stream what they mean, and chooses those
// that are wanted. It is for one goroutine.
type LineReader struct{ Filter LineFilter }

// Read reads a line of a stream. It is false for one the filter leaves out.
func (r *LineReader) Read(e *mesh.LogEvent) (LogEntry, bool) {
	l := LogEntry{LogLine: e.Line, Source: cmp.Or(e.Source, e.Line.From.Source), Late: e.Late}
	if !r.Filter.Keep(e.Line, &l.Explained) {
		return LogEntry{}, false
	}
	l.Fields = logline.Fields(e.Line)
	return l, true
}
