package envoy

import (
	"errors"
	"strings"

	"github.com/waylight/waylight/collectors/istiolog"
	"github.com/waylight/waylight/mesh"
)

// jsonFormat is an object of texts with operators, and of further objects.
type jsonFormat map[string]jsonMember

// jsonMember is one or the other.
type jsonMember struct {
	text   *textFormat
	object jsonFormat
}

// maxNesting is how deep the objects of a format are read.
const maxNesting = 8

func newJSONFormat(text string) (*AccessFormat, error) {
	members, ok := istiolog.Object(text)
	if !ok {
		return nil, errors.New("the format is no JSON object")
	}
	f := compileObject(members, maxNesting)
	if f.known() < telling {
		return nil, errors.New("the format has too little that tells its lines from others")
	}
	return &AccessFormat{json: f}, nil
}

// compileObject compiles the members that can be read; others, as constants,
// are kept as they stand in a line.
func compileObject(members []istiolog.Member, depth int) jsonFormat {
	f := make(jsonFormat, len(members))
	for _, m := range members {
		if m.Text {
			if text, err := compile(m.Value); err == nil && len(text.operators) > 0 {
				f[m.Name] = jsonMember{text: text}
			}
		} else if inner, ok := istiolog.Object(m.Value); ok && depth > 0 {
			f[m.Name] = jsonMember{object: compileObject(inner, depth-1)}
		}
	}
	return f
}

// known counts the operators that are fields of a RequestLog.
func (f jsonFormat) known() int {
	n := 0
	for _, m := range f {
		n += m.known()
	}
	return n
}

func (m jsonMember) known() int {
	if m.text != nil {
		return m.text.known()
	}
	return m.object.known()
}

// decode reads a line that is an object. It is false for one that has too
// little of the format.
func (f jsonFormat) decode(r *mesh.RequestLog, raw string) (extra []mesh.LogField, ok bool) {
	if !strings.HasPrefix(raw, "{") {
		return nil, false
	}
	members, ok := istiolog.Object(raw)
	if !ok {
		return nil, false
	}
	extra, known := f.read(r, members)
	return extra, known >= telling
}

// read takes over the members it knows, and gives the others and how many it
// knew.
func (f jsonFormat) read(r *mesh.RequestLog, members []istiolog.Member) (extra []mesh.LogField, known int) {
	for _, m := range members {
		fields, n := f[m.Name].read(r, m)
		extra = append(extra, fields...)
		known += n
	}
	return extra, known
}

func (m jsonMember) read(r *mesh.RequestLog, found istiolog.Member) (extra []mesh.LogField, known int) {
	if m.object != nil {
		if inner, ok := istiolog.Object(found.Value); ok {
			return m.object.read(r, inner)
		}
	}
	if m.text != nil {
		if found.Value == "" {
			return nil, m.text.known() // a null of Envoy's
		}
		if extra, ok := m.text.decode(r, found.Value); ok && len(m.text.operators) > 1 {
			return extra, m.text.known()
		} else if ok && m.text.known() > 0 {
			return nil, 1
		}
	}
	return []mesh.LogField{found.LogField()}, 0
}
