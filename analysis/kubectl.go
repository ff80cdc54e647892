package analysis

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// advise begins a Fix.
func advise(text string) Fix { return Fix{Text: text, Commands: []string{}} }

// read adds a kubectl command that only reads, before those that change.
func (f Fix) read(args ...string) Fix {
	f.Commands = slices.Insert(slices.Clone(f.Commands), len(f.Commands)-f.Changes, kubectl(args))
	return f
}

// change adds a kubectl command that changes the cluster. What it opens or
// closes is said by the fix's text.
func (f Fix) change(args ...string) Fix {
	f.Commands = append(slices.Clone(f.Commands), kubectl(args))
	f.Changes++
	f.Mutates = true
	return f
}

// kubectl is a command line that can be pasted as it is.
func kubectl(args []string) string {
	words := make([]string, 0, len(args)+1)
	words = append(words, "kubectl")
	for _, a := range args {
		words = append(words, quote(a))
	}
	return strings.Join(words, " ")
}

// quote makes one shell word of any text, for sh, bash and zsh alike. What
// comes from a cluster or a recorded bundle can hold anything, also what a
// shell would run. Control characters become spaces: no name or label has
// them, and a terminal could act on them when the command is pasted.
func quote(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return ' '
		}
		return r
	}, s)
	if s != "" && s[0] != '=' && !strings.ContainsFunc(s, unsafeInShell) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// unsafeInShell names every rune but those that mean themselves in a word; "="
// does so anywhere but at the start, where zsh looks for a command.
func unsafeInShell(r rune) bool {
	plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return !plain && !strings.ContainsRune("-_./:@,+=", r)
}

// kubectlName is an object as kubectl takes it: "deployment/web". The group is
// named where two APIs share a kind.
func kubectlName(r mesh.Ref) string {
	kind := strings.ToLower(r.Kind)
	switch r.Kind {
	case "Gateway":
		kind = mesh.ResourceGateways
	case "IstioGateway":
		kind = mesh.ResourceIstioGateways
	}
	return kind + "/" + r.Name
}

// get is a command that shows an object whole.
func (f Fix) get(r mesh.Ref) Fix {
	args := []string{"get", kubectlName(r), "-o", "yaml"}
	if r.Namespace != "" {
		args = append([]string{"-n", r.Namespace}, args...)
	}
	return f.read(args...)
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
