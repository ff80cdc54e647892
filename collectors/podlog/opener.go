package podlog

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Opener opens logs: those of a cluster or those of a recording.
type Opener interface {
	// Open opens the log of the run that Target.ContainerID names, wherever it
	// is by now, or of the run before the present one where Target.Previous asks
	// for that. An error that is no *Failure counts as one that passes.
	Open(ctx context.Context, req Request) (*Opened, error)
}

// Request is what to open.
type Request struct {
	Target mesh.LogTarget
	// Follow waits for lines that are yet to be written.
	Follow bool
	// Since is the oldest line of interest, zero for any. Lines up to a second
	// older come as well: the API knows only whole seconds.
	Since time.Time
	// Tail is how many of the newest lines are wanted; zero for all. Those of the
	// same second that are older come as well.
	Tail int
	// Before asks for the run before the present one where Target is said to be
	// the present one: the kubelet may know of a restart that it has not reported.
	Before bool
}

// Opened is an open log.
type Opened struct {
	// Body has lines "<RFC 3339 time> <text>".
	Body io.ReadCloser
	// Run is the container ID whose log it is; empty where nobody knows.
	Run string
	// Over tells that this run has ended, so that nothing will be added.
	Over bool
	// Whole tells that the end of Body is the end of the log. An API server ends
	// its answer in the same way when something between it and the log breaks.
	Whole bool
}

// Failure is why a log cannot be read, other than for a while.
type Failure struct {
	// Phase is LogForbidden, which is tried again slowly, or LogEnded: there is
	// no such log, or no more.
	Phase mesh.LogPhase
	// Detail is a sentence; for LogForbidden the missing right alone, as "get
	// pods/log in shop".
	Detail string
	// Lost tells that lines were written which nobody can read any more.
	Lost bool
}

// Error implements error.
func (f *Failure) Error() string { return f.Detail }

// failureOf tells whether an error is more than a passing one.
func failureOf(err error) (*Failure, bool) { return errors.AsType[*Failure](err) }

// Decoder makes sense of a line, once for all who read it. Raw, Time, From and
// ID are set.
type Decoder interface {
	Decode(l *mesh.LogLine)
}
