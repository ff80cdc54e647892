package istiolog_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/istiolog"
	"github.com/waylight/waylight/mesh"
)

func TestDecodeLine(t *testing.T) {
	for name, test := range map[string]struct {
		raw  string
		want mesh.LogLine
	}{
		"a scope, a message and fields": {
			"2026-11-23T08:14:37.000000Z\twarn\tserverca\timpersonation failed for identity spiffe://a, error: caller (Pod{Name: ztunnel}) is not allowed to impersonate\tclient=10.0.0.1:5",
			mesh.LogLine{
				Level: mesh.LogWarn, Scope: "serverca", Message: "impersonation failed for identity spiffe://a, error: caller (Pod{Name: ztunnel}) is not allowed to impersonate",
				Extra: []mesh.LogField{{Name: "client", Value: "10.0.0.1:5"}},
			},
		},
		"the default scope has no name": {
			"2026-11-23T08:14:37.000000Z\tinfo\tsync complete\tname=informer/Pods handler attempt=1 time=\"2 ms\"",
			mesh.LogLine{
				Level: mesh.LogInfo, Message: "sync complete",
				Extra: []mesh.LogField{{Name: "name", Value: "informer/Pods handler"}, {Name: "attempt", Value: "1"}, {Name: "time", Value: "2 ms"}},
			},
		},
		"the default scope with a message of one word": {
			"2026-11-23T08:14:37.000000Z\tinfo\tready\tport=8080",
			mesh.LogLine{Level: mesh.LogInfo, Message: "ready", Extra: []mesh.LogField{{Name: "port", Value: "8080"}}},
		},
		"a message alone": {
			"2026-11-23T08:14:37.000000Z\tfatal\tgateways.networking.istio.io is gone",
			mesh.LogLine{Level: mesh.LogError, Message: "gateways.networking.istio.io is gone"},
		},
		"JSON": {
			`{"level":"error","time":"2026-11-23T08:14:37Z","scope":"ambient","msg":"Failed capturing pod \"a\"","ns":"shop","name":"web-1","attempt":3}`,
			mesh.LogLine{
				Level: mesh.LogError, Scope: "ambient", Message: `Failed capturing pod "a"`,
				Extra: []mesh.LogField{{Name: "ns", Value: "shop"}, {Name: "name", Value: "web-1"}, {Name: "attempt", Value: "3"}},
			},
		},
		"configuration that is printed": {"  defaultConfig:", mesh.LogLine{Message: "  defaultConfig:"}},
		"another program's columns":     {"a\tb\tc", mesh.LogLine{Message: "a\tb\tc"}},
		"a level nobody has":            {"2026-11-23T08:14:37.000000Z\tloud\tx\ty", mesh.LogLine{Message: "2026-11-23T08:14:37.000000Z\tloud\tx\ty"}},
		"nothing":                       {"", mesh.LogLine{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := mesh.LogLine{Raw: test.raw}
			istiolog.DecodeLine(&got)
			test.want.Raw, test.want.Kind = test.raw, mesh.LogPlain
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestUnescape(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"quotes and backslashes":          {`a \"b\" \\ c`, `a "b" \ c`},
		"line ends become blanks":         {`a\nb\tc\rd`, "a b c d"},
		"Rust's characters":               {`\u{1F600}\u{e9}`, "😀é"},
		"JSON's characters, and in pairs": {`\u00e9\ud83d\ude00`, "é😀"},
		"half of a pair is none":          {`\ud83d!`, "\uFFFD!"},
		"a byte":                          {`\x41`, "A"},
		"control characters":              {`\x1b[31m\u{7}`, " [31m "},
		"what is no escape stays":         {`\q \u{zz} \u12 \`, `\q \u{zz} \u12 \`},
		"beyond Unicode":                  {`\u{ffffff}`, "\uFFFD"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := istiolog.Unescape(test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestObject(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []istiolog.Member
		not  bool
	}{
		"every kind of value": {
			text: `{"a":"b","n":-1.5e3,"t":true,"z":null,"o":{"p":["}"]},"l":[1,{"q":"]"}],"":""}`,
			want: []istiolog.Member{
				{Name: "a", Value: "b", Text: true},
				{Name: "n", Value: "-1.5e3"},
				{Name: "t", Value: "true"},
				{Name: "z"},
				{Name: "o", Value: `{"p":["}"]}`},
				{Name: "l", Value: `[1,{"q":"]"}]`},
				{Text: true},
			},
		},
		"white space":               {text: " { \"a\" :\t1 , \"b\" : \"c\" } ", want: []istiolog.Member{{Name: "a", Value: "1"}, {Name: "b", Value: "c", Text: true}}},
		"the text null is no null":  {text: `{"a":"null"}`, want: []istiolog.Member{{Name: "a", Value: "null", Text: true}}},
		"an empty one":              {text: `{}`},
		"two":                       {text: `{"a":1}{"b":2}`, not: true},
		"cut within a text":         {text: `{"a":"b`, not: true},
		"cut within an escape":      {text: `{"a":"b\`, not: true},
		"cut within a list":         {text: `{"a":[[[`, not: true},
		"cut within a number":       {text: `{"a":1`, not: true},
		"a name that is no text":    {text: `{a:1}`, not: true},
		"a comma before the end":    {text: `{"a":1,}`, not: true},
		"a value that is not there": {text: `{"a":}`, not: true},
		"a list":                    {text: `["a"]`, not: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := istiolog.Object(test.text)
			if ok == test.not {
				t.Fatalf("it is an object: %t", ok)
			}
			if diff := cmp.Diff(test.want, got); diff != "" && ok {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func FuzzDecodeLine(f *testing.F) {
	for _, raw := range []string{
		"2026-11-23T08:14:37.000000Z\twarn\tserverca\timpersonation failed\tclient=10.0.0.1:5",
		"2026-11-23T08:14:37.000000Z\tinfo\tready\tport=8080 a={b c=d} e=\"f\\\"",
		"2026-11-23T08:14:37.000000Z\terror\tambient\tFailed capturing pod, will not retry. AddPodToMesh returned: x\tns=shop name=web-1",
		`{"level":"error","time":"2026-11-23T08:14:37Z","scope":"ambient","msg":"Failed \u00e9 \ud83d\ude00","ns":"shop","n":[1,{"a":"}"}]}`,
		"{", "{}", "\t", "2026-11-23T08:14:37.000000Z\tinfo\t",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		l := mesh.LogLine{Raw: raw}
		istiolog.DecodeLine(&l)
		if l.Kind != mesh.LogPlain || l.Raw != raw {
			t.Errorf("kind %q, raw %q", l.Kind, l.Raw)
		}
	})
}
