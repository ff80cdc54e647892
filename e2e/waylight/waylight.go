// Package waylight runs the Waylight binary and reads it as its users do: pages as text, the read API as JSON, its own
// metrics. Nothing here knows Waylight's Go packages: the tests hold what the binary promises.
package waylight

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/process"
	"github.com/waylight/waylight/e2e/wait"
)

// Server is a running `waylight serve`.
type Server struct {
	// URL is where it serves, without a slash at the end.
	URL     string
	process *process.Process
}

// client gives up on an answer that takes longer than any page may.
var client = &http.Client{Timeout: time.Minute}

// Serve starts Waylight on a kubeconfig, with further flags, and waits until it answers. That it answers says nothing
// about the cluster: Waylight serves while it cannot reach one.
func Serve(t testing.TB, kubeconfig string, flags ...string) *Server {
	t.Helper()
	address := cluster.FreeAddress(t)
	s := &Server{URL: "http://" + address}
	s.process = process.Start(t, process.NewLogs(t), process.Spec{
		Name: "waylight",
		Path: cluster.Program(t, "waylight"),
		Dir:  t.TempDir(),
		Args: append([]string{"serve", "--kubeconfig", kubeconfig, "--listen", address}, flags...),
	})
	wait.For(t, wait.Limit, "Waylight serves "+s.URL, func() error {
		if err := s.process.Running(); err != nil {
			t.Fatal(err)
		}
		_, err := s.get("/healthz")
		return err
	})
	return s
}

// Stop ends Waylight in an orderly way, before the test does.
func (s *Server) Stop() { s.process.Stop() }

// WaitReady waits until /readyz says that everything was read once. It answers how long that took.
func (s *Server) WaitReady(t testing.TB, limit time.Duration) time.Duration {
	t.Helper()
	return wait.For(t, limit, "Waylight is ready", s.Ready)
}

// Ready answers nil when /readyz says that everything was read once.
func (s *Server) Ready() error {
	_, err := s.get("/readyz")
	return err
}

// Read fetches a page to its end and forgets it, for tests that measure.
func (s *Server) Read(path string) error {
	_, err := s.get(path)
	return err
}

// JSON reads one answer of the API into out.
func (s *Server) JSON(path string, out any) error {
	body, err := s.get(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("%s: %w: %.200s", path, err, body)
	}
	return nil
}

// ResidentBytes is the memory the process holds, as the kernel counts it; 0 where there is no /proc.
func (s *Server) ResidentBytes() int64 { return s.memory("VmRSS:") }

// PeakBytes is the most memory the process has held so far.
func (s *Server) PeakBytes() int64 { return s.memory("VmHWM:") }

func (s *Server) memory(line string) int64 {
	status, err := os.Open(fmt.Sprintf("/proc/%d/status", s.process.PID()))
	if err != nil {
		return 0
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if kib, ok := strings.CutPrefix(lines.Text(), line); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(kib, "kB")), 10, 64)
			return n * 1024
		}
	}
	return 0
}

// get answers the body of a page; any other status than 200 is an error.
func (s *Server) get(path string) ([]byte, error) {
	response, err := client.Get(s.URL + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s: %.200s", path, response.Status, body)
	}
	return body, nil
}
