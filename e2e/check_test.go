package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/waylight"
)

// ofZtunnels is a code that nothing but the dump of a ztunnel tells.
const ofZtunnels = "CERT_UNAVAILABLE"

// terminalAnswer is what a command of Waylight printed.
type terminalAnswer struct {
	code   int
	stdout []byte
	stderr string
}

// onATerminal runs a command of Waylight against the cluster, with the rights of the viewer.
func (m *revived) onATerminal(t *testing.T, args ...string) terminalAnswer {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), cluster.Program(t, "waylight"), append(args, "--kubeconfig", m.Kubeconfig(t, viewer))...)
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || !exit.Exited()) {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	return terminalAnswer{command.ProcessState.ExitCode(), stdout.Bytes(), stderr.String()}
}

// checked is what a test needs of `waylight check -o json`.
type checked struct {
	waylight.Report
	Sources []waylight.SourceState
	Checks  struct {
		HeldBack []struct {
			Code, Source string
			Partly       bool
		}
	}
}

// undetermined tells that a check did not judge.
func (c *checked) undetermined(code string) bool {
	for _, h := range c.Checks.HeldBack {
		if h.Code == code && !h.Partly {
			return true
		}
	}
	return false
}

func (a terminalAnswer) checked() (c checked, err error) {
	if err := json.Unmarshal(a.stdout, &c); err != nil {
		return c, fmt.Errorf("exit code %d, %w: %.200s%s", a.code, err, a.stdout, a.stderr)
	}
	return c, nil
}

// checkOnATerminal has a single look find what the dashboard finds, through port-forwards of its own.
func checkOnATerminal(t *testing.T, m *revived) {
	began := time.Now()
	answer := m.onATerminal(t, "check", "-o", "json")
	t.Logf("check on a terminal: %dms", time.Since(began).Milliseconds())
	report, err := answer.checked()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := codes(report.Findings), findingsOfRecording(t); !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	if !slices.ContainsFunc(report.Findings, func(f waylight.Finding) bool { return f.Code == ofZtunnels }) || report.undetermined(ofZtunnels) {
		t.Errorf("%s is not found", ofZtunnels)
	}
	if answer.code != 1 || answer.stderr != "" {
		t.Errorf("exit code %d, it says %q", answer.code, answer.stderr)
	}
}

// theCall is one that a ztunnel and a waypoint know about.
var theCall = url.Values{"from": {"shop/deployment/web"}, "to": {"shop/orders:80"}}

// hops is what a test needs of an explanation.
type hops struct {
	Verdict, Code string
	Hops          []hop
	Proxies       []struct{ Name, State string }
}

type hop struct{ Kind, Name, Result, Code, Basis string }

// pathOnATerminal has one call explained as the dashboard does, by what proxies hold and wrote.
func pathOnATerminal(t *testing.T, m *revived) {
	expectSoon(t, "the dashboard and the terminal say the same", func() error {
		var page, said hops
		if err := m.server.JSON("/api/v1/path?"+theCall.Encode(), &page); err != nil {
			return err
		}
		answer := m.explained(t)
		if err := json.Unmarshal(answer.stdout, &said); err != nil {
			return fmt.Errorf("exit code %d, %w: %s", answer.code, err, answer.stderr)
		}
		if fmt.Sprint(page) != fmt.Sprint(said) {
			return fmt.Errorf("the dashboard: %+v, the terminal: %+v", page, said)
		}
		if !slices.ContainsFunc(said.Hops, func(h hop) bool { return h.Basis != "expected" }) {
			return fmt.Errorf("nothing but expected: %+v", said.Hops)
		}
		return nil
	})
}

func (m *revived) explained(t *testing.T) terminalAnswer {
	t.Helper()
	return m.onATerminal(t, "path", "--from", theCall.Get("from"), "--to", theCall.Get("to"), "-o", "json")
}

// terminalWithoutTheRight has a single look say what it could not read, once, and go on with the rest.
func terminalWithoutTheRight(t *testing.T, m *revived) {
	role := cluster.ReadClusterRole(t, proxiesRole)
	m.Revoke(t, viewer, role)
	const right = "create pods/portforward in istio-system"
	expectSoon(t, "what ztunnels know is undetermined", func() error {
		answer := m.onATerminal(t, "check", "-o", "json")
		report, err := answer.checked()
		if err != nil {
			return err
		}
		found := slices.ContainsFunc(report.Findings, func(f waylight.Finding) bool { return f.Code == ofZtunnels })
		named := strings.Count(answer.stderr, right) == 1 && strings.Contains(answer.stderr, strings.TrimPrefix(proxiesRole, "../"))
		if found || !report.undetermined(ofZtunnels) || !named || answer.code != 1 {
			return fmt.Errorf("found: %v, undetermined: %v, exit code %d, it says %q", found, report.undetermined(ofZtunnels), answer.code, answer.stderr)
		}
		return nil
	})
	if answer := m.explained(t); bytes.Contains(answer.stdout, []byte(`"basis": "seen"`)) || !bytes.Contains(answer.stdout, []byte(`"forbidden"`)) {
		t.Errorf("the path without the right: %s%s", answer.stdout, answer.stderr)
	}
	m.GrantInCluster(t, viewer, role)
	expectSoon(t, "the ztunnel is read again", func() error { return m.server.ExpectDump("node-a", "workloads") })
	m.readAll(t)
	expectSoon(t, "so are all for the findings", func() error { return m.server.ExpectSource(nodeB, "ok") })
}
