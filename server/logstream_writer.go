package server

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"github.com/waylight/waylight/mesh"
)

const (
	// batchEvery is how long lines are collected after some were written: the
	// first one after a silence goes at once.
	batchEvery = 50 * time.Millisecond
	// manyEvents show that more may be waiting, which then are not made to wait:
	// a stream hands out a bounded number at a time.
	manyEvents = 128
	// maxFrame is about how large a frame gets, in bytes.
	maxFrame = 256 << 10
	// retargetEvery is how long after a new report a stream looks again for the
	// containers it should follow; a busy mesh has several reports a second.
	retargetEvery = time.Second
)

// closesText is the reason of a shutdown.
const closesText = "Waylight shuts down."

// logWriter is what writes one socket.
type logWriter struct {
	*logSocket
	stream LogStream
	lines  LineReader
	frame  logFrame
	// got takes what Next answers.
	got chan logBatch
	// unserved are the sources that the client knows to have nobody.
	unserved []mesh.LogState
}

// logBatch is an answer of LogStream.Next.
type logBatch struct {
	events []mesh.LogEvent
	err    error
}

func newLogWriter(k *logSocket, stream LogStream) *logWriter {
	lines := LineReader{Filter: k.query.Filter, Call: k.query.Lines(k.world.report.Load().Snap)}
	return &logWriter{logSocket: k, stream: stream, lines: lines, got: make(chan logBatch, 1)}
}

// run writes until the stream, the client or the server ends.
func (w *logWriter) run(ctx context.Context, unserved []mesh.LogState) parting {
	if err := w.tellUnserved(unserved); err != nil {
		return left(err)
	}
	ping, due := time.NewTicker(pingWait), time.NewTimer(0)
	defer ping.Stop()
	defer due.Stop()
	look := time.NewTimer(retargetEvery)
	look.Stop()
	defer look.Stop()
	_, news := w.world.news.current()
	for {
		var err error
		var p *parting
		select {
		case <-due.C:
			go w.next(ctx)
		case batch := <-w.got:
			p, err = w.write(batch)
			due.Reset(pauseAfter(batch))
		case o := <-w.orders:
			p, err = w.obey(o)
		case <-news:
			news = nil
			look.Reset(retargetEvery)
		case <-look.C:
			_, news = w.world.news.current()
			err = w.retarget()
		case <-ping.C:
			err = w.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait))
		case <-w.server.closing:
			return w.part(websocket.CloseServiceRestart, closesText)
		}
		if err != nil {
			return left(err)
		}
		if p != nil {
			return *p
		}
	}
}

// left is the parting from a client that cannot be written to.
func left(err error) parting { return parting{said: true, reason: "writing failed: " + err.Error()} }

// next asks the stream for what comes next. There is room for the answer, also
// when nobody wants it any more.
func (w *logWriter) next(ctx context.Context) {
	events, err := w.stream.Next(ctx)
	w.got <- logBatch{events, err}
}

func pauseAfter(b logBatch) time.Duration {
	if len(b.events) >= manyEvents {
		return 0
	}
	return batchEvery
}

// write writes what happened on the stream. A parting ends it.
func (w *logWriter) write(b logBatch) (*parting, error) {
	switch {
	case errors.Is(b.err, io.ErrClosedPipe): // all logs were closed, as before the server is
		p := w.part(websocket.CloseServiceRestart, closesText)
		return &p, nil
	case b.err != nil:
		p := w.part(websocket.CloseInternalServerErr, "The stream of logs ended: "+b.err.Error()+".")
		return &p, nil
	}
	for i := range b.events {
		e := &b.events[i]
		if e.End != nil {
			if err := w.flush(); err != nil {
				return nil, err
			}
			p := w.part(websocket.CloseNormalClosure, e.End.Reason)
			return &p, nil
		}
		if err := w.add(e); err != nil {
			return nil, err
		}
	}
	return nil, w.flush()
}

// add puts an event into a frame, and sends frames that are full.
func (w *logWriter) add(e *mesh.LogEvent) error {
	if e.Line != nil {
		w.addLine(e)
		if len(w.frame.text) < maxFrame {
			return nil
		}
		return w.flush()
	}
	if err := w.flush(); err != nil {
		return err
	}
	switch {
	case e.Gap != nil:
		w.missed(e.Gap)
		w.frame.text = appendGap(w.frame.text, e.Gap)
	case e.State != nil:
		w.frame.text = appendState(w.frame.text, e.State)
	}
	return w.flush()
}

func (w *logWriter) addLine(e *mesh.LogEvent) {
	l, wanted := w.lines.Read(e)
	if !wanted {
		return
	}
	w.frame.line()
	w.frame.text = l.AppendJSON(w.frame.text)
	w.audit.lines++
}

// missed counts what the client did not get.
func (w *logWriter) missed(g *mesh.LogGap) {
	w.audit.gaps++
	w.audit.dropped += max(0, g.Dropped)
	w.server.metrics.logDropped.Add(float64(max(0, g.Dropped)))
}

// flush sends the frame, if there is something in it.
func (w *logWriter) flush() error {
	text, lines := w.frame.finish()
	if len(text) == 0 {
		return nil
	}
	w.server.metrics.logLines.Add(float64(lines))
	if err := w.conn.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	err := w.conn.WriteMessage(websocket.TextMessage, text)
	w.frame.release()
	return err
}

// obey does what the client wants. A parting ends the stream.
func (w *logWriter) obey(o logOrder) (*parting, error) {
	switch {
	case o.leave != nil:
		return o.leave, nil
	case o.pause:
		w.stream.Pause()
		return nil, nil
	case o.resume:
		w.stream.Resume()
		return nil, nil
	case o.filter != nil:
		only := w.lines.Filter.OnlyCall
		w.lines.Filter = *o.filter
		w.lines.Filter.OnlyCall = only // the address says of which call
	}
	w.frame.text = appendFilter(w.frame.text, o.problem)
	return nil, w.flush()
}

// part says what ends the stream before it ends.
func (w *logWriter) part(code int, reason string) parting {
	w.frame.text = appendEnd(w.frame.text, reason)
	if err := w.flush(); err != nil {
		return left(err)
	}
	return parting{code: code, reason: reason}
}

// retarget follows the containers that have the roles now. What a call leads to
// may not be known for a while, as when its service is made anew: then nothing
// changes.
func (w *logWriter) retarget() error {
	snap := w.world.report.Load().Snap
	targets, unserved, err := w.query.Targets(snap)
	if err != nil {
		return nil
	}
	w.lines.Call = w.query.Lines(snap)
	if !slices.Equal(targets, w.targets) {
		w.targets = targets
		w.stream.Retarget(targets)
	}
	return w.tellUnserved(unserved)
}

// tellUnserved tells of sources that nobody serves, each time that begins.
func (w *logWriter) tellUnserved(unserved []mesh.LogState) error {
	for i := range unserved {
		known := slices.ContainsFunc(w.unserved, func(st mesh.LogState) bool {
			return st.From.Source == unserved[i].From.Source && st.Detail == unserved[i].Detail
		})
		if known {
			continue
		}
		w.frame.text = appendState(w.frame.text, &unserved[i])
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.unserved = unserved
	return nil
}
