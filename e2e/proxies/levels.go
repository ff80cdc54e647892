package proxies

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// defaultLevels is the filter of a ztunnel that nobody has changed.
const defaultLevels = "hickory_server::server=off,info"

// levels is ztunnel's log filter and the port that changes it: POST without a query reads, ?level= adds directives, of
// which the last for a target counts, ?reset goes back first. A filter is kept and answered with the longest target first.
type levels struct {
	mu     sync.Mutex
	filter map[string]string // level by target, "" for the rest
}

func newLevels() *levels { return &levels{filter: parseLevels(defaultLevels)} }

// plainLevels are what a directive without a target may be.
var plainLevels = []string{"off", "error", "warn", "info", "debug", "trace"}

// ServeHTTP implements http.Handler.
func (l *levels) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "Invalid HTTP method\nusage: POST /logging", http.StatusMethodNotAllowed)
		return
	}
	query := r.URL.Query()
	level := query.Get("level")
	for directive := range strings.SplitSeq(level, ",") {
		if query.Has("level") && !strings.Contains(directive, "=") && !slices.Contains(plainLevels, directive) {
			http.Error(w, "Invalid level provided: "+directive, http.StatusBadRequest)
			return
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if query.Has("reset") {
		l.filter = parseLevels(defaultLevels)
	}
	maps.Copy(l.filter, parseLevels(level))
	fmt.Fprintf(w, "current log level is %s\n", l)
}

func parseLevels(text string) map[string]string {
	filter := make(map[string]string)
	for directive := range strings.SplitSeq(text, ",") {
		target, level, has := strings.Cut(directive, "=")
		if !has {
			target, level = "", directive
		}
		if level != "" {
			filter[target] = level
		}
	}
	return filter
}

// String is the filter as ztunnel writes it.
func (l *levels) String() string {
	var targets []string
	for target := range l.filter {
		targets = append(targets, target)
	}
	slices.SortFunc(targets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(b, a)) })
	for i, target := range targets {
		if targets[i] = l.filter[target]; target != "" {
			targets[i] = target + "=" + l.filter[target]
		}
	}
	return strings.Join(targets, ",")
}
