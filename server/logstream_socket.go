package server

import (
	"context"
	"errors"
	"io"
	"runtime/debug"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/waylight/waylight/mesh"
)

const (
	// writeWait is how long a client may read nothing before it is given up. It
	// is long on purpose: a stalled reader costs its bounded queue, and what it
	// misses is counted.
	writeWait = 5 * time.Minute
	// pingWait is how often a client is asked whether it is there, pongWait how
	// long it may say nothing. Behind lines it has not read it sees no ping.
	pingWait = 30 * time.Second
	pongWait = pingWait + writeWait
	// closeWait is how long a client may take to answer a close.
	closeWait = time.Second
	// maxCloseReason is what fits into a close frame beside the code.
	maxCloseReason = 123
)

// logSocket is one open stream of logs: one goroutine reads the socket, one
// writes it, and a third waits for lines, one batch at a time. The handler has
// returned by then: what a request holds is more than a socket needs.
type logSocket struct {
	server *Server
	world  *world
	conn   *websocket.Conn
	query  LogQuery
	// targets are the containers followed now.
	targets []mesh.LogTarget
	// orders are what the client wants, from the reader to the writer.
	orders chan logOrder
	// gone is closed when the client cannot be read any more, done when nothing
	// will be written any more.
	gone, done chan struct{}
	audit      logAudit
}

// parting is how a stream ends: with a close frame, whose reason the client's
// user may see.
type parting struct {
	code   int
	reason string
	// said tells that there is nobody to tell, or that it was told.
	said bool
}

func newLogSocket(s *Server, w *world, conn *websocket.Conn, q LogQuery) *logSocket {
	return &logSocket{
		server: s, world: w, conn: conn, query: q,
		orders: make(chan logOrder), gone: make(chan struct{}), done: make(chan struct{}),
		audit: newLogAudit(conn.RemoteAddr().String(), s.now()),
	}
}

// refuse closes a socket that has just been opened. A browser shows the reason
// of a close, and nothing of an upgrade that was answered with a status.
func (k *logSocket) refuse(p parting) {
	k.server.log.Info("log stream refused", "from", k.audit.from, "reason", p.reason)
	go k.read()
	go k.leave(p)
}

// notFollowed says why a stream cannot be had.
func notFollowed(err error) parting {
	if errors.Is(err, ErrTooManyStreams) {
		return parting{code: websocket.CloseTryAgainLater, reason: "Too many containers are followed; try again in a minute, or ask for fewer sources."}
	}
	return parting{code: websocket.ClosePolicyViolation, reason: sentence(err)}
}

// run serves a stream until either side ends it.
func (k *logSocket) run(stream LogStream, unserved []mesh.LogState) {
	k.audit.opened(k.server.log, k.targets, &k.query)
	go k.read()
	go func() {
		defer k.server.logStreams.leave()
		p := k.write(stream, unserved)
		stream.Close()
		k.audit.closed(k.server.log, k.server.now(), p)
		k.leave(p)
	}()
}

// write runs the writer. One line that breaks it must not end the process.
func (k *logSocket) write(stream LogStream, unserved []mesh.LogState) (p parting) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer func() {
		if broken := recover(); broken != nil {
			k.server.log.Error("log stream panicked", "panic", broken, "stack", string(debug.Stack()))
			p = parting{code: websocket.CloseInternalServerErr, reason: "Waylight failed to write this stream. The reason is in its log."}
		}
	}()
	w := newLogWriter(k, stream)
	return w.run(ctx, unserved)
}

// leave says why, waits until the client has heard it, and closes. The reader
// goes on meanwhile: to close on what is unread would reset the connection, and
// the reason would be lost.
func (k *logSocket) leave(p parting) {
	close(k.done)
	defer k.conn.Close()
	if !p.said {
		frame := websocket.FormatCloseMessage(p.code, cutReason(p.reason))
		if k.conn.WriteControl(websocket.CloseMessage, frame, time.Now().Add(closeWait)) != nil {
			return
		}
	}
	late := time.NewTimer(closeWait)
	defer late.Stop()
	select {
	case <-k.gone:
	case <-late.C:
	}
}

// cutReason makes a sentence fit a close frame.
func cutReason(s string) string {
	if len(s) <= maxCloseReason {
		return s
	}
	s = s[:maxCloseReason-len("…")]
	for len(s) > 0 && !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// read takes the client's orders until it leaves, or must.
func (k *logSocket) read() {
	defer close(k.gone)
	err := k.listen()
	p := parting{said: true}
	switch {
	case errors.Is(err, errFlood):
		p = parting{code: websocket.ClosePolicyViolation, reason: "Too many messages."}
	case errors.Is(err, errSlow):
		p = parting{code: websocket.ClosePolicyViolation, reason: "A message took too long to arrive."}
	case errors.Is(err, errNoOrder):
		p = parting{code: websocket.ClosePolicyViolation, reason: "This is no order: write pause, resume or filter as JSON."}
	case errors.Is(err, websocket.ErrReadLimit):
		p.code, p.reason = websocket.CloseMessageTooBig, "the client sent a message that is too big" // said with 1009
	default:
		p.reason = "the client left"
	}
	k.give(logOrder{leave: &p})
	if p.code != 0 {
		// Until leave closes the connection.
		_, _ = io.Copy(io.Discard, k.conn.NetConn())
	}
}

// listen reads orders, and says what ended that.
func (k *logSocket) listen() error {
	k.conn.SetReadLimit(maxMessage)
	in := &inbox{conn: k.conn, patience: messageWait}
	in.watch()
	for {
		data, err := in.next()
		if err != nil {
			return err
		}
		order, err := parseOrder(data)
		if err != nil {
			return err
		}
		k.give(order)
	}
}

// give hands an order to the writer, unless there is none any more.
func (k *logSocket) give(o logOrder) {
	select {
	case k.orders <- o:
	case <-k.done:
	}
}
