package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh/meshtest"
)

func TestPathAnswersOnACommandLine(t *testing.T) {
	clean, guide := file(t, "clean.tar.gz", meshtest.Recording("clean")), file(t, "guide.tar.gz", meshtest.Recording("guide-as-written"))
	tests := []struct {
		words string
		args  []string
		code  int
		want  string
	}{
		{"a call that arrives", []string{"--bundle", clean, "--from", "shop/deployment/web", "--to", "shop/catalog:80"}, 0, "✓ Reachable"},
		{"one that is refused", []string{"--bundle", guide, "--from", "shop/deployment/web", "--to", "shop/orders:80"}, 1, "✕ Unreachable"},
		{"a URL that somebody pasted", []string{"--bundle", clean, "--from", "shop/deployment/web", "--to", "http://catalog.shop/api/x?y=z"}, 0, "✓ Reachable"},
		{"Markdown for a chat", []string{"--bundle", clean, "--from", "shop/deployment/web", "--to", "shop/catalog:80", "-o", "markdown"}, 0, "**Reachable**"},
		{"without the proxies", []string{"--bundle", clean, "--no-proxies", "--from", "shop/deployment/web", "--to", "shop/catalog:80"}, 0, "not read  ztunnel/node-a"},
		{"no question", []string{"--bundle", clean}, 2, "both ends"},
		{"a pod that is not there", []string{"--bundle", clean, "--from", "shop/nobody", "--to", "shop/catalog:80"}, 2, "There is no pod shop/nobody."},
		{"a port the service has not", []string{"--bundle", clean, "--from", "shop/deployment/web", "--to", "shop/catalog:81"}, 2, "has no port 81"},
		{"a header that is none", []string{"--bundle", clean, "--from", "shop/deployment/web", "--to", "shop/catalog:80", "--header", "nonsense"}, 2, "is no header"},
		{"a token of no known kind", []string{"--bundle", clean, "--from", "shop/deployment/web", "--to", "shop/catalog:80", "--jwt", "maybe"}, 2, "none, valid or invalid"},
		{"a form of output nobody has", []string{"--bundle", clean, "--from", "a/b", "--to", "c/d:1", "-o", "xml"}, 2, "none of text, json, markdown"},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			code, out, errs := command(t, nil, append([]string{"path"}, tt.args...)...)
			if code != tt.code || !strings.Contains(out+errs, tt.want) {
				t.Errorf("exit %d, want %d, and %q in\n%s%s", code, tt.code, tt.want, out, errs)
			}
			if code == 2 && strings.Count(errs, "\n") != 1 {
				t.Errorf("not one sentence: %q", errs)
			}
			if strings.Count(out, "\n") > 8 {
				t.Errorf("more than eight lines:\n%s", out)
			}
		})
	}
}

func TestPathAsJSONNamesTheProxiesItRestsOn(t *testing.T) {
	clean := file(t, "clean.tar.gz", meshtest.Recording("clean"))
	_, out, errs := command(t, nil, "path", "--bundle", clean, "--from", "shop/deployment/web", "--to", "shop/catalog:80", "--header", "a=x,y", "-o", "json")
	var got struct {
		Format, Verdict string
		Request         struct {
			Headers []struct{ Name, Value string }
		}
		Proxies []struct{ Name, State string }
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s%s", err, out, errs)
	}
	if got.Format != "waylight.path/v1" || len(got.Proxies) < 3 || got.Proxies[0].State != "ok" {
		t.Errorf("got %+v", got)
	}
	if h := got.Request.Headers; len(h) != 1 || h[0].Value != "x,y" {
		t.Errorf("a comma splits a header: %+v", h)
	}
}
