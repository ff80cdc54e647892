package views

import (
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// deniedRows is how many groups a panel lists.
const deniedRows = 30

// DenialsPanel lists the calls that fail now.
type DenialsPanel struct {
	ID, Title, Note string
	Rows            []DenialRow
	// More counts the groups that are not listed; All leads to their lines.
	More int
	All  templ.SafeURL
	// Reading tells that nothing can be said yet, Quiet that nothing failed.
	Reading bool
	Quiet   string
	// Limits are sentences about what is not known, Unread the logs that could
	// not be read, by reason.
	Limits []string
	Unread []UnreadReason
	// Role is the file that grants the missing right, empty for none missing.
	Role string
}

// UnreadReason are logs that are not read for one reason.
type UnreadReason struct {
	Why   string
	Names string
}

// DenialRow is one group of failed calls.
type DenialRow struct {
	ID    string
	Count string
	// Tone is that of a refusal or of another failure; Word says which.
	Tone                ui.Tone
	Word                string
	Code                CodeLink
	Source, Destination ObjectLink
	// Via tells that the source stands for its clients.
	Via         string
	By          string
	Explain     string
	Look        string
	First, Last time.Time
	Line        string
	Path, Logs  templ.SafeURL
}

// NewDenialsPanel prepares failures for print.
func NewDenialsPanel(s *mesh.Snapshot, q Query, id, title string, d Denials) DenialsPanel {
	out := DenialsPanel{
		ID: id, Title: title, Note: d.Summary(), Quiet: d.Quiet(), Limits: d.Limits(), Reading: d.State == DenialsReading && len(d.Failures.Groups) == 0,
		Unread: unreadReasons(d.Unread),
	}
	if d.forbidden() > 0 {
		out.Role = roleLogs
	}
	groups := d.Failures.Groups
	if len(groups) > deniedRows {
		out.More = len(groups) - deniedRows
		groups = groups[:deniedRows]
	}
	for i := range groups {
		out.Rows = append(out.Rows, newDenialRow(s, q, id, &groups[i]))
	}
	return out
}

func newDenialRow(s *mesh.Snapshot, q Query, panel string, g *logline.FailureGroup) DenialRow {
	l := q.Links()
	out := DenialRow{
		ID: ui.ID(panel, g.Source.Name(), g.Destination.Name(), g.Code), Count: number(g.Count) + "×", Tone: ui.ToneBad, Word: "failed",
		Source: endLink(s, q, &g.Source), Destination: endLink(s, q, &g.Destination), By: deciderWords(g),
		Explain: printable(g.Explanation.Text), Look: printable(g.Explanation.Look), First: g.First, Last: g.Last, Path: l.PathOfFailure(g),
	}
	if port := g.Destination.Port; port != 0 && !g.Destination.Ref.IsZero() {
		out.Destination.Name += ":" + number(int(port))
	}
	if g.Denied {
		out.Word = "refused"
	}
	if g.Code != "" {
		out.Code = catalogued(g.Code, l)
	}
	if g.Source.Waypoint {
		out.Via = "for clients its access log would name"
	}
	if g.Sample != nil {
		out.Line, out.Logs = sampleText(g.Sample), l.LogLine(g.Sample)
	}
	return out
}

// endLink names an end of calls; one that nobody in the mesh is by its address.
func endLink(s *mesh.Snapshot, q Query, e *logline.End) ObjectLink {
	switch {
	case !e.Ref.IsZero():
		if l := NewObjectLink(s, q, e.Ref); l.URL != "" || e.Pod.IsZero() {
			return ObjectLink{Name: l.Name, URL: l.URL}
		}
		return ObjectLink{Name: e.Ref.NamespacedName(), URL: q.Links().Object(s, e.Pod)}
	case !e.Pod.IsZero():
		return ObjectLink{Name: e.Pod.NamespacedName(), URL: q.Links().Object(s, e.Pod)}
	case e.Address == "":
		return ObjectLink{Name: "unknown"}
	}
	return ObjectLink{Name: printable(e.Address)}
}

// maxDecidersNamed is how many proxies a row names.
const maxDecidersNamed = 2

// deciderWords says who decided: "decided by the ztunnel on node-b".
func deciderWords(g *logline.FailureGroup) string {
	var by []string
	for i := range g.Deciders {
		if i == maxDecidersNamed {
			by = append(by, moreDeciders(len(g.Deciders)-i+g.MoreDeciders))
			break
		}
		by = append(by, deciderName(&g.Deciders[i]))
	}
	return "decided by " + sentenceList(by)
}

func moreDeciders(n int) string { return plural(n, "other proxy", "other proxies") }

func deciderName(d *logline.Decider) string {
	name := "a proxy that is not known"
	switch {
	case d.Writer == mesh.WriterZtunnel && d.Node != "":
		name = "the ztunnel on " + printable(d.Node)
	case d.Writer == mesh.WriterWaypoint && !d.Pod.IsZero():
		name = "waypoint pod " + d.Pod.NamespacedName()
	case d.Writer == mesh.WriterWaypoint:
		name = "the waypoint"
	}
	if !d.Read() {
		name += " (its own line was not read)"
	}
	return name
}

// sampleText is a line as far as a row has room for it.
func sampleText(l *mesh.LogLine) string {
	const most = 400
	text := l.Raw
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// LogLine is the page of logs at one line, which begins shortly before it.
func (l Links) LogLine(line *mesh.LogLine) templ.SafeURL {
	since := line.Time.Add(-time.Minute).UTC().Format(time.RFC3339)
	return l.to(url.Values{"source": {string(line.From.Source)}, "since": {since}, "line": {line.ID}}, "/logs")
}

func unreadReasons(list []UnreadLog) []UnreadReason {
	var out []UnreadReason
	index := make(map[string]int)
	for _, u := range list {
		why := string(u.Phase)
		if u.Detail != "" {
			why += ": " + printable(u.Detail)
		}
		i, known := index[why]
		if !known {
			i = len(out)
			index[why] = i
			out = append(out, UnreadReason{Why: why})
		}
		if out[i].Names != "" {
			out[i].Names += ", "
		}
		out[i].Names += u.Name
	}
	return out
}

// WithDenials adds what fails by the logs to what is broken by the objects. A
// page on which calls fail is not sure that all is fine.
func (m TriageModel) WithDenials(r *analysis.Report, q Query, d Denials) TriageModel {
	if m.Starting {
		return m
	}
	p := NewDenialsPanel(r.Snap, q, "denials", "Failing calls", d.In(q.Namespace))
	m.Denials = &p
	m.Sure = m.Sure && len(p.Rows) == 0
	return m
}

// WithDenials adds which calls to the service fail by the logs, and which that
// its own pods make: the reason of its errors is often behind it.
func (m ServiceModel) WithDenials(r *analysis.Report, q Query, d Denials) ServiceModel {
	ref := mesh.Ref{Kind: m.Kind, Namespace: m.Namespace, Name: m.Name}
	m.Denials = []DenialsPanel{NewDenialsPanel(r.Snap, q, "denials", "Failing calls", d.To(ref))}
	if from := d.From(r.Snap, ref); len(from.Failures.Groups) > 0 {
		p := NewDenialsPanel(r.Snap, q, "denials-of-pods", "Failing calls of its own pods", from)
		p.Limits, p.Unread, p.Role = nil, nil, "" // said above
		m.Denials = append(m.Denials, p)
	}
	return m
}
