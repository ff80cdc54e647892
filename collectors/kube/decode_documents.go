package kube

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/waylight/waylight/mesh"
)

// Document is one Kubernetes object out of a text.
type Document struct {
	// Resource names the kind, one of mesh.Resource…; empty where the kind is
	// not one Waylight reads or could not be told.
	Resource string
	// Subject names an object that was left out, "Secret shop/tls"; empty for
	// all others.
	Subject string
	// Object is nil for what Waylight does not read or keep.
	Object mesh.Object
	// Err says why the object could not be read. It costs this object only.
	Err error
}

// Bounds of one object as JSON and of one YAML document. The API server takes
// objects of at most 3 MiB. A YAML document is parsed as a whole, at a hundred
// times its size in memory, so that long Lists must be JSON, which is read item
// by item.
const (
	maxJSONObject   = 16 << 20
	maxYAMLDocument = 4 << 20
)

// ReadDocuments decodes objects as kubectl prints them: single objects and
// Lists, one or several in a row, in JSON or YAML. The error is about the text
// as a whole: it ends there, and what follows is not read.
func ReadDocuments(r io.Reader, yield func(Document)) error {
	in := &rationed{r: r, ration: maxJSONObject, left: maxJSONObject}
	text := bufio.NewReader(in)
	// A text shorter than this is all there is; errors come back on reading.
	start, _ := text.Peek(sniffed)
	if looksLikeJSON(start) {
		values := json.NewDecoder(text)
		if err := readObjects(values, in.refill, yield); err != nil {
			return fmt.Errorf("at byte %d: %w", values.InputOffset(), err)
		}
		return nil
	}
	in.ration, in.left = maxYAMLDocument, maxYAMLDocument
	return readYAML(text, in.refill, yield)
}

// sniffed is how much of a text is looked at to tell JSON from YAML.
const sniffed = 512

// looksLikeJSON tells a JSON object from YAML, of which JSON is a part but for
// its keys, which YAML leaves bare also within braces.
func looksLikeJSON(start []byte) bool {
	inside, ok := bytes.CutPrefix(bytes.TrimSpace(start), []byte("{"))
	inside = bytes.TrimSpace(inside)
	return ok && (len(inside) == 0 || inside[0] == '"' || inside[0] == '}')
}

func readYAML(text *bufio.Reader, refill func(), yield func(Document)) error {
	documents := utilyaml.NewYAMLReader(text)
	for n := 1; ; n++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		refill()
		raw, err := yaml.YAMLToJSON(document)
		if err != nil {
			return fmt.Errorf("document %d: %s", n, bounded(oneLine(err.Error()), maxAnnotation))
		}
		if string(bytes.TrimSpace(raw)) == "null" {
			continue // comments, or nothing between two separators
		}
		if err := readObjects(json.NewDecoder(bytes.NewReader(raw)), func() {}, yield); err != nil {
			return fmt.Errorf("document %d: %w", n, err)
		}
	}
}

// readObjects reads objects until the text ends between two of them.
func readObjects(values *json.Decoder, refill func(), yield func(Document)) error {
	for {
		token, err := values.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return cutOff(err)
		case token != json.Delim('{'):
			return errors.New("there is a value that is no object")
		}
		if err := readObject(values, refill, yield); err != nil {
			return cutOff(err)
		}
	}
}

// cutOff says in words what the end of a text in the middle of a value means.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the text ends in the middle of an object")
	}
	return err
}

// readObject reads the fields of one object, whose opening brace was read. A
// List is handed on item by item, so that a list of all pods of a big mesh
// never stands in memory.
func readObject(values *json.Decoder, refill func(), yield func(Document)) error {
	fields := make(map[string]json.RawMessage)
	list := false
	for values.More() {
		token, err := values.Token()
		if err != nil {
			return err
		}
		key, ok := token.(string)
		if !ok {
			return errors.New("there is a key that is no string")
		}
		if key == "items" {
			list = true
			if err := readItems(values, typeOf(fields), refill, yield); err != nil {
				return err
			}
			continue
		}
		var value json.RawMessage
		if err := values.Decode(&value); err != nil {
			return err
		}
		fields[key] = value
	}
	if _, err := values.Token(); err != nil { // the closing brace
		return err
	}
	refill()
	if list {
		return nil
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	yield(readDocument(raw, objectType{}))
	return nil
}

func readItems(values *json.Decoder, of objectType, refill func(), yield func(Document)) error {
	token, err := values.Token()
	if err != nil {
		return err
	}
	if token == nil { // "items": null is how Go writes an empty list
		return nil
	}
	if token != json.Delim('[') {
		return errors.New("items is no list")
	}
	of.Kind = strings.TrimSuffix(of.Kind, "List")
	for values.More() {
		var raw json.RawMessage
		if err := values.Decode(&raw); err != nil {
			return err
		}
		yield(readDocument(raw, of))
		refill()
	}
	_, err = values.Token()
	return err
}

// rationed fails once more was read than an object may take since the ration
// was last refilled.
type rationed struct {
	r            io.Reader
	ration, left int
}

func (r *rationed) refill() { r.left = r.ration }

func (r *rationed) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, fmt.Errorf("an object in JSON or a document in YAML is longer than %d MiB", r.ration>>20)
	}
	n, err := r.r.Read(p)
	r.left -= n
	return n, err
}
