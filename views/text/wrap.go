package text

import (
	"strings"
	"unicode/utf8"
)

// columns is the width text is broken to. Words that are longer, such as
// names, stay whole: a broken one could not be copied.
const columns = 80

// wrap breaks text into lines of at most columns, all but the first indented
// like it. first begins the first line.
func wrap(first, s string) string {
	indent := strings.Repeat(" ", utf8.RuneCountInString(first))
	var b strings.Builder
	line, width := first, utf8.RuneCountInString(first)
	empty := true
	for word := range strings.FieldsSeq(s) {
		n := utf8.RuneCountInString(word)
		if !empty && width+1+n > columns {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line, width, empty = indent, len(indent), true
		}
		if !empty {
			line, width = line+" ", width+1
		}
		line, width, empty = line+word, width+n, false
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
	return b.String()
}
