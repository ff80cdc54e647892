package authz

import (
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// HeaderMatch is Envoy's comparison of one header, ready to evaluate. Routes
// have them as well as authorization filters.
type HeaderMatch struct {
	name           string
	text           textMatch
	within         *mesh.EnvoyRange
	absent, invert bool
	missingIsEmpty bool
}

// ParseEnvoyHeader prepares a comparison. Not ok: it is of a kind nobody here
// can evaluate.
func ParseEnvoyHeader(m *mesh.EnvoyHeaderMatch) (HeaderMatch, bool) {
	text, ok := envoyText(m.Text)
	return HeaderMatch{m.Name, text, m.Range, m.Absent, m.Invert, m.MissingIsEmpty}, ok
}

// Matches compares; not known where the request is not known well enough.
func (m HeaderMatch) Matches(r *Request) (matches, known bool) {
	value, there, known := r.header(m.name)
	switch {
	case !known:
		return false, false
	case m.absent:
		return !there, true
	case !there && !m.missingIsEmpty:
		return false, true // also where it is inverted
	case m.within != nil:
		n, err := strconv.ParseInt(value, 10, 64)
		return (err == nil && n >= m.within.From && n < m.within.To) != m.invert, true
	}
	return m.text.matches(value) != m.invert, true
}

// header gives the value of a header as Envoy sees it.
func (r *Request) header(name string) (value string, there, known bool) {
	switch name {
	case ":method":
		return r.Method, true, r.Method != ""
	case ":authority":
		return r.Host, true, r.Host != ""
	case ":path":
		return r.Path, true, r.Path != ""
	}
	if value, there = r.Headers[name]; there {
		return value, true, true
	}
	return "", false, r.Headers != nil && !addedOnTheWay(name)
}

// onTheWay are headers that a client's library or a proxy adds without being
// asked: nobody who describes a call names them.
var onTheWay = []string{"accept", "accept-encoding", "content-length", "content-type", "connection", "forwarded", "te", "traceparent", "tracestate", "user-agent", "via"}

// addedOnTheWay tells that a header can be there although nobody named it.
func addedOnTheWay(name string) bool {
	if strings.HasPrefix(name, ":") || slices.Contains(onTheWay, name) {
		return true
	}
	return slices.ContainsFunc([]string{"x-envoy-", "x-forwarded-", "x-request-id", "x-b3-"}, func(p string) bool { return strings.HasPrefix(name, p) })
}
