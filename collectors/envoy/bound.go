package envoy

import (
	"bufio"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// readSize is how much is read at once.
const readSize = 64 << 10

// newDecoder reads an answer of at most so many bytes, with no entry longer than
// maxEntry.
func newDecoder(r io.Reader, size int64) *jsontext.Decoder {
	b := &bounded{r: bufio.NewReaderSize(r, readSize), left: size}
	b.dec = jsontext.NewDecoder(b, options)
	return b.dec
}

// bounded ends the reading of an answer that is too large, or of which too much
// has to be held.
type bounded struct {
	r    io.Reader
	dec  *jsontext.Decoder
	read int64 // so far
	left int64 // until it is too large
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 || b.read-b.dec.InputOffset() > maxEntry {
		return 0, ErrTooLarge
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left+1)])
	b.read += int64(n)
	if b.left -= int64(n); b.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}
