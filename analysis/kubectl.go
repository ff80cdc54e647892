package analysis

import (
	"encoding/json"
	"slices"

	"github.com/waylight/waylight/analysis/kubectl"
	"github.com/waylight/waylight/mesh"
)

// advise begins a Fix.
func advise(text string) Fix { return Fix{Text: text, Commands: []string{}} }

// read adds a kubectl command that only reads, before those that change.
func (f Fix) read(args ...string) Fix { return f.reads(kubectl.Command(args...)) }

func (f Fix) reads(command string) Fix {
	f.Commands = slices.Insert(slices.Clone(f.Commands), len(f.Commands)-f.Changes, command)
	return f
}

// change adds a kubectl command that changes the cluster. What it opens or
// closes is said by the fix's text.
func (f Fix) change(args ...string) Fix {
	f.Commands = append(slices.Clone(f.Commands), kubectl.Command(args...))
	f.Changes++
	f.Mutates = true
	return f
}

// quote makes one shell word of any text.
func quote(s string) string { return kubectl.Quote(s) }

// kubectlName is an object as kubectl takes it: "deployment/web".
func kubectlName(r mesh.Ref) string { return kubectl.Name(r) }

// get is a command that shows an object whole.
func (f Fix) get(r mesh.Ref) Fix {
	return f.reads(kubectl.Get(r))
}

// templateLabelPatch is a JSON merge patch for labels of a pod template; an
// empty value takes one away.
func templateLabelPatch(kind string, labels map[string]string) string {
	values := make(map[string]any, len(labels))
	for key, value := range labels {
		values[key] = nil
		if value != "" {
			values[key] = value
		}
	}
	var patch any = map[string]any{"template": map[string]any{"metadata": map[string]any{"labels": values}}}
	if kind == "CronJob" {
		patch = map[string]any{"jobTemplate": map[string]any{"spec": patch}}
	}
	return encode(map[string]any{"spec": patch})
}

// encode writes a patch; maps are written in the order of their keys.
func encode(patch any) string {
	text, err := json.Marshal(patch)
	if err != nil {
		panic(err) // maps and lists of strings always encode
	}
	return string(text)
}
