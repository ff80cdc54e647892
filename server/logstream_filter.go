package server

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// LineFilter chooses lines of a stream. The zero one keeps all.
type LineFilter struct {
	// Include keeps lines that one of it matches, Exclude drops those. Both
	// look at the line as it was written.
	Include, Exclude []*regexp.Regexp
	// Level is the least grave level shown; empty for all.
	Level mesh.LogLevel
	// Denied keeps only what was refused or failed.
	Denied bool
	// OnlyCall leaves out the lines that are of another call than the one that is
	// asked for (LineReader.Call).
	OnlyCall bool
}

// NewLineFilter reads a filter as people write it. The error is a sentence.
func NewLineFilter(include, exclude []string, level string, denied bool) (LineFilter, error) {
	f := LineFilter{Denied: denied}
	var err error
	if f.Include, err = compile(include); err != nil {
		return LineFilter{}, err
	}
	if f.Exclude, err = compile(exclude); err != nil {
		return LineFilter{}, err
	}
	if f.Level = mesh.LogLevel(level); level != "" && (f.Level == mesh.LogOff || !slices.Contains(mesh.LogLevels[:], f.Level)) {
		return LineFilter{}, fmt.Errorf("%.40q is no level: write error, warn, info, debug or trace", level)
	}
	return f, nil
}

func (f *LineFilter) read(v url.Values) (err error) {
	if *f, err = NewLineFilter(v[ParamLogInclude], v[ParamLogExclude], v.Get(ParamLogLevel), views.SwitchedOn(v, ParamLogDenied)); err != nil {
		return err
	}
	switch calls := v.Get(ParamLogCalls); calls {
	case "", LogCallsAll:
	case LogCallsThis:
		f.OnlyCall = true
	default:
		return fmt.Errorf("%.40q are no calls: write %s or %s", calls, LogCallsThis, LogCallsAll)
	}
	return nil
}

// Keep tells whether a line is shown. explained is what the line means.
func (f *LineFilter) Keep(l *mesh.LogLine, explained *mesh.LogExplanation) bool {
	switch {
	case f.Denied && !failed(explained):
		return false
	case f.Level != "" && graver(f.Level, levelOf(l, explained)):
		return false
	case len(f.Include) > 0 && !matches(f.Include, l.Raw):
		return false
	}
	return !matches(f.Exclude, l.Raw)
}

func failed(e *mesh.LogExplanation) bool { return e.Code != "" || e.Denied }

// levelOf is a line's level where it says one. An Envoy's access line never
// does: one that tells of a failure counts as an error. Of any other line the
// level is unknown, and what is unknown is shown.
func levelOf(l *mesh.LogLine, explained *mesh.LogExplanation) mesh.LogLevel {
	switch {
	case l.Level != "":
		return l.Level
	case l.Kind == mesh.LogPlain || failed(explained):
		return mesh.LogError
	}
	return mesh.LogInfo
}

// graver tells that a is graver than b.
func graver(a, b mesh.LogLevel) bool {
	return slices.Index(mesh.LogLevels[:], a) < slices.Index(mesh.LogLevels[:], b)
}

func matches(list []*regexp.Regexp, raw string) bool {
	return slices.ContainsFunc(list, func(re *regexp.Regexp) bool { return re.MatchString(raw) })
}
