package meshtest

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// ZtunnelLog answers /logging as the admin port of a ztunnel does, refusals
// included (istio.md A.3; ztunnel's admin.rs handle_logging and telemetry.rs
// set_level). It reads filters by itself, so that a mistake of Waylight's own
// reader shows. The zero value has the usual default.
type ZtunnelLog struct {
	// RustLog is the pod's RUST_LOG; "info" where it is empty.
	RustLog string

	mu      sync.Mutex
	now     []string // directives, most specific first; nil before the first use
	changes []string // queries that changed it
}

const loggingHelp = "\nusage: POST /logging\t\t\t\t\t\t(To list current level)\nhint: loglevel:\terror|warn|info|debug|trace|off\n"

// Answer is the status and the body of an answer to a request with a query that
// is still encoded.
func (z *ZtunnelLog) Answer(method, query string) (status int, body string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.now == nil {
		z.now = z.initial()
	}
	if method != "POST" {
		return 405, "Invalid HTTP method\n " + loggingHelp
	}
	asked, _ := url.ParseQuery(query) // what cannot be read is left out there too
	level, reset := asked.Get("level"), asked.Has("reset")
	if level == "" && !reset {
		return 200, z.current()
	}
	for clause := range strings.SplitSeq(level, ",") {
		if level != "" && !accepted(clause) {
			return 400, "Invalid level provided: " + level + "\n" + loggingHelp
		}
	}
	from := z.now
	if reset {
		from = z.initial()
	}
	z.now = composed(from, level)
	z.changes = append(z.changes, query)
	return 200, z.current()
}

// Filter is what it logs now, and how often that was changed.
func (z *ZtunnelLog) Filter() (filter string, changes int) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.now == nil {
		z.now = z.initial()
	}
	return strings.Join(z.now, ","), len(z.changes)
}

// Restart forgets what was set.
func (z *ZtunnelLog) Restart() {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.now = nil
}

func (z *ZtunnelLog) current() string {
	return "current log level is " + strings.Join(z.now, ",") + "\n"
}

func (z *ZtunnelLog) initial() []string {
	return composed(nil, "hickory_server::server=off,"+cmp.Or(z.RustLog, "info"))
}

// accepted tells whether ztunnel takes a clause: a level by its name, or
// anything with one equals sign before a level.
func accepted(clause string) bool {
	levels := []string{"off", "error", "warn", "info", "debug", "trace"}
	parts := strings.Split(clause, "=")
	if len(parts) == 1 {
		return slices.Contains(levels, clause)
	}
	return len(parts) == 2 && slices.Contains(levels, strings.ToLower(parts[1]))
}

// composed appends directives to a list, the later of two for one target
// counting, and sorts it: long targets first, none last.
func composed(from []string, level string) []string {
	target := func(d string) string {
		if t, _, ok := strings.Cut(d, "="); ok {
			return t + "="
		}
		return ""
	}
	out := slices.Clone(from)
	for clause := range strings.SplitSeq(level, ",") {
		if clause == "" {
			continue
		}
		out = slices.DeleteFunc(out, func(d string) bool { return target(d) == target(clause) })
		out = append(out, clause)
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(target(b)), len(target(a))), cmp.Compare(target(b), target(a)))
	})
	return out
}
