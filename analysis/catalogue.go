package analysis

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteCatalogue writes every check as Markdown, one section a code, so that
// docs/checks.md and /checks say the same. The error is the writer's.
func WriteCatalogue(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString(catalogueHead)
	for _, c := range Checks() {
		c.writeMarkdown(&b)
	}
	_, err := w.Write(b.Bytes())
	return err
}

const catalogueHead = `# Checks

Every finding has one of these codes. Codes are stable: use them in chats and runbooks. This page is written by
` + "`go generate ./analysis`" + ` from the table the checks run from.

Severities: critical, traffic fails or a protection is off right now; error, something declared has no or the wrong
effect; warning, a risk; info. Classes: breaks, traffic fails now; unprotected, a protection that is written is off now;
risk, all else.

A check speaks only of what it could see. Where something it needs is not readable it is held back, and the report says
which one and why.
`

func (c *Check) writeMarkdown(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n## %s\n\n%s. Severity %s, class %s; reported on: %s.\n\n%s\n\n", c.Code, c.Title, c.Severity, c.Class, c.Subject, c.Explanation)
	fmt.Fprintf(b, "- **Fires:** %s\n- **Silent:** %s\n- **Could be wrong:** %s\n- **Needs:** %s\n", c.Fires, c.Silent, c.Doubt, codeList(c.Needs))
	if len(c.Uses) > 0 {
		fmt.Fprintf(b, "- **Sees less without:** %s\n", codeList(c.Uses))
	}
	if words := c.Manifests.words(); words != "" {
		fmt.Fprintf(b, "- **Without a cluster:** %s\n", words)
	}
	if len(c.ConsequenceOf) > 0 {
		links := slices.Clone(c.ConsequenceOf)
		for i, code := range links {
			links[i] = fmt.Sprintf("[%s](#%s)", code, strings.ToLower(code))
		}
		fmt.Fprintf(b, "- **Folded under:** %s, where that explains it\n", strings.Join(links, ", "))
	}
}

func codeList(words []string) string { return "`" + strings.Join(words, "`, `") + "`" }
