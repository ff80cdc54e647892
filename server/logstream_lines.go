package server

import (
	"cmp"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
)

// readLine says what a line of a stream means.
func readLine(e *mesh.LogEvent) logEntry {
	return logEntry{LogLine: e.Line, source: cmp.Or(e.Source, e.Line.From.Source), late: e.Late, fields: logline.Fields(e.Line)}
}
