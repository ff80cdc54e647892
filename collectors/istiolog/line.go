package istiolog

import (
	"strings"

	"github.com/waylight/waylight/mesh"
)

// DecodeLine reads a line of istiod, istio-cni-node or the agent beside an
// Envoy: a header with tabs, or JSON with --log_as_json. What is neither, as
// the lines of a configuration that is printed, stays as it is.
func DecodeLine(l *mesh.LogLine) {
	l.Kind, l.Message = mesh.LogPlain, l.Raw
	if strings.HasPrefix(l.Raw, "{") {
		decodeJSON(l)
		return
	}
	level, rest, ok := Header(l.Raw)
	if !ok {
		return
	}
	l.Level = level
	l.Scope, l.Message = splitScope(rest)
	if message, fields, ok := strings.Cut(l.Message, "\t"); ok {
		l.Message = message
		for f := range Fields(fields) {
			l.Extra = append(l.Extra, f)
		}
	}
	if strings.HasPrefix(l.Scope, envoyScope) {
		splitSource(l)
	}
}

// Header splits "<time>\t<level>\t<rest>". It is false for any other line.
func Header(line string) (level mesh.LogLevel, rest string, ok bool) {
	stamp, rest, ok := strings.Cut(line, "\t")
	if !ok || !Timestamp(stamp) {
		return "", line, false
	}
	word, rest, _ := strings.Cut(rest, "\t")
	level = Level(word)
	return level, rest, level != ""
}

// Timestamp tells whether a text looks like an RFC 3339 time. Its value is of
// no interest: the container runtime has its own.
func Timestamp(text string) bool {
	return len(text) >= len("2006-01-02T15:04:05Z") && len(text) <= len("2006-01-02T15:04:05.000000000-07:00") &&
		text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' && text[16] == ':'
}

// Level reads the name of a level as any of Istio's programs or Envoy writes
// it; empty for another word. What is graver than an error is an error.
func Level(word string) mesh.LogLevel {
	switch strings.ToLower(word) {
	case "trace":
		return mesh.LogTrace
	case "debug":
		return mesh.LogDebug
	case "info":
		return mesh.LogInfo
	case "warn", "warning":
		return mesh.LogWarn
	case "error", "err", "critical", "fatal", "panic":
		return mesh.LogError
	}
	return ""
}

// splitScope takes the scope from what stands behind the level. A program's
// default scope has no name: then the message stands there at once, which a
// blank tells, or that only fields follow.
func splitScope(text string) (scope, message string) {
	first, rest, ok := strings.Cut(text, "\t")
	switch {
	case !ok, strings.Contains(first, " ") && !strings.HasPrefix(first, envoyScope):
		return "", text
	case keyLength(rest) > 0 && !strings.Contains(rest, "\t"):
		return "", text
	}
	return first, rest
}

// envoyScope begins the scope of a line that an agent passes on for its Envoy:
// "envoy <logger> <source file>:<line>".
const envoyScope = "envoy "

// splitSource takes the place in Envoy's source code out of the scope.
func splitSource(l *mesh.LogLine) {
	if scope, source, ok := cutLast(l.Scope, " "); ok && scope != strings.TrimSpace(envoyScope) {
		l.Scope = scope
		l.Extra = append([]mesh.LogField{{Name: "source", Value: source}}, l.Extra...)
	}
}

func cutLast(text, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}

// decodeJSON reads one object a line; "msg" is how Go programs call the
// message.
func decodeJSON(l *mesh.LogLine) {
	fields, ok := Object(l.Raw)
	if !ok {
		return
	}
	for _, f := range fields {
		switch f.Name {
		case "level":
			l.Level = Level(f.Value)
		case "scope":
			l.Scope = f.Value
		case "msg", "message":
			l.Message = f.Value
		case "time":
		default:
			l.Extra = append(l.Extra, f.LogField())
		}
	}
}
