package server

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	// pingEvery keeps proxies from closing a stream on which nothing happens.
	pingEvery = 15 * time.Second
	// maxStreams bounds open event streams; a browser holds one per visible tab.
	maxStreams = 512
)

// announcer tells any number of streams that there is something new. A slow
// stream misses nothing: it is told once, of the newest revision.
type announcer struct {
	mu       sync.Mutex
	revision uint64
	changed  chan struct{} // closed and replaced at each announcement
}

func newAnnouncer() *announcer { return &announcer{changed: make(chan struct{})} }

func (a *announcer) announce(revision uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.revision = revision
	close(a.changed)
	a.changed = make(chan struct{})
}

// current returns the newest revision and a channel that is closed when there
// is a newer one.
func (a *announcer) current() (uint64, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.revision, a.changed
}

// handleEvents is the stream of new snapshots: server-sent events named
// "snapshot" whose data is {"revision":N}, one at once and one for each newer
// snapshot; and events named "news" for what changes between snapshots: calls
// that fail.
func (s *Server) handleEvents(w http.ResponseWriter, r *http.Request) error {
	if s.streams.Add(1) > maxStreams {
		s.streams.Add(-1)
		return &statusError{status: http.StatusServiceUnavailable, text: "Too many open streams."}
	}
	defer s.streams.Add(-1)
	stream := http.NewResponseController(w)
	// The server's write timeout is for pages; a stream stays open.
	if err := stream.SetWriteDeadline(time.Time{}); err != nil {
		return fmt.Errorf("event stream: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	s.stream(w, r, stream)
	return nil
}

// stream writes events until the client or the server goes away.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, flush *http.ResponseController) {
	world := s.worldOf(r)
	news, failing := world.news, world.denials.news
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	// Both begin at zero: what was told between the answer to the page and the
	// opening of its stream would be missed.
	told, toldFailing := uint64(0), uint64(0)
	for {
		revision, changed := news.current()
		failures, failed := failing.current()
		if failures != toldFailing {
			toldFailing = failures
			if !send(w, flush, "event: news\ndata: {}\n\n") {
				return
			}
		}
		if revision != told {
			told = revision
			if !send(w, flush, fmt.Sprintf("event: snapshot\nid: %d\ndata: {\"revision\":%d}\n\n", revision, revision)) {
				return
			}
		}
		select {
		case <-r.Context().Done():
			return
		case <-s.closing:
			return
		case <-changed:
		case <-failed:
		case <-ping.C:
			if !send(w, flush, ": ping\n\n") {
				return
			}
		}
	}
}

func send(w http.ResponseWriter, flush *http.ResponseController, text string) bool {
	_ = flush.SetWriteDeadline(time.Now().Add(pingEvery))
	if _, err := w.Write([]byte(text)); err != nil {
		return false
	}
	return flush.Flush() == nil
}
