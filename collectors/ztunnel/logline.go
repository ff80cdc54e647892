package ztunnel

import (
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/collectors/istiolog"
	"github.com/waylight/waylight/mesh"
)

// DecodeLine reads a line of a ztunnel's log: of its access log (istio.md A.11)
// or any other, as text with the header of now or that of 1.22 and before, or
// as JSON (LOG_FORMAT=json). It fills in what the line says and keeps unknown
// fields in Extra; a line of no known shape stays as it is.
func DecodeLine(l *mesh.LogLine) {
	l.Kind, l.Message = mesh.LogPlain, l.Raw
	if strings.HasPrefix(l.Raw, "{") {
		decodeJSONLine(l)
		return
	}
	fields, ok := splitHeader(l)
	if !ok {
		fields, ok = splitOldHeader(l)
	}
	if !ok {
		return
	}
	if l.Scope == accessScope {
		decodeConnection(l, fields)
		return
	}
	for f := range istiolog.Fields(fields) {
		l.Extra = append(l.Extra, f)
	}
}

// accessScope is what ztunnel logs connections as.
const accessScope = "access"

// splitHeader reads "<time>\t<level>\t<target>[:<spans>]\t<message>\t<fields>".
func splitHeader(l *mesh.LogLine) (fields string, ok bool) {
	level, rest, ok := istiolog.Header(l.Raw)
	if !ok {
		return "", false
	}
	target, rest, ok := strings.Cut(rest, "\t")
	if !ok {
		return "", false
	}
	l.Level = level
	setScope(l, target)
	l.Message, fields, _ = strings.Cut(rest, "\t")
	return fields, true
}

// setScope splits "xds::client:xds{id=7}" into the part of the program that
// speaks and the spans it is in.
func setScope(l *mesh.LogLine, target string) {
	for i := 1; i < len(target)-1; i++ {
		if target[i] != ':' {
			continue
		}
		if target[i+1] == ':' {
			i++
			continue
		}
		l.Scope = target[:i]
		l.Extra = append(l.Extra, mesh.LogField{Name: "span", Value: target[i+1:]})
		return
	}
	l.Scope = target
}

// splitOldHeader reads "<time>  <LEVEL> [<spans>: ]<target>: <message and fields>"
// of ztunnel 1.22 and before. Nothing stands between a message and its fields,
// so that only those of connections are told apart.
func splitOldHeader(l *mesh.LogLine) (fields string, ok bool) {
	stamp, rest, ok := strings.Cut(l.Raw, " ")
	if !ok || !istiolog.Timestamp(stamp) {
		return "", false
	}
	word, rest, ok := strings.Cut(strings.TrimLeft(rest, " "), " ")
	level := istiolog.Level(word)
	if !ok || level == "" {
		return "", false
	}
	span, rest := cutSpans(strings.TrimLeft(rest, " "))
	target, message, ok := strings.Cut(rest, ": ")
	if !ok || strings.Contains(target, " ") {
		return "", false
	}
	l.Level, l.Scope, l.Message = level, target, message
	if span != "" {
		l.Extra = append(l.Extra, mesh.LogField{Name: "span", Value: span})
	}
	if l.Scope == accessScope {
		return cutConnectionMessage(l), true
	}
	return "", true
}

// cutSpans splits "outbound{id=1}:http{…}: <rest>".
func cutSpans(text string) (spans, rest string) {
	end := 0
	for {
		at := strings.Index(text[end:], "}: ")
		if at < 0 {
			break
		}
		name, _, ok := strings.Cut(text[end:end+at], "{")
		if !ok || name == "" || strings.ContainsAny(name, ` "`) {
			break
		}
		end += at + len("}: ")
	}
	return strings.TrimSuffix(text[:end], ": "), text[end:]
}

// cutConnectionMessage leaves the message of a line alone, and gives what comes
// behind it.
func cutConnectionMessage(l *mesh.LogLine) (fields string) {
	for _, message := range connectionMessages {
		if fields, ok := strings.CutPrefix(l.Message, message); ok {
			l.Message = message
			return fields
		}
	}
	return ""
}

// connectionMessages are what ztunnel says of a connection.
var connectionMessages = [...]string{messageComplete, messageOpened, messageFailed}

const (
	messageComplete = "connection complete"
	messageOpened   = "connection opened"
	messageFailed   = "connection failed"
)

// event is what a message says has become of a connection, empty for another
// message.
func event(message string) string {
	switch message {
	case messageComplete, messageOpened, messageFailed:
		return strings.TrimPrefix(message, "connection ")
	}
	return ""
}

// decodeConnection reads the fields of a line of the access log.
func decodeConnection(l *mesh.LogLine, fields string) {
	c := newConnection(l.Message)
	for f := range istiolog.Fields(fields) {
		if c == nil || !setField(c, f) {
			l.Extra = append(l.Extra, f)
		}
	}
	if c != nil {
		l.Kind, l.Connection = mesh.LogZtunnelAccess, c
	}
}

// newConnection is nil if the message is none of a connection.
func newConnection(message string) *mesh.ConnectionLog {
	e := event(message)
	if e == "" {
		return nil
	}
	return &mesh.ConnectionLog{Event: e, BytesSent: -1, BytesReceived: -1, Duration: -1}
}

// setField takes over a field of A.11, and is false for any other and for a
// number that is none.
func setField(c *mesh.ConnectionLog, f mesh.LogField) bool {
	if text := textField(c, f.Name); text != nil {
		*text = f.Value
		return true
	}
	switch f.Name {
	case "bytes_sent":
		return setCount(&c.BytesSent, f.Value)
	case "bytes_recv":
		return setCount(&c.BytesReceived, f.Value)
	case "duration":
		d, err := time.ParseDuration(f.Value)
		if err != nil || d < 0 {
			return false
		}
		c.Duration = d
		return true
	}
	return false
}

// textField is where a field that is a text goes, nil for others.
func textField(c *mesh.ConnectionLog, name string) *string {
	if peer, ok := strings.CutPrefix(name, "src."); ok {
		return peerField(&c.Source, peer)
	}
	if peer, ok := strings.CutPrefix(name, "dst."); ok {
		switch peer {
		case "hbone_addr":
			return &c.HBONEAddr
		case "service":
			return &c.Service
		}
		return peerField(&c.Destination, peer)
	}
	switch name {
	case "direction":
		return &c.Direction
	case "error":
		return &c.Error
	}
	return nil
}

func peerField(p *mesh.LogPeer, name string) *string {
	switch name {
	case "addr":
		return &p.Addr
	case "workload":
		return &p.Workload
	case "namespace":
		return &p.Namespace
	case "identity":
		return &p.Identity
	case "cluster":
		return &p.Cluster
	}
	return nil
}

func setCount(into *int64, text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return false
	}
	*into = n
	return true
}

// decodeJSONLine reads a line of LOG_FORMAT=json: flat keys with dots.
func decodeJSONLine(l *mesh.LogLine) {
	members, ok := istiolog.Object(l.Raw)
	if !ok {
		return
	}
	setJSONHeader(l, members)
	var c *mesh.ConnectionLog
	if l.Scope == accessScope {
		c = newConnection(l.Message)
	}
	for _, m := range members {
		switch m.Name {
		case "level", "time", "scope", "message":
		default:
			if c == nil || !setField(c, m.LogField()) {
				l.Extra = append(l.Extra, m.LogField())
			}
		}
	}
	if c != nil {
		l.Kind, l.Connection = mesh.LogZtunnelAccess, c
	}
}

func setJSONHeader(l *mesh.LogLine, members []istiolog.Member) {
	for _, m := range members {
		switch m.Name {
		case "level":
			l.Level = istiolog.Level(m.Value)
		case "scope":
			setScope(l, m.Value)
		case "message":
			l.Message = m.Value
		}
	}
}
