package ztunnel

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/collectors/jsonstream"
	"github.com/waylight/waylight/mesh"
)

// policy reads an authorization policy (istio.md A.7).
func (w *walker) policy(string) error {
	if w.dec.PeekKind() != '{' {
		return w.wrong("an object")
	}
	out := mesh.ZtunnelPolicy{Rules: []mesh.ZtunnelRule{}}
	err := w.object(func(key []byte) error {
		switch string(key) {
		case "name":
			return w.own(&out.Name)
		case "namespace":
			return w.text(&out.Namespace)
		case "scope":
			return w.text(&out.Scope)
		case "action":
			return w.text(&out.Action)
		case "dryRun":
			return w.flag(&out.DryRun)
		case "rules":
			out.Rules = []mesh.ZtunnelRule{}
			return levels(w, &out.Rules, w.rule)
		}
		return w.dec.SkipValue()
	})
	if err != nil {
		return err
	}
	w.visit.Policy(out)
	return w.keep(costEntry)
}

func (w *walker) rule(out *mesh.ZtunnelRule) error {
	*out = mesh.ZtunnelRule{}
	return levels(w, (*[]mesh.ZtunnelClause)(out), w.clause)
}

func (w *walker) clause(out *mesh.ZtunnelClause) error {
	*out = mesh.ZtunnelClause{}
	return levels(w, (*[]mesh.ZtunnelMatch)(out), w.match)
}

// levels reads one level of a policy's rules, which are lists in lists.
func levels[T any](w *walker, into *[]T, read func(*T) error) error {
	return w.list(func() error {
		var t T
		err := read(&t)
		*into = append(*into, t)
		return firstOf(err, w.keep(costItem))
	})
}

// match keeps every key, so that fields of later releases are shown too.
func (w *walker) match(out *mesh.ZtunnelMatch) error {
	*out = mesh.ZtunnelMatch{}
	return w.object(func(key []byte) error {
		field := kept(key)
		var values []string
		err := w.strings(&values, nil, w.matchValue)
		if len(values) > 0 {
			(*out)[field] = values
		}
		return firstOf(err, w.keep(costItem+len(field)))
	})
}

// matchValue puts a value in words: it is a string, a number, {"Exact":s} and
// the like, or a service account.
func (w *walker) matchValue(into *string) error {
	if w.dec.PeekKind() == '"' {
		return w.text(into)
	}
	raw, err := w.dec.ReadValue()
	if err != nil {
		return err
	}
	if *into = string(raw); raw.Kind() == '{' {
		*into = tagged(raw)
	}
	return w.keep(len(raw))
}

// tagged reads {"Exact":s}, {"Prefix":s}, {"Suffix":s}, {"Presence":…} and
// {"namespace":n,"serviceAccount":s}.
func tagged(raw jsontext.Value) string {
	var fields map[string]jsontext.Value
	if json.Unmarshal(raw, &fields, jsonstream.Options) != nil {
		return string(raw)
	}
	account, isAccount := readText(fields, "serviceAccount")
	switch {
	case isAccount:
		namespace, _ := readText(fields, "namespace")
		return namespace + "/" + account
	case fields["Presence"] != nil:
		return "*"
	}
	return stringMatch(fields)
}

func stringMatch(fields map[string]jsontext.Value) string {
	for _, form := range [...]struct{ key, words string }{{"Exact", "%s"}, {"Prefix", "%s*"}, {"Suffix", "*%s"}} {
		if s, ok := readText(fields, form.key); ok {
			return fmt.Sprintf(form.words, s)
		}
	}
	// A form of a later release is shown as it is.
	var words []string
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		words = append(words, key+" "+string(fields[key]))
	}
	return mesh.ZtunnelUnknown(strings.Join(words, ", "))
}

func readText(fields map[string]jsontext.Value, key string) (string, bool) {
	raw, ok := fields[key]
	if !ok {
		return "", false
	}
	var s string
	err := json.Unmarshal(raw, &s, jsonstream.Options)
	return s, err == nil
}
