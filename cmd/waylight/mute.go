package main

import (
	"fmt"
	"io"
	"os"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/views/text"
)

const muteFileUsage = "file of known findings to leave out, one a line: code, Kind/namespace/name, end (2026-11-23T10:00Z), reason"

// readMutes reads the file of --mute-file; no name is no mutes.
func readMutes(name string) ([]analysis.Mute, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name) //nolint:gosec // the path is what the user asks for
	if err != nil {
		return nil, fmt.Errorf("--mute-file: %w", err)
	}
	defer f.Close()
	list, err := analysis.ReadMutes(f)
	if err != nil {
		return nil, fmt.Errorf("--mute-file %s: %w", name, err)
	}
	return list, nil
}

// sayMuting tells what is muted and which mutes ran out, beside the report: an
// exit code must not change in silence.
func sayMuting(w io.Writer, m *analysis.Muting) {
	if len(m.Muted) > 0 {
		fmt.Fprintf(w, "%s muted and neither printed nor counted for the exit code:\n", count(len(m.Muted), "cause"))
	}
	for i := range m.Muted {
		for _, x := range m.Muted[i].Mutes {
			line := fmt.Sprintf("%s %s until %s %s", x.Code, x.Subject, x.Until.UTC().Format("2006-01-02 15:04 UTC"), x.Reason)
			fmt.Fprintln(w, "  "+text.Line(line))
		}
	}
	for _, x := range m.Over {
		fmt.Fprintln(w, text.Line(fmt.Sprintf("A mute ran out at %s: %s %s", x.Until.UTC().Format("2006-01-02 15:04 UTC"), x.Code, x.Subject)))
	}
}
