package views

import (
	"iter"
	"time"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// PathProxy is one proxy that knows something about a call, and how it went to
// read it.
type PathProxy struct {
	// Source is its name among the sources: "ztunnel/node-a",
	// "envoy/shop/waypoint-1".
	Source string
	// At is when it was read; zero where it was not, for which Failure says why.
	At      time.Time
	Failure ReadFailure
	// Detail is the missing right where the failure is ReadForbidden, else the
	// error in one line; may be empty.
	Detail string
}

// Read tells whether the proxy was read.
func (p PathProxy) Read() bool { return p.Failure == "" }

// Why says in a few words why the proxy was not read.
func (p PathProxy) Why() string {
	if p.Detail != "" && p.Failure != ReadUnwired {
		return pathFailures[p.Failure] + ": " + printable(p.Detail)
	}
	return pathFailures[p.Failure]
}

var pathFailures = map[ReadFailure]string{
	ReadUnwired:   "proxies are not read",
	ReadForbidden: "missing right",
	ReadAbsent:    "not there",
	ReadTimedOut:  "no answer in time",
	ReadMalformed: "not decoded",
	ReadFailed:    "failed",
}

// PathSeen is what the proxies on a path were found to have, as far as they
// could be read. It implements path.Dumps.
type PathSeen struct {
	Ztunnels map[string]*mesh.ZtunnelDump
	Envoys   map[mesh.Ref]*mesh.EnvoyDump
	// Proxies are those that were asked, in the order a call meets them.
	Proxies []PathProxy
	// Logs are the newest lines of those whose logs were read; nil where logs are
	// not read at all. LogsUnread are the logs that were not, or not in full.
	Logs       map[mesh.LogSource][]*mesh.LogLine
	LogsUnread []UnreadLog
	// More counts the proxies that were not even asked, since there are too many.
	More int
}

var (
	_ path.Dumps = (*PathSeen)(nil)
	_ path.Logs  = (*PathSeen)(nil)
)

// Ztunnel implements path.Dumps.
func (s *PathSeen) Ztunnel(node string) *mesh.ZtunnelDump { return s.Ztunnels[node] }

// Envoy implements path.Dumps.
func (s *PathSeen) Envoy(pod mesh.Ref) *mesh.EnvoyDump { return s.Envoys[pod] }

// Lines implements path.Logs.
func (s *PathSeen) Lines(source mesh.LogSource) []*mesh.LogLine { return s.Logs[source] }

// Unread are the proxies that were asked and not read.
func (s *PathSeen) Unread() []PathProxy {
	var out []PathProxy
	for _, p := range s.Proxies {
		if !p.Read() {
			out = append(out, p)
		}
	}
	return out
}

// UnreadWords says of each proxy and each log that was not read why, those that
// failed alike together.
func (s *PathSeen) UnreadWords() iter.Seq[string] {
	return func(yield func(string) bool) {
		var list alike
		for _, p := range s.Unread() {
			list.add(p.Source, p.Why())
		}
		for _, l := range s.LogsUnread {
			list.add("logs/"+l.Name, l.Why())
		}
		for _, g := range list {
			if !yield(g.Names + " (" + g.Why + ")") {
				return
			}
		}
		if s.More > 0 {
			yield(plural(s.More, "more proxy", "more proxies") + " (too many for one question)")
		}
	}
}

// PathDocument is the explanation of a call as programs read it, with the
// proxies it could rest on.
type PathDocument struct {
	path.Document
	Proxies []PathDocumentProxy `json:"proxies"`
	// ProxiesNotAsked counts those beyond the bound of one question.
	ProxiesNotAsked int `json:"proxiesNotAsked"`
	// LogsNotRead are the logs of those that were asked which were not read, or
	// not in full: no line of them proves a hop.
	LogsNotRead []PathDocumentLog `json:"logsNotRead"`
}

// PathDocumentLog is one container; Detail says why its log was not read.
type PathDocumentLog struct {
	Container string        `json:"container"`
	Source    string        `json:"source"`
	State     mesh.LogPhase `json:"state"`
	Detail    string        `json:"detail"`
}

// PathDocumentProxy is one proxy. State is a source's; Detail says why it was
// not read, At when it was.
type PathDocumentProxy struct {
	Name   string           `json:"name"`
	State  mesh.SourceState `json:"state"`
	Detail string           `json:"detail"`
	At     string           `json:"at"`
}

// NewPathDocument puts an explanation into the form of the contract (design
// 4.3). Lists are [] when empty and never null.
func NewPathDocument(e *path.Explanation, seen *PathSeen, at time.Time) PathDocument {
	out := PathDocument{Document: path.NewDocument(e, at), Proxies: []PathDocumentProxy{}, ProxiesNotAsked: seen.More, LogsNotRead: []PathDocumentLog{}}
	for _, p := range seen.Proxies {
		d := PathDocumentProxy{Name: p.Source, State: mesh.SourceOK}
		if p.Read() {
			d.At = p.At.UTC().Format(time.RFC3339)
		} else {
			d.State, d.Detail = p.Failure.state(), p.Why()
		}
		out.Proxies = append(out.Proxies, d)
	}
	for _, l := range seen.LogsUnread {
		out.LogsNotRead = append(out.LogsNotRead, PathDocumentLog{l.Name, string(l.Source), l.Phase, l.Detail})
	}
	return out
}
