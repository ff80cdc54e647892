package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// objectType is how every object says what it is.
type objectType struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
}

func typeOf(fields map[string]json.RawMessage) objectType {
	var t objectType
	// What is no string is left empty, and not taken for a type.
	_ = json.Unmarshal(fields["apiVersion"], &t.APIVersion)
	_ = json.Unmarshal(fields["kind"], &t.Kind)
	return t
}

// readDocument decodes one object. What the API server prints as a PodList
// leaves the type out of its items: it is that of the list then.
func readDocument(raw []byte, of objectType) Document {
	var t objectType
	if err := json.Unmarshal(raw, &t); err != nil {
		return Document{Err: errors.New("there is an object without a readable apiVersion and kind")}
	}
	if t.Kind == "" {
		t = of
	}
	if t.Kind == "" || t.Kind == "List" {
		return Document{Err: fmt.Errorf("%s: its kind is missing", subjectIn("Object", raw))}
	}
	k, ok := kindNamed(groupOf(t.APIVersion), t.Kind)
	if !ok {
		return Document{Subject: subjectIn(t.Kind, raw)}
	}
	d := Document{Resource: k.Resource}
	if version := versionIn(t.APIVersion); !slices.Contains(k.Versions, version) {
		d.Err = fmt.Errorf("%s: version %q is not one of those that can be read (%s)",
			subjectIn(t.Kind, raw), bounded(version, maxQuoted), strings.Join(k.Versions, ", "))
		return d
	}
	if d.Object, d.Err = k.Decode(raw); d.Object == nil && d.Err == nil {
		d.Subject = subjectIn(t.Kind, raw)
	}
	return d
}

func versionIn(apiVersion string) string {
	return apiVersion[strings.LastIndex(apiVersion, "/")+1:]
}
