package recording

import (
	"strings"
	"testing"
	"time"
)

func TestTimesAreMovedAndKeepTheirForm(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"2026-11-23T08:18:19Z", "2026-11-24T08:18:19Z"},
		{"2026-11-23T08:18:19.120Z", "2026-11-24T08:18:19.120Z"},
		{"2026-12-31T23:59:59.123456789Z", "2027-01-01T23:59:59.123456789Z"},
		{"2026-13-45T08:18:19Z", "2026-13-45T08:18:19Z"},
	} {
		if got := string(later([]byte(tt.text), 24*time.Hour)); got != tt.want {
			t.Errorf("%s a day later is %s, want %s", tt.text, got, tt.want)
		}
	}
}

func TestOnlyCertificatesAreRenewed(t *testing.T) {
	const old, key = `"inline_bytes": "LS0tOLD"`, `"inline_bytes": "W3JlZGFjdGVkXQ=="`
	got := string(renewCertificates([]byte(old+","+key), time.Now()))
	if strings.Contains(got, "LS0tOLD") || !strings.Contains(got, key) || !strings.HasPrefix(got, `"inline_bytes": "LS0t`) {
		t.Errorf("got %s", got)
	}
}
