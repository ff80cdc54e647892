package podlog

import (
	"strings"
	"testing"
)

func TestPlainText(t *testing.T) {
	for _, tt := range []struct {
		words, line, want string
		cut               int
	}{
		{"printable text stays", "a\tb ~", "a\tb ~", 0},
		{"letters of all kinds stay", "é日本\U0001f600", "é日本\U0001f600", 0},
		{"colours go", "\x1b[1;31merror\x1b[0m!", "error!", 0},
		{"a title of the terminal goes", "\x1b]0;root@host\x07ok\x1b]8;;http://x\x1b\\link", "oklink", 0},
		{"a title that does not end keeps its text", "\x1b]0;text", "0;text", 0},
		{"another character set goes", "\x1b(Bok", "ok", 0},
		{"a sequence that is broken off goes as far as it is one", "\x1b[31\x01x", "x", 0},
		{"a lone escape goes", "ok\x1b", "ok", 0},
		{"control characters go", "a\x00b\rc\x7fd\u0085e", "abcde", 0},
		{"text is not turned around", "user\u202egnp.exe", "usergnp.exe", 0},
		{"line ends of Unicode go", "a\u2028b", "ab", 0},
		{"invalid UTF-8 is replaced", "a\xff\xc3(", "a\ufffd\ufffd(", 0},
		{"a long line is cut", strings.Repeat("x", maxLine+5), strings.Repeat("x", maxLine), 5},
		{"a letter is not cut in two", strings.Repeat("x", maxLine-1) + "é!", strings.Repeat("x", maxLine-1), 3},
	} {
		t.Run(tt.words, func(t *testing.T) {
			if got, cut := plainText([]byte(tt.line)); got != tt.want || cut != tt.cut {
				t.Errorf("got %.80q, cut %d, want %.80q, cut %d", got, cut, tt.want, tt.cut)
			}
		})
	}
}

func TestLinesOfALog(t *testing.T) {
	const at = "2026-01-02T03:04:05.6Z "
	for _, tt := range []struct {
		words, log string
		ids, lines string // joined by spaces, and by |
		cut        int
	}{
		{"lines of one time are counted", at + "a\n" + at + "b\n", "a1/2026-01-02T03:04:05.6Z/0 a1/2026-01-02T03:04:05.6Z/1", "a|b", 0},
		{"a time of another zone is the same time", "2026-01-02T05:04:05.600000000+02:00 a\n", "a1/2026-01-02T03:04:05.6Z/0", "a", 0},
		{"what was written at once has one time", at + "a\nb\n", "a1/2026-01-02T03:04:05.6Z/0 a1/2026-01-02T03:04:05.6Z/1", "a|b", 0},
		{"times out of order are counted each for itself", at + "a\n2026-01-02T03:04:05.5Z b\n" + at + "c\n", "a1/2026-01-02T03:04:05.6Z/0 a1/2026-01-02T03:04:05.5Z/0 a1/2026-01-02T03:04:05.6Z/1", "a|b|c", 0},
		{"an empty line is one", at + "\n" + at + "b\n", "a1/2026-01-02T03:04:05.6Z/0 a1/2026-01-02T03:04:05.6Z/1", "|b", 0},
		{"words of the kubelet are no line", "unable to retrieve container logs for containerd://abc\n", "", "", 0},
		{"a line longer than what is read at once is cut", at + strings.Repeat("x", 4*readBuffer) + "\n", "a1/2026-01-02T03:04:05.6Z/0", strings.Repeat("x", maxLine), 4*readBuffer - maxLine},
	} {
		t.Run(tt.words, func(t *testing.T) {
			var ids, lines []string
			cut := 0
			for _, l := range readLines(tt.log, true) {
				ids, lines = append(ids, l.ID), append(lines, l.Raw)
				cut += l.Cut
			}
			if got := strings.Join(ids, " "); got != tt.ids {
				t.Errorf("IDs %s, want %s", got, tt.ids)
			}
			if got := strings.Join(lines, "|"); got != tt.lines || cut != tt.cut {
				t.Errorf("lines %.100q, cut %d, want %.100q, cut %d", got, cut, tt.lines, tt.cut)
			}
		})
	}
}

func TestIDsOfBrowsers(t *testing.T) {
	for _, id := range []string{"", "a1", "a1/", "a1/yesterday/0", "a1/2026-01-02T03:04:05Z", "a1/2026-01-02T03:04:05Z/-1", "/2026-01-02T03:04:05Z/1", "a1/2026-01-02T03:04:05Z/1/2"} {
		if _, _, ok := parseID(id); ok {
			t.Errorf("%q is taken for an ID", id)
		}
	}
}
