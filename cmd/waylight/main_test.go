package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh/meshtest"
)

// command runs waylight as a shell would, without a kubeconfig in reach.
func command(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBECONFIG", "")
	var out, errs bytes.Buffer
	getenv := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	code = run(t.Context(), args, getenv, &out, &errs)
	return code, out.String(), errs.String()
}

// file writes a file for a test and returns its path.
func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// archive makes a .tar.gz of a manifest and one more file.
func archive(t *testing.T, name string) []byte {
	t.Helper()
	var buf bytes.Buffer
	zip := gzip.NewWriter(&buf)
	w := tar.NewWriter(zip)
	manifest := `{"format":"waylight.bundle/v1","recordedAt":"2026-11-23T08:00:00Z"}`
	for path, content := range map[string]string{"manifest.json": manifest, name: "{}"} {
		if err := w.WriteHeader(&tar.Header{Name: path, Mode: 0o600, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// unreachable is a kubeconfig whose server nobody listens for.
const unreachable = `{apiVersion: v1, kind: Config, current-context: c,
clusters: [{name: a, cluster: {server: "https://127.0.0.1:1"}}],
users: [{name: u, user: {token: x}}], contexts: [{name: c, context: {cluster: a, user: u}}]}`

func TestWhatCannotWorkIsOneSentenceAndExitCode2(t *testing.T) {
	whole := meshtest.Recording("clean")
	tests := []struct {
		words string
		args  []string
		env   map[string]string
		want  string // part of the sentence
	}{
		{"a kubeconfig that does not exist", []string{"check", "--kubeconfig", "/no/such"}, nil, "/no/such"},
		{"the same for the dashboard, which must not fall back to the demo", []string{"--kubeconfig", "/no/such"}, nil, "/no/such"},
		{"a kubeconfig that is no YAML", []string{"check", "--kubeconfig", file(t, "config", []byte("{not yaml"))}, nil, "cannot be read"},
		{"a server that does not answer", []string{"check", "--timeout", "20s", "--kubeconfig", file(t, "config", []byte(unreachable))}, nil, "connection refused at https://127.0.0.1:1"},
		{"no mesh at all", []string{"check"}, nil, "use --kubeconfig, or --bundle"},
		{"a bundle that does not exist", []string{"check", "--bundle", "/no/such"}, nil, "no such file"},
		{"a bundle that is cut off", []string{"check", "--bundle", file(t, "b.tar.gz", whole[:len(whole)/2])}, nil, "cut off"},
		{"a bundle that reaches outside its folder", []string{"check", "--bundle", file(t, "b.tar.gz", archive(t, "../evil.json"))}, nil, "leads outside"},
		{"a file that is no bundle", []string{"check", "--bundle", file(t, "b.tar.gz", []byte("hello"))}, nil, "cannot be read as a bundle"},
		{"a namespace that does not exist", []string{"check", "--bundle", file(t, "b.tar.gz", whole), "-n", "nosuch"}, nil, "there is no namespace nosuch"},
		{"a sweep that takes less than nothing", []string{"--sweep-rate", "-5", "--bundle", "x"}, nil, "--sweep-rate -5 is less than nothing"},
		{"an unknown flag", []string{"--frobnicate"}, nil, "unknown flag: --frobnicate"},
		{"an unknown subcommand", []string{"frobnicate"}, nil, `unknown command "frobnicate"`},
		{"an output nobody writes", []string{"check", "-o", "xml"}, nil, "xml"},
		{"a severity nobody knows", []string{"check", "--fail-on", "bad"}, nil, "critical, error, warning, info"},
		{"an address that others can reach, without authentication", []string{"--listen", "0.0.0.0:7780"}, nil, "not a loopback address"},
		{"an address without a port", []string{"--listen", "localhost"}, nil, "host:port"},
		{"a bundle and a kubeconfig at once", []string{"check", "--bundle", "x", "--context", "y"}, nil, "exclude each other"},
		{"a log format nobody writes, from the environment", nil, map[string]string{"WAYLIGHT_LOG_FORMAT": "xml"}, "neither text nor json"},
		{"a value in the environment that does not fit its flag", []string{"check"}, map[string]string{"WAYLIGHT_TIMEOUT": "soon"}, "WAYLIGHT_TIMEOUT"},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			code, stdout, stderr := command(t, tt.env, tt.args...)
			if code != exitFailed {
				t.Errorf("exit code %d", code)
			}
			if !strings.HasPrefix(stderr, "waylight: ") || !strings.Contains(stderr, tt.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("it says %q, want one line with %q", stderr, tt.want)
			}
			if stdout != "" {
				t.Errorf("it prints %q", stdout)
			}
		})
	}
}

func TestExitCodeOfCheckFollowsTheLimit(t *testing.T) {
	broken := file(t, "b.tar.gz", meshtest.Recording("pod-not-captured")) // its worst finding is an error
	clean := file(t, "b.tar.gz", meshtest.Recording("clean"))
	tests := []struct {
		words string
		args  []string
		want  int
	}{
		{"nothing wrong", []string{"--bundle", clean}, 0},
		{"an error reaches the usual limit, warning", []string{"--bundle", broken}, exitFindings},
		{"an error does not reach critical", []string{"--bundle", broken, "--fail-on", "critical"}, 0},
		{"an error reaches error", []string{"--bundle", broken, "--fail-on", "error"}, exitFindings},
		{"a finding in another namespace than asked for", []string{"--bundle", broken, "-n", "payments"}, 0},
		{"a finding in the namespace asked for", []string{"--bundle", broken, "-n", "payments", "-n", "shop"}, exitFindings},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			if code, _, stderr := command(t, nil, append([]string{"check"}, tt.args...)...); code != tt.want || stderr != "" {
				t.Errorf("exit code %d, want %d (%s)", code, tt.want, stderr)
			}
		})
	}
}

func TestEveryFlagHasAnEnvironmentTwin(t *testing.T) {
	bundle := file(t, "b.tar.gz", meshtest.Recording("waypoint-label-typo"))
	env := map[string]string{"WAYLIGHT_BUNDLE": bundle, "WAYLIGHT_OUTPUT": "json", "WAYLIGHT_NAMESPACE": "shop,payments"}
	code, stdout, _ := command(t, env, "check")
	if code != exitFindings || !strings.Contains(stdout, `"format":"waylight.findings/v1"`) && !strings.Contains(stdout, `"format": "waylight.findings/v1"`) {
		t.Errorf("exit code %d, %.200s", code, stdout)
	}
	if _, stdout, _ := command(t, env, "check", "-o", "markdown"); strings.HasPrefix(stdout, "{") {
		t.Error("a flag that was typed does not beat its twin")
	}
}

func TestVersionAndCompletionNeedNoMesh(t *testing.T) {
	if code, stdout, _ := command(t, nil, "version"); code != 0 || !strings.HasPrefix(stdout, "waylight ") {
		t.Errorf("version: %d %q", code, stdout)
	}
	if code, stdout, _ := command(t, nil, "completion", "bash"); code != 0 || !strings.Contains(stdout, "waylight") {
		t.Errorf("completion: %d %.80q", code, stdout)
	}
}
