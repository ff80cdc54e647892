package envoy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// rawMatcher is xDS's matching API, of which istiod writes trees: by address,
// then port, then protocol (istio.md E).
type rawMatcher struct {
	Tree      *rawMatcherTree `json:"matcher_tree"`
	List      jsontext.Value  `json:"matcher_list"`
	OnNoMatch *rawOnMatch     `json:"on_no_match"`
}

type rawMatcherTree struct {
	Input struct {
		Name        string         `json:"name"`
		TypedConfig jsontext.Value `json:"typed_config"`
	} `json:"input"`
	Exact  rawMatchMap `json:"exact_match_map"`
	Prefix rawMatchMap `json:"prefix_match_map"`
	Custom struct {
		TypedConfig struct {
			RangeMatchers jsontext.Value `json:"range_matchers"`
		} `json:"typed_config"`
	} `json:"custom_match"`
}

type rawMatchMap struct {
	Map jsontext.Value `json:"map"`
}

type rawRangeMatcher struct {
	Ranges  jsontext.Value `json:"ranges"`
	OnMatch rawOnMatch     `json:"on_match"`
}

type rawRange struct {
	AddressPrefix string `json:"address_prefix"`
	PrefixLen     number `json:"prefix_len"`
}

func (r *rawRange) String() string {
	if r.PrefixLen == 32 && !strings.Contains(r.AddressPrefix, ":") || r.PrefixLen == 128 {
		return r.AddressPrefix
	}
	return fmt.Sprintf("%s/%d", r.AddressPrefix, r.PrefixLen)
}

type rawOnMatch struct {
	Matcher jsontext.Value `json:"matcher"`
	Action  *struct {
		Name        string `json:"name"`
		TypedConfig struct {
			Value jsontext.Value `json:"value"`
		} `json:"typed_config"`
	} `json:"action"`
}

// matches are what leads to each chain of a listener.
type matches struct {
	*decoding
	words map[string][]string
}

// matches walks a listener's tree.
func (d *decoding) matches(matcher jsontext.Value) *matches {
	m := &matches{d, make(map[string][]string)}
	m.matcher(matcher, nil)
	return m
}

// of is what leads to a chain, in words.
func (m *matches) of(chain string) string {
	words := m.words[chain]
	if len(words) == 0 {
		return "nothing leads here"
	}
	return strings.Join(words, "; ")
}

func (m *matches) matcher(value jsontext.Value, path []string) {
	if len(path) > maxDepth {
		m.skip("matcher is nested too deep")
		return
	}
	raw := one[rawMatcher](m.walker, "matcher", value)
	if raw == nil {
		return
	}
	if present(raw.List) {
		m.skip("matcher of an unknown shape")
	}
	if raw.Tree != nil {
		m.tree(raw.Tree, path)
	}
	if raw.OnNoMatch != nil {
		m.then(raw.OnNoMatch, add(path, "otherwise"))
	}
}

func (m *matches) tree(raw *rawMatcherTree, path []string) {
	input := m.input(raw)
	members(m.walker, "matcher", raw.Exact.Map, func(key string, next *rawOnMatch) {
		m.then(next, add(path, input+" "+key))
	})
	members(m.walker, "matcher", raw.Prefix.Map, func(key string, next *rawOnMatch) {
		m.then(next, add(path, input+" beginning with "+key))
	})
	each(m.walker, "matcher", raw.Custom.TypedConfig.RangeMatchers, func(r *rawRangeMatcher) {
		var ranges []string
		each(m.walker, "matcher", r.Ranges, func(r *rawRange) { ranges = append(ranges, r.String()) })
		m.then(&r.OnMatch, add(path, input+" "+strings.Join(ranges, ", ")))
	})
}

// then ends at a chain or goes on with another matcher.
func (m *matches) then(next *rawOnMatch, path []string) {
	if next.Action == nil {
		if present(next.Matcher) {
			m.matcher(next.Matcher, path)
		}
		return
	}
	chain := next.Action.Name
	if value := next.Action.TypedConfig.Value; value.Kind() == '"' {
		if name := one[string](m.walker, "matcher", value); name != nil {
			chain = *name
		}
	}
	m.words[chain] = append(m.words[chain], strings.Join(path, ", "))
}

// inputs are what a connection is looked at for, in words.
var inputs = map[string]string{
	"DestinationIPInput":       "to",
	"DestinationPortInput":     "port",
	"ApplicationProtocolInput": "protocol",
	"TransportProtocolInput":   "transport",
	"ServerNameInput":          "server name",
	"SourceIPInput":            "from",
	"SourcePortInput":          "source port",
	"DirectSourceIPInput":      "directly from",
}

func (m *matches) input(raw *rawMatcherTree) string {
	kind, _ := m.typed("matcher", raw.Input.TypedConfig)
	if words, ok := inputs[kind[strings.LastIndexByte(kind, '.')+1:]]; ok {
		return words
	}
	return raw.Input.Name // authority-filter-state and such say it themselves
}

// add extends a path without writing into one that others share.
func add(path []string, step string) []string {
	return append(slices.Clip(path), step)
}

// rawChainMatch is how chains were chosen before matchers, and still are on
// listeners without one.
type rawChainMatch struct {
	DestinationPort      number         `json:"destination_port"`
	PrefixRanges         jsontext.Value `json:"prefix_ranges"`
	TransportProtocol    string         `json:"transport_protocol"`
	ApplicationProtocols jsontext.Value `json:"application_protocols"`
	ServerNames          jsontext.Value `json:"server_names"`
	SourcePrefixRanges   jsontext.Value `json:"source_prefix_ranges"`
}

func (d *decoding) chainMatch(match jsontext.Value) string {
	raw := one[rawChainMatch](d.walker, "chain match", match)
	if raw == nil {
		return "everything"
	}
	var words []string
	say := func(what string, values []string) {
		if len(values) > 0 {
			words = append(words, what+" "+strings.Join(values, ", "))
		}
	}
	say("to", d.ranges(raw.PrefixRanges))
	if raw.DestinationPort > 0 {
		words = append(words, fmt.Sprintf("port %d", raw.DestinationPort))
	}
	say("server name", texts(d.walker, "chain match", raw.ServerNames))
	if raw.TransportProtocol != "" {
		words = append(words, "transport "+raw.TransportProtocol)
	}
	say("protocol", texts(d.walker, "chain match", raw.ApplicationProtocols))
	say("from", d.ranges(raw.SourcePrefixRanges))
	if len(words) == 0 {
		return "everything"
	}
	return strings.Join(words, ", ")
}

func (d *decoding) ranges(list jsontext.Value) []string {
	var out []string
	each(d.walker, "chain match", list, func(r *rawRange) { out = append(out, r.String()) })
	return out
}
