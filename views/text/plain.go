package text

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
)

// Plain writes a report for a terminal of 80 columns: causes with everything
// that follows from them, worst first, and at the end what was checked and
// what could not be.
func Plain(w io.Writer, r *analysis.Report) error {
	var b bytes.Buffer
	for _, g := range r.Causes() {
		plainGroup(&b, &g)
	}
	b.WriteString(wrap("", closing(r)))
	_, err := w.Write(b.Bytes())
	return err
}

func plainGroup(b *bytes.Buffer, g *analysis.Group) {
	plainFinding(b, &g.Cause)
	for i := range g.Consequences {
		f := &g.Consequences[i]
		b.WriteString(wrap("  follows   ", fmt.Sprintf("%s %s %s  %s: %s", marks[f.Severity], f.Severity, f.Code, clean(f.Subject.String()), clean(f.Summary))))
	}
	b.WriteString("\n")
}

func plainFinding(b *bytes.Buffer, f *analysis.Finding) {
	fmt.Fprintf(b, "%s %s  %s  %s\n", marks[f.Severity], f.Severity, f.Code, clean(f.Subject.String()))
	b.WriteString(wrap("  ", clean(f.Summary)+" "+clean(f.Detail)))
	if len(f.Affects) > 0 {
		b.WriteString(wrap("  affects   ", affected(f.Affects)))
	}
	for i := range f.Evidence {
		b.WriteString(wrap("  evidence  ", evidence(&f.Evidence[i])))
	}
	b.WriteString(wrap("  fix       ", clean(f.Fix.Text)))
	for _, c := range f.Fix.Reading() {
		fmt.Fprintf(b, "    $ %s\n", command(c))
	}
	for _, c := range f.Fix.Changing() {
		fmt.Fprintf(b, "    ! %s\n", command(c))
	}
	if f.Fix.Mutates {
		b.WriteString("            (! changes the cluster)\n")
	}
	b.WriteString(wrap("  doubt     ", clean(f.Doubt)))
}

// evidence is one field as it stands: "Namespace shop, metadata.labels[x]: y".
func evidence(e *analysis.Evidence) string {
	s := fmt.Sprintf("%s, %s: %s", clean(e.Object.String()), clean(e.Field), clean(e.Text))
	if e.Time != "" {
		s += " (" + e.Time + ")"
	}
	return s
}

// mostAffected is how many names are listed before the rest is counted.
const mostAffected = 6

func affected(refs []mesh.Ref) string {
	var list []string
	for _, r := range refs[:min(len(refs), mostAffected)] {
		list = append(list, clean(r.String()))
	}
	s := strings.Join(list, ", ")
	if more := len(refs) - mostAffected; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}
