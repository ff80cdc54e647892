package envoy

import (
	"strings"

	"github.com/waylight/waylight/collectors/istiolog"
	"github.com/waylight/waylight/mesh"
)

// DecodeLine reads a line of the container of a waypoint, a gateway or a
// sidecar: of Envoy's access log in one of the formats that are configured or
// in one of Istio's own (istio.md E), of Envoy itself, or of the agent beside
// it. A line of another format stays as it is.
func DecodeLine(l *mesh.LogLine, formats ...*AccessFormat) {
	l.Kind, l.Message = mesh.LogPlain, l.Raw
	for _, f := range formats {
		if f.decode(l) {
			return
		}
	}
	switch {
	case strings.HasPrefix(l.Raw, "{"):
		if !defaultJSON.decode(l) {
			istiolog.DecodeLine(l)
		}
	case strings.HasPrefix(l.Raw, "["):
		if !defaultText.decode(l) {
			decodeEnvoyLine(l)
		}
	default:
		istiolog.DecodeLine(l)
	}
}

// decodeEnvoyLine reads "[<time>][<thread>][<level>][<logger>] [<source>] <message>", which an Envoy
// writes that no agent gave a format.
func decodeEnvoyLine(l *mesh.LogLine) {
	rest := l.Raw
	var parts [4]string
	for i := range parts {
		end := strings.IndexByte(rest, ']')
		if end < 0 || rest[0] != '[' {
			return
		}
		parts[i], rest = rest[1:end], rest[end+1:]
		if rest == "" {
			return
		}
	}
	level := istiolog.Level(parts[2])
	if level == "" {
		return
	}
	l.Level, l.Scope = level, parts[3]
	l.Message = strings.TrimLeft(rest, " ")
	if source, message, ok := strings.Cut(l.Message, "] "); ok && strings.HasPrefix(source, "[") {
		l.Message = message
		l.Extra = append(l.Extra, mesh.LogField{Name: "source", Value: source[1:]})
	}
}
