package ztunnel

import (
	"bufio"
	"errors"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of a dump, several times what the largest mesh makes that Waylight is
// made for (20,000 pods and 4,000 services: 23 MB, of which 17 MB are kept).
const (
	// MaxSize bounds a dump, in bytes.
	MaxSize = 256 << 20
	// maxKept bounds the memory that what is decoded takes, roughly: a few
	// bytes of JSON can ask for hundreds.
	maxKept = 128 << 20
	// maxToken bounds what has to be in memory at once of a dump: one string
	// or number, mostly.
	maxToken = 4 << 20
	// readSize is how much is read at once.
	readSize = 64 << 10
)

// ErrTooLarge says that a dump is beyond what any real mesh makes: of MaxSize,
// of the memory it would take, or of the length of a single string.
var ErrTooLarge = errors.New("the dump is larger than any mesh Waylight is made for")

// options accept what a proxy may write: it calls things as it likes, so that
// neither bytes that are no UTF-8 nor a key that is there twice make a dump
// worthless.
var options = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// newDecoder reads tokens of a dump of at most so many bytes.
func newDecoder(r io.Reader, size int64) *jsontext.Decoder {
	b := &bounded{r: bufio.NewReaderSize(r, readSize), left: size}
	b.dec = jsontext.NewDecoder(b, options)
	return b.dec
}

// bounded ends the reading of a dump that is too large, and of one whose
// decoder has to hold too much of it.
type bounded struct {
	r    io.Reader
	dec  *jsontext.Decoder
	read int64 // so far
	left int64 // until it is too large
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 || b.read-b.dec.InputOffset() > maxToken {
		return 0, ErrTooLarge
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left+1)])
	b.read += int64(n)
	if b.left -= int64(n); b.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}

// What entries take beside their own text, in bytes.
const (
	costWorkload = 512
	costService  = 512
	costEntry    = 256 // a policy, a certificate, a connection, …
	costItem     = 64  // of a list or map
)

// keep notes that something was decoded that takes memory.
func (w *walker) keep(n int) error {
	if w.kept -= int64(n); w.kept < 0 {
		return ErrTooLarge
	}
	return nil
}
