package ui

import "github.com/waylight/waylight/analysis"

// severityShape gives each severity a shape of its own; an unknown one gets the
// question mark.
func severityShape(s analysis.Severity) string {
	switch s {
	case analysis.Critical:
		return "disc"
	case analysis.Error:
		return "triangle"
	case analysis.Warning:
		return "diamond"
	case analysis.Info:
		return "ring"
	}
	return "question"
}

// severityClass is the colour of a severity; see static/src/components.css.
func severityClass(s analysis.Severity) string {
	switch s {
	case analysis.Critical, analysis.Error, analysis.Warning, analysis.Info:
		return "sev-" + string(s)
	}
	return "sev-unknown"
}
