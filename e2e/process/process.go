// Package process runs the servers of an end-to-end test as plain child processes, with their output in files that are
// shown when the test fails.
package process

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// grace is how long a process may take to end by itself after SIGTERM before it is killed.
const grace = 10 * time.Second

// Spec says what to run.
type Spec struct {
	// Name is what the process is called in messages; its log is <Name>.log.
	Name string
	// Path is the program.
	Path string
	Args []string
	// Env is added to PATH and HOME. Nothing else of the caller's environment is passed on: a KUBECONFIG or
	// a WAYLIGHT_… variable of the person who runs the tests must not decide what they test.
	Env []string
	// Dir is the working directory and HOME.
	Dir string
}

// Process is one running server.
type Process struct {
	name   string
	log    string
	cmd    *exec.Cmd
	exited chan struct{}
}

// Start runs the program and stops it when the test ends.
func Start(t testing.TB, logs *Logs, spec Spec) *Process {
	t.Helper()
	output, err := logs.open(spec.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	cmd := exec.Command(spec.Path, spec.Args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = spec.Dir, output, output
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + spec.Dir}, spec.Env...)
	cmd.SysProcAttr = dieWithTests()
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", spec.Name, err)
	}
	p := &Process{name: spec.Name, log: output.Name(), cmd: cmd, exited: make(chan struct{})}
	go func() {
		// How it ended is in cmd.ProcessState; Wait's error says the same.
		_ = cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() { p.end(t.Failed()) })
	return p
}

// end stops the process. After a failure it is killed: the end of its log is then what it did, not how it took leave.
func (p *Process) end(failed bool) {
	if failed {
		p.Kill()
		return
	}
	p.Stop()
}

// PID is the process' id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Running answers nil while the process runs, else how it ended.
func (p *Process) Running() error {
	select {
	case <-p.exited:
		return fmt.Errorf("%s has ended: %s", p.name, p.cmd.ProcessState)
	default:
		return nil
	}
}

// Stop asks the process to end, kills it when it does not, and waits. Stopping twice is fine.
func (p *Process) Stop() {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(grace):
		p.Kill()
	}
}

// Kill ends the process without warning, as a crash does, and waits.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.exited
}

// signal fails only for a process that has ended, which is what the signal is for.
func (p *Process) signal(s os.Signal) { _ = p.cmd.Process.Signal(s) }
