package text_test

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/text"
)

// refusal is an answer in which everything is said that a text has a line for,
// in words of a cluster that means no good.
func refusal() text.Path {
	hostile := "a\nb\x1b[31m `c` <d> \u202e"
	request := path.Request{From: "shop/web", To: "https://orders.shop/x?a=b", Headers: []path.Header{{Name: "a", Value: "it's"}}}
	return text.Path{
		At: meshtest.Now, Cluster: "lab", Asked: request, Unread: []string{"ztunnel/node-a (missing right: create pods/portforward in istio-system)"},
		Explanation: &path.Explanation{
			Request: request, Verdict: path.Unreachable, Code: "POLICY_DENIED", Summary: hostile, Outcome: path.Outcome{Text: hostile},
			Hops: []path.Hop{{
				Kind: path.HopWaypoint, Name: hostile, Node: "node-a", Result: path.HopDeny, Explain: hostile, Contradiction: hostile, Basis: path.Seen, Identity: hostile,
				DecidedBy: mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "deny"},
				Evidence:  []path.Evidence{{Source: "kubernetes", Field: "spec", Text: hostile}}, Commands: []string{"kubectl get pods"},
			}},
			Branches: []path.Branch{{Label: hostile, Weight: 10, Verdict: path.Reachable}},
		},
	}
}

func TestAPathOnATerminalIsEightLinesAtMost(t *testing.T) {
	var b strings.Builder
	if err := text.PathPlain(&b, refusal()); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	if n := strings.Count(out, "\n"); n > 8 {
		t.Errorf("%d lines:\n%s", n, out)
	}
	if strings.ContainsAny(out, "\x1b\u202e") {
		t.Errorf("the terminal would obey %q", out)
	}
	for _, want := range []string{"✕ Unreachable POLICY_DENIED", "10 %", "kubectl get pods", "create pods/portforward", "2026-"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

func TestAPathForAChatIsSixLines(t *testing.T) {
	p := refusal()
	lines := strings.Split(strings.TrimSpace(p.Markdown()), "\n")
	if len(lines) != 6 {
		t.Fatalf("%d lines:\n%s", len(lines), p.Markdown())
	}
	if want := "Ask again: `waylight path --from shop/web --to 'https://orders.shop/x?a=b' --header"; !strings.HasPrefix(lines[5], want) {
		t.Errorf("the last line is %q", lines[5])
	}
	if strings.Contains(p.Markdown(), "<d>") && strings.Contains(lines[0], "<d>") {
		t.Errorf("HTML of a cluster stays HTML: %q", lines[0])
	}
	p.Link = "/path?from=x"
	if !strings.HasSuffix(strings.TrimSpace(p.Markdown()), "Link · /path?from=x") {
		t.Error("the link is not the last word, where scripts make it absolute")
	}
}
