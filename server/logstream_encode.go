package server

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
)

// The messages of a log stream (design 4.4) are written by appending: a busy
// stream has 20,000 lines a second, each with thirty fields, for every reader.

// AppendJSON adds the line as an object of the log stream. Members that would
// say nothing are left out.
func (l *LogEntry) AppendJSON(b []byte) []byte {
	b = appendMember(append(b, '{'), "id", l.ID)
	b = appendMoment(b, "time", l.Time)
	b = appendTarget(append(b, ','), l.Source, l.From)
	b = appendFilled(b, "level", string(l.Level))
	b = appendMember(append(b, ','), "kind", string(l.Kind))
	b = appendMember(append(b, ','), "raw", l.Raw)
	b = appendFilled(b, "message", l.Message)
	b = appendFilled(b, "group", l.Group)
	b = appendMerged(b, l.Merged)
	b = appendFilled(b, "ofCall", string(l.OfCall))
	if l.Late {
		b = append(b, `,"late":true`...)
	}
	if l.Cut > 0 {
		b = strconv.AppendInt(append(b, `,"cut":`...), int64(l.Cut), 10)
	}
	b = appendFields(b, l.Fields)
	return append(appendExplanation(b, &l.Explained), '}')
}

// appendTarget adds who wrote something, and what it is followed as.
func appendTarget(b []byte, source mesh.LogSource, t *mesh.LogTarget) []byte {
	b = appendMember(b, "source", string(source))
	if t.Container == "" {
		return b
	}
	b = append(b, `,"container":"`...)
	for i, part := range [...]string{t.Pod.Namespace, t.Pod.Name, t.Container} {
		if i > 0 {
			b = append(b, '/')
		}
		b = appendEscaped(b, part)
	}
	return appendFilled(append(b, '"'), "node", t.Node)
}

func appendMerged(b []byte, groups []string) []byte {
	if len(groups) == 0 {
		return b
	}
	b = append(b, `,"merged":[`...)
	for i, id := range groups {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendEscaped(append(b, '"'), id), '"')
	}
	return append(b, ']')
}

func appendFields(b []byte, fields []mesh.LogField) []byte {
	if len(fields) == 0 {
		return b
	}
	b = append(b, `,"fields":{`...)
	for i := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendField(b, &fields[i])
	}
	return append(b, '}')
}

// appendField adds a field, a number as one where its writer has one.
func appendField(b []byte, f *mesh.LogField) []byte {
	if !logline.Numeric(f.Name) || !isNumber(f.Value) {
		return appendMember(b, f.Name, f.Value)
	}
	b = appendEscaped(append(b, '"'), f.Name)
	return append(append(b, `":`...), f.Value...)
}

// isNumber tells that a value is a natural number as JSON writes it.
func isNumber(s string) bool {
	if s == "" || len(s) > 1 && s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func appendExplanation(b []byte, e *mesh.LogExplanation) []byte {
	if e.Code == "" && e.Text == "" {
		return b
	}
	b = appendMember(append(b, `,"explain":{`...), "code", e.Code)
	b = appendMember(append(b, ','), "text", e.Text)
	b = appendFilled(b, "look", e.Look)
	if e.Denied {
		b = append(b, `,"denied":true`...)
	}
	if e.Elsewhere {
		b = append(b, `,"elsewhere":true`...)
	}
	return append(b, '}')
}

// appendGap says that lines are missing.
func appendGap(b []byte, g *mesh.LogGap) []byte {
	b = appendTarget(append(b, `{"type":"gap",`...), g.From.Source, g.From)
	b = appendMoment(b, "from", g.Oldest)
	b = appendMoment(b, "to", g.Newest)
	b = strconv.AppendInt(append(b, `,"dropped":`...), int64(g.Dropped), 10)
	return append(appendMember(append(b, ','), "reason", string(g.Reason)), '}')
}

// appendState says what has become of following a source.
func appendState(b []byte, st *mesh.LogState) []byte {
	b = appendTarget(append(b, `{"type":"source",`...), st.From.Source, st.From)
	b = appendMember(append(b, ','), "state", string(st.Phase))
	b = appendMember(append(b, ','), "detail", st.Detail)
	if st.RetryIn > 0 {
		b = strconv.AppendInt(append(b, `,"retryInMs":`...), st.RetryIn.Milliseconds(), 10)
	}
	return append(b, '}')
}

// appendEnd ends a stream.
func appendEnd(b []byte, reason string) []byte {
	return append(appendMember(append(b, `{"type":"end",`...), "reason", reason), '}')
}

// appendFilter answers a change of the filter: without an error it is what
// decides from here on.
func appendFilter(b []byte, problem error) []byte {
	b = append(b, `{"type":"filter"`...)
	if problem != nil {
		b = appendMember(append(b, ','), "error", problem.Error())
	}
	return append(b, '}')
}

func appendMember(b []byte, name, value string) []byte {
	b = appendEscaped(append(b, '"'), name)
	b = appendEscaped(append(b, `":"`...), value)
	return append(b, '"')
}

// appendFilled adds a member after others if it says something.
func appendFilled(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendMember(append(b, ','), name, value)
}

// appendMoment adds a time after others if it is known.
func appendMoment(b []byte, name string, at time.Time) []byte {
	if at.IsZero() {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":"`...)
	return append(at.UTC().AppendFormat(b, time.RFC3339Nano), '"')
}

// appendEscaped adds the inside of a JSON string. What is no UTF-8 becomes
// U+FFFD, without which the frame would not be text.
func appendEscaped(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c < ' ' || c == '"' || c == '\\' {
			b = append(b, s[start:i]...)
			switch {
			case c == '\t': // what ztunnel separates by
				b = append(b, '\\', 't')
			case c < ' ':
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
			default:
				b = append(b, '\\', c)
			}
			start = i + 1
		}
		i++
	}
	return append(b, s[start:]...)
}
