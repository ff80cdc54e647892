package ztunnel

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/collectors/jsonstream"
	"github.com/waylight/waylight/mesh"
)

// Visitor is called for each entry in the order of the dump; a nil function
// passes over its part without decoding it. Values belong to the visitor.
type Visitor struct {
	Workload    func(*mesh.ZtunnelWorkload)
	Service     func(*mesh.ZtunnelService)
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

// Walk reads a config_dump from r. The error is about the dump as a whole:
// not JSON, cut off, too large, not an object.
func Walk(r io.Reader, v Visitor) error { return walk(r, v, MaxSize, maxKept) }

func walk(r io.Reader, v Visitor, size, kept int64) error {
	w := &walker{
		dec: jsonstream.NewDecoder(r, jsonstream.Limits{Size: size, Held: maxToken, TooLarge: ErrTooLarge}), visit: v, kept: kept,
		names: make(map[string]string), destinations: make(map[reached]*mesh.ZtunnelDestination), portSets: make(map[string]map[uint16]uint16), subjects: make(map[string]string), stringRoom: []string{},
	}
	err := w.dump()
	switch {
	case errors.Is(err, ErrTooLarge):
		return ErrTooLarge
	case err != nil:
		return fmt.Errorf("config_dump: %w", err)
	}
	return nil
}

// walker is one walk over a dump.
type walker struct {
	dec   *jsontext.Decoder
	visit Visitor
	// names are strings that were there before, by how the dump writes them.
	names map[string]string
	// destinations are those there are; portSets are the maps of ports there are, by how the dump writes them;
	// subjects are whom certificates name, by their text.
	destinations map[reached]*mesh.ZtunnelDestination
	portSets     map[string]map[uint16]uint16
	subjects     map[string]string
	// kept is how much more memory what is decoded may take, in bytes.
	kept int64
	// Room to work in: for a string without its escapes, for a list of strings,
	// for the endpoints of a service.
	textRoom     []byte
	stringRoom   []string
	endpointRoom []mesh.ZtunnelEndpoint
}

func (w *walker) dump() error {
	if kind := w.dec.PeekKind(); kind != '{' {
		if _, err := w.dec.ReadToken(); err != nil {
			return err
		}
		return fmt.Errorf("it begins with %s and not with an object", kind)
	}
	return w.object(w.part)
}

// part reads the value of one top-level key.
func (w *walker) part(name []byte) error {
	switch string(name) {
	case "workloads":
		return w.entries("workloads", w.visit.Workload != nil, newWorkloads(w).read)
	case "services":
		return w.entries("services", w.visit.Service != nil, w.service)
	case "policies":
		return w.entries("policies", w.visit.Policy != nil, w.policy)
	case "certificates":
		return w.entries("certificates", w.visit.Certificate != nil, w.certificate)
	case localPart:
		return w.locals()
	case "version":
		return w.single("version", w.visit.Version != nil, w.version)
	case "config":
		return w.single("config", w.visit.Config != nil, w.config)
	}
	return w.dec.SkipValue()
}

// entries reads the entries of a list, or of an object as releases up to 1.22
// wrote it, where the keys carry nothing the values have not.
func (w *walker) entries(part string, wanted bool, read func(key string) error) error {
	kind := w.dec.PeekKind()
	switch {
	case !wanted:
		return w.dec.SkipValue()
	case kind == '[':
		return w.list(func() error { return w.entry(part, "", read) })
	case kind == '{':
		return w.object(func(key []byte) error { return w.entry(part, kept(key), read) })
	}
	return w.single(part, true, func(string) error { return w.wrong("a list") })
}

// single reads a part that is one value.
func (w *walker) single(part string, wanted bool, read func(key string) error) error {
	if !wanted || w.dec.PeekKind() == 'n' {
		return w.dec.SkipValue()
	}
	return w.entry(part, "", read)
}

// entry reads the next value. One of the wrong shape is reported and passed
// over; an error means that the stream itself is broken, or too large.
func (w *walker) entry(part, key string, read func(key string) error) error {
	depth := w.dec.StackDepth()
	err := read(key)
	wrong, ok := errors.AsType[*shapeError](err)
	if !ok {
		return err
	}
	if w.visit.Skipped != nil {
		w.visit.Skipped(part, wrong)
	}
	return w.leave(depth)
}

// leave reads on to the end of what was begun below a depth.
func (w *walker) leave(depth int) error {
	for w.dec.StackDepth() > depth {
		var err error
		switch w.dec.PeekKind() {
		case '}', ']':
			_, err = w.dec.ReadToken()
		default:
			err = w.dec.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	return nil
}
