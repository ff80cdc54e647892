package views

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
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

// counted is plural for a count that may be unknown.
func counted(n int, one string) string {
	if n == notCounted {
		return "an unknown number of " + one + "s"
	}
	return plural(n, one)
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

// changeID is the element id of a change, by what it is about and not by its
// place in the list.
func changeID(c change) string {
	return ui.ID("change", c.ref.Kind, c.ref.Namespace, c.ref.Name, c.did, strconv.FormatInt(c.at.Unix(), 10))
}

// number prints a count.
func number(n int) string { return strconv.Itoa(n) }

// moreLine is what a disclosure of further items is called.
func moreLine(n int) string { return "and " + strconv.Itoa(n) + " more" }

// alsoLine says of what else a card is true, and what decides it everywhere.
func alsoLine(c CauseCard) string {
	n := len(c.Also) + len(c.MoreAlso)
	names := make([]string, 0, len(c.Also)+1)
	for _, o := range c.Also {
		names = append(names, o.Name)
	}
	if len(c.MoreAlso) > 0 {
		names = append(names, plural(len(c.MoreAlso), "other"))
	}
	verb := " is decided alike by "
	if n > 1 {
		verb = " are decided alike by "
	}
	return "The same holds for " + sentenceList(names) + ", which" + verb + c.Shared + "."
}

// changingLine marks commands that change the cluster.
func changingLine(n int) string {
	if n == 1 {
		return "This one changes the cluster:"
	}
	return "These change the cluster:"
}

// clockUTC is a moment that is not read as an age, such as an end.
func clockUTC(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// consequencesLine is what folded findings are called.
func consequencesLine(n int) string {
	return "and " + plural(n, "finding") + " caused by this"
}

// heldBackSummary counts checks that could not judge. A check that several
// sources keep from judging counts once.
func heldBackSummary(lines []HeldBackLine) string {
	full, part := make(map[string]bool), make(map[string]bool)
	for _, h := range lines {
		for _, c := range h.Codes {
			if h.Partly {
				part[c.Code] = true
			} else {
				full[c.Code] = true
			}
		}
	}
	maps.DeleteFunc(part, func(code string, _ bool) bool { return full[code] })
	var parts []string
	if len(full) > 0 {
		parts = append(parts, plural(len(full), "check")+" could not judge")
	}
	if len(part) > 0 {
		parts = append(parts, plural(len(part), "check")+" could not judge everything")
	}
	return sentenceList(parts) + ", because something may not or could not be read"
}

func joined(words []string) string { return strings.Join(words, ", ") }

// managerWord is a field manager as people call it: kubectl's subcommands by
// their names.
func managerWord(manager string) string {
	command, ok := strings.CutPrefix(manager, "kubectl-")
	if !ok {
		return manager
	}
	if command == "client-side-apply" {
		command = "apply"
	}
	return "kubectl " + command
}
