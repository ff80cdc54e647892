package bundle

import (
	"strings"
	"testing"
)

func TestCensus(t *testing.T) {
	tests := []struct {
		name  string
		files int
		size  int64
		want  string
	}{
		{"the largest bundle there may be", 8, maxFileSize, ""},
		{"one byte more in a file", 1, maxFileSize + 1, "larger than 1024 MiB"},
		{"a size below zero", 1, -1, "larger than"},
		{"one file more than that", 9, maxFileSize, "more than 8 GiB"},
		{"as many files as there may be", maxFiles, 1, ""},
		{"one more", maxFiles + 1, 1, "more than 100000 files"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c census
			var err error
			for range tt.files {
				if err = c.add("objects/pods.json", tt.size); err != nil {
					break
				}
			}
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestHostileNamesAreCutInErrors(t *testing.T) {
	err := checkPath(strings.Repeat("x\n", 10_000))
	if err == nil || len(err.Error()) > 500 || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %.600q", err)
	}
}
