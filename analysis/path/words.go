package path

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// words joins a list: "a", "a and b", "a, b and c".
func words(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// maxWords bounds how many names a sentence holds.
const maxWords = 4

// someWords is words for lists of any length: the rest is counted.
func someWords(list []string) string {
	if len(list) <= maxWords {
		return words(list)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:maxWords], ", "), len(list)-maxWords)
}

func portText(p uint16) string { return strconv.Itoa(int(p)) }

// count is "1 pod", "2 pods".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	switch {
	case strings.HasSuffix(noun, "y"):
		noun = strings.TrimSuffix(noun, "y") + "ies"
	case strings.HasSuffix(noun, "s"):
		noun += "es"
	default:
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// percent is a share without needless digits: "90 %", "33.3 %".
func percent(share float64) string {
	return strconv.FormatFloat(round(share), 'f', -1, 64) + " %"
}

func round(share float64) float64 { return float64(int(share*10+0.5)) / 10 }

// capital starts a sentence.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 || first == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// sentence is a capital and a full stop.
func sentence(s string) string { return stop(capital(s)) }

// stop ends a sentence that begins with a name as it is written.
func stop(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}
