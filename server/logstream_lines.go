package server

import (
	"cmp"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/analysis/path"
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
	// OfCall tells whether it is about the call that the stream is of; empty
	// where it is of none.
	OfCall mesh.Fact
}

// LineReader says of the lines of one stream what they mean, and chooses those
// that are wanted. It is for one goroutine.
type LineReader struct {
	Filter LineFilter
	// Call tells which lines are about the call that is asked for; nil where
	// none is.
	Call *path.Lines
	// Others counts the lines that Filter left out because they are of other
	// calls, and for nothing else.
	Others int
	// groups is made with the first line: an idle stream needs none.
	groups *logline.Correlator
}

// Read reads a line of a stream. It is false for one the filter leaves out.
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
	if l.OfCall = r.ofCall(&l); l.OfCall == mesh.FactNo && r.Filter.OnlyCall {
		r.Others++
		return LogEntry{}, false
	}
	l.Fields = logline.Fields(e.Line)
	return l, true
}

// ofCall tells whether a line is about the call that is asked for. A line that
// does not tell, as that of what a waypoint sends on, is of the call that others
// of its group are of.
func (r *LineReader) ofCall(l *LogEntry) mesh.Fact {
	if r.Call == nil {
		return ""
	}
	own := r.Call.OfCall(l.LogLine, &l.Explained)
	if own != mesh.FactUnknown {
		return own
	}
	for _, other := range r.groups.Lines(l.Group) {
		switch r.Call.OfCall(other, &mesh.LogExplanation{}) {
		case mesh.FactYes:
			return mesh.FactYes
		case mesh.FactNo:
			own = mesh.FactNo
		}
	}
	return own
}
