package envoy

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/collectors/jsonstream"
)

const (
	// MaxSize bounds an answer: one waypoint before 4,000 services makes some
	// 200 MB, most of it access log formats.
	MaxSize = 256 << 20
	// maxEntry bounds what is in memory at once: the listener before 4,000
	// services is some 90 MB.
	maxEntry = 128 << 20
	// maxEntries bounds how many entries an answer may have, so that one full of
	// empty entries takes no more memory than one of that size with content. A
	// service makes some 30.
	maxEntries = 1 << 19
	// maxDepth bounds matchers within matchers; istiod nests four.
	maxDepth = 16
)

// ErrTooLarge says that an answer is beyond MaxSize, or has more entries than
// any mesh Waylight is made for.
var ErrTooLarge = errors.New("the answer is larger than any mesh Waylight is made for")

// walker is one walk over an answer: what is left of its bounds, and what was
// passed over.
type walker struct {
	size    int64 // in bytes
	left    int   // entries
	skipped map[string]int
}

func newWalker() *walker {
	return &walker{size: MaxSize, left: maxEntries, skipped: make(map[string]int)}
}

// take counts an entry, false when there are too many.
func (w *walker) take() bool {
	w.left--
	return w.left >= 0
}

// skip counts a part that could not be decoded. The error is not kept: it may
// quote what it fails at, and a dump has secrets.
func (w *walker) skip(reason string) { w.skipped[reason]++ }

// walk reads the members of the one object that an answer is. The error is
// about the answer as a whole: not JSON, cut off, too large, not an object.
func (w *walker) walk(r io.Reader, what string, member func(dec *jsontext.Decoder, name string) error) error {
	dec := jsonstream.NewDecoder(r, jsonstream.Limits{Size: w.size, Held: maxEntry, TooLarge: ErrTooLarge})
	err := object(dec, func(name string) error { return member(dec, name) })
	if errors.Is(err, ErrTooLarge) || w.left < 0 {
		return fmt.Errorf("%s: %w", what, ErrTooLarge)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// object calls member at the value of each of an object's keys; it must read or
// skip the value.
func object(dec *jsontext.Decoder, member func(name string) error) error {
	if kind := dec.PeekKind(); kind != '{' {
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
		return fmt.Errorf("it has %s where an object belongs", kind)
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if err := member(name.String()); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// stream decodes the entries of the list at dec one by one. An entry of the
// wrong shape is counted; an error means that the stream itself is broken.
func stream[T any](w *walker, dec *jsontext.Decoder, part string, visit func(*T)) error {
	if dec.PeekKind() != '[' {
		if dec.PeekKind() != 'n' {
			w.skip(part + " is not a list")
		}
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if !w.take() {
			return ErrTooLarge
		}
		if t := one[T](w, part, value); t != nil {
			visit(t)
		}
		if w.left < 0 { // visit used them up
			return ErrTooLarge
		}
	}
	_, err := dec.ReadToken()
	return err
}

// each visits the entries of a list within an entry. The list is known to be
// JSON, so the only error is that the bound is used up, which walk reports.
func each[T any](w *walker, part string, list jsontext.Value, visit func(*T)) {
	if !present(list) {
		return
	}
	_ = stream(w, jsontext.NewDecoder(bytes.NewBuffer(list), jsonstream.Options), part, visit)
}

// members visits the values of an object within an entry.
func members[T any](w *walker, part string, object jsontext.Value, visit func(name string, value *T)) {
	if !present(object) {
		return
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(object), jsonstream.Options)
	if token, err := dec.ReadToken(); err != nil || token.Kind() != '{' {
		w.skip(part + " is not an object")
		return
	}
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return
		}
		name := token.String()
		value, err := dec.ReadValue()
		if err != nil {
			return
		}
		if !w.take() {
			return
		}
		if t := one[T](w, part, value); t != nil {
			visit(name, t)
		}
	}
}

// one decodes a single part, nil if it is not there or of the wrong shape.
func one[T any](w *walker, part string, value jsontext.Value) *T {
	if !present(value) {
		return nil
	}
	t := new(T)
	if err := json.Unmarshal(value, t, jsonstream.Options); err != nil {
		w.skip(part + " of an unknown shape")
		return nil
	}
	return t
}

// texts reads a list of strings.
func texts(w *walker, part string, list jsontext.Value) []string {
	var out []string
	each(w, part, list, func(s *string) { out = append(out, *s) })
	return out
}
