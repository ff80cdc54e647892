package views

import (
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// plural is a number with its noun: "1 pod", "3 pods". The plural is the noun
// with an s unless given.
func plural(n int, one string, many ...string) string {
	if n == 1 {
		return "1 " + one
	}
	word := one + "s"
	if len(many) > 0 {
		word = many[0]
	}
	return strconv.Itoa(n) + " " + word
}

// sentenceList joins words as a sentence does: "a, b and c".
func sentenceList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// kindWord is a kind as it is written in a sentence: Istio's own Gateway by the
// name its users know.
func kindWord(r mesh.Ref) string {
	switch r.Kind {
	case "IstioGateway":
		return "Istio Gateway"
	case "Mesh":
		return "the mesh"
	}
	return r.Kind
}
