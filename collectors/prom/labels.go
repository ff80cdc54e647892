package prom

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// labelsEnd finds the brace that closes labels which begin with one; -1 if
// there is none. A brace within a value closes nothing.
func labelsEnd(text string) int {
	within := false
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case within && c == '\\':
			i++
		case c == '"':
			within = !within
		case !within && c == '}':
			return i
		}
	}
	return -1
}

var errLabels = errors.New("its labels cannot be read")

// readLabels reads what stands between the braces: name="value", and so on.
func (d *decoder) readLabels(raw string) (mesh.Labels, error) {
	var out mesh.Labels
	rest := strings.TrimLeft(raw, " \t")
	for rest != "" {
		name, after, ok := strings.Cut(rest, "=")
		name = strings.TrimSpace(name)
		if !ok || !nameLike(name) || len(out) == maxLabels {
			return nil, errLabels
		}
		value, after, ok := readText(strings.TrimLeft(after, " \t"))
		if !ok {
			return nil, errLabels
		}
		out = append(out, mesh.Label{Name: d.share(name), Value: d.share(value)})
		rest = strings.TrimLeft(after, " \t")
		if rest != "" && rest[0] != ',' {
			return nil, errLabels
		}
		rest = strings.TrimLeft(strings.TrimPrefix(rest, ","), " \t")
	}
	slices.SortStableFunc(out, func(a, b mesh.Label) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(out); i++ {
		if out[i].Name == out[i-1].Name {
			return nil, fmt.Errorf("its label %s is there twice", quoted(out[i].Name))
		}
	}
	return slices.Clip(out), nil
}

// readText reads a text in quotes, in which a backslash makes a quote, a
// backslash or an n for a new line something else.
func readText(text string) (value, rest string, ok bool) {
	if text == "" || text[0] != '"' {
		return "", "", false
	}
	text = text[1:]
	end := strings.IndexAny(text, `"\`)
	if end < 0 {
		return "", "", false
	}
	if text[end] == '"' {
		return strings.ToValidUTF8(text[:end], "\uFFFD"), text[end+1:], true
	}
	return readEscaped(text)
}

// readEscaped reads a text with backslashes up to its closing quote.
func readEscaped(text string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '"' {
			return strings.ToValidUTF8(b.String(), "\uFFFD"), text[i+1:], true
		}
		if c == '\\' && i+1 < len(text) {
			i++
			if c = text[i]; c == 'n' {
				c = '\n'
			}
		}
		b.WriteByte(c)
	}
	return "", "", false
}

// nameLike tells whether a text can name a series or a label.
func nameLike(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return text != ""
}
