package podlog

import (
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/waylight/waylight/mesh"
)

// readLines reads a whole log as a hub does.
func readLines(text string, whole bool) []*mesh.LogLine {
	h := New(Options{Decoder: nothing{}})
	defer h.Close()
	to := target(web, "a1")
	t := &tail{hub: h, target: &to, had: newHad()}
	r := &reading{tail: t, id: "a1", whole: whole, over: true, resume: resumption{had: t.had, found: true}}
	r.lines = newLineReader(iotest.HalfReader(strings.NewReader(text)))
	if r.err = r.readAll(h.ctx); r.ended() {
		r.conclude(h.ctx)
	}
	var out []*mesh.LogLine
	for seq := t.ring.first; seq < t.ring.next; seq++ {
		out = append(out, t.ring.at(seq).line)
	}
	return out
}

func FuzzLines(f *testing.F) {
	f.Add("2026-11-23T08:36:22.873010000Z plain\n2026-11-23T08:36:22.87301Z \x1b[31mred\x1b[0m\tand\xff\n")
	f.Add("2026-11-23T10:36:22+02:00 another zone\nno time\n\n2026-02-29T00:00:00Z no such day\n")
	f.Add("unable to retrieve container logs for containerd://abc")
	f.Add("2026-11-23T08:36:22Z " + strings.Repeat("x", 3*readBuffer) + "\n2026-11-23T08:36:22Z after\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines := readLines(text, true)
		seen := make(map[string]bool)
		for _, l := range lines {
			if len(l.Raw) > maxLine || !utf8.ValidString(l.Raw) || strings.ContainsFunc(l.Raw, func(r rune) bool { return r != tab && unicode.IsControl(r) }) {
				t.Errorf("the line %q", l.Raw)
			}
			if run, p, ok := parseID(l.ID); !ok || run != "a1" || !p.at.Equal(l.Time) || l.Cut < 0 {
				t.Errorf("ID %s of %s, cut %d", l.ID, l.Time, l.Cut)
			}
			seen[l.ID] = true
		}
		if len(lines) < 32 && len(seen) != len(lines) {
			t.Errorf("%d lines have %d IDs", len(lines), len(seen))
		}
		again := readLines(text, true)
		if !slices.EqualFunc(lines, again, func(a, b *mesh.LogLine) bool { return a.ID == b.ID && a.Raw == b.Raw && a.Cut == b.Cut }) {
			t.Errorf("read again it is %+v, and was %+v", again, lines)
		}
	})
}

func FuzzFastStamp(f *testing.F) {
	f.Add("2026-11-23T08:36:22.873010000Z")
	f.Add("2026-02-29T08:36:22Z")
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := fastStamp([]byte(text))
		want, err := time.Parse(time.RFC3339Nano, text)
		if ok && (err != nil || !got.Equal(want)) {
			t.Errorf("%q is read as %s, not %s, %v", text, got, want, err)
		}
	})
}
