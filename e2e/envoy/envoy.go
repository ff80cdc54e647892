// Package envoy runs a real Envoy that has loaded what a recorded waypoint had: its listeners, routes, policies, clusters and
// endpoints, delivered by files instead of istiod, and certificates made for the test. What its admin port says is Envoy's own.
package envoy

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/process"
	"github.com/waylight/waylight/e2e/wait"
)

// Start runs an Envoy until the test ends and answers the address of its admin port. dump is a waypoint's
// /config_dump?include_eds.
func Start(t testing.TB, dump []byte) string {
	t.Helper()
	// It comes as a Python package.
	cluster.Installed(t, "pip3", "pip")
	recorded, err := parse(dump)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	admin := cluster.FreeAddress(t)
	configure(t, dir, recorded, admin, cluster.FreeAddress(t))
	envoy := process.Start(t, process.NewLogs(t), process.Spec{
		Name: "envoy",
		Path: cluster.Program(t, "envoy"),
		Dir:  dir,
		Args: []string{"--config-path", filepath.Join(dir, bootstrapFile), "--disable-hot-restart", "--concurrency", "1", "--log-level", "warn"},
	})
	wait.For(t, wait.Limit, "Envoy has loaded its configuration", func() error {
		if err := envoy.Running(); err != nil {
			t.Fatal(err)
		}
		return ready("http://" + admin + "/ready")
	})
	return admin
}

// configure writes Envoy's files.
func configure(t testing.TB, dir string, recorded *recorded, admin, hbone string) {
	t.Helper()
	secrets, err := newSecrets()
	if err != nil {
		t.Fatal(err)
	}
	local := localizer{dir: dir, hbone: hbone}
	files := map[string]any{
		bootstrapFile: bootstrap(dir, recorded.node, admin),
		listenersFile: response(local.all(recorded.listeners)),
		clustersFile:  response(local.all(recorded.clusters)),
		endpointsFile: response(recorded.endpoints),
	}
	for name, secret := range secrets {
		files[secretFile(name)] = response([]any{secret})
	}
	for name, content := range files {
		text, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func ready(url string) error {
	answer, err := http.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, answer.Status)
	}
	return nil
}
