package server

import "testing"

func TestAPageHoldsNoCharacterThatNobodySees(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"plain text stays":              {"<p>shop/orders\n\té … ✓</p>", "<p>shop/orders\n\té … ✓</p>"},
		"an order to a terminal":        {"\x1b[31mred\x07", "?[31mred?"},
		"a zero byte and a delete":      {"a\x00b\x7f", "a?b?"},
		"a one character order":         {"\u009b31m", "??31m"},
		"text turned around":            {"\u202egnp.exe\u202c", "\ufffdgnp.exe\ufffd"},
		"an isolated direction":         {"\u2066a\u2069", "\ufffda\ufffd"},
		"marks beside those stay":       {"a\u2060b\u2014c\u00a0d", "a\u2060b\u2014c\u00a0d"},
		"the page ends within a rune":   {"a\xe2\x80", "a\xe2\x80"},
		"the page ends at a first byte": {"a\xc2", "a\xc2"},
	} {
		t.Run(name, func(t *testing.T) {
			page := []byte(tt.in)
			if neutralize(page); string(page) != tt.want {
				t.Errorf("%q, want %q", page, tt.want)
			}
		})
	}
}
