package tunnel

import (
	"context"
	"io"
	"net/http"
)

// Answers are decoded while they arrive, and what is decoded is held to their
// end: for a ztunnel's dump several times its size. Flights are many because
// the way is long; of large answers a few at a time keep the cores busy, and
// more would only hold memory. The others wait on the wire.
const (
	// largeAnswer is from how many bytes on an answer counts as large.
	largeAnswer = 2 << 20
	maxLarge    = 3
)

// large is an answer that waits for its turn once it turns out to be large.
type large struct {
	io.Reader
	ctx   context.Context //nolint:containedctx // of the one call it is part of
	turns chan struct{}
	small int  // how many bytes more are not large
	turn  bool // whether it is its turn
}

// oneOfFew makes a reading that takes its turn when its answer is large.
func (p *Pool) oneOfFew(ctx context.Context, read reading) reading {
	return func(head http.Header, body io.Reader) error {
		l := &large{Reader: body, ctx: ctx, turns: p.large, small: largeAnswer}
		defer l.leave()
		return read(head, l)
	}
}

// Read implements io.Reader.
func (l *large) Read(b []byte) (int, error) {
	if l.small <= 0 && !l.turn {
		select {
		case l.turns <- struct{}{}:
			l.turn = true
		case <-l.ctx.Done():
			return 0, l.ctx.Err()
		}
	}
	n, err := l.Reader.Read(b)
	l.small -= n
	return n, err
}

func (l *large) leave() {
	if l.turn {
		<-l.turns
	}
}
