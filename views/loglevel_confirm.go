package views

import (
	"fmt"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// LogConfirmModel says exactly what a change of a log level does, before it is
// made.
type LogConfirmModel struct {
	Node, Title string
	Pod         ObjectLink
	// Moved tells that somebody else changed the level since it was shown.
	Moved         bool
	Before, After string
	// Effects say what is logged more or less than by default then.
	Effects []string
	// Lost are directives of somebody else's that go with it.
	Lost     string
	Reset    bool
	Length   string
	Until    time.Time // about, if it is confirmed now
	Warnings []string
	Action   templ.SafeURL
	Fields   []ui.Param
	Button   string
	BackURL  templ.SafeURL
}

// NewLogConfirm builds the page that asks whether a wish is meant. The level is
// as it was read just now, and what is confirmed is only a change of that.
func NewLogConfirm(r *analysis.Report, node string, level *mesh.ZtunnelLogLevel, wish LogLevelWish, q Query) LogConfirmModel {
	m := LogConfirmModel{
		Node: node, Pod: podLink(r.Snap, level.Pod, q), Reset: wish.Reset,
		Moved:  wish.Seen != "" && wish.Seen != level.Filter.String(),
		Before: cellText(level.Filter.String()), Action: templ.SafeURL(logLevelPath(node)),
		Title: "Change the log level", Button: "Change it on " + level.Pod.Name, Length: lengthWords(wish.For), Until: level.At.Add(wish.For),
	}
	initial := r.Snap.InitialLogFilter(level.Pod)
	m.foresee(initial, wish)
	m.lose(level, initial, wish)
	v := wish.kept(q)
	back := withQuery(logLevelPath(node), wish.again(q))
	v.Set(paramPod, level.Pod.NamespacedName())
	v.Set(paramSeen, level.Filter.String())
	if wish.Reset {
		v.Set(paramReset, "1")
	} else {
		v.Set(paramLevel, wish.Change.String())
		v.Set(paramFor, wish.For.String())
	}
	m.Fields, m.BackURL = params(v), back
	return m
}

// foresee says what the level will be.
func (m *LogConfirmModel) foresee(initial mesh.LogFilter, wish LogLevelWish) {
	if wish.Reset {
		m.Title, m.Button = "Reset the log level", "Reset it on "+m.Pod.Name
		m.After = "the default"
		if initial != nil {
			m.After = cellText(initial.String())
		}
		return
	}
	m.Warnings = []string{
		"At debug and trace the log may hold parts of requests, such as addresses, names and headers, for everybody who can read it and wherever it is shipped.",
		"Each line costs CPU on the node's data path. At trace a busy node can slow down for all of its pods.",
		"The time is kept in ztunnel itself. A Waylight with --allow-log-level takes the level back then, also after a restart; while none runs, it stays until one does or ztunnel restarts.",
	}
	m.After = "the default and " + wish.Change.String()
	if initial == nil {
		return
	}
	after := wish.Change.After(initial)
	m.After = cellText(after.String())
	for _, d := range after.Differences(initial) {
		m.Effects = append(m.Effects, d.String())
	}
	if len(m.Effects) == 0 {
		m.Effects = []string{"nothing: these are the levels it has by default"}
	}
}

// lose names what was set before by others and does not stay.
func (m *LogConfirmModel) lose(level *mesh.ZtunnelLogLevel, initial mesh.LogFilter, wish LogLevelWish) {
	if initial == nil {
		return
	}
	after := initial
	if !wish.Reset {
		after = wish.Change.After(initial)
	}
	var lost []string
	for _, d := range level.Filter.Differences(initial) {
		if after.At(d.Target) != d.Level {
			lost = append(lost, fmt.Sprintf("%s=%s", orWord(d.Target, "everything else"), d.Level))
		}
	}
	m.Lost = cellText(sentenceList(lost))
}
