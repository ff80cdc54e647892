package mesh

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// LogLevel is how much a part of ztunnel writes to its log.
type LogLevel string

// The levels, each of which includes those before it.
const (
	LogOff   LogLevel = "off"
	LogError LogLevel = "error"
	LogWarn  LogLevel = "warn"
	LogInfo  LogLevel = "info"
	LogDebug LogLevel = "debug"
	LogTrace LogLevel = "trace"
)

// LogLevels lists all levels from the quietest to the loudest.
var LogLevels = [...]LogLevel{LogOff, LogError, LogWarn, LogInfo, LogDebug, LogTrace}

// louder is how much more l writes than other, as a number of levels.
func (l LogLevel) louder(other LogLevel) int {
	return slices.Index(LogLevels[:], l) - slices.Index(LogLevels[:], other)
}

// readLogLevel reads a level as tracing-subscriber does: by name in any case,
// by number, and nothing at all as error.
func readLogLevel(text string) (LogLevel, bool) {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n < len(LogLevels) {
		return LogLevels[n], true
	}
	if text == "" {
		return LogError, true
	}
	level := LogLevel(strings.ToLower(text))
	return level, slices.Contains(LogLevels[:], level)
}

// LogDirective sets the level of what a part of ztunnel's code logs: of every
// target that begins with Target.
type LogDirective struct {
	Target string
	// All is a directive without a target, which is for all that no other is
	// for. It is another one than that of an empty target.
	All   bool
	Level LogLevel
}

// String is the directive as ztunnel writes it.
func (d LogDirective) String() string {
	if d.All {
		return string(d.Level)
	}
	return d.Target + "=" + string(d.Level)
}

// LogFilter decides what a ztunnel logs. Of the directives that are for a
// target the most specific counts, which comes first here, as ztunnel prints
// them (istio.md A.3; tracing-subscriber's filter::Targets).
type LogFilter []LogDirective

// Bounds of a filter that is read.
const (
	maxLogFilter     = 16 << 10 // bytes
	maxLogDirectives = 256
)

// ParseLogFilter reads a filter as ztunnel does: of two directives for the same
// target the later counts.
func ParseLogFilter(text string) (LogFilter, error) {
	if len(text) > maxLogFilter || strings.Count(text, ",") >= maxLogDirectives {
		return nil, fmt.Errorf("a filter of more than %d directives or %d bytes", maxLogDirectives, maxLogFilter)
	}
	byKey := make(map[LogDirective]LogLevel)
	for clause := range strings.SplitSeq(text, ",") {
		d, err := readLogDirective(clause)
		if err != nil {
			return nil, err
		}
		byKey[LogDirective{Target: d.Target, All: d.All}] = d.Level
	}
	f := make(LogFilter, 0, len(byKey))
	for d, level := range byKey {
		d.Level = level
		f = append(f, d)
	}
	slices.SortFunc(f, bySpecificity)
	return f, nil
}

func bySpecificity(a, b LogDirective) int {
	if a.All != b.All {
		if a.All {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(len(b.Target), len(a.Target)), cmp.Compare(b.Target, a.Target))
}

// readLogDirective reads "target=level", "level", or "target", which stands for
// everything of it.
func readLogDirective(clause string) (LogDirective, error) {
	target, level, has := strings.Cut(clause, "=")
	if !has {
		if l, ok := readLogLevel(clause); ok {
			return LogDirective{All: true, Level: l}, nil
		}
		return LogDirective{Target: clause, Level: LogTrace}, nil
	}
	l, ok := readLogLevel(level)
	if !ok {
		return LogDirective{}, fmt.Errorf("%q is no level", level)
	}
	return LogDirective{Target: target, Level: l}, nil
}

// String is the filter as ztunnel prints it.
func (f LogFilter) String() string {
	words := make([]string, len(f))
	for i, d := range f {
		words[i] = d.String()
	}
	return strings.Join(words, ",")
}

// At is the level of a target. What no directive is for is not logged.
func (f LogFilter) At(target string) LogLevel {
	for _, d := range f {
		if d.All || strings.HasPrefix(target, d.Target) {
			return d.Level
		}
	}
	return LogOff
}

// defaultLogFilter is what ztunnel always puts before RUST_LOG, and what it
// takes for that where it is not set (telemetry.rs default_filter).
const (
	alwaysLogFilter  = "hickory_server::server=off,"
	defaultLogFilter = "info"
)

// DefaultLogFilter is the filter that a ztunnel's pod starts with and that a
// reset brings back. A RUST_LOG that is taken from elsewhere is not seen.
func DefaultLogFilter(pod *Workload) (LogFilter, error) {
	text := defaultLogFilter
	for i := range pod.Containers {
		if set, ok := pod.Containers[i].Env["RUST_LOG"]; ok {
			text = set
		}
	}
	return ParseLogFilter(alwaysLogFilter + text)
}

// LogDifference is a target whose level is not that of another filter.
type LogDifference struct {
	Target string // empty for all that nothing else is said of
	// Level is what it is, Default what it would be.
	Level, Default LogLevel
}

// Louder tells that more is logged than by default.
func (d LogDifference) Louder() bool { return d.Level.louder(d.Default) > 0 }

// String says the difference: "access is debug instead of info".
func (d LogDifference) String() string {
	name := d.Target
	if name == "" {
		name = "everything else"
	}
	return name + " is " + string(d.Level) + " instead of " + string(d.Default)
}

// Differences lists where f logs more or less than other does, whatever the
// directives are that say so. Levels change only where a target of either
// begins, and markers are for none.
func (f LogFilter) Differences(other LogFilter) []LogDifference {
	targets := map[string]bool{"": true}
	for _, d := range slices.Concat(f, other) {
		if _, marks := d.until(); !marks && !d.All {
			targets[d.Target] = true
		}
	}
	var out []LogDifference
	for _, target := range slices.Sorted(maps.Keys(targets)) {
		if is, was := f.At(target), other.At(target); is != was {
			out = append(out, LogDifference{Target: target, Level: is, Default: was})
		}
	}
	return out
}

// logMarker begins the target of a directive that matches nothing and keeps in
// ztunnel itself until when a level was raised, in Unix seconds. So whoever
// looks next knows when to take it back, after a restart of Waylight too.
const logMarker = "waylight_until_"

// until is the moment that a marker holds.
func (d LogDirective) until() (time.Time, bool) {
	digits, ok := strings.CutPrefix(d.Target, logMarker)
	if !ok || len(digits) > len("9999999999") {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0).UTC(), true //nolint:gosec // it has ten digits at most
}

// Until is when the filter is to be taken back, by the clock of whoever wrote
// it, and false if it says nothing of that. Of several moments the last counts:
// somebody wanted it that long.
func (f LogFilter) Until() (time.Time, bool) {
	var last time.Time
	found := false
	for _, d := range f {
		if at, ok := d.until(); ok && (!found || at.After(last)) {
			last, found = at, true
		}
	}
	return last, found
}

// WithoutMarkers are the directives that decide what is logged.
func (f LogFilter) WithoutMarkers() LogFilter {
	return slices.DeleteFunc(slices.Clone(f), func(d LogDirective) bool {
		_, marks := d.until()
		return marks
	})
}
