// Package jsonstream reads JSON that a stranger writes: as a stream, and no more
// of it than was agreed, at once or in all.
package jsonstream

import (
	"bufio"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Options accept what a proxy may write: it calls things as it likes, so that
// neither bytes that are no UTF-8 nor a key that is there twice make an answer
// worthless.
var Options = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// readSize is how much is read at once, in bytes.
const readSize = 64 << 10

// Limits of an answer, in bytes.
type Limits struct {
	// Size bounds the whole of it, Held what a decoder has to hold at once of
	// it: one string or number, or a value that is read as a whole.
	Size, Held int64
	// TooLarge is the error beyond either.
	TooLarge error
}

// NewDecoder reads tokens of an answer within limits.
func NewDecoder(r io.Reader, l Limits) *jsontext.Decoder {
	b := &bounded{Limits: l}
	b.r = bufio.NewReaderSize(&io.LimitedReader{R: r, N: l.Size + 1}, readSize)
	b.dec = jsontext.NewDecoder(b, Options)
	return b.dec
}

// bounded ends the reading of an answer that is too large, and of one whose
// decoder has to hold too much of it.
type bounded struct {
	Limits
	r    io.Reader
	dec  *jsontext.Decoder
	read int64 // so far
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.read > b.Size || b.read-b.dec.InputOffset() > b.Held {
		return 0, b.TooLarge
	}
	n, err := b.r.Read(p)
	b.read += int64(n)
	if b.read > b.Size {
		return 0, b.TooLarge
	}
	return n, err
}
