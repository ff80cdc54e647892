package views

import (
	"encoding/csv"
	"io"
	"strings"
)

// WriteCSV writes a list's columns and rows. Cells are made harmless for
// spreadsheets, which take some texts for formulas.
func (l *DumpList) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	record := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		record[i] = c.Key
	}
	if err := out.Write(record); err != nil {
		return err
	}
	for i := range l.Rows {
		for j, c := range l.Rows[i].Cells {
			record[j] = csvText(c.plain(j == 0))
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csvText keeps a spreadsheet from evaluating a text that a cluster wrote: a
// leading apostrophe makes text of what begins like a formula, also after
// blanks and in the full-width forms that some spreadsheets take for the same.
func csvText(s string) string {
	if strings.ContainsAny(firstRune(strings.TrimLeft(s, " \t\r\n\u00a0")), "=+-@|%＝＋－＠") {
		return "'" + s
	}
	return s
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
