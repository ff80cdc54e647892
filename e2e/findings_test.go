package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

// sameFindings compares what Waylight finds in the live cluster with what the same binary finds in the recording.
func sameFindings(t *testing.T, m *revived) {
	want := findingsOfRecording(t)
	if len(want) < 2 {
		t.Fatalf("the recording has only %v", want)
	}
	wait.For(t, settled, "the findings are those of the recording", func() error {
		found, err := m.server.AllFindings()
		if got := codes(found); err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("found %v, want %v", got, want)
		}
		return err
	})
}

// findingsOfRecording asks `waylight check`, whose exit code says that there are findings.
func findingsOfRecording(t *testing.T) []string {
	t.Helper()
	check := exec.Command(cluster.Program(t, "waylight"), "check", "--bundle", "../mesh/meshtest/recordings/"+recorded+".tar.gz", "-o", "json")
	check.Stderr = os.Stderr
	text, err := check.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != 1) {
		t.Fatal(err)
	}
	var report waylight.Report
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	return codes(report.Findings)
}

// codes lists findings by code and subject, in order.
func codes(findings []waylight.Finding) []string {
	list := make([]string, len(findings))
	for i, f := range findings {
		list[i] = fmt.Sprintf("%s %s %s/%s", f.Code, f.Subject.Kind, f.Subject.Namespace, f.Subject.Name)
	}
	slices.Sort(list)
	return list
}
