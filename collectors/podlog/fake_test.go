package podlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
)

// stamped is a line as a kubelet sends it.
func stamped(at time.Time, text string) string {
	return at.UTC().Format("2006-01-02T15:04:05.000000000Z07:00") + " " + text + "\n"
}

// world is an API server with the logs of containers, by their names.
type world struct {
	mu      sync.Mutex
	logs    map[string]*fakeLog
	opens   int
	current int // open bodies
	most    int
	fail    error // of every Open, while it is set
}

// fakeLog is what the containers of one name wrote, the present one last.
type fakeLog struct {
	world *world
	runs  []*fakeRun
	gone  error
	opens int
}

type fakeRun struct {
	id      string
	data    []byte // whole log
	rotated int    // bytes that who comes now does not get
	over    bool
	changed chan struct{}
	cut     int // counts how often readers were cut off
	cutErr  error
	hang    bool // opening it never answers
	// unreported tells that the pod's status does not know it yet: who asks for
	// the run before gets this one.
	unreported bool
}

func newWorld() *world { return &world{logs: make(map[string]*fakeLog)} }

// container starts a container and returns the target that names it.
func (w *world) container(name, id string) mesh.LogTarget {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.logs[name]
	if l == nil {
		l = &fakeLog{world: w}
		w.logs[name] = l
	}
	if n := len(l.runs); n > 0 {
		l.runs[n-1].over = true
		l.runs[n-1].tell()
	}
	l.runs = append(l.runs, &fakeRun{id: id, changed: make(chan struct{})})
	return target(name, id)
}

func target(name, id string) mesh.LogTarget {
	parts := strings.Split(name, "/")
	return mesh.LogTarget{
		Source: mesh.PodLogs(parts[0], parts[1], parts[2]),
		Pod:    mesh.Ref{Kind: "Pod", Namespace: parts[0], Name: parts[1]},
		UID:    "uid-" + parts[1], Container: parts[2], ContainerID: "containerd://" + id,
	}
}

func (r *fakeRun) tell() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// change does something to the present run of a container.
func (w *world) change(name string, by func(r *fakeRun)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	runs := w.logs[name].runs
	r := runs[len(runs)-1]
	by(r)
	r.tell()
}

// write appends lines that are stamped now.
func (w *world) write(name string, lines ...string) {
	w.change(name, func(r *fakeRun) {
		for _, l := range lines {
			r.data = append(r.data, stamped(time.Now(), l)...)
		}
	})
}

// raw appends bytes as they are.
func (w *world) raw(name, text string) {
	w.change(name, func(r *fakeRun) { r.data = append(r.data, text...) })
}

// cut ends all that is open on a container; err nil looks like the log's end.
func (w *world) cut(name string, err error) {
	w.change(name, func(r *fakeRun) { r.cut++; r.cutErr = err })
}

// Open implements Opener as an API server and a kubelet do.
func (w *world) Open(ctx context.Context, req Request) (*Opened, error) {
	w.mu.Lock()
	w.opens++
	defer w.mu.Unlock()
	l := w.logs[req.Target.Name()]
	switch {
	case w.fail != nil:
		return nil, w.fail
	case l == nil:
		return nil, &Failure{Phase: mesh.LogEnded, Detail: "The pod is gone."}
	case l.gone != nil:
		return nil, l.gone
	}
	l.opens++
	i := slices.IndexFunc(l.runs, func(r *fakeRun) bool { return r.id == bareID(req.Target.ContainerID) })
	if req.Target.Previous {
		i = len(l.runs) - 2
	}
	if i < 0 || i < len(l.runs)-2 {
		return nil, &Failure{Phase: mesh.LogEnded, Detail: "It was restarted.", Lost: true}
	}
	named, r := l.runs[i].id, l.kubelets(i, req.Before)
	if r == nil {
		return nil, &Failure{Phase: mesh.LogEnded, Detail: "There was no run before this one."}
	}
	if r.hang {
		w.mu.Unlock()
		<-ctx.Done()
		w.mu.Lock()
		return nil, ctx.Err()
	}
	w.current++
	w.most = max(w.most, w.current)
	return &Opened{Body: newFakeBody(w, r, req), Run: named, Over: req.Before || (r == l.runs[i] && r.over)}, nil
}

// kubelets is the run that the kubelet reads for one of the last two by the pod's
// status, nil if it has none.
func (l *fakeLog) kubelets(i int, before bool) *fakeRun {
	last := len(l.runs) - 1
	unreported := l.runs[last].unreported && i == last-1
	switch {
	case unreported && !before:
		return l.runs[last]
	case !unreported && before && i == last && last > 0:
		return l.runs[last-1]
	case !unreported && before && i == last:
		return nil
	}
	return l.runs[i]
}

// fakeBody reads one run from where the request begins.
type fakeBody struct {
	world  *world
	run    *fakeRun
	follow bool
	at     int
	cut    int
	closed chan struct{}
	once   sync.Once
}

func newFakeBody(w *world, r *fakeRun, req Request) *fakeBody {
	b := &fakeBody{world: w, run: r, follow: req.Follow && !req.Before, cut: r.cut, closed: make(chan struct{}), at: r.rotated}
	since := req.Since.Truncate(time.Second)
	lines := bytes.SplitAfter(r.data[b.at:], []byte("\n"))
	if n := len(lines) - 1 - req.Tail; req.Tail > 0 && n > 0 {
		first, _, _ := splitStamp(lines[n])
		since = latest(since, first.Truncate(time.Second))
	}
	for _, line := range lines {
		if at, _, ok := splitStamp(line); !ok || !at.Before(since) {
			break
		}
		b.at += len(line)
	}
	return b
}

func (b *fakeBody) Read(p []byte) (int, error) {
	for {
		b.world.mu.Lock()
		n := copy(p, b.run.data[b.at:])
		b.at += n
		changed, cut, over, err := b.run.changed, b.cut != b.run.cut, b.run.over, b.run.cutErr
		b.world.mu.Unlock()
		switch {
		case n > 0 && !cut:
			return n, nil
		case cut && err != nil:
			return 0, err
		case cut, over, !b.follow:
			return 0, io.EOF
		}
		select {
		case <-changed:
		case <-b.closed:
			return 0, errors.New("closed")
		}
	}
}

func (b *fakeBody) Close() error {
	b.once.Do(func() {
		close(b.closed)
		b.world.mu.Lock()
		b.world.current--
		b.world.mu.Unlock()
	})
	return nil
}

// nothing decodes nothing.
type nothing struct{}

func (nothing) Decode(*mesh.LogLine) {}

// hub reads a world until the test ends.
func (w *world) hub(t *testing.T, limits Limits) *Hub {
	t.Helper()
	h := New(Options{Opener: w, Decoder: nothing{}, Limits: limits})
	t.Cleanup(h.Close)
	return h
}

// reader collects what a stream hands out.
type reader struct {
	*Stream
	t      *testing.T
	lines  []string
	ids    []string
	gaps   []mesh.LogGap
	states []string
	late   int
	end    bool
}

func (h *Hub) reader(t *testing.T, w mesh.LogFollow) *reader {
	t.Helper()
	s, err := h.Follow(w)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return &reader{Stream: s, t: t}
}

// take takes what comes within a time.
func (r *reader) take(within time.Duration) *reader {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), within)
	defer cancel()
	for {
		events, err := r.Next(ctx)
		for _, e := range events {
			r.note(e)
		}
		switch {
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF):
			return r
		case err != nil:
			r.t.Fatal(err)
		}
	}
}

func (r *reader) note(e mesh.LogEvent) {
	switch {
	case e.Line != nil:
		r.lines, r.ids = append(r.lines, e.Line.Raw), append(r.ids, e.Line.ID)
		if e.Late {
			r.late++
		}
	case e.Gap != nil:
		r.gaps = append(r.gaps, *e.Gap)
	case e.State != nil:
		r.states = append(r.states, e.State.From.Pod.Name+" "+string(e.State.Phase))
	case e.End != nil:
		r.end = true
	}
}

// count writes numbered lines, from first on.
func count(prefix string, first, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%d", prefix, first+i)
	}
	return out
}
