package drift

import (
	"strings"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// matchTerms are the parts of a match, each in the ways Envoy's may be worded:
// releases of istiod differ in the form, not in what it asks for.
type matchTerms struct {
	terms [][]string
	// open tells that a part has no wording here.
	open bool
}

// termsOf words the match of a rule as the decoder of Envoy's routes does.
func termsOf(r *path.Rule) matchTerms {
	m := r.Match
	if m == nil {
		return matchTerms{terms: [][]string{{anyPath}}}
	}
	out := matchTerms{
		terms: [][]string{{anyPath}},
		open: m.Authority != nil || m.Scheme != nil || m.GRPCService != nil || m.GRPCMethod != nil || len(m.WithoutHeaders) > 0 ||
			len(m.SNIHosts) > 0 || len(m.DestinationIPs) > 0 || len(m.QueryParams) > 0,
	}
	if m.Path != nil {
		out.terms[0] = pathTerm(m.Path, r.Route.Kind != "VirtualService", m.IgnoreURICase)
	}
	if m.Method != nil {
		out.add("method", m.Method)
	}
	for _, h := range m.Headers {
		out.add("header "+h.Name, h.Match)
	}
	return out
}

// pathTerm words a path; a prefix of a Gateway API route ends at a slash.
func pathTerm(m *mesh.StringMatch, elements, anyCase bool) []string {
	var out []string
	switch m.Kind {
	case mesh.MatchExact:
		out = []string{"path is " + m.Value}
	case mesh.MatchRegex:
		out = []string{"path matches " + m.Value}
	default:
		out = []string{"path begins with " + m.Value}
		if trimmed := strings.TrimSuffix(m.Value, "/"); m.Value == "/" {
			out = []string{anyPath}
		} else if elements {
			out = []string{"path is " + trimmed + " or below", "path matches " + trimmed + `((\/).*)?`}
		}
	}
	if anyCase {
		for i := range out {
			out[i] += " in any case"
		}
	}
	return out
}

// add words a header, which the method is too.
func (t *matchTerms) add(name string, m *mesh.StringMatch) {
	switch {
	case m == nil:
		t.terms = append(t.terms, []string{name + " is present"})
	case m.Value == "" || m.Value == "*" || m.Value == ".*": // forms of presence
		t.open = true
	case m.Kind == mesh.MatchExact:
		t.terms = append(t.terms, []string{name + " is " + m.Value})
	case m.Kind == mesh.MatchPrefix:
		t.terms = append(t.terms, []string{name + " begins with " + m.Value})
	case m.Kind == mesh.MatchRegex:
		t.terms = append(t.terms, []string{name + " matches " + m.Value})
	default:
		t.open = true
	}
}

const and = " and "

// fits tells whether a match in words asks for exactly these, in any order:
// unknown where a part has no wording.
func (t matchTerms) fits(words string) mesh.Fact {
	if strings.Contains(words, "unknown") {
		return mesh.FactUnknown
	}
	length := len(and) * (len(t.terms) - 1)
	for _, alternatives := range t.terms {
		found := ""
		for _, a := range alternatives {
			if strings.Contains(and+words+and, and+a+and) {
				found = a
			}
		}
		if found == "" {
			if t.open {
				return mesh.FactUnknown
			}
			return mesh.FactNo
		}
		length += len(found)
	}
	switch {
	case t.open:
		return mesh.FactUnknown
	case length != len(words):
		return mesh.FactNo
	}
	return mesh.FactYes
}

// String is the match in words.
func (t matchTerms) String() string {
	var out []string
	for _, alternatives := range t.terms {
		out = append(out, alternatives[0])
	}
	if t.open {
		out = append(out, "more")
	}
	return strings.Join(out, and)
}
