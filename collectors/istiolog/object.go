package istiolog

import (
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Member is a name and a value of a JSON object. Text tells a string from the
// other values, which stand as they are written; null is an empty Value that is
// no Text.
type Member struct {
	Name, Value string
	Text        bool
}

// LogField is the member without its type.
func (m Member) LogField() mesh.LogField { return mesh.LogField{Name: m.Name, Value: m.Value} }

// maxMembers is far more than any access log has; what comes behind is not
// looked at.
const maxMembers = 512

// Object reads the members of a JSON object that is the whole of a text, in its
// order; objects and lists within are values as they are written. It is lenient
// inside numbers and lists, which are only shown, and false for what is no
// object.
func Object(text string) ([]Member, bool) {
	s := scanner{rest: strings.TrimSpace(text)}
	if !s.take('{') {
		return nil, false
	}
	if s.take('}') {
		return nil, s.rest == ""
	}
	out := make([]Member, 0, 32)
	for len(out) < maxMembers {
		m, ok := s.member()
		if !ok {
			return nil, false
		}
		out = append(out, m)
		if s.take('}') {
			return out, s.rest == ""
		}
		if !s.take(',') {
			return nil, false
		}
	}
	return out, true
}

// scanner takes tokens from the front of a text.
type scanner struct{ rest string }

// take passes over a character and the white space around it.
func (s *scanner) take(c byte) bool {
	s.rest = strings.TrimLeft(s.rest, " \t\r\n")
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = strings.TrimLeft(s.rest[1:], " \t\r\n")
	return true
}

func (s *scanner) member() (m Member, ok bool) {
	if m.Name, ok = s.text(); !ok || !s.take(':') || s.rest == "" {
		return m, false
	}
	switch s.rest[0] {
	case '"':
		m.Text = true
		m.Value, ok = s.text()
	case '{', '[':
		m.Value, ok = s.nested()
	default:
		m.Value, ok = s.word()
	}
	if m.Value == "null" && !m.Text {
		m.Value = ""
	}
	return m, ok
}

func (s *scanner) text() (string, bool) {
	s.rest = strings.TrimLeft(s.rest, " \t\r\n")
	if !strings.HasPrefix(s.rest, `"`) {
		return "", false
	}
	end := closingQuote(s.rest)
	if end == 0 {
		return "", false
	}
	value := Unescape(s.rest[1:end])
	s.rest = s.rest[end+1:]
	return value, true
}

// word takes a number, true, false or null.
func (s *scanner) word() (string, bool) {
	end := strings.IndexAny(s.rest, ",}] \t\r\n")
	if end <= 0 {
		return "", false
	}
	word := s.rest[:end]
	s.rest = s.rest[end:]
	return word, true
}

// nested takes an object or a list as it is written.
func (s *scanner) nested() (string, bool) {
	depth := 0
	for i := 0; i < len(s.rest); i++ {
		switch s.rest[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := closingQuote(s.rest[i:])
			if end == 0 {
				return "", false
			}
			i += end
		}
		if depth == 0 {
			value := s.rest[:i+1]
			s.rest = s.rest[i+1:]
			return value, true
		}
	}
	return "", false
}
