// Package prometheus runs a real Prometheus that scrapes proxies made for a test, whose counters the test moves.
package prometheus

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/process"
	"github.com/waylight/waylight/e2e/wait"
)

// Target is a pod that is scraped.
type Target struct {
	Namespace, Pod string
	Metrics        http.Handler
}

// Prometheus is a running one.
type Prometheus struct {
	// URL is where it answers, without a slash at the end.
	URL     string
	address string
	dir     string
	program string
	process *process.Process
}

// Start runs a Prometheus that reads each target every second, and waits until it answers.
func Start(t testing.TB, targets ...Target) *Prometheus {
	t.Helper()
	p := &Prometheus{program: cluster.Installed(t, "prometheus"), address: cluster.FreeAddress(t), dir: t.TempDir()}
	p.URL = "http://" + p.address
	if err := os.WriteFile(p.config(), configuration(t, targets), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Restart(t)
	return p
}

func (p *Prometheus) config() string { return filepath.Join(p.dir, "prometheus.json") }

// configuration is written as JSON, which is YAML too.
func configuration(t testing.TB, targets []Target) []byte {
	t.Helper()
	var static []map[string]any
	for _, target := range targets {
		server := httptest.NewServer(target.Metrics)
		t.Cleanup(func() {
			server.CloseClientConnections()
			server.Close()
		})
		static = append(static, map[string]any{
			"targets": []string{strings.TrimPrefix(server.URL, "http://")},
			"labels":  map[string]string{"namespace": target.Namespace, "pod": target.Pod},
		})
	}
	text, err := json.Marshal(map[string]any{
		"global":         map[string]string{"scrape_interval": "1s", "scrape_timeout": "1s"},
		"scrape_configs": []any{map[string]any{"job_name": "proxies", "static_configs": static}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Kill ends it without warning.
func (p *Prometheus) Kill() { p.process.Kill() }

// Restart starts it, again with what it had stored.
func (p *Prometheus) Restart(t testing.TB) {
	t.Helper()
	p.process = process.Start(t, process.NewLogs(t), process.Spec{
		Name: "prometheus", Path: p.program, Dir: p.dir,
		Args: []string{"--config.file", p.config(), "--storage.tsdb.path", filepath.Join(p.dir, "data"), "--web.listen-address", p.address, "--log.level", "warn"},
	})
	wait.For(t, wait.Limit, "Prometheus is ready", func() error {
		if err := p.process.Running(); err != nil {
			t.Fatal(err)
		}
		answer, err := http.Get(p.URL + "/-/ready")
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("it answers %s", answer.Status)
		}
		return nil
	})
}
