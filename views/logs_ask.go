package views

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis/path"
)

// PageLogs is the page of logs.
const PageLogs Page = "/logs"

// Parameters of the page of logs, beside those of a call. Those that a log
// stream has too are called alike (design 4.4).
const (
	paramLogService  = "service"
	paramLogWaypoint = "waypoint"
	paramLogNode     = "node"
	paramLogSource   = "source"
	paramLogSince    = "since"
	paramLogPrevious = "previous"
	paramLogInclude  = "include"
	paramLogExclude  = "exclude"
	paramLogMark     = "mark"
	paramLogLevel    = "level"
	paramLogDenied   = "denied"
	paramLogCalls    = "calls"
)

// logCallsAll is the value of paramLogCalls that shows lines of other calls too.
const logCallsAll = "all"

// defaultLogSince is how far the page looks back where nothing else is said.
const defaultLogSince = "10m"

// LogsAsk is whose logs somebody wants to see and which lines, as typed. What
// makes no sense is kept, so that the form can show it.
type LogsAsk struct {
	// Call are both ends of a call whose proxies are followed; empty for none.
	Call path.Request
	// Service and Waypoint are "namespace/name", Node a node's name.
	Service, Waypoint, Node string
	// Sources are named one by one, in the grammar of mesh.LogSource.
	Sources []string
	// Since is a duration back from now, or a moment; Previous asks for the run
	// of each container before this one.
	Since    string
	Previous bool

	// Include, Exclude and Mark are regular expressions: of lines that are
	// shown, that are not, and that are highlighted.
	Include, Exclude, Mark string
	Level                  string
	// Denied asks for what was refused or failed only.
	Denied bool
	// AllCalls asks for what the proxies on the path of Call write of other calls
	// too.
	AllCalls bool
}

// OnlyCall tells that lines of other calls are left out.
func (a LogsAsk) OnlyCall() bool { return a.ofCall() && !a.AllCalls }

// ofCall tells that a call is asked for.
func (a LogsAsk) ofCall() bool { return a.Call.From != "" || a.Call.To != "" }

// ParseLogsAsk reads what the address of the page asks for.
func ParseLogsAsk(v url.Values) LogsAsk {
	call := url.Values{}
	for _, name := range callParams {
		for _, value := range v[name] {
			call.Add(name, value)
		}
	}
	a := LogsAsk{
		Service: bounded(v.Get(paramLogService)), Waypoint: bounded(v.Get(paramLogWaypoint)), Node: bounded(v.Get(paramLogNode)),
		Since: bounded(v.Get(paramLogSince)), Previous: SwitchedOn(v, paramLogPrevious),
		Include: bounded(v.Get(paramLogInclude)), Exclude: bounded(v.Get(paramLogExclude)), Mark: bounded(v.Get(paramLogMark)),
		Level: bounded(v.Get(paramLogLevel)), Denied: SwitchedOn(v, paramLogDenied), AllCalls: v.Get(paramLogCalls) == logCallsAll,
	}
	a.Call, _ = ParsePathRequest(call) // the stream says what is wrong with it
	if a.Since == "" {
		a.Since = defaultLogSince
	}
	for _, text := range v[paramLogSource] {
		a.Sources = append(a.Sources, strings.FieldsFunc(bounded(text), func(r rune) bool { return r == '\n' || r == '\r' || r == ' ' || r == ',' })...)
	}
	return a
}

// SwitchedOn reads a parameter that is yes or no, as forms, links and programs
// write it.
func SwitchedOn(v url.Values, name string) bool {
	return slices.Contains([]string{"1", "true", "yes", "on"}, strings.ToLower(v.Get(name)))
}

// Whose are the parameters of a log stream that name whose logs it is of.
// sources are those that are followed beside a call and a service.
func (a LogsAsk) Whose(sources []string) url.Values {
	v := url.Values{}
	if a.ofCall() {
		v = pathParams(a.Call)
	}
	setIf(v, paramLogService, a.Service)
	for _, s := range sources {
		if !slices.Contains(v[paramLogSource], s) {
			v.Add(paramLogSource, s)
		}
	}
	if a.Previous {
		v.Set(paramLogPrevious, "1")
	}
	return v
}

// setIf sets a parameter that says something.
func setIf(v url.Values, name, value string) {
	if value != "" {
		v.Set(name, value)
	}
}

// Asked tells whether anything is to be followed.
func (a LogsAsk) Asked() bool {
	return a.ofCall() || a.Service != "" || a.Waypoint != "" || a.Node != "" || len(a.Sources) > 0
}

// Logs is the page of logs of what is asked for.
func (l Links) Logs(a LogsAsk) templ.SafeURL {
	v := a.Whose(a.Sources)
	setIf(v, paramLogWaypoint, a.Waypoint)
	setIf(v, paramLogNode, a.Node)
	setIf(v, paramLogSince, a.Since)
	setIf(v, paramLogInclude, a.Include)
	setIf(v, paramLogExclude, a.Exclude)
	setIf(v, paramLogMark, a.Mark)
	setIf(v, paramLogLevel, a.Level)
	if a.Denied {
		v.Set(paramLogDenied, "1")
	}
	if a.AllCalls {
		v.Set(paramLogCalls, logCallsAll)
	}
	return l.to(v, string(PageLogs))
}

// LogsOfCall is the page of the logs of every proxy on the path of a call.
func (l Links) LogsOfCall(r path.Request) templ.SafeURL { return l.Logs(LogsAsk{Call: r}) }
