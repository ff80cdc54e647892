package text_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/text"
)

func write(t *testing.T, format string, parts ...mt.Part) string {
	t.Helper()
	w, err := text.Writer(format)
	if err != nil {
		t.Fatal(err)
	}
	s := mt.Mesh(parts...)
	var b strings.Builder
	if err := w(&b, analysis.Assess(analysis.Input{Snap: s, Now: s.At})); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// halfCaptured is a cause with a consequence graver than itself.
func halfCaptured() []mt.Part {
	return []mt.Part{
		mt.Namespace("shop", mt.Ambient), mt.Node("node-a", mt.NoCNI()),
		mt.Deployment("shop", "web", mt.OnNode("node-a"), mt.RedirectionPending), mt.ProxiesRead(),
	}
}

// ran says how many checks of the catalogue ran, but for so many.
func ran(but int) string {
	all := len(analysis.Checks())
	return fmt.Sprintf("%d of %d checks ran", all-but, all)
}

func TestPlain(t *testing.T) {
	want := `▲ error  CNI_NOT_READY_ON_NODE  Node node-a
  istio-cni is not ready on node node-a, which holds 1 pod of the mesh. Pods
  that are captured keep working. New pods of the mesh cannot start there or
  start outside the mesh.
  affects   Pod shop/web-1
  evidence  Node node-a, spec.nodeName: no pod with the label
            k8s-app=istio-cni-node runs on this node, in any namespace
  fix       Find out why the DaemonSet has no ready pod there. Once it is ready
            it captures the selected pods by itself, and policies at ztunnel
            apply to them from then on.
    $ kubectl get pods -A -l k8s-app=istio-cni-node --field-selector spec.nodeName=node-a -o wide
    $ kubectl get daemonsets -A -l k8s-app=istio-cni-node -o wide
    $ kubectl describe node/node-a
  doubt     Platforms that bring their own redirection may run it under another
            label.
  follows   ● critical REDIRECTION_PENDING Deployment shop/web: 1 pod of
            Deployment shop/web is redirected to a ztunnel that has not taken
            it.

1 critical, 1 error. ` + ran(0) + ` over test: 2 namespaces and 3 pods,
as of 2026-11-23 08:00:00 UTC. Nothing was held back.
`
	if diff := cmp.Diff(want, write(t, "text", halfCaptured()...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMarkdown(t *testing.T) {
	got := write(t, "markdown", mt.Namespace("shop", mt.Ambient, mt.Label(mesh.LabelInjection, "enabled")))
	for _, want := range []string{
		"# 1 warning\n",
		"## ◆ warning `NAMESPACE_INJECTION_CONFLICT` `Namespace shop`\n",
		"- evidence: `Namespace shop, metadata.labels[istio-injection]: enabled`\n",
		"```sh\nkubectl -n shop get pods",
		"\n# changes the cluster:\nkubectl label namespace/shop istio-injection-\n```\n",
		ran(0),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

func TestMarkdownListsWhatFollows(t *testing.T) {
	want := "- follows from it: ● critical `REDIRECTION_PENDING` on `Deployment shop/web`."
	if got := write(t, "markdown", halfCaptured()...); !strings.Contains(got, want) {
		t.Errorf("%q is missing in:\n%s", want, got)
	}
}

// oneWaypoint is a waypoint that the pods of two Services refuse by one policy.
func oneWaypoint() []mt.Part {
	allow := func(name string, rules ...mesh.AuthorizationRule) mt.Part {
		return mt.Objects(&mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: name}, Action: "ALLOW", Rules: rules})
	}
	return []mt.Part{
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.Replicas(2)), mt.ProxiesRead(),
		mt.Deployment("shop", "web"), mt.Service("shop", "web"), mt.Deployment("shop", "orders"), mt.Service("shop", "orders"),
		allow("clients", mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/web"}}}}),
	}
}

func TestWhatOneHopDecidesIsWrittenOnce(t *testing.T) {
	tests := map[string]string{
		"text":     "also Service shop/web; decided alike by Gateway shop/waypoint, AuthorizationPolicy shop/clients.",
		"markdown": "- also: Service shop/web; decided alike by Gateway shop/waypoint, AuthorizationPolicy shop/clients.",
	}
	for format, want := range tests {
		got := strings.Join(strings.Fields(write(t, format, oneWaypoint()...)), " ")
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q is missing in:\n%s", format, want, got)
		}
		if n := strings.Count(got, "critical AUTHZ_") + strings.Count(got, "critical `AUTHZ_"); n != 1 {
			t.Errorf("%s: %d headings, want 1:\n%s", format, n, got)
		}
	}
}

func TestClosingSaysWhatWasNotJudged(t *testing.T) {
	tests := []struct {
		name  string
		parts []mt.Part
		want  []string
	}{
		{"a quiet mesh", []mt.Part{mt.Namespace("shop")}, []string{"No findings. " + ran(0) + " over test: 2 namespaces and 1 pod, as of 2026-11-23 08:00:00 UTC. Nothing was held back."}},
		{"a missing right", []mt.Part{mt.Forbidden(mesh.ResourceAutoscalers)}, []string{ran(1), "Not judged: WAYPOINT_SINGLE_REPLICA (kubernetes/horizontalpodautoscalers.autoscaling forbidden: list horizontalpodautoscalers.autoscaling in all namespaces)."}},
		{"a right that one check needs, and others only look further with", []mt.Part{mt.Forbidden(mesh.ResourceNodes)}, []string{ran(1), "Not judged: REDIRECTION_CLAIMED_NO_TRAFFIC (kubernetes/nodes forbidden: list nodes in all namespaces).", "Judged in part: CNI_NOT_READY_ON_NODE, ZTUNNEL_MISSING_ON_NODE (kubernetes/nodes forbidden: list nodes in all namespaces)."}},
		{"a recording", []mt.Part{mt.Cluster(mesh.ClusterInfo{Name: "lab", Origin: mesh.OriginRecorded})}, []string{"over lab: ", "as recorded 2026-11-23"}},
		{"the demo", []mt.Part{mt.Cluster(mesh.ClusterInfo{Origin: mesh.OriginDemo})}, []string{"the demo, as recorded 2026-11-23"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(strings.Fields(write(t, "text", tt.parts...)), " ")
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is missing in %q", want, got)
				}
			}
		})
	}
}

func TestClosingDoesNotCountPodsNobodyRead(t *testing.T) {
	out := strings.Join(strings.Fields(write(t, "text", mt.Namespace("shop"), mt.Forbidden(mesh.ResourcePods))), " ")
	if !strings.Contains(out, "and an unknown number of pods, as of") {
		t.Errorf("without a right on pods:\n%s", out)
	}
}

func TestClosingSaysWhatALimitHides(t *testing.T) {
	s := mt.Mesh(append(halfCaptured(), mt.Namespace("payments", mt.UseWaypoint("typo")))...)
	var b strings.Builder
	if err := text.Plain(&b, analysis.Assess(analysis.Input{Snap: s, Now: s.At}).In("shop")); err != nil {
		t.Fatal(err)
	}
	if want := "1 critical, 1 error in shop, and 1 elsewhere."; !strings.Contains(b.String(), want) {
		t.Errorf("%q is missing in:\n%s", want, b.String())
	}
}

func TestPlainStaysWithinTheTerminal(t *testing.T) {
	got := write(t, "text", append(halfCaptured(), mt.Namespace("payments", mt.UseWaypoint("typo")), mt.Service("payments", strings.Repeat("very-", 40)+"long"))...)
	for line := range strings.Lines(got) {
		line = strings.TrimRight(line, "\n")
		isCommand := strings.HasPrefix(line, "    $ ") || strings.HasPrefix(line, "    ! ")
		if utf8.RuneCountInString(line) > 80 && !isCommand && len(strings.Fields(line)) > 2 {
			t.Errorf("%d columns: %s", utf8.RuneCountInString(line), line)
		}
	}
}

// hostile is what a recording or a condition's message can hold.
const hostile = "x\x1b[2J\x1b]0;title\x07\r\n\u202eevil\u202c \u009b31m`*_[a](http://x)<script>|# "

func TestHostileTextIsHarmless(t *testing.T) {
	parts := []mt.Part{
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint(hostile)), mt.Service("shop", hostile),
		mt.Waypoint("shop", "waypoint", mt.NeverProgrammed(), mt.Condition(mesh.ConditionProgrammed, mesh.ConditionFalse, "Reason", hostile+strings.Repeat("y", 5000))),
		mt.Source("kubernetes/nodes", mesh.SourceForbidden, hostile),
	}
	for _, format := range []string{"text", "markdown"} {
		t.Run(format, func(t *testing.T) {
			got := write(t, format, parts...)
			for _, bad := range []string{"\x1b", "\x07", "\r", "\u202e", "\u009b"} {
				if strings.Contains(got, bad) {
					t.Errorf("%q reached the output", bad)
				}
			}
			if strings.Contains(got, strings.Repeat("y", 1001)) {
				t.Error("a message is not bounded")
			}
			if format == "markdown" && strings.ContainsAny(outsideCode(got), "<>") {
				t.Errorf("HTML reached the Markdown:\n%s", got)
			}
		})
	}
}

// code are the spans and blocks in which Markdown takes every character for
// itself; escaped are the characters a backslash makes harmless.
var (
	escaped = regexp.MustCompile(`\\[[:punct:]]`)
	code    = regexp.MustCompile("(?s)```.*?```|``.*?``|`.*?`")
)

func outsideCode(s string) string { return code.ReplaceAllString(escaped.ReplaceAllString(s, ""), "") }

func TestWriterKnowsItsForms(t *testing.T) {
	if _, err := text.Writer("yaml"); err == nil {
		t.Error("yaml is none of the forms")
	}
	if got := write(t, "json"); !strings.Contains(got, `"format": "waylight.findings/v1"`) {
		t.Errorf("json: %s", got)
	}
}

func TestCatalogueListsEveryCheck(t *testing.T) {
	var b strings.Builder
	if err := text.Catalogue(&b, analysis.Checks()); err != nil {
		t.Fatal(err)
	}
	for _, c := range analysis.Checks() {
		if !strings.Contains(b.String(), "  "+c.Code+"\n") {
			t.Errorf("%s is not listed", c.Code)
		}
	}
}
