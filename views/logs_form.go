package views

import (
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/kubectl"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

func newLogsForm(r *analysis.Report, a LogsAnswer, q Query) LogsForm {
	ask := a.Ask
	f := LogsForm{
		Action: templ.SafeURL(PageLogs), Ask: ask, Sources: strings.Join(ask.Sources, "\n"), Open: !ask.Asked() || a.Problem != "",
		FilterProblem: a.FilterProblem, Filtered: ask.Include+ask.Exclude+ask.Mark+ask.Level != "" || ask.Denied,
		Froms: suggestedCallers(r.Snap, q, ask.Call.From), Tos: suggestedCallees(r.Snap, q, ask.Call.To),
	}
	if q.Namespace != "" {
		f.Keep = []ui.Param{{Name: paramNamespace, Value: q.Namespace}}
	}
	f.Levels = logLevelChoices(ask.Level)
	for _, sh := range nearFirst(r.Snap, q, ask.Service) {
		for _, svc := range sh.Services {
			f.Services = append(f.Services, svc.Ref().NamespacedName())
		}
	}
	f.Services = f.Services[:min(len(f.Services), maxSuggested)]
	for _, w := range r.Snap.Waypoints() {
		f.Waypoints = append(f.Waypoints, w.Ref().NamespacedName())
	}
	for _, n := range r.Snap.Nodes {
		f.Nodes = append(f.Nodes, n.Name)
	}
	return f
}

// logLevelChoices are the least grave levels that can be asked for.
func logLevelChoices(chosen string) []LogsChoice {
	return []LogsChoice{
		{Value: "", Label: "any level", Chosen: chosen == ""},
		{Value: string(mesh.LogDebug), Label: "debug and graver", Chosen: chosen == string(mesh.LogDebug)},
		{Value: string(mesh.LogInfo), Label: "info and graver", Chosen: chosen == string(mesh.LogInfo)},
		{Value: string(mesh.LogWarn), Label: "warnings and errors", Chosen: chosen == string(mesh.LogWarn)},
		{Value: string(mesh.LogError), Label: "errors", Chosen: chosen == string(mesh.LogError)},
	}
}

// logsCommand is the same stream in a terminal. That of a recording ends by
// itself, and only the reader knows the name of its bundle.
func logsCommand(a LogsAnswer, recorded bool) string {
	words := []string{"waylight", "logs"}
	if recorded {
		words = append(words, "--bundle", "BUNDLE")
	}
	flag := func(name string, values ...string) {
		for _, v := range values {
			if v != "" {
				words = append(words, "--"+name, kubectl.Quote(v))
			}
		}
	}
	flag("from", a.Ask.Call.From)
	flag("to", a.Ask.Call.To)
	flag(paramLogService, a.Ask.Service)
	flag(paramLogSource, a.Follow[paramLogSource]...)
	flag("since", a.Ask.Since)
	flag("include", a.Ask.Include)
	flag("exclude", a.Ask.Exclude)
	flag("level", a.Ask.Level)
	if a.Ask.Denied {
		words = append(words, "--"+paramLogDenied)
	}
	if a.Ask.ofCall() && a.Ask.AllCalls {
		words = append(words, "--"+paramLogCalls, logCallsAll)
	}
	if a.Ask.Previous {
		words = append(words, "--"+paramLogPrevious)
	}
	if recorded {
		return strings.Join(words, " ")
	}
	return strings.Join(append(words, "-f"), " ")
}
