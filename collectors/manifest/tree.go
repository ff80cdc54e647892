package manifest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/waylight/waylight/collectors/kube"
)

// rootsOf lists the objects of a document, in the order in which they are
// decoded. The error begins with the line.
func rootsOf(document *yaml.Node) ([]*yaml.Node, error) {
	if document.Kind != yaml.DocumentNode || len(document.Content) == 0 {
		return nil, nil
	}
	root := document.Content[0]
	switch {
	case root.Kind == yaml.ScalarNode && root.Tag == "!!null":
		return nil, nil // comments, or nothing between two separators
	case root.Kind != yaml.MappingNode:
		return nil, fmt.Errorf("%d: this is no object", root.Line)
	}
	items := child(root, "items")
	if items == nil {
		return []*yaml.Node{root}, nil
	}
	return items.Content, nil
}

// child is the value of a key, nil where there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	_, value := entry(n, key)
	return value
}

func entry(n *yaml.Node, key string) (name, value *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

func text(n *yaml.Node, key string) string {
	if v := child(n, key); v != nil && v.Kind == yaml.ScalarNode {
		return v.Value
	}
	return ""
}

// settle puts an object without a namespace where kubectl apply would, and
// takes it from one whose kind has none, as the API server does.
func settle(root *yaml.Node, namespace string) {
	group, version, grouped := strings.Cut(text(root, "apiVersion"), "/")
	if !grouped {
		group, version = "", group
	}
	kinds := kube.Kinds()
	i := slices.IndexFunc(kinds, func(k kube.Kind) bool {
		return k.Kind == text(root, "kind") && k.Group == group && slices.Contains(k.Versions, version)
	})
	metadata := child(root, "metadata")
	if i < 0 || metadata == nil || metadata.Kind != yaml.MappingNode {
		return
	}
	name, value := entry(metadata, "namespace")
	switch {
	case !kinds[i].Namespaced && name != nil:
		at := slices.Index(metadata.Content, name)
		metadata.Content = slices.Delete(metadata.Content, at, at+2)
	case kinds[i].Namespaced && name == nil:
		metadata.Content = append(metadata.Content, scalar("namespace"), scalar(namespace))
	case kinds[i].Namespaced && (value.Value == "" || value.Tag == "!!null"):
		*value = *scalar(namespace)
	}
}

func scalar(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

// lineOf finds the line of a field, written as kubectl users do, or of as much
// of it as stands there.
func lineOf(root *yaml.Node, field string) int {
	line, at := root.Line, root
	for _, step := range steps(field) {
		name, value := follow(at, step)
		if value == nil {
			break
		}
		at = value
		if name.Line > 0 { // what settle added stands nowhere
			line = name.Line
		}
	}
	return line
}

// steps takes a path apart: "metadata.labels[a.b/c]" is metadata, labels, a.b/c.
func steps(field string) []string {
	var out []string
	for field != "" {
		if rest, inside := strings.CutPrefix(field, "["); inside {
			step, after, _ := strings.Cut(rest, "]")
			out, field = append(out, step), strings.TrimPrefix(after, ".")
			continue
		}
		end := strings.IndexAny(field, ".[")
		if end < 0 {
			return append(out, field)
		}
		out = append(out, field[:end])
		field = strings.TrimPrefix(field[end:], ".")
	}
	return out
}

// follow takes one step: a key, or an element by its name, its port or its
// number.
func follow(n *yaml.Node, step string) (name, value *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		return entry(n, step)
	}
	for _, element := range n.Content {
		if step != "" && (text(element, "name") == step || text(element, "port") == step) {
			return element, element
		}
	}
	if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
		return n.Content[i], n.Content[i]
	}
	return nil, nil
}
