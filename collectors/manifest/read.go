package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/waylight/waylight/collectors/kube"
	"github.com/waylight/waylight/mesh"
)

// Options say how manifests are meant.
type Options struct {
	// Namespace is where objects go that name none, as with kubectl apply;
	// empty is default.
	Namespace string
	// Complete tells that nothing else is in the mesh: what is not written does
	// not exist.
	Complete bool
}

// Set is what was read. It implements collectors.Source.
type Set struct {
	// Files is how many files were read.
	Files int
	// Others counts objects of kinds Waylight does not read, by kind.
	Others map[string]int

	options Options
	objects []mesh.Object
	places  map[mesh.Ref]place
}

// place is where an object stands.
type place struct {
	file string
	root *yaml.Node
}

// Read reads files and folders, and stdin for the path "-". The error is one
// sentence that begins with file and line.
func Read(paths []string, stdin io.Reader, options Options) (*Set, error) {
	if options.Namespace == "" {
		options.Namespace = "default"
	}
	files, err := expand(paths)
	if err != nil {
		return nil, err
	}
	s := &Set{Files: len(files), Others: make(map[string]int), options: options, places: make(map[mesh.Ref]place)}
	for _, file := range files {
		raw, err := readFile(file, stdin)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := s.readText(file, raw); err != nil {
			return nil, err
		}
	}
	s.finish()
	return s, nil
}

// Len is how many objects are kept.
func (s *Set) Len() int { return len(s.places) }

// readText reads all documents of a file. The lines come from a first reading
// as trees; objects are then decoded like everywhere else.
func (s *Set) readText(file string, raw []byte) error {
	documents, err := parse(raw)
	if err != nil {
		return brokenYAML(file, err)
	}
	for _, document := range documents {
		if err := s.readDocument(file, document); err != nil {
			return err
		}
	}
	return nil
}

func parse(raw []byte) ([]*yaml.Node, error) {
	var out []*yaml.Node
	for documents := yaml.NewDecoder(bytes.NewReader(raw)); ; {
		document := new(yaml.Node)
		err := documents.Decode(document)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, document)
	}
}

// yamlLine is how the decoder says where something is broken.
var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

func brokenYAML(file string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if at := yamlLine.FindStringSubmatch(text); at != nil {
		return fmt.Errorf("%s:%s: this is no YAML: %s", file, at[1], at[2])
	}
	return fmt.Errorf("%s:1: this is no YAML: %s", file, text) // the decoder leaves out the first line
}

// readDocument reads the objects of one document: itself, or the items of a
// List.
func (s *Set) readDocument(file string, document *yaml.Node) error {
	roots, err := rootsOf(document)
	if err != nil {
		return fmt.Errorf("%s:%w", file, err)
	}
	if len(roots) == 0 {
		return nil
	}
	for _, root := range roots {
		if err := refuseInput(file, root); err != nil {
			return err
		}
		settle(root, s.options.Namespace)
	}
	document.Content[0].Style &^= yaml.FlowStyle // what begins with a brace is read as JSON, and this is YAML from now on
	text, err := yaml.Marshal(document)
	if err != nil {
		return fmt.Errorf("%s:%d: %w", file, document.Line, err)
	}
	var failed error
	next := 0
	err = kube.ReadDocuments(bytes.NewReader(text), func(d kube.Document) {
		if root := roots[min(next, len(roots)-1)]; failed == nil {
			failed = s.add(file, root, d)
		}
		next++
	})
	if failed != nil {
		return failed
	}
	if err != nil {
		return fmt.Errorf("%s:%d: %s", file, roots[0].Line, strings.TrimPrefix(err.Error(), "document 1: "))
	}
	return nil
}

// add keeps one object.
func (s *Set) add(file string, root *yaml.Node, d kube.Document) error {
	switch {
	case d.Err != nil:
		return fmt.Errorf("%s:%d: %w", file, root.Line, d.Err)
	case d.Object == nil:
		kind, _, _ := strings.Cut(d.Subject, " ")
		s.Others[kind]++
		return nil
	}
	ref := d.Object.Ref()
	if was, twice := s.places[ref]; twice {
		return fmt.Errorf("%s:%d: %s stands in %s:%d already; give the manifests of one environment at a time", file, root.Line, ref, was.file, was.root.Line)
	}
	s.places[ref] = place{file, root}
	s.objects = append(s.objects, d.Object)
	return nil
}

// refuseInput tells manifests from what they are made of: taken literally,
// kustomize's input gives objects that nobody applies.
func refuseInput(file string, root *yaml.Node) error {
	if group, _, _ := strings.Cut(text(root, "apiVersion"), "/"); group != "kustomize.config.k8s.io" {
		return nil
	}
	return fmt.Errorf("%s:%d: this is what kustomize makes manifests of; give what it prints: kubectl kustomize FOLDER | waylight check -f -", file, root.Line)
}
