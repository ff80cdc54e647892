package envoy

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

type rawRegex struct {
	Regex string `json:"regex"`
}

type rawRouteMatch struct {
	Prefix              *string        `json:"prefix"`
	Path                *string        `json:"path"`
	PathSeparatedPrefix *string        `json:"path_separated_prefix"`
	SafeRegex           *rawRegex      `json:"safe_regex"`
	ConnectMatcher      jsontext.Value `json:"connect_matcher"`
	PathMatchPolicy     *struct {
		TypedConfig struct {
			PathTemplate string `json:"path_template"`
		} `json:"typed_config"`
	} `json:"path_match_policy"`
	CaseSensitive   *bool          `json:"case_sensitive"`
	GRPC            jsontext.Value `json:"grpc"`
	Headers         jsontext.Value `json:"headers"`
	QueryParameters jsontext.Value `json:"query_parameters"`
	RuntimeFraction *struct {
		DefaultValue rawPercent `json:"default_value"`
	} `json:"runtime_fraction"`
	TLSContext      jsontext.Value `json:"tls_context"`
	DynamicMetadata jsontext.Value `json:"dynamic_metadata"`
	FilterState     jsontext.Value `json:"filter_state"`
	Cookies         jsontext.Value `json:"cookies"`
}

// routeMatch says what a route matches; its parts are ANDed.
func (d *decoding) routeMatch(raw *rawRouteMatch) string {
	words := []string{raw.path()}
	if raw.CaseSensitive != nil && !*raw.CaseSensitive {
		words[0] += " in any case"
	}
	if present(raw.GRPC) {
		words = append(words, "gRPC")
	}
	each(d.walker, "header match", raw.Headers, func(h *rawHeaderMatch) { words = append(words, h.words()) })
	each(d.walker, "query match", raw.QueryParameters, func(q *rawQueryMatch) { words = append(words, q.words()) })
	return strings.Join(words, " and ")
}

func (m *rawRouteMatch) path() string {
	switch {
	case m.Prefix != nil && *m.Prefix == "/":
		return "any path"
	case m.Prefix != nil:
		return "path begins with " + *m.Prefix
	case m.Path != nil:
		return "path is " + *m.Path
	case m.PathSeparatedPrefix != nil:
		return "path is " + *m.PathSeparatedPrefix + " or below"
	case m.SafeRegex != nil:
		return "path matches " + m.SafeRegex.Regex
	case m.PathMatchPolicy != nil:
		return "path like " + m.PathMatchPolicy.TypedConfig.PathTemplate
	case present(m.ConnectMatcher):
		return "CONNECT"
	}
	return "a path of an unknown kind"
}

type rawStringMatch struct {
	Exact      *string   `json:"exact"`
	Prefix     *string   `json:"prefix"`
	Suffix     *string   `json:"suffix"`
	Contains   *string   `json:"contains"`
	SafeRegex  *rawRegex `json:"safe_regex"`
	IgnoreCase bool      `json:"ignore_case"`
}

// words continue "header x"; an inverted match says not.
func (m *rawStringMatch) words(invert bool) string {
	verb := func(yes, no string) string {
		if invert {
			return no
		}
		return yes
	}
	var out string
	switch {
	case m.Exact != nil:
		out = verb("is ", "is not ") + *m.Exact
	case m.Prefix != nil:
		out = verb("begins with ", "does not begin with ") + *m.Prefix
	case m.Suffix != nil:
		out = verb("ends with ", "does not end with ") + *m.Suffix
	case m.Contains != nil:
		out = verb("contains ", "does not contain ") + *m.Contains
	case m.SafeRegex != nil:
		out = verb("matches ", "does not match ") + m.SafeRegex.Regex
	default:
		return "matches in an unknown way"
	}
	if m.IgnoreCase {
		out += " in any case"
	}
	return out
}

// rawHeaderMatch has a string match, or what came before there was one.
type rawHeaderMatch struct {
	Name         string          `json:"name"`
	StringMatch  *rawStringMatch `json:"string_match"`
	Exact        *string         `json:"exact_match"`
	Prefix       *string         `json:"prefix_match"`
	Suffix       *string         `json:"suffix_match"`
	Contains     *string         `json:"contains_match"`
	SafeRegex    *rawRegex       `json:"safe_regex_match"`
	PresentMatch *bool           `json:"present_match"`
	RangeMatch   *rawRangeMatch  `json:"range_match"`
	InvertMatch  bool            `json:"invert_match"`
	// MissingIsEmpty compares a header that is not there as an empty one.
	MissingIsEmpty bool `json:"treat_missing_header_as_empty"`
}

// rawRangeMatch holds int64s, which are written as strings.
type rawRangeMatch struct {
	Start jsontext.Value `json:"start"`
	End   jsontext.Value `json:"end"`
}

func (h *rawHeaderMatch) words() string {
	name := "header " + h.Name
	switch h.Name {
	case ":method":
		name = "method"
	case ":authority":
		name = "host"
	}
	switch {
	case h.PresentMatch != nil && *h.PresentMatch != h.InvertMatch:
		return name + " is present"
	case h.PresentMatch != nil:
		return name + " is absent"
	case h.RangeMatch != nil:
		return fmt.Sprintf("%s %s between %s and %s", name, is(h.InvertMatch), integer(h.RangeMatch.Start), integer(h.RangeMatch.End))
	case h.StringMatch != nil:
		return name + " " + h.StringMatch.words(h.InvertMatch)
	}
	old := rawStringMatch{Exact: h.Exact, Prefix: h.Prefix, Suffix: h.Suffix, Contains: h.Contains, SafeRegex: h.SafeRegex}
	if old == (rawStringMatch{}) { // Envoy takes no condition for "is there"
		return name + " " + is(h.InvertMatch) + " present"
	}
	return name + " " + old.words(h.InvertMatch)
}

func is(inverted bool) string {
	if inverted {
		return "is not"
	}
	return "is"
}

// integer is a number of either form; protobuf leaves out 0.
func integer(v jsontext.Value) string {
	if !present(v) {
		return "0"
	}
	n, err := strconv.ParseInt(strings.Trim(string(v), `"`), 10, 64)
	if err != nil {
		return "?"
	}
	return strconv.FormatInt(n, 10)
}

type rawQueryMatch struct {
	Name         string          `json:"name"`
	StringMatch  *rawStringMatch `json:"string_match"`
	PresentMatch *bool           `json:"present_match"`
}

func (q *rawQueryMatch) words() string {
	name := "query parameter " + q.Name
	switch {
	case q.StringMatch != nil:
		return name + " " + q.StringMatch.words(false)
	case q.PresentMatch != nil && !*q.PresentMatch:
		return name + " is absent"
	}
	return name + " is present"
}

type rawRedirect struct {
	HTTPSRedirect  bool      `json:"https_redirect"`
	SchemeRedirect string    `json:"scheme_redirect"`
	HostRedirect   string    `json:"host_redirect"`
	PortRedirect   number    `json:"port_redirect"`
	PathRedirect   string    `json:"path_redirect"`
	PrefixRewrite  string    `json:"prefix_rewrite"`
	RegexRewrite   *rawRegex `json:"regex_rewrite"`
	ResponseCode   enum      `json:"response_code"`
}

// redirectCodes are Envoy's names of the statuses.
var redirectCodes = map[string]string{
	"MOVED_PERMANENTLY": "301", "FOUND": "302", "SEE_OTHER": "303", "TEMPORARY_REDIRECT": "307", "PERMANENT_REDIRECT": "308",
}

// status is what a redirect answers, 0 where Envoy has no name for it yet.
func (r *rawRedirect) status() int {
	n, err := strconv.Atoi(redirectCodes[r.ResponseCode.or("MOVED_PERMANENTLY")])
	if err != nil {
		return 0
	}
	return n
}

// words name the status and what of the address changes.
func (r *rawRedirect) words() string {
	code := r.ResponseCode.or("MOVED_PERMANENTLY")
	if status, ok := redirectCodes[code]; ok {
		code = status
	}
	var to []string
	say := func(what, value string) {
		if value != "" {
			to = append(to, what+" "+value)
		}
	}
	if r.HTTPSRedirect {
		say("scheme", "https")
	}
	say("scheme", r.SchemeRedirect)
	say("host", r.HostRedirect)
	if r.PortRedirect > 0 {
		say("port", strconv.FormatUint(uint64(r.PortRedirect), 10))
	}
	say("path", r.PathRedirect)
	say("matched path replaced by", r.PrefixRewrite)
	if r.RegexRewrite != nil {
		to = append(to, "path rewritten")
	}
	if len(to) == 0 {
		return code + " to where it came from"
	}
	return code + " to " + strings.Join(to, ", ")
}

// rewrite says what of a request is changed on its way.
func (a *rawRouteAction) rewrite() string {
	var words []string
	if a.PrefixRewrite != "" {
		words = append(words, "matched path to "+a.PrefixRewrite)
	}
	if a.RegexRewrite != nil {
		words = append(words, "path "+a.RegexRewrite.Pattern.Regex+" to "+a.RegexRewrite.Substitution)
	}
	if a.HostRewriteLiteral != "" {
		words = append(words, "host to "+a.HostRewriteLiteral)
	}
	return strings.Join(words, ", ")
}
