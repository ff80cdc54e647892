// Command waylight is the on-call dashboard for Istio ambient mesh: it serves
// pages that say which hop breaks a call, and answers the same on a terminal.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// Exit codes (design 4.2): findings reached the limit; something could not be
// read or the command line is wrong.
const (
	exitFindings = 1
	exitFailed   = 2
)

// exitError ends the process with a code. Its text, if any, is one sentence
// for the person at the terminal.
type exitError struct {
	code int
	text string
}

func (e *exitError) Error() string { return e.text }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process: arguments, environment and streams come in,
// the exit code goes out.
func run(ctx context.Context, args []string, getenv func(string) (string, bool), stdout, stderr io.Writer) int {
	root := newRoot(getenv)
	root.SetArgs(append([]string{}, args...)) // of nil it would take the process' own
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	code := exitFailed
	if e, ok := errors.AsType[*exitError](err); ok {
		code = e.code
	}
	if text := strings.TrimSpace(err.Error()); text != "" {
		fmt.Fprintln(stderr, "waylight: "+text)
	}
	return code
}
