package text

import (
	"bytes"
	"fmt"
	"io"
	"slices"
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
	f := &g.Cause
	fmt.Fprintf(b, "%s %s  %s  %s\n", marks[f.Severity], f.Severity, f.Code, clean(f.Subject.String()))
	b.WriteString(wrap("  ", clean(f.Summary)+" "+clean(f.Detail)))
	if len(g.Also) > 0 {
		b.WriteString(wrap("  also      ", also(g)))
	}
	if list := suffers(g); len(list) > 0 {
		b.WriteString(wrap("  affects   ", affected(list)))
	}
	for _, e := range g.Evidence() {
		b.WriteString(wrap("  evidence  ", evidence(&e)))
	}
	plainFix(b, g.Fix())
	b.WriteString(wrap("  doubt     ", clean(f.Doubt)))
	for i := range g.Consequences {
		f := &g.Consequences[i]
		b.WriteString(wrap("  follows   ", fmt.Sprintf("%s %s %s  %s: %s", marks[f.Severity], f.Severity, f.Code, clean(f.Subject.String()), clean(f.Summary))))
	}
	b.WriteString("\n")
}

func plainFix(b *bytes.Buffer, f analysis.Fix) {
	b.WriteString(wrap("  fix       ", clean(f.Text)))
	for _, c := range f.Reading() {
		fmt.Fprintf(b, "    $ %s\n", command(c))
	}
	for _, c := range f.Changing() {
		fmt.Fprintf(b, "    ! %s\n", command(c))
	}
	if f.Mutates {
		b.WriteString("            (! changes the cluster)\n")
	}
}

// also says of what else the same is true, and what decides it.
func also(g *analysis.Group) string {
	return fmt.Sprintf("%s; decided alike by %s.", affected(g.Subjects()[1:]), affected(g.Shared))
}

// suffers is what the findings of a group affect beside what they are about.
func suffers(g *analysis.Group) []mesh.Ref {
	subjects := g.Subjects()
	return slices.DeleteFunc(slices.Clone(g.Affects), func(r mesh.Ref) bool { return slices.Contains(subjects, r) })
}

// evidence is one field as it stands: "Namespace shop, metadata.labels[x]: y".
func evidence(e *analysis.Evidence) string {
	s := fmt.Sprintf("%s, %s: %s", clean(e.Object.String()), clean(e.Field), clean(e.Text))
	if e.Time != "" {
		s += " (" + e.Time + ")"
	}
	if e.File != "" {
		s += fmt.Sprintf(" (%s:%d)", clean(e.File), e.Line)
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
