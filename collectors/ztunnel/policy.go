package ztunnel

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// rawPolicy is an authorization policy as the dump has it (istio.md A.7).
type rawPolicy struct {
	Name      string         `json:"name"`
	Namespace string         `json:"namespace"`
	Scope     string         `json:"scope"`
	Action    string         `json:"action"`
	DryRun    bool           `json:"dryRun"`
	Rules     [][][]rawMatch `json:"rules"`
}

// rawMatch keeps every key, so that fields of later releases are shown too.
type rawMatch map[string][]rawMatchValue

// rawMatchValue is a string, a number, {"Exact":s} and the like, or a service
// account.
type rawMatchValue string

// UnmarshalJSON puts the value in words.
func (v *rawMatchValue) UnmarshalJSON(b []byte) error {
	switch jsontext.Value(b).Kind() {
	case '"':
		var s string
		err := json.Unmarshal(b, &s)
		*v = rawMatchValue(s)
		return err
	case '{':
		return v.tagged(b)
	}
	*v = rawMatchValue(b)
	return nil
}

// tagged reads {"Exact":s}, {"Prefix":s}, {"Suffix":s}, {"Presence":…} and
// {"namespace":n,"serviceAccount":s}.
func (v *rawMatchValue) tagged(b []byte) error {
	var fields map[string]jsontext.Value
	if err := json.Unmarshal(b, &fields); err != nil {
		return err
	}
	account, isAccount := readText(fields, "serviceAccount")
	switch {
	case isAccount:
		namespace, _ := readText(fields, "namespace")
		*v = rawMatchValue(namespace + "/" + account)
	case fields["Presence"] != nil:
		*v = "*"
	default:
		v.stringMatch(fields)
	}
	return nil
}

func (v *rawMatchValue) stringMatch(fields map[string]jsontext.Value) {
	for key, form := range map[string]string{"Exact": "%s", "Prefix": "%s*", "Suffix": "*%s"} {
		if s, ok := readText(fields, key); ok {
			*v = rawMatchValue(fmt.Sprintf(form, s))
			return
		}
	}
	// A form of a later release is shown as it is.
	var words []string
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		words = append(words, key+" "+string(fields[key]))
	}
	*v = rawMatchValue(mesh.ZtunnelUnknown(strings.Join(words, ", ")))
}

func readText(fields map[string]jsontext.Value, key string) (string, bool) {
	raw, ok := fields[key]
	if !ok {
		return "", false
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

func (w *walker) policy(_ string, raw *rawPolicy) (mesh.ZtunnelPolicy, bool) {
	out := mesh.ZtunnelPolicy{
		Name: raw.Name, Namespace: w.names.of(raw.Namespace), Scope: w.names.of(raw.Scope), Action: w.names.of(raw.Action), DryRun: raw.DryRun,
		Rules: make([]mesh.ZtunnelRule, 0, len(raw.Rules)),
	}
	for _, rule := range raw.Rules {
		clauses := make(mesh.ZtunnelRule, 0, len(rule))
		for _, clause := range rule {
			clauses = append(clauses, w.clause(clause))
		}
		out.Rules = append(out.Rules, clauses)
	}
	return out, true
}

func (w *walker) clause(raw []rawMatch) mesh.ZtunnelClause {
	out := make(mesh.ZtunnelClause, 0, len(raw))
	for _, m := range raw {
		match := make(mesh.ZtunnelMatch, len(m))
		for key, values := range m {
			for _, v := range values {
				match[w.names.of(key)] = append(match[w.names.of(key)], w.names.of(string(v)))
			}
		}
		out = append(out, match)
	}
	return out
}
