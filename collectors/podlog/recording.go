package podlog

import (
	"context"
	"io"

	"github.com/waylight/waylight/mesh"
)

// Recording opens the logs of a bundle: logs/<namespace>/<pod>/<container>.log,
// and .previous.log for the run before.
type Recording struct {
	// File opens a file of the bundle; false where there is none.
	File func(path string) (io.ReadCloser, bool, error)
	// Missing says why the log of a container may not be in the bundle; nil where
	// nothing is known.
	Missing func(t *mesh.LogTarget) *Failure
}

var _ Opener = Recording{}

// Open implements Opener. A file has one end, which is known, and it is the
// caller who leaves out what is too old.
func (r Recording) Open(_ context.Context, req Request) (*Opened, error) {
	t := &req.Target
	path := "logs/" + t.Name() + ".log"
	if t.Previous {
		path = "logs/" + t.Name() + ".previous.log"
	}
	body, ok, err := r.File(path)
	switch {
	case err != nil:
		return nil, &Failure{Phase: mesh.LogEnded, Detail: reasonOf(err)}
	case !ok && r.Missing != nil && r.Missing(t) != nil:
		return nil, r.Missing(t)
	case !ok:
		return nil, &Failure{Phase: mesh.LogEnded, Detail: "The recording does not hold it."}
	}
	run := t.ContainerID
	if t.Previous {
		run = "" // nobody wrote it down
	}
	return &Opened{Body: body, Run: run, Over: true, Whole: true}, nil
}
