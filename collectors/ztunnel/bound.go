package ztunnel

import "errors"

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
)

// ErrTooLarge says that a dump is beyond what any real mesh makes: of MaxSize,
// of the memory it would take, or of the length of a single string.
var ErrTooLarge = errors.New("the dump is larger than any mesh Waylight is made for")

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
