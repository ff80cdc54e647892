package istiod_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/collectors/istiod"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// most is what may be asked of memory for the most hostile answer, in all.
const most = 512 << 20

func TestHostileAnswersAreRefusedWithinBoundedMemory(t *testing.T) {
	if meshtest.Racing {
		t.Skip("what is bounded is the same without the race detector")
	}
	for words, answer := range map[string]io.Reader{
		"an answer without end":          meshtest.Endless(`[`, " "),
		"2 GB of proxies":                io.LimitReader(meshtest.Endless(`[{}`, `,{"proxy":"a.b","istio_version":"`+strings.Repeat("x", 1000)+`"}`), 2<<30),
		"a name of 500 MB":               io.LimitReader(meshtest.Endless(`[{"proxy":"`, "x"), 500<<20),
		"empty proxies without end":      meshtest.Endless(`[{}`, `,{}`),
		"nameless proxies without end":   meshtest.Endless(`[{"proxy":"a"}`, `,{"proxy":"a"}`),
		"types of a proxy without end":   meshtest.Endless(`[{"proxy":"a","resources":{"a":{}`, `,"a":{}`),
		"256 MB of nested lists":         io.LimitReader(meshtest.Endless(``, "["), 256<<20),
		"256 MB of lists within a proxy": io.LimitReader(meshtest.Endless(`[{"later":`, "["), 256<<20),
	} {
		t.Run(words, func(t *testing.T) {
			var err error
			if n := meshtest.Allocated(func() { _, err = istiod.Decode(answer, mesh.Ref{}, time.Time{}) }); n > most {
				t.Errorf("it took %d MiB", n>>20)
			}
			if err == nil {
				t.Fatal("it is decoded")
			}
			if nested := strings.Contains(words, "256 MB"); !nested && !errors.Is(err, istiod.ErrTooLarge) {
				t.Errorf("the reason is %v", err)
			}
		})
	}
}

func TestOddAnswersAreReadAsFarAsTheyMakeSense(t *testing.T) {
	for _, tt := range []struct {
		words, entry string
		name         string // of the proxy; empty where the entry is lost
	}{
		{"a key that is there twice: the later counts", `{"proxy":"a.x","proxy":"b.x"}`, "b"},
		{"bytes that are no UTF-8", "{\"proxy\":\"a\xff.x\"}", "a\uFFFD"},
		{"null for everything", `{"proxy":"a.x","resources":null,"cluster_sent":null,"istio_version":null}`, "a"},
		{"a number for a nonce", `{"proxy":"a.x","cluster_sent":1e999}`, ""},
		{"a time that is none", `{"proxy":"a.x","resources":{"t":{"sentTime":"99999-99-99T99:99:99Z"}}}`, "a"},
	} {
		t.Run(tt.words, func(t *testing.T) {
			s, err := istiod.Decode(strings.NewReader("["+tt.entry+"]"), mesh.Ref{}, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if tt.name == "" {
				if len(s.Proxies) != 0 || s.Skipped != 1 {
					t.Errorf("%+v", s)
				}
			} else if len(s.Proxies) != 1 || s.Proxies[0].Proxy.Name != tt.name {
				t.Errorf("%+v", s)
			}
		})
	}
}
