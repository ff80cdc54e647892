package text

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/waylight/waylight/analysis"
)

// Markdown writes a report for a chat or an issue, in the order of Plain.
func Markdown(w io.Writer, r *analysis.Report) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", found(r))
	for _, g := range r.Causes() {
		markdownGroup(&b, &g)
		for i := range g.Consequences {
			f := &g.Consequences[i]
			fmt.Fprintf(&b, "- follows from it: %s %s %s on %s. %s\n", marks[f.Severity], f.Severity, span(f.Code), span(f.Subject.String()), escape(f.Summary))
		}
	}
	fmt.Fprintf(&b, "\n%s\n", escape(closing(r)))
	_, err := w.Write(b.Bytes())
	return err
}

func markdownGroup(b *bytes.Buffer, g *analysis.Group) {
	f := &g.Cause
	fmt.Fprintf(b, "\n## %s %s %s %s\n\n%s %s\n\n", marks[f.Severity], f.Severity, span(f.Code), span(f.Subject.String()), escape(f.Summary), escape(f.Detail))
	if len(g.Also) > 0 {
		fmt.Fprintf(b, "- also: %s\n", escape(also(g)))
	}
	if list := suffers(g); len(list) > 0 {
		fmt.Fprintf(b, "- affects: %s\n", escape(affected(list)))
	}
	for _, e := range g.Evidence() {
		fmt.Fprintf(b, "- evidence: %s\n", span(evidence(&e)))
	}
	fix := g.Fix()
	fmt.Fprintf(b, "- doubt: %s\n\n%s\n", escape(f.Doubt), escape(fix.Text))
	if len(fix.Commands) > 0 {
		b.WriteString("\n" + block(commandLines(fix)))
	}
}

// commandLines marks the commands that change something.
func commandLines(f analysis.Fix) []string {
	var out []string
	for _, c := range f.Reading() {
		out = append(out, command(c))
	}
	if f.Mutates {
		out = append(out, "# changes the cluster:")
	}
	for _, c := range f.Changing() {
		out = append(out, command(c))
	}
	return out
}

// special are the characters that can mean something in Markdown or in the
// HTML it allows.
const special = "\\`*_{}[]<>#|~!@&"

// escape keeps cluster text from being Markdown or HTML. An underscore within
// a word means itself, as in the codes of findings.
func escape(s string) string {
	runes := []rune(clean(s))
	var b strings.Builder
	for i, r := range runes {
		within := r == '_' && i > 0 && i+1 < len(runes) && wordly(runes[i-1]) && wordly(runes[i+1])
		if strings.ContainsRune(special, r) && !within {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// span is code within a line, fenced by more backquotes than it holds.
func span(s string) string {
	s = clean(s)
	fence := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// block is a block of commands, fenced likewise.
func block(lines []string) string {
	s := strings.Join(lines, "\n")
	fence := strings.Repeat("`", max(3, longestRun(s)+1))
	return fence + "sh\n" + s + "\n" + fence + "\n"
}

// longestRun counts the backquotes that follow one another.
func longestRun(s string) int {
	longest, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
