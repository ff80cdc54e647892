package kubectl

import (
	"os/exec"
	"testing"
)

func TestQuote(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"a plain name stays as it is", "orders-v1", "orders-v1"},
		{"a label with its value too", "istio.io/use-waypoint=waypoint", "istio.io/use-waypoint=waypoint"},
		{"nothing is still a word", "", "''"},
		{"a space", "a b", "'a b'"},
		{"a quote ends and begins again", "it's", `'it'\''s'`},
		{"a command is text", "$(rm -rf /)", "'$(rm -rf /)'"},
		{"so are backquotes, variables, globs and lists", "`id` $HOME * a;b|c&d>e", "'`id` $HOME * a;b|c&d>e'"},
		{"a word that begins with = is a path to zsh", "=ls", "'=ls'"},
		{"a comment", "#x", "'#x'"},
		{"JSON", `{"a":["b"]}`, `'{"a":["b"]}'`},
		{"control characters become spaces", "a\nb\x1b[2Jc\x7f", "'a b [2Jc '"},
		{"so do the C1 ones a terminal may obey", "a\u009bb", "'a b'"},
		{"other letters are text", "caf\u00e9", "'caf\u00e9'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Quote(tt.in); got != tt.want {
				t.Errorf("Quote(%q) = %s, want %s", tt.in, got, tt.want)
			}
		})
	}
}

func TestQuoteSurvivesAShell(t *testing.T) {
	for _, in := range []string{"", "plain", "it's", `a"b\c`, "$(id) `id` $HOME ~ * ? [a] {b,c}", "!! !x", "a;b|c&d>e<f", "=ls", "-n", "'", "''", "\\"} {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf %s "+Quote(in)).Output()
		if err != nil {
			t.Fatalf("sh with %q: %v", in, err)
		}
		if string(out) != in {
			t.Errorf("a shell reads %q from %s, want %q", out, Quote(in), in)
		}
	}
}
