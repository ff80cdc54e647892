package ztunnel

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Entries are read token by token into their fields, and not as values that are
// unmarshalled: a dump has 1.5 million tokens, most of them strings that were
// there before. null is for every field as if it was not there.

// shapeError says that a value is not what its field holds. It costs the entry
// and not the dump.
type shapeError struct {
	// at is where it is, as a JSON pointer.
	at, found, want string
}

func (e *shapeError) Error() string { return fmt.Sprintf("%s is %s and not %s", e.at, e.found, e.want) }

// wrong passes over the next value, which is not what is wanted.
func (w *walker) wrong(want string) error {
	found := kinds[w.dec.PeekKind()]
	if err := w.dec.SkipValue(); err != nil {
		return err
	}
	return w.misfit(found, want)
}

// misfit is the error about the value that was just read.
func (w *walker) misfit(found, want string) error {
	const limit = 200
	at := string(w.dec.StackPointer())
	if len(at) > limit {
		at = strings.ToValidUTF8(at[:limit], "") + "…"
	}
	return &shapeError{at: at, found: found, want: want}
}

var kinds = map[jsontext.Kind]string{'"': "text", '0': "a number", 't': "true", 'f': "false", '{': "an object", '[': "a list", 'n': "null"}

// object calls member at each value, which it must read or skip, with its key.
// The key is valid until then.
func (w *walker) object(member func(key []byte) error) error {
	if none, err := w.open('{', "an object"); none || err != nil {
		return err
	}
	for w.dec.PeekKind() == '"' {
		key, err := w.dec.ReadValue()
		if err != nil {
			return err
		}
		if err := member(w.key(key)); err != nil {
			return err
		}
	}
	_, err := w.dec.ReadToken()
	return err
}

// list calls item at each value, which it must read or skip.
func (w *walker) list(item func() error) error {
	if none, err := w.open('[', "a list"); none || err != nil {
		return err
	}
	for {
		if kind := w.dec.PeekKind(); kind == ']' || kind == 0 { // 0: ReadToken has the error
			_, err := w.dec.ReadToken()
			return err
		}
		if err := item(); err != nil {
			return err
		}
	}
}

// open begins an object or list; none is true for null.
func (w *walker) open(kind jsontext.Kind, want string) (none bool, err error) {
	switch w.dec.PeekKind() {
	case kind:
		_, err = w.dec.ReadToken()
		return false, err
	case 'n':
		return true, w.dec.SkipValue()
	}
	return false, w.wrong(want)
}

// key is what a key says, to be compared with those that are known; valid until
// the next read.
func (w *walker) key(value jsontext.Value) []byte {
	if bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1]
	}
	return w.unquote(value)
}

// kept is a key that is kept.
func kept(key []byte) string {
	return strings.ToValidUTF8(string(key), "\uFFFD")
}

// unquote is what a string says; it is valid until the next read.
func (w *walker) unquote(value jsontext.Value) []byte {
	content := value[1 : len(value)-1]
	if bytes.IndexByte(content, '\\') < 0 && utf8.Valid(content) {
		return content
	}
	// Bytes that are no UTF-8 are replaced, which this calls an error as well.
	w.textRoom, _ = jsontext.AppendUnquote(w.textRoom[:0], value)
	return w.textRoom
}

// text reads a string that others share.
func (w *walker) text(into *string) error {
	return w.string(into, w.shared)
}

// own reads a string that is like no other.
func (w *walker) own(into *string) error {
	return w.string(into, func(value jsontext.Value) string { return string(w.unquote(value)) })
}

// textLike reads a string that mostly is one that is known.
func (w *walker) textLike(into *string, known string) error {
	return w.string(into, func(value jsontext.Value) string {
		// What has an escape in it may look like another text that is known.
		if string(value[1:len(value)-1]) == known && strings.IndexByte(known, '\\') < 0 {
			return known
		}
		return w.shared(value)
	})
}

func (w *walker) string(into *string, keep func(jsontext.Value) string) error {
	value, err := w.dec.ReadValue()
	if err != nil {
		return err
	}
	switch kind := value.Kind(); kind {
	case '"':
		*into = keep(value)
		return w.keep(len(value))
	case 'n':
		return nil
	default:
		return w.misfit(kinds[kind], "text")
	}
}

// texts reads a list of strings that others share, and mostly is one that is
// known.
func (w *walker) texts(into *[]string, known []string) error {
	return w.strings(into, known, w.text)
}

// strings reads a list of strings.
func (w *walker) strings(into *[]string, known []string, read func(*string) error) error {
	if w.dec.PeekKind() == 'n' {
		return w.dec.SkipValue()
	}
	list := w.stringRoom[:0]
	err := w.list(func() error {
		list = append(list, "")
		return firstOf(read(&list[len(list)-1]), w.keep(costItem))
	})
	w.stringRoom = list
	if *into = known; known == nil || !slices.Equal(known, list) {
		*into = slices.Clone(list)
	}
	return err
}

// flag reads true or false.
func (w *walker) flag(into *bool) error {
	switch kind := w.dec.PeekKind(); kind {
	case 't', 'f':
		*into = kind == 't'
		return w.dec.SkipValue()
	case 'n':
		return w.dec.SkipValue()
	}
	return w.wrong("true or false")
}

// number reads an unsigned integer that its type can hold.
func number[T uint16 | uint32](w *walker, into *T) error {
	switch w.dec.PeekKind() {
	case '0':
	case 'n':
		return w.dec.SkipValue()
	default:
		return w.wrong("a number")
	}
	value, err := w.dec.ReadValue()
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(string(value), 10, 32)
	if *into = T(n); err != nil || uint64(*into) != n {
		return w.misfit("a number out of range", fmt.Sprintf("one of 0 to %d", ^T(0)))
	}
	return nil
}

// shared is what a string says, once for all that say the same: namespaces,
// nodes, zones and trust domains are repeated for every workload.
func (w *walker) shared(value jsontext.Value) string {
	written := value[1 : len(value)-1]
	if known, ok := w.names[string(written)]; ok {
		return known
	}
	said := string(w.unquote(value))
	if said == string(written) { // as almost always: keep it once
		w.names[said] = said
	} else {
		w.names[string(written)] = said
	}
	return said
}
