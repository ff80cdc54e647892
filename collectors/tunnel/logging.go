package tunnel

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// A log level is asked for with POST as well: to GET ztunnel answers how it is
// used (istio.md A.3).
const logging = "/logging"

// maxLevels bounds the answer, which is one line.
const maxLevels = 32 << 10

// LogLevel is a ztunnel's answer on its log level.
type LogLevel struct {
	Filter mesh.LogFilter
	// Clock is the proxy's own time when it answered, to the second; zero where
	// it does not say.
	Clock time.Time
}

// LogLevel asks a ztunnel what it logs, and changes nothing.
func (p *Pool) LogLevel(ctx context.Context, pod mesh.Ref) (LogLevel, error) {
	return p.logging(ctx, pod, nil)
}

// SetLogLevel makes a ztunnel log its default and what a change says, and
// nothing of what else was set before, with a note until when it is to be so.
// The ztunnel keeps the note and does not act on it. Starting from the default
// makes the outcome the same whatever others do in the same moment: the last
// one's, and whole.
func (p *Pool) SetLogLevel(ctx context.Context, pod mesh.Ref, change mesh.LogChange, until time.Time) (LogLevel, error) {
	if change.IsZero() {
		return LogLevel{}, &Error{Reason: Failed, Pod: pod, text: "there is no level to set"}
	}
	return p.logging(ctx, pod, url.Values{"reset": {""}, "level": {change.Until(until)}})
}

// ResetLogLevel makes a ztunnel log its default again, which it was started
// with.
func (p *Pool) ResetLogLevel(ctx context.Context, pod mesh.Ref) (LogLevel, error) {
	return p.logging(ctx, pod, url.Values{"reset": {""}})
}

// logging makes the call. Whatever it says, ztunnel answers with the filter it
// has then.
func (p *Pool) logging(ctx context.Context, pod mesh.Ref, query url.Values) (level LogLevel, err error) {
	to := call{http.MethodPost, adminPort, logging}
	if len(query) > 0 {
		to.path += "?" + query.Encode()
	}
	err = p.ask(ctx, pod, to, func(head http.Header, body io.Reader) error {
		text, err := io.ReadAll(io.LimitReader(body, maxLevels+1))
		if err != nil {
			return err
		}
		level.Filter, err = readLevels(string(text))
		if at, invalid := http.ParseTime(head.Get("Date")); invalid == nil {
			level.Clock = at
		}
		return err
	})
	return level, err
}

// readLevels reads the answer, "current log level is <filter>".
func readLevels(text string) (mesh.LogFilter, error) {
	filter, ok := strings.CutPrefix(text, "current log level is ")
	if !ok || len(text) > maxLevels {
		return nil, fmt.Errorf("logging: %q is no log level", plain(text))
	}
	f, err := mesh.ParseLogFilter(strings.TrimSuffix(filter, "\n"))
	if err != nil {
		return nil, fmt.Errorf("logging: %w", err)
	}
	return f, nil
}
