package text

import (
	"bytes"
	"fmt"
	"io"

	"github.com/waylight/waylight/analysis"
)

// Catalogue lists checks with what each says and when, for a terminal. The
// error is the writer's.
func Catalogue(w io.Writer, checks []analysis.Check) error {
	var b bytes.Buffer
	for i := range checks {
		c := &checks[i]
		fmt.Fprintf(&b, "%s %s  %s\n", marks[c.Severity], c.Severity, c.Code)
		b.WriteString(wrap("  ", c.Title+", on: "+c.Subject+". "+c.Explanation))
		b.WriteString(wrap("  fires   ", c.Fires))
		b.WriteString(wrap("  silent  ", c.Silent))
		b.WriteString(wrap("  doubt   ", c.Doubt))
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%s.\n", plural(len(checks), "check"))
	_, err := w.Write(b.Bytes())
	return err
}
