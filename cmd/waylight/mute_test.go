package main

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh/meshtest"
)

func TestCheckSaysWhatAMuteFileMutes(t *testing.T) {
	bundle := file(t, "b.tar.gz", meshtest.Recording("ca-mismatch"))
	const cause = "CA_TRUSTED_ACCOUNT_MISMATCH Deployment/istio-system/istiod "
	tests := []struct {
		name, mutes string
		code        int
		stdout      string
		stderr      string
	}{
		{"a cause takes what follows from it along, and that is said", cause + "2026-11-30T00:00Z known\n", 0, "No findings, and 3 muted.", "CA_TRUSTED_ACCOUNT_MISMATCH Deployment istio-system/istiod until 2026-11-30 00:00 UTC known"},
		{"a mute that ran out mutes nothing, and that is said", cause + "2026-11-22T00:00Z\n", 1, "CA_TRUSTED_ACCOUNT_MISMATCH", "A mute ran out at 2026-11-22 00:00 UTC: CA_TRUSTED_ACCOUNT_MISMATCH"},
		{"a line that is no mute ends it", "CODE\n", 2, "", "line 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := command(t, nil, "check", "--bundle", bundle, "--mute-file", file(t, "mutes", []byte(tt.mutes)))
			if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("exit code %d\n%s\n%s", code, stdout, stderr)
			}
		})
	}
	if code, _, stderr := command(t, nil, "check", "--bundle", bundle, "--mute-file", "/no/such"); code != 2 || !strings.Contains(stderr, "--mute-file") {
		t.Errorf("a file that is not there: exit code %d, %s", code, stderr)
	}
}
