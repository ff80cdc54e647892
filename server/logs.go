package server

import (
	"context"
	"errors"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Logs reads what containers of one mesh write. It is called by many readers at
// once: whoever implements it follows a container once for all of them.
type Logs interface {
	// Follow opens a stream, which its reader must close. The error is
	// ErrTooManyStreams or a sentence for the reader.
	Follow(wish mesh.LogFollow) (LogStream, error)
	// Recent reads the newest lines since a moment of each target, bounded in
	// bytes and time, oldest first, and keeps them for seconds. What could not
	// be read is said by states, and what was left out by gaps.
	Recent(ctx context.Context, targets []mesh.LogTarget, since time.Time) []mesh.LogEvent
}

// LogStream is one reader's merged view of several containers: lines in the
// order of their times, as far as they are known in time.
type LogStream interface {
	// Next waits until there is something, and returns all there is up to a
	// bound. After an End, or when ctx ends, it returns an error; it is
	// io.ErrClosedPipe when all logs are closed, as for a shutdown.
	Next(ctx context.Context) ([]mesh.LogEvent, error)
	// Retarget replaces what is followed. A container that stays goes on
	// without losing or repeating a line.
	Retarget(targets []mesh.LogTarget)
	// Pause holds lines back, up to a bound and then counted, until Resume.
	Pause()
	Resume()
	// Close ends it at once.
	Close()
}

// ErrTooManyStreams refuses one more container or reader than are allowed.
var ErrTooManyStreams = errors.New("too many streams of logs are open")
