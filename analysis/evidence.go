package analysis

import (
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// labelEvidence is a label as it stands on an object.
func labelEvidence(m *mesh.Meta, key string) Evidence {
	return fieldEvidence(m.Ref(), "metadata.labels["+key+"]", m.Labels[key])
}

func annotationEvidence(m *mesh.Meta, key string) Evidence {
	return fieldEvidence(m.Ref(), "metadata.annotations["+key+"]", m.Annotations[key])
}

func fieldEvidence(object mesh.Ref, field, text string) Evidence {
	return Evidence{Source: mesh.KubernetesSource, Object: object, Field: field, Text: text}
}

// conditionEvidence is a condition whole: the truth is often in its reason or
// message alone.
func conditionEvidence(object mesh.Ref, c *mesh.Condition) Evidence {
	e := fieldEvidence(object, "status.conditions["+c.Type+"]", string(c.Status))
	if c.Reason != "" {
		e.Text += " " + c.Reason
	}
	if c.Message != "" {
		e.Text += ": " + c.Message
	}
	e.Time = timeText(c.Since)
	return e
}

// namedAtMost is how many names a sentence can hold.
const namedAtMost = 3

// names lists objects in a sentence: "web, orders, catalog and 4 more".
func names(refs []mesh.Ref) string {
	list := make([]string, 0, len(refs))
	for _, r := range refs {
		list = append(list, r.Name)
	}
	return listWords(list)
}

// listWords joins words for a sentence, and counts what is too much for one.
func listWords(list []string) string {
	switch {
	case len(list) < 2:
		return strings.Join(list, "")
	case len(list) > namedAtMost:
		return strings.Join(list[:namedAtMost], ", ") + " and " + strconv.Itoa(len(list)-namedAtMost) + " more"
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// countPods says a number of pods in words: "1 pod", "3 pods".
func countPods(n int) string {
	if n == 1 {
		return "1 pod"
	}
	return strconv.Itoa(n) + " pods"
}
