package server

import (
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/websocket"
)

// logProtocol is the subprotocol of a log stream, which a client must ask for:
// a later one may say other things.
const logProtocol = "waylight.logs.v1"

const (
	// maxLogStreams bounds open log streams. What costs is lines, whose number
	// is bounded by the containers that Logs follows; an idle stream costs some
	// 30 KiB.
	maxLogStreams = 1024
	// handshakeWait is how long a client may take to accept the upgrade.
	handshakeWait = 5 * time.Second
	// socketBuffer holds what goes over a socket at a time besides the lines,
	// which are written as they are: orders, pings, the heads of frames.
	socketBuffer = 512
)

// upgrader makes WebSockets. Nothing is compressed: it would cost more time than
// the loopback saves, and a window of memory for each stream.
func (s *Server) upgrader() *websocket.Upgrader {
	return &websocket.Upgrader{
		HandshakeTimeout: handshakeWait,
		ReadBufferSize:   socketBuffer,
		WriteBufferSize:  socketBuffer,
		WriteBufferPool:  &s.logStreams.buffers,
		Subprotocols:     []string{logProtocol},
		// The router has refused foreign hosts and origins already. This holds
		// also where a route is added outside of that guard: any page can open a
		// socket to loopback, and no CORS protects it.
		CheckOrigin: func(r *http.Request) bool { return s.hostAllowed(r.Host) && !foreignOrigin(r) && !foreignFetch(r) },
		Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
			s.refuse(w, r, status, "No stream could be opened: "+reason.Error()+".")
		},
	}
}

// handleLogs is the stream of log lines (design 4.4). What is wrong with its
// parameters is answered before the upgrade and without one, so that a page whose
// socket fails can ask the same address for the reason.
func (s *Server) handleLogs(w http.ResponseWriter, r *http.Request) error {
	world := s.worldOf(r)
	query, err := ParseLogQuery(r.URL.Query())
	if err != nil {
		return badRequest("%s", sentence(err))
	}
	logs := s.logs(world.name)
	if logs == nil {
		return &statusError{status: http.StatusServiceUnavailable, text: "This Waylight reads no logs."}
	}
	report := world.report.Load()
	wish, unserved, err := query.Follow(report.Snap, s.now())
	if err != nil {
		return asBadRequest(report, err)
	}
	switch {
	case !websocket.IsWebSocketUpgrade(r):
		w.Header().Set("Upgrade", "websocket")
		return &statusError{status: http.StatusUpgradeRequired, text: "Logs are streamed over a WebSocket: this address takes an upgrade with the subprotocol " + logProtocol + "."}
	case !slices.Contains(websocket.Subprotocols(r), logProtocol):
		return badRequest("A stream of logs needs the subprotocol %s.", logProtocol)
	}
	conn, err := s.upgrader().Upgrade(w, r, nil)
	if err != nil {
		return nil // the upgrader has answered
	}
	k := newLogSocket(s, world, conn, query)
	if !s.logStreams.enter() {
		k.refuse(parting{code: websocket.CloseTryAgainLater, reason: "Too many streams of logs are open; try again in a minute."})
		return nil
	}
	stream, err := logs.Follow(wish)
	if err != nil {
		s.logStreams.leave()
		k.refuse(notFollowed(err))
		return nil
	}
	k.targets = wish.Targets
	k.run(stream, unserved)
	return nil
}
