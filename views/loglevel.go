package views

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// LogLevelRead is how it went to ask a ztunnel for its log level for a page.
type LogLevelRead struct {
	// Level is nil where it could not be read; Failure then says why.
	Level   *mesh.ZtunnelLogLevel
	Failure ReadFailure
	// Detail is the missing right where the failure is ReadForbidden, else the
	// error in one line; may be empty.
	Detail string
	// Changeable tells that levels may be changed here.
	Changeable bool
}

// Words says in a sentence why there is no level.
func (r LogLevelRead) Words() string { return levelFailures.sentence(r.Failure, r.Detail) }

// roleLogLevel grants the way to a ztunnel's log level.
const roleLogLevel = "deploy/rbac/loglevel.yaml"

var levelFailures = failureWords{
	ReadUnwired:   {"Log levels are not read here", "A recording holds none, and without proxies none can be asked for. The level is unknown, which is not the same as the default."},
	ReadAbsent:    {"There is no ztunnel to ask", "Pods on this node cannot be in the mesh while that is so."},
	ReadTimedOut:  {"The ztunnel did not answer in time", "Try again in some seconds."},
	ReadMalformed: {"The ztunnel's answer is no log level", "What it logs is unknown."},
	ReadFailed:    {"The log level could not be read", "What the ztunnel logs is unknown."},
}

// LogLevelModel is what a node's ztunnel logs, and a form to change it.
type LogLevelModel struct {
	Node       string
	ZtunnelURL templ.SafeURL
	Pod        ObjectLink
	Tag        HeadTag
	// Unread says why there is no level; nil where there is one.
	Unread *DumpUnread
	// The rest is there only where a level was read.
	At         time.Time
	Filter     string // as ztunnel prints it
	Default    string
	Directives []LogDirectiveRow
	Changed    *LogChanged // nil where it is the default and nothing is due
	// Locked says why it cannot be changed here; empty where it can.
	Locked string
	Form   LogLevelForm
	// Commands do the same by hand.
	Commands []string
}

// LogDirectiveRow is a part of ztunnel whose level is set.
type LogDirectiveRow struct {
	Target, Level, Default string
	Tone                   ui.Tone
}

// LogChanged is who changed a level and until when, as far as it is known.
type LogChanged struct {
	By    string // empty for unknown
	At    time.Time
	Until time.Time // zero where nothing says so
	Over  bool
}

// LogLevelForm asks for a change. What was typed stays.
type LogLevelForm struct {
	Action   templ.SafeURL
	Fields   []ui.Param
	Text     string
	Error    string
	Lengths  []LogLength
	Presets  []LogPreset
	ResetURL templ.SafeURL
}

// LogLength is how long a level can be raised for.
type LogLength struct {
	Value, Label string
	Chosen       bool
}

// LogPreset is a change that is often wanted.
type LogPreset struct {
	Text, Label string
	URL         templ.SafeURL
}

// NewLogLevel builds the page of a ztunnel's log level from what was read of
// it, with what somebody wishes in its form.
func NewLogLevel(r *analysis.Report, node string, read LogLevelRead, wish LogLevelWish, q Query) LogLevelModel {
	m := LogLevelModel{Node: node, ZtunnelURL: q.Links().Ztunnel(node, "", ""), Tag: HeadTag{Text: "level unknown", Tone: ui.ToneUnknown}}
	if read.Level == nil {
		m.Unread = levelFailures.unread(read.Failure, read.Detail, "This ztunnel's log level")
		if m.Unread.Forbidden {
			m.Unread.Role = roleLogLevel
		}
		return m
	}
	l := read.Level
	m.Pod = podLink(r.Snap, l.Pod, q)
	m.At, m.Filter = l.At, cellText(l.Filter.String())
	m.Changed = newLogChanged(l)
	m.compare(r.Snap, l)
	if !read.Changeable {
		m.Locked = "This Waylight only reads log levels. Started with --allow-log-level it can raise one for a while; the role is in " + roleLogLevel + "."
	}
	m.Form = newLogLevelForm(node, wish, q)
	m.Commands = levelCommands(l.Pod)
	return m
}

func podLink(s *mesh.Snapshot, pod mesh.Ref, q Query) ObjectLink {
	link := ObjectLink{Kind: "Pod", Name: pod.NamespacedName()}
	if s.Workload(pod.Namespace, pod.Name) != nil {
		link.URL = q.Links().Workload(pod.Namespace, pod.Name)
	}
	return link
}

func newLogChanged(l *mesh.ZtunnelLogLevel) *LogChanged {
	if l.Until.IsZero() {
		return nil
	}
	return &LogChanged{By: cellText(l.By), At: l.ChangedAt, Until: l.Until, Over: !l.Until.After(l.At)}
}

// compare says how what is logged differs from the default.
func (m *LogLevelModel) compare(s *mesh.Snapshot, l *mesh.ZtunnelLogLevel) {
	initial := s.InitialLogFilter(l.Pod)
	m.Default = cmp.Or(cellText(initial.String()), "unknown")
	for _, d := range l.Filter.WithoutMarkers() {
		row := LogDirectiveRow{Target: cellText(d.Target), Level: string(d.Level), Default: "unknown"}
		if d.All {
			row.Target = "everything else"
		}
		if initial != nil {
			row.Default = string(initial.At(d.Target))
		}
		m.Directives = append(m.Directives, row)
	}
	m.Tag = levelTags[LogLevelState(l.Filter, initial)]
	if initial != nil {
		m.tone(l.Filter.WithoutMarkers(), l.Filter.Differences(initial))
	}
}

// tone marks the directives that make a difference.
func (m *LogLevelModel) tone(f mesh.LogFilter, differences []mesh.LogDifference) {
	for i, d := range f {
		if slices.ContainsFunc(differences, func(x mesh.LogDifference) bool { return x.Target == d.Target }) {
			m.Directives[i].Tone = ui.ToneWarn
		}
	}
}

// levelTags are the states of a level as pages say them.
var levelTags = map[string]HeadTag{
	"unknown": {Text: "default unknown", Tone: ui.ToneUnknown},
	"default": {Text: "default level", Tone: ui.ToneGood},
	"raised":  {Text: "level raised", Tone: ui.ToneWarn},
	"lowered": {Text: "level lowered", Tone: ui.ToneWarn},
}

// LogLevelState is a level in a word for programs: default, raised or lowered,
// and unknown without the filter it began with.
func LogLevelState(f, initial mesh.LogFilter) string {
	differences := f.Differences(initial)
	switch {
	case initial == nil:
		return "unknown"
	case len(differences) == 0:
		return "default"
	case slices.ContainsFunc(differences, mesh.LogDifference.Louder):
		return "raised"
	}
	return "lowered"
}

// levelCommands read and reset a level by hand.
func levelCommands(pod mesh.Ref) []string {
	name := "istioctl ztunnel-config log " + pod.Name + "." + pod.Namespace
	return []string{name, name + " --level access=debug", name + " -r"}
}

// logLengths are what the form offers.
var logLengths = [...]time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, mesh.LogChangeLongest}

// logPresets are what is wanted most: what ztunnel says at debug of each.
var logPresets = [...]LogPreset{
	{Text: "access=debug", Label: "connections as they open"},
	{Text: "ztunnel::state=debug", Label: "policy decisions"},
	{Text: "ztunnel::proxy=debug", Label: "the path of connections"},
	{Text: "ztunnel::xds=debug", Label: "what istiod sends"},
	{Text: "ztunnel::identity=debug", Label: "certificates"},
	{Text: "dns=debug,ztunnel::dns=debug", Label: "DNS"},
}

func newLogLevelForm(node string, wish LogLevelWish, q Query) LogLevelForm {
	path := logLevelPath(node)
	keep := wish.kept(q)
	f := LogLevelForm{Action: templ.SafeURL(path + confirmSegment), Fields: params(keep), Text: wish.Text}
	if wish.Asked {
		f.Error = wish.Problem
	}
	for _, d := range logLengths {
		f.Lengths = append(f.Lengths, LogLength{Value: lengthValue(d), Label: lengthWords(d), Chosen: d == wish.For})
	}
	for _, p := range logPresets {
		v := wish.kept(q)
		v.Set(paramLevel, p.Text)
		p.URL = withQuery(path, v)
		f.Presets = append(f.Presets, p)
	}
	reset := wish.kept(q)
	reset.Set(paramReset, "1")
	f.ResetURL = withQuery(path+confirmSegment, reset)
	return f
}

// lengthValue is a length as it stands in an address.
func lengthValue(d time.Duration) string { return strconv.Itoa(int(d/time.Minute)) + "m" }

// lengthWords is a length as it is read.
func lengthWords(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour")
	case d%time.Minute == 0:
		return plural(int(d/time.Minute), "minute")
	}
	return d.String()
}

// logLevelPath is the path of the page of a ztunnel's log level.
func logLevelPath(node string) string {
	return string(PageZtunnels) + "/" + url.PathEscape(node) + "/loglevel"
}

// confirmSegment leads to the page on which a change is confirmed.
const confirmSegment = "/confirm"

// LogLevel is the page of the log level of a node's ztunnel.
func (l Links) LogLevel(node string) templ.SafeURL { return l.to(nil, logLevelPath(node)) }

// LogLevelAfter is where a change leads that was made.
func LogLevelAfter(node string, wish LogLevelWish, q Query) templ.SafeURL {
	return withQuery(logLevelPath(node), wish.kept(q))
}

// levelOf leads from the page of a ztunnel to its log level.
func levelOf(s *mesh.Snapshot, node string, q Query) HeadTag {
	tag := HeadTag{Text: "log level unknown", Title: "what it logs, and how to change that", Tone: ui.ToneUnknown}
	if l := s.LogLevel(node); l != nil {
		tag = levelTags[LogLevelState(l.Filter, s.InitialLogFilter(l.Pod))]
		tag.Text, tag.Title = "log "+tag.Text, cellText(l.Filter.String())
	}
	tag.URL = q.Links().LogLevel(node)
	return tag
}
