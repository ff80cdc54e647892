package views

import (
	"cmp"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// LogsAnswer is what the server found for what was asked.
type LogsAnswer struct {
	Ask LogsAsk
	// Follow are the parameters of the stream that goes on where Rows end; nil
	// where nothing is followed. Sources are what they name at this moment.
	Follow  url.Values
	Sources []mesh.LogSource
	// Events are the newest of the past, oldest first; nil where they were not
	// asked for. Kept of them are those that pass the filter, of All lines.
	// Others are those left out because they are of other calls than Ask.Call.
	Events      []LogsEvent
	All, Others int
	// Problem says what is wrong with what is asked for, FilterProblem with an
	// expression of the filter, Unwired that this Waylight reads no logs.
	Problem, FilterProblem string
	Unwired                bool
	// Unread is set where what is asked for may make sense, and nobody knows.
	Unread *mesh.Unread
}

// LogsEvent is a line with what it means, or another event of a stream.
type LogsEvent struct {
	mesh.LogEvent
	Explained mesh.LogExplanation
	Fields    []mesh.LogField
}

// LogsModel is the page of logs. It is whole without JavaScript; with it the
// rows are replaced by the stream.
type LogsModel struct {
	Form LogsForm
	// Problem says what is wrong with what is asked for. Nothing is followed then.
	Problem string
	Unwired bool
	// Unknown says why nobody knows whether what is asked for makes sense.
	Unknown *UnreadAnswer
	// Asked tells whether anything is followed; else Ways lead to something.
	Asked bool
	Ways  []LogsWay

	// Title says whose logs these are.
	Title   string
	Sources []LogsSource
	// Follow is the stream's address without what comes from the page, empty for
	// a page that does not stream; Since where it begins. Recorded tells that it
	// ends by itself.
	Follow, Since string
	Recorded      bool

	Rows []LogsRow
	// Count is "300 of 1,204 lines".
	Count string
	// Empty says why there are no rows.
	Empty string
	// Calls is the switch between the lines of the call and those of all calls;
	// nil where no call is asked for.
	Calls *LogsCalls
	// Command prints the same in a terminal; empty where there is none that could.
	Command string
}

// LogsCalls tells what becomes of lines of other calls.
type LogsCalls struct {
	// Only tells that they are hidden; Said how many are, or that they are shown.
	Only bool
	Said string
	// Switch leads to the same page with the other choice.
	Switch templ.SafeURL
}

// LogsSource is one thing that is followed.
type LogsSource struct {
	Name, Icon string
	URL        templ.SafeURL
	// State is how reading it went, in a word; Detail a sentence.
	State, Detail string
}

// LogsWay leads to the logs of one thing.
type LogsWay struct {
	Label, Icon string
	URL         templ.SafeURL
}

// NewLogs makes the page of logs.
func NewLogs(r *analysis.Report, a LogsAnswer, q Query) LogsModel {
	m := LogsModel{
		Form: newLogsForm(r, a, q), Problem: a.Problem, Unwired: a.Unwired, Asked: a.Ask.Asked() && a.Problem == "",
		Title: a.Ask.title(), Since: a.Ask.Since, Recorded: r.Snap.Cluster.Origin == mesh.OriginRecorded || r.Snap.Cluster.Origin == mesh.OriginDemo,
	}
	if a.Unread != nil {
		m.Unknown, m.Problem = newUnreadAnswer(a.Problem, a.Unread), ""
	}
	if !m.Asked {
		m.Ways = logsWays(r.Snap, q)
		return m
	}
	if !a.Unwired {
		m.Follow = a.Follow.Encode()
	}
	m.Sources = logsSources(r.Snap, a, q)
	if r.Snap.Cluster.Origin != mesh.OriginDemo {
		m.Command = logsCommand(a, m.Recorded)
	}
	m.Rows, m.Count = logsRows(a)
	m.Empty, m.Calls = nothingShown(a), logsCalls(a, q)
	return m
}

// nothingShown says why no line is shown: silence could mean anything.
func nothingShown(a LogsAnswer) string {
	switch {
	case a.All == 0:
		return "No line since then from what is followed."
	case a.Others > 0:
		return "No line of this call; " + linesText(a.Others) + " of other calls hidden."
	}
	return "None of " + linesText(a.All) + " passes the filter."
}

func logsCalls(a LogsAnswer, q Query) *LogsCalls {
	if !a.Ask.ofCall() {
		return nil
	}
	other := a.Ask
	other.AllCalls = !other.AllCalls
	c := &LogsCalls{Only: a.Ask.OnlyCall(), Said: "lines of other calls are shown too", Switch: q.Links().Logs(other)}
	if c.Only {
		c.Said = linesText(a.Others) + " of other calls hidden"
	}
	return c
}

// title says whose logs are asked for.
func (a LogsAsk) title() string {
	switch {
	case a.ofCall():
		return a.Call.From + " → " + a.Call.To
	case a.Service != "":
		return "service " + a.Service
	case a.Waypoint != "":
		return "waypoint " + a.Waypoint
	case a.Node != "":
		return "node " + a.Node
	case len(a.Sources) == 1:
		return a.Sources[0]
	case len(a.Sources) > 1:
		return plural(len(a.Sources), "source")
	}
	return ""
}

var logIcons = map[string]string{
	mesh.LogSourceZtunnel: "cable", mesh.LogSourceWaypoint: "waypoints", mesh.LogSourceCNI: "network", mesh.LogSourceIstiod: "server", mesh.LogSourcePod: "box",
}

func logsSources(s *mesh.Snapshot, a LogsAnswer, q Query) []LogsSource {
	states := make(map[mesh.LogSource]*mesh.LogState)
	for _, e := range a.Events {
		if e.State != nil && e.State.From != nil {
			states[e.State.From.Source] = e.State
		}
	}
	state := "waiting"
	if a.All > 0 {
		state = "read" // of those of which nothing else is said
	}
	out := make([]LogsSource, 0, len(a.Sources))
	for _, source := range a.Sources {
		line := LogsSource{Name: string(source), Icon: cmp.Or(logIcons[source.Kind()], "box"), State: state, URL: sourcePage(s, source, q.Links())}
		if st := states[source]; st != nil {
			line.State, line.Detail = string(st.Phase), st.Detail
		}
		out = append(out, line)
	}
	return out
}

// sourcePage is the page of who writes a log, empty where there is none.
func sourcePage(s *mesh.Snapshot, source mesh.LogSource, l Links) templ.SafeURL {
	targets := s.LogTargets(source)
	switch {
	case len(targets) == 0:
		return ""
	case source.Kind() == mesh.LogSourceZtunnel || source.Kind() == mesh.LogSourceCNI:
		return l.Node(targets[0].Node)
	case source.Kind() == mesh.LogSourceWaypoint:
		if w := waypointOf(s, targets[0].Pod); w != nil {
			return l.Waypoint(w.Namespace, w.Name)
		}
	}
	return l.Workload(targets[0].Pod.Namespace, targets[0].Pod.Name)
}

func waypointOf(s *mesh.Snapshot, pod mesh.Ref) *mesh.Waypoint {
	for _, w := range s.Waypoints() {
		for _, p := range w.Pods {
			if p.Ref() == pod {
				return w
			}
		}
	}
	return nil
}

// maxLogsWays bounds how many of a kind the page offers while nothing is asked
// for. Any other can be typed.
const maxLogsWays = 12

func logsWays(s *mesh.Snapshot, q Query) []LogsWay {
	l := q.Links()
	out := []LogsWay{{Label: "istiod", Icon: logIcons[mesh.LogSourceIstiod], URL: l.Logs(LogsAsk{Sources: []string{mesh.LogSourceIstiod}})}}
	for _, w := range s.Waypoints() {
		if name := w.Ref().NamespacedName(); q.InScope(w.Namespace) && len(out) <= maxLogsWays {
			out = append(out, LogsWay{Label: "waypoint " + name, Icon: logIcons[mesh.LogSourceWaypoint], URL: l.Logs(LogsAsk{Waypoint: name})})
		}
	}
	for _, n := range s.Nodes[:min(len(s.Nodes), maxLogsWays)] {
		out = append(out, LogsWay{Label: "node " + n.Name, Icon: logIcons[mesh.LogSourceZtunnel], URL: l.Logs(LogsAsk{Node: n.Name})})
	}
	return out
}

// LogsForm is the form that asks for logs. Its state is the address.
type LogsForm struct {
	Action  templ.SafeURL
	Keep    []ui.Param
	Ask     LogsAsk
	Sources string // one a line
	// Open tells that nothing is asked for yet, or nothing that makes sense.
	Open          bool
	FilterProblem string
	Filtered      bool
	Levels        []LogsChoice
	// What browsers suggest, bounded.
	Froms, Tos, Services, Waypoints, Nodes []string
}

// LogsChoice is one of several.
type LogsChoice struct {
	Value, Label string
	Chosen       bool
}

// asTime is the time of day of a line, in UTC.
func asTime(at time.Time) string { return at.UTC().Format("15:04:05.000") }

// thousands prints a count as the browser's script does: "1,204".
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
