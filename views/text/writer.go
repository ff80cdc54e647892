package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/waylight/waylight/analysis"
)

// ReportWriter writes a whole report. The error is the writer's.
type ReportWriter func(io.Writer, *analysis.Report) error

// Formats are the forms a report can be written in.
var Formats = []string{"text", "json", "markdown", "sarif"}

// Writer picks the form a report is written in, one of Formats.
func Writer(format string) (ReportWriter, error) {
	switch format {
	case "text":
		return Plain, nil
	case "markdown":
		return Markdown, nil
	case "json":
		return analysis.WriteJSON, nil
	case "sarif":
		return SARIF, nil
	}
	return nil, fmt.Errorf("%q is none of %s", format, strings.Join(Formats, ", "))
}

// marks are the signs that go with a severity's word, as on the pages.
var marks = map[analysis.Severity]string{
	analysis.Critical: "●",
	analysis.Error:    "▲",
	analysis.Warning:  "◆",
	analysis.Info:     "○",
}
