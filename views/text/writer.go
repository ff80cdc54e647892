package text

import (
	"fmt"
	"io"

	"github.com/waylight/waylight/analysis"
)

// ReportWriter writes a whole report. The error is the writer's.
type ReportWriter func(io.Writer, *analysis.Report) error

// Writer picks the form a report is written in: text, json or markdown.
func Writer(format string) (ReportWriter, error) {
	switch format {
	case "text":
		return Plain, nil
	case "markdown":
		return Markdown, nil
	case "json":
		return analysis.WriteJSON, nil
	}
	return nil, fmt.Errorf("%q is none of text, json, markdown", format)
}

// marks are the signs that go with a severity's word, as on the pages.
var marks = map[analysis.Severity]string{
	analysis.Critical: "●",
	analysis.Error:    "▲",
	analysis.Warning:  "◆",
	analysis.Info:     "○",
}
