package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tailLines is how much of each log a failed test prints; the files stay for the rest.
const tailLines = 40

// Logs is the folder that the logs of one test's processes are in.
type Logs struct{ dir string }

// NewLogs makes the folder. When the test passes the folder is removed; when it fails the end of each log is printed and
// the folder stays.
func NewLogs(t testing.TB) *Logs {
	t.Helper()
	dir, err := os.MkdirTemp("", "waylight-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	logs := &Logs{dir: dir}
	t.Cleanup(func() {
		if t.Failed() {
			logs.print(t)
			return
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Log(err)
		}
	})
	return logs
}

// open appends, so that a restarted process goes on in the same file.
func (l *Logs) open(name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(l.dir, name+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
}

func (l *Logs) print(t testing.TB) {
	files, err := filepath.Glob(filepath.Join(l.dir, "*.log"))
	if err != nil {
		t.Error(err)
	}
	for _, file := range files {
		t.Logf("the end of %s:\n%s", file, tail(file))
	}
}

func tail(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Sprint(err)
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}
