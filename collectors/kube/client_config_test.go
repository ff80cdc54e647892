package kube

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

const kubeconfig = `apiVersion: v1
kind: Config
current-context: prod
clusters:
- {name: prod-eu, cluster: {server: "https://prod.example.com"}}
- {name: test-eu, cluster: {server: "https://test.example.com"}}
users:
- {name: jane, user: {token: t}}
contexts:
- {name: prod, context: {cluster: prod-eu, user: jane}}
- {name: test, context: {cluster: test-eu, user: jane}}
`

// outside makes a test run as if neither in a pod nor with a kubeconfig, and
// answers a folder to put one in.
func outside(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"} {
		t.Setenv(name, "")
	}
	return t.TempDir()
}

func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadConfigFollowsKubectl(t *testing.T) {
	dir := outside(t)
	good := write(t, dir, "good", kubeconfig)
	bare := write(t, dir, "bare", strings.Replace(kubeconfig, "current-context: prod", "current-context: ''", 1))
	current := write(t, dir, "current", "apiVersion: v1\nkind: Config\ncurrent-context: test\n")
	for _, c := range []struct {
		name       string
		flags      Flags
		env        string
		host, says string
	}{
		{"flag", Flags{Kubeconfig: good}, "", "https://prod.example.com", "prod"},
		{"flag wins over environment", Flags{Kubeconfig: good}, filepath.Join(dir, "missing"), "https://prod.example.com", "prod"},
		{"environment", Flags{}, good, "https://prod.example.com", "prod"},
		{"list, the first file with a value wins", Flags{}, current + ":" + good, "https://test.example.com", "test"},
		{"list with a missing file", Flags{}, filepath.Join(dir, "missing") + ":" + good, "https://prod.example.com", "prod"},
		{"context", Flags{Context: "test"}, good, "https://test.example.com", "test"},
		{"context where none is current", Flags{Context: "test"}, bare, "https://test.example.com", "test"},
		{"cluster", Flags{Cluster: "test-eu"}, good, "https://test.example.com", "test-eu"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("KUBECONFIG", c.env)
			cfg, name, err := LoadConfig(c.flags)
			if err != nil {
				t.Fatal(err)
			}
			if cfg.Host != c.host || name != c.says {
				t.Errorf("it leads to %s, called %q; want %s, %q", cfg.Host, name, c.host, c.says)
			}
		})
	}
}

func TestLoadConfigSaysWhatIsWrong(t *testing.T) {
	dir := outside(t)
	good := write(t, dir, "good", kubeconfig)
	missing := filepath.Join(dir, "missing")
	broken := write(t, dir, "broken", "clusters: [")
	empty := write(t, dir, "empty", "")
	bare := write(t, dir, "bare", strings.Replace(kubeconfig, "current-context: prod", "current-context: ''", 1))
	dangling := write(t, dir, "dangling", strings.Replace(kubeconfig, "current-context: prod", "current-context: gone", 1))
	certless := write(t, dir, "certless", strings.Replace(kubeconfig, "{token: t}", "{client-certificate: /no/such.pem, client-key: /no/such.key}", 1))
	for _, c := range []struct {
		name  string
		flags Flags
		env   string
		says  string
	}{
		{"missing file given by flag", Flags{Kubeconfig: missing}, "", "the kubeconfig " + missing + " cannot be read: no such file or directory"},
		{"missing file given by environment", Flags{}, missing, "KUBECONFIG is set to " + missing + ", which does not exist"},
		{"broken file", Flags{}, broken, "the kubeconfig cannot be read: "},
		{"empty file by flag", Flags{Kubeconfig: empty}, "", "the kubeconfig " + empty + " names no cluster"},
		{"empty file by environment", Flags{}, empty, "KUBECONFIG is set to " + empty + ", which names no cluster"},
		{"unknown context", Flags{Context: "nope"}, good, `it has no context "nope" (it has: prod, test)`},
		{"no current context", Flags{}, bare, "it has no current context, and none was chosen with --context (it has: prod, test)"},
		{"current context that is not there", Flags{}, dangling, `its current context "gone" does not exist (it has: prod, test)`},
		{"certificate file that is not there", Flags{}, certless, "unable to read client-cert /no/such.pem"},
		{"unknown user", Flags{User: "nobody"}, good, "nobody"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("KUBECONFIG", c.env)
			_, _, err := LoadConfig(c.flags)
			if err == nil || errors.Is(err, ErrNoKubeconfig) {
				t.Fatalf("the error is %v", err)
			}
			if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("it says %q, want one line with %q", err, c.says)
			}
		})
	}
}

func TestLoadConfigTakesWhatImpersonatesAndHowLongItMayTake(t *testing.T) {
	path := write(t, outside(t), "config", kubeconfig)
	cfg, _, err := LoadConfig(Flags{Kubeconfig: path, As: "jane", AsGroups: []string{"oncall"}, RequestTimeout: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Impersonate.UserName != "jane" || len(cfg.Impersonate.Groups) != 1 || cfg.Timeout != 3*time.Second {
		t.Errorf("impersonation is %+v, timeout %v", cfg.Impersonate, cfg.Timeout)
	}
}

func TestConfigsThatCannotBeUsedEndRun(t *testing.T) {
	for name, cfg := range map[string]*rest.Config{
		"address":     {Host: "https://a b"},
		"certificate": {Host: "https://127.0.0.1:1", TLSClientConfig: rest.TLSClientConfig{CAData: []byte("no certificate")}},
	} {
		if err := New(cfg, Options{}).Run(t.Context(), newRecorder()); err == nil {
			t.Errorf("%s: Run says nothing", name)
		}
	}
}
