package mesh

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How long a level may be raised for. It returns to the default by itself.
const (
	LogChangeShortest = time.Minute
	LogChangeLongest  = 4 * time.Hour
)

// Bounds of a change.
const (
	maxLogChange = 8 // directives
	maxLogTarget = 100
)

// logTarget is a Rust module path, which is what targets are, or the beginning
// of one.
var logTarget = regexp.MustCompile(`^[a-z_][a-z0-9_]*(::[a-z_][a-z0-9_]*)*$`)

// LogChange is what somebody wants a ztunnel to log, beside its default. There
// are none but valid ones; the zero value changes nothing. Make one with
// ParseLogChange.
type LogChange struct{ directives []LogDirective }

// ParseLogChange reads a list of "module=level", or of a level alone for all
// that is not named. It takes less than ztunnel does: full names of modules and
// levels, each once. The error is a sentence without its full stop.
func ParseLogChange(text string) (LogChange, error) {
	var c LogChange
	for clause := range strings.SplitSeq(text, ",") {
		clause = strings.TrimSpace(clause)
		if clause == "" {
			continue
		}
		d, err := readLogChange(clause)
		switch {
		case err != nil:
			return LogChange{}, err
		case c.names(d):
			return LogChange{}, fmt.Errorf("%q is named twice", d.name())
		case len(c.directives) == maxLogChange:
			return LogChange{}, fmt.Errorf("more than %d modules at once", maxLogChange)
		}
		c.directives = append(c.directives, d)
	}
	if c.IsZero() {
		return LogChange{}, errors.New("no module and no level")
	}
	return c, nil
}

func readLogChange(clause string) (LogDirective, error) {
	target, level, has := strings.Cut(clause, "=")
	if !has {
		target, level = "", clause
	}
	d := LogDirective{Target: target, All: !has, Level: LogLevel(level)}
	switch {
	case !has && !slices.Contains(LogLevels[:], d.Level):
		return d, fmt.Errorf("%s is no level, and no module=level", quoteBounded(clause))
	case has && (len(target) > maxLogTarget || !logTarget.MatchString(target)):
		return d, fmt.Errorf("%s is not the name of a module, such as access or ztunnel::proxy", quoteBounded(target))
	case strings.HasPrefix(target, logMarker):
		return d, fmt.Errorf("modules that begin with %s are Waylight's own", logMarker)
	case !slices.Contains(LogLevels[:], d.Level):
		return d, fmt.Errorf("%s is no level: there are off, error, warn, info, debug and trace", quoteBounded(level))
	}
	return d, nil
}

// quoteBounded quotes a text from outside for a sentence.
func quoteBounded(text string) string {
	if len(text) > maxLogTarget {
		text = strings.ToValidUTF8(text[:maxLogTarget], "") + "…"
	}
	return strconv.Quote(text)
}

func (c LogChange) names(d LogDirective) bool {
	return slices.ContainsFunc(c.directives, func(o LogDirective) bool { return o.Target == d.Target && o.All == d.All })
}

func (d LogDirective) name() string {
	if d.All {
		return "the level of everything else"
	}
	return d.Target
}

// IsZero tells that nothing is to be changed.
func (c LogChange) IsZero() bool { return len(c.directives) == 0 }

// String is the change as ParseLogChange reads it.
func (c LogChange) String() string { return LogFilter(c.directives).String() }

// Until is the change with the moment at which it is to be taken back, as
// ztunnel is told it.
func (c LogChange) Until(end time.Time) string {
	return fmt.Sprintf("%s,%s%d=%s", c, logMarker, end.Unix(), LogOff)
}

// After is the filter that a ztunnel has after the change, which begins from
// its default and leaves nothing of what else was set.
func (c LogChange) After(initial LogFilter) LogFilter {
	after, err := ParseLogFilter(slices.Concat(initial, LogFilter(c.directives)).String())
	if err != nil {
		return initial // both are valid, and far below the bounds
	}
	return after
}
