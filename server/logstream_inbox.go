package server

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// orderRate and orderBurst are how many messages a client may send a second,
	// and at once. A person who types into a filter sends a handful.
	orderRate  = 20
	orderBurst = 40
	// messageWait is how long a message may take from its first piece to its
	// last. Pieces that hold nothing count towards no other limit.
	messageWait = 10 * time.Second
)

var (
	errFlood = errors.New("too many messages")
	errSlow  = errors.New("a message takes too long")
)

// inbox is what a client sends over a socket, no more and no slower than it may.
type inbox struct {
	conn *websocket.Conn
	// patience is how long a message may take.
	patience time.Duration
	received meter
	// within tells that a message has begun and not ended: then pongs win no time.
	within bool
}

// watch counts pings and pongs as messages too. It is called once.
func (in *inbox) watch() {
	answer := in.conn.PingHandler()
	in.conn.SetPingHandler(func(data string) error {
		if !in.received.admit(time.Now()) {
			return errFlood
		}
		return answer(data)
	})
	in.conn.SetPongHandler(func(string) error {
		switch {
		case !in.received.admit(time.Now()):
			return errFlood
		case in.within:
			return nil
		}
		return in.conn.SetReadDeadline(time.Now().Add(pongWait))
	})
}

// next waits for a message.
func (in *inbox) next() ([]byte, error) {
	if err := in.conn.SetReadDeadline(time.Now().Add(pongWait)); err != nil {
		return nil, err
	}
	_, message, err := in.conn.NextReader()
	if err != nil {
		return nil, err
	}
	in.within = true
	defer func() { in.within = false }()
	if err := in.conn.SetReadDeadline(time.Now().Add(in.patience)); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(message)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, errSlow
	case err != nil:
		return nil, err
	case !in.received.admit(time.Now()):
		return nil, errFlood
	}
	return data, nil
}

// meter admits orderBurst messages at once, and orderRate a second.
type meter struct {
	spent float64
	last  time.Time
}

func (m *meter) admit(now time.Time) bool {
	m.spent = max(0, m.spent-now.Sub(m.last).Seconds()*orderRate) + 1
	m.last = now
	return m.spent <= orderBurst
}
