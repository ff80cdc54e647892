package kube

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// bounded cuts a text from the cluster to at most limit bytes, without
// splitting a character, and says how much is missing. Nothing else of it is
// changed: how to show hostile text is up to who shows it.
func bounded(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d bytes more)", s[:end], len(s)-end)
}

// oneLine joins the lines of an error text, as YAML parsers write them.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
