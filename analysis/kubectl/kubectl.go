// Package kubectl writes command lines that can be pasted as they are. What
// comes from a cluster or a recorded bundle can hold anything, also what a
// shell would run.
package kubectl

import (
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Command is a kubectl command line.
func Command(args ...string) string { return line("kubectl", args) }

// Istioctl is an istioctl command line.
func Istioctl(args ...string) string { return line("istioctl", args) }

func line(program string, args []string) string {
	words := make([]string, 0, len(args)+1)
	words = append(words, program)
	for _, a := range args {
		words = append(words, Quote(a))
	}
	return strings.Join(words, " ")
}

// Quote makes one shell word of any text, for sh, bash and zsh alike. What
// comes from a cluster or a recorded bundle can hold anything, also what a
// shell would run. Control characters become spaces: no name or label has
// them, and a terminal could act on them when the command is pasted.
func Quote(s string) string {
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

// Name is an object as kubectl takes it: "deployment/web". The group is
// named where two APIs share a kind.
func Name(r mesh.Ref) string {
	kind := strings.ToLower(r.Kind)
	switch r.Kind {
	case "Gateway":
		kind = mesh.ResourceGateways
	case "IstioGateway":
		kind = mesh.ResourceIstioGateways
	}
	return kind + "/" + r.Name
}

// Get is a command that shows an object whole.
func Get(r mesh.Ref) string {
	args := []string{"get", Name(r), "-o", "yaml"}
	if r.Namespace != "" {
		args = append([]string{"-n", r.Namespace}, args...)
	}
	return Command(args...)
}
