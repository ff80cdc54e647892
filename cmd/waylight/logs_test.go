package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/server"
)

func TestLogsOnACommandLine(t *testing.T) {
	typo := file(t, "typo.tar.gz", meshtest.Recording("waypoint-label-typo"))
	call := []string{"--from", "shop/deployment/web", "--to", "shop/orders:80"}
	tests := []struct {
		words string
		args  []string
		code  int
		want  []string
		not   []string
	}{
		{words: "both ends of a denial, from a call", args: call, want: []string{
			"── 2026-11-23 UTC\n",
			"✕ ztunnel node-b    in   shop/web-6d9f8c7b5d-aax7k → shop/orders-v1-6d9f8c7b5d-aax7k:8080  denied\n    POLICY_NONE_ALLOWED: ",
			"✕ ztunnel node-a    out  shop/web-6d9f8c7b5d-aax7k → orders.shop:8080 at shop/orders-v1-6d9f8c7b5d-aax7k  denied\n",
		}, not: []string{"\x1b"}},
		{words: "all before a service", args: []string{"--service", "shop/orders"}, want: []string{"ztunnel node-a", "ztunnel node-b"}},
		{words: "lines as they were written", args: append(call, "-o", "raw"), want: []string{"error\taccess\tconnection complete\tsrc.addr="}, not: []string{"✕"}},
		{words: "followed until the recording ends", args: append(call, "-f"), want: []string{"denied"}},
		{words: "only what an expression matches", args: append(call, "-o", "raw", "--include", "orders-v1", "--exclude", "outbound"), want: []string{"orders-v1"}, not: []string{"orders-v2", "outbound"}},
		{words: "nothing so late", args: append(call, "--since", "0s"), want: []string{"waylight: no line was written since 2026-11-23 08:18:50 UTC.\n"}, not: []string{"denied"}},
		{words: "what the same proxies write of other calls is counted", args: call, want: []string{"waylight: 8 lines of other calls are not printed; --calls all prints them.\n"}, not: []string{"catalog"}},
		{words: "and printed where it is wanted", args: append(call, "--calls", "all"), want: []string{"→ catalog.shop:8080 at shop/catalog-"}, not: []string{"of other calls"}},
		{words: "calls of no kind", args: append(call, "--calls", "mine"), code: 2, want: []string{"are no calls: write this or all"}},
		{words: "nothing that passes", args: append(call, "--include", "no such words"), want: []string{"waylight: none of 28 lines passes the filter.\n"}},
		{words: "all but what failed is wanted, too", args: append(call, "--denied=false"), want: []string{"denied"}},
		{words: "neither yes nor no", args: append(call, "--denied=maybe"), code: 2, want: []string{"write true or false"}},
		{words: "a source that nobody serves", args: []string{"--source", "ztunnel/node-z"}, code: 2, want: []string{"waylight: ztunnel/node-z: ended. Nobody served it when the mesh was recorded.\n"}},
		{words: "the run before, which was not recorded", args: []string{"--source", "ztunnel/node-a", "--previous"}, code: 2, want: []string{"istio-system/ztunnel-qaz4p/istio-proxy: ended. The recording does not hold it.\n"}},
		{words: "nobody's logs", code: 2, want: []string{"waylight: whose logs?"}},
		{words: "a source of no kind", args: []string{"--source", "node-a"}, code: 2, want: []string{"is no source of logs"}},
		{words: "a service nobody made", args: []string{"--service", "shop/none"}, code: 2, want: []string{"There is no service shop/none."}},
		{words: "a caller nobody made", args: []string{"--from", "shop/nobody", "--to", "shop/orders:80"}, code: 2, want: []string{"There is no pod shop/nobody."}},
		{words: "an expression that is none", args: append(call, "--include", "("), code: 2, want: []string{"missing closing )"}},
		{words: "a level that is none", args: append(call, "--level", "loud"), code: 2, want: []string{"is no level"}},
		{words: "a time that is none", args: append(call, "--since", "yesterday"), code: 2, want: []string{"neither a duration"}},
		{words: "a form of output nobody has", args: append(call, "-o", "xml"), code: 2, want: []string{"none of text, json, raw"}},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			code, out, errs := command(t, nil, append([]string{"logs", "--bundle", typo}, tt.args...)...)
			if code != tt.code {
				t.Errorf("exit %d, want %d\n%s", code, tt.code, errs)
			}
			for _, want := range tt.want {
				if !strings.Contains(out+errs, want) {
					t.Errorf("no %q in\n%.3000s%s", want, out, errs)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(out+errs, not) {
					t.Errorf("%q in\n%.3000s%s", not, out, errs)
				}
			}
			if code == 2 && strings.Count(errs, "\n") != 1 {
				t.Errorf("not one sentence: %q", errs)
			}
		})
	}
}

func TestLogsAsJSONAreTheLinesOfTheStream(t *testing.T) {
	typo := file(t, "typo.tar.gz", meshtest.Recording("waypoint-label-typo"))
	code, out, errs := command(t, nil, "logs", "--bundle", typo, "--source", "ztunnel/node-b", "--denied", "-o", "json")
	if code != 0 || out == "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for line := range strings.Lines(out) {
		var got struct {
			ID, Source, Container, Kind, Raw string
			Fields                           map[string]any
			Explain                          struct{ Code string }
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if got.ID == "" || got.Source != "ztunnel/node-b" || got.Kind != "ztunnel-access" || got.Explain.Code == "" || got.Fields["direction"] == nil {
			t.Errorf("read %s", line)
		}
	}
}

func TestOutputIsColouredOnlyOnATerminal(t *testing.T) {
	none := func(string) (string, bool) { return "", false }
	if wantsColor(new(bytes.Buffer), none) {
		t.Error("a buffer is no terminal")
	}
	regular, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer regular.Close()
	if wantsColor(regular, none) {
		t.Error("a file is no terminal")
	}
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	for name, want := range map[string]bool{"": true, "NO_COLOR": false, "TERM": false} {
		env := map[string]string{name: "dumb"}
		got := wantsColor(device, func(asked string) (string, bool) { value, ok := env[asked]; return value, ok })
		if got != want {
			t.Errorf("with %q in the environment: %t", name, got)
		}
	}
}

// fedStream hands out one batch after another.
type fedStream struct{ batches [][]mesh.LogEvent }

func (s *fedStream) Next(ctx context.Context) ([]mesh.LogEvent, error) {
	if len(s.batches) == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	next := s.batches[0]
	s.batches = s.batches[1:]
	return next, nil
}
func (*fedStream) Retarget([]mesh.LogTarget) {}
func (*fedStream) Pause()                    {}
func (*fedStream) Resume()                   {}
func (*fedStream) Close()                    {}

func TestWhatIsMissingIsSaidBesideTheLines(t *testing.T) {
	from := &mesh.LogTarget{Pod: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "web-1"}, Container: "app"}
	stream := &fedStream{batches: [][]mesh.LogEvent{
		{{State: &mesh.LogState{From: from, Phase: mesh.LogFollowing}}, {Line: &mesh.LogLine{From: from, Raw: "one"}}},
		{{State: &mesh.LogState{From: from, Phase: mesh.LogReconnecting, Detail: "The node is away."}}},
		{{Gap: &mesh.LogGap{From: from, Dropped: 3, Reason: mesh.GapSlow}}, {Line: &mesh.LogLine{From: from, Raw: "two"}}, {End: &mesh.LogEnd{}}},
	}}
	var out, errs bytes.Buffer
	p, err := newLogPrinter(&out, &errs, server.LineFilter{}, &logsFlags{output: "raw"})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.print(t.Context(), stream); err != nil {
		t.Fatal(err)
	}
	const complaints = "waylight: shop/web-1/app: reconnecting. The node is away.\n" +
		"waylight: 3 lines of shop/web-1/app missing: the reader is slower than the log.\n"
	if out.String() != "one\ntwo\n" || errs.String() != complaints || !p.unread {
		t.Errorf("printed %q and %q, unread: %t", &out, &errs, p.unread)
	}
}

func TestWhoFollowsMayStopAtAnyTime(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	p, err := newLogPrinter(new(bytes.Buffer), new(bytes.Buffer), server.LineFilter{}, &logsFlags{output: "text", follow: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.print(ctx, &fedStream{}); err != nil {
		t.Errorf("said %v", err)
	}
}
