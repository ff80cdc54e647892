package ztunnel

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// MaxSize bounds a dump: 20,000 pods make some 22 MB.
const MaxSize = 256 << 20

// Visitor is called for each entry in the order of the dump; a nil function
// passes over its part without decoding it. Values belong to the visitor.
type Visitor struct {
	Workload    func(mesh.ZtunnelWorkload)
	Service     func(mesh.ZtunnelService)
	Policy      func(mesh.ZtunnelPolicy)
	Certificate func(mesh.ZtunnelCertificate)
	Local       func(mesh.ZtunnelLocal)
	// HasLocal is called when the dump has workloadState at all.
	HasLocal func()
	Version  func(mesh.ZtunnelVersion)
	Config   func(map[string]string)
	// Skipped is called for each entry that could not be decoded.
	Skipped func(part string, err error)
}

// localPart is the key of the pods of the node.
const localPart = "workloadState"

// ErrTooLarge says that a dump is beyond MaxSize.
var ErrTooLarge = errors.New("the dump is larger than any mesh Waylight is made for")

// Walk reads a config_dump from r. The error is about the dump as a whole:
// not JSON, cut off, too large, not an object.
func Walk(r io.Reader, v Visitor) error { return walk(r, v, MaxSize) }

func walk(r io.Reader, v Visitor, limit int64) error {
	limited := &io.LimitedReader{R: r, N: limit + 1}
	err := newWalker(limited, v).dump()
	if limited.N <= 0 {
		return ErrTooLarge
	}
	if err != nil {
		return fmt.Errorf("config_dump: %w", err)
	}
	return nil
}

// walker is one walk over a dump.
type walker struct {
	dec   *jsontext.Decoder
	visit Visitor
	names intern
}

func newWalker(r io.Reader, v Visitor) *walker {
	dec := jsontext.NewDecoder(r, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	return &walker{dec: dec, visit: v, names: make(intern)}
}

func (w *walker) dump() error {
	if kind := w.dec.PeekKind(); kind != '{' {
		if _, err := w.dec.ReadToken(); err != nil {
			return err
		}
		return fmt.Errorf("it begins with %s and not with an object", kind)
	}
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	for w.dec.PeekKind() == '"' {
		name, err := w.dec.ReadToken()
		if err != nil {
			return err
		}
		if err := w.part(name.String()); err != nil {
			return err
		}
	}
	_, err := w.dec.ReadToken()
	return err
}

// part reads the value of one top-level key.
func (w *walker) part(name string) error {
	switch name {
	case "workloads":
		return each(w, name, w.visit.Workload, newWorkloads(w).convert)
	case "services":
		return each(w, name, w.visit.Service, w.service)
	case "policies":
		return each(w, name, w.visit.Policy, w.policy)
	case "certificates":
		return each(w, name, w.visit.Certificate, w.certificate)
	case localPart:
		return w.locals(name)
	case "version":
		return one(w, name, w.visit.Version, convertVersion)
	case "config":
		return one(w, name, w.visit.Config, convertConfig)
	}
	return w.dec.SkipValue()
}

// each visits the entries of a list, or of an object as releases up to 1.22
// wrote it, where the keys carry nothing the values have not.
func each[Raw, T any](w *walker, part string, visit func(T), convert func(string, *Raw) (T, bool)) error {
	kind := w.dec.PeekKind()
	if visit == nil || (kind != '[' && kind != '{') {
		return w.dec.SkipValue()
	}
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	for w.dec.PeekKind() != ']' && w.dec.PeekKind() != '}' {
		key := ""
		if kind == '{' {
			name, err := w.dec.ReadToken()
			if err != nil {
				return err
			}
			key = name.String()
		}
		raw := new(Raw)
		ok, err := w.entry(part, raw)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if t, keep := convert(key, raw); keep {
			visit(t)
		}
	}
	_, err := w.dec.ReadToken()
	return err
}

// one visits a part that is a single value.
func one[Raw, T any](w *walker, part string, visit func(T), convert func(*Raw) T) error {
	if visit == nil {
		return w.dec.SkipValue()
	}
	raw := new(Raw)
	ok, err := w.entry(part, raw)
	if err == nil && ok {
		visit(convert(raw))
	}
	return err
}

// entry decodes the next value. A value of the wrong shape is reported and
// false; an error means that the stream itself is broken.
func (w *walker) entry(part string, into any) (ok bool, err error) {
	value, err := w.dec.ReadValue()
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(value, into, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)); err != nil {
		if w.visit.Skipped != nil {
			w.visit.Skipped(part, err)
		}
		return false, nil
	}
	return true, nil
}

// intern shares equal strings: namespaces, nodes, zones and trust domains are
// repeated for every workload.
type intern map[string]string

func (in intern) of(s string) string {
	if s == "" {
		return ""
	}
	if known, ok := in[s]; ok {
		return known
	}
	in[s] = s
	return s
}
