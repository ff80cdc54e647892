package analysis

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var nodeLogLevelRaised = Check{
	Code: "NODE_LOG_LEVEL_RAISED", Severity: Info, Class: Risk,
	Subject: "Node",
	Title:   "A ztunnel does not log at its default level",
	Explanation: "Somebody changed what the ztunnel of a node logs. At debug or trace every connection writes many lines, which cost CPU on the node's data path and may hold parts of requests; below the default its access log is missing. " +
		"ztunnel never goes back by itself: a level that Waylight set is taken back when its time is over, any other stays until ztunnel restarts.",
	Fires:  "The filter that ztunnel answers to POST /logging makes another level of some module than the one it was started with (RUST_LOG of its pod, else info).",
	Silent: "The level was not read, as in a recorded bundle; only the text or the order of the directives differs; a directive names the level that counts anyway.",
	Doubt:  "A RUST_LOG that the pod takes from a ConfigMap or a Secret is not seen; its default is then taken to be info.",
	Needs:  []string{mesh.ResourcePods},
	Mesh:   judgeLogLevels,
}

func judgeLogLevels(in *Input) []Finding {
	var out []Finding
	for _, l := range in.Snap.LogLevels() {
		pod := in.Snap.Workload(l.Pod.Namespace, l.Pod.Name)
		if pod == nil || pod.Node != l.Name {
			continue // it was asked before it was replaced
		}
		initial := in.Snap.InitialLogFilter(l.Pod)
		if initial == nil {
			continue // what it was started with cannot be read
		}
		if differences := l.Filter.Differences(initial); len(differences) > 0 {
			out = append(out, logging(in, l, initial, differences))
		}
	}
	return out
}

func logging(in *Input, l *mesh.ZtunnelLogLevel, initial mesh.LogFilter, differences []mesh.LogDifference) Finding {
	f := Finding{
		Subject: mesh.Ref{Kind: "Node", Name: l.Name}, Affects: []mesh.Ref{l.Pod},
		Evidence: []Evidence{saidEvidence("ztunnel/"+l.Name, l.Pod, "POST /logging", fmt.Sprintf("%s (by default %s)", l.Filter, initial), l.At)},
	}
	words, louder := levelWords(differences)
	f.Summary = fmt.Sprintf("The ztunnel of %s logs less than by default: %s.", l.Name, words)
	f.Detail = "Lines are missing that the default has: an empty log does not mean that nothing happened."
	if louder {
		f.Summary = fmt.Sprintf("The ztunnel of %s logs more than by default: %s.", l.Name, words)
		f.Detail = "Its log costs CPU on the node's data path and may hold parts of requests."
	}
	f.Detail += " " + levelSetBy(l)
	f.Fix = levelFix(in, l)
	return f
}

// levelWords names the first differences, and tells whether any makes more be
// logged.
func levelWords(differences []mesh.LogDifference) (words string, louder bool) {
	var list []string
	for _, d := range differences {
		louder = louder || d.Louder()
		if len(list) < namedAtMost {
			list = append(list, d.String())
		}
	}
	words = strings.Join(list, ", ")
	if more := len(differences) - len(list); more > 0 {
		words += fmt.Sprintf(" and %d more", more)
	}
	return words, louder
}

// levelSetBy says who changed it and until when, as far as that is known.
func levelSetBy(l *mesh.ZtunnelLogLevel) string {
	switch {
	case l.Until.IsZero():
		return "It was not set through Waylight, and nothing says until when."
	case l.By != "":
		return fmt.Sprintf("%s set it through this Waylight at %s, until %s.", l.By, timeText(l.ChangedAt), timeText(l.Until))
	}
	return fmt.Sprintf("It was set through Waylight until %s; by whom is not known any more.", timeText(l.Until))
}

func levelFix(in *Input, l *mesh.ZtunnelLogLevel) Fix {
	read := "istioctl ztunnel-config log " + quote(l.Pod.Name+"."+l.Pod.Namespace)
	if l.Until.After(in.Now) {
		f := advise("Nothing, unless you want it back sooner: a Waylight that may change log levels takes it back at " + timeText(l.Until) + ".")
		f.Commands = []string{read}
		return f
	}
	f := advise("Ask who needs it; else reset it. A restart of ztunnel resets it as well and cuts the node's connections, so do not do that for this.")
	if !l.Until.IsZero() {
		f = advise("Its time is over. A Waylight started with --allow-log-level takes it back when it looks next; by hand, reset it.")
	}
	f.Commands, f.Changes, f.Mutates = []string{read, read + " -r"}, 1, true
	return f
}
