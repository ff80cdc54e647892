package server

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
)

const (
	// maxLogPatterns and maxLogPattern bound what is read of a filter.
	maxLogPatterns = 16
	maxLogPattern  = 1024
	// maxLogProgram bounds all expressions of a kind together, in steps of their
	// programs: a byte of a line costs at most so many, and (…){1000} is short to
	// write. What people type has some dozens.
	maxLogProgram = 4096
)

// compile reads regular expressions of RE2, whose time is linear in the line.
// An empty one is no wish.
func compile(patterns []string) ([]*regexp.Regexp, error) {
	if len(patterns) > maxLogPatterns {
		return nil, fmt.Errorf("a filter has at most %d expressions of a kind", maxLogPatterns)
	}
	var out []*regexp.Regexp
	room := maxLogProgram
	for _, p := range patterns {
		if p == "" {
			continue
		}
		if len(p) > maxLogPattern {
			return nil, fmt.Errorf("a regular expression has more than %d bytes", maxLogPattern)
		}
		tree, err := syntax.Parse(p, syntax.Perl)
		if err != nil {
			return nil, badPattern(p, err)
		}
		if room -= programSize(tree); room < 0 {
			return nil, fmt.Errorf("%.80q repeats too much to be tried on every line", p)
		}
		re, err := regexp.Compile(p)
		if err != nil {
			return nil, badPattern(p, err)
		}
		out = append(out, re)
	}
	return out, nil
}

// programSize is about how many steps the program of an expression has, counted
// before it is made: a{1000} is a thousand times a.
func programSize(re *syntax.Regexp) int {
	size := 1
	if re.Op == syntax.OpLiteral {
		size = len(re.Rune)
	}
	for _, sub := range re.Sub {
		size += programSize(sub)
	}
	if re.Op == syntax.OpRepeat {
		size *= max(1, re.Min, re.Max)
	}
	return size
}

// badPattern says what is wrong with an expression without the package's
// prefix, which helps nobody.
func badPattern(p string, err error) error {
	reason := err.Error()
	if bad, ok := errors.AsType[*syntax.Error](err); ok {
		reason = bad.Code.String()
	}
	return fmt.Errorf("%.80q is no regular expression (RE2): %s", p, reason)
}
