package server

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

func TestALineSaysWhatItMeans(t *testing.T) {
	l := LogEntry{
		LogLine: &mesh.LogLine{ID: "c/t/0", Time: time.Unix(0, 1500).In(time.FixedZone("x", 3600)), From: ztunnelTarget(), Raw: "raw", Kind: mesh.LogZtunnelAccess, Level: mesh.LogError, Message: "connection complete"},
		Source:  "pod/istio-system/ztunnel-a/istio-proxy",
		Fields:  []mesh.LogField{{Name: "src.addr", Value: "10.0.0.1:7"}, {Name: "bytes_sent", Value: "112"}, {Name: "bytes_recv", Value: "0x1"}},
		Explained: mesh.LogExplanation{
			Code: "AUTHZ_DENIED", Text: "A policy refused it.", Look: "Look there.", Denied: true, Elsewhere: true,
		},
		Group: "g1", Merged: []string{"g2", "g3"},
	}
	const want = `{"id":"c/t/0","time":"1970-01-01T00:00:00.0000015Z","source":"pod/istio-system/ztunnel-a/istio-proxy",` +
		`"container":"istio-system/ztunnel-a/istio-proxy","node":"node-a","level":"error","kind":"ztunnel-access","raw":"raw","message":"connection complete","group":"g1","merged":["g2","g3"],` +
		`"fields":{"src.addr":"10.0.0.1:7","bytes_sent":112,"bytes_recv":"0x1"},` +
		`"explain":{"code":"AUTHZ_DENIED","text":"A policy refused it.","look":"Look there.","denied":true,"elsewhere":true}}`
	if diff := cmp.Diff(want, string(l.AppendJSON(nil))); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
}

func TestNumbersAreOnesThatJSONHas(t *testing.T) {
	for text, want := range map[string]bool{"0": true, "112": true, "": false, "007": false, "-1": false, "1e9": false} {
		if isNumber(text) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
}

// FuzzEscaping holds that any text comes out of JSON as it went in, but for
// what is no UTF-8.
func FuzzEscaping(f *testing.F) {
	for _, s := range []string{"", "plain", "q\"b\\s/", "\x00\x1f\x7f\u2028é😀", "\xff\xfe\xed\xa0\x80", strings.Repeat("\n", 9)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := appendMember([]byte("{"), s, s)
		b = append(b, '}')
		var got map[string]string
		if !utf8.Valid(b) {
			t.Fatalf("%q is no UTF-8", b)
		}
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		clean := string([]rune(s))
		if got[clean] != clean {
			t.Errorf("%q came back as %q", s, got)
		}
	})
}
