package views

import (
	"net/url"
	"slices"
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
	// More counts the groups that are not listed.
	More int
	// Reading tells that nothing can be said yet, Quiet that nothing failed.
	Reading bool
	Quiet   string
	// Limits are sentences about what is not known, Unread the logs that could
	// not be read, by reason.
	Limits []string
	Unread []UnreadReason
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
	Via      string
	Deciders []DenialDecider
	// SeeAlso is a cause on the page by which traffic to what was called fails;
	// these calls may have failed for another reason.
	SeeAlso     CodeLink
	Explain     string
	Look        string
	First, Last time.Time
	Line        string
	Path, Logs  templ.SafeURL

	called mesh.Ref
}

// DenialDecider is a proxy that decided about calls, or the number of others.
type DenialDecider struct {
	Name, Note string
	URL        templ.SafeURL
}

// NewDenialsPanel prepares failures for print.
func NewDenialsPanel(s *mesh.Snapshot, q Query, id, title string, d Denials) DenialsPanel {
	out := DenialsPanel{
		ID: id, Title: title, Note: d.Summary(), Quiet: d.Quiet(), Limits: d.Limits(), Reading: d.State == DenialsReading && len(d.Failures.Groups) == 0,
		Unread: unreadLogs(d.Unread),
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
		ID: ui.ID(panel, g.Source.Name(), g.Destination.Name(), g.Code, string(g.By)), Count: number(g.Count) + "×", Tone: ui.ToneBad, Word: "failed",
		Source: endLink(s, q, &g.Source), Destination: endLink(s, q, &g.Destination), Deciders: whoDecided(l, g), called: g.Destination.Ref,
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

// whoDecided names the busiest of those who decided.
func whoDecided(l Links, g *logline.FailureGroup) []DenialDecider {
	var out []DenialDecider
	for i := range g.Deciders {
		if i == maxDecidersNamed {
			break
		}
		out = append(out, decider(l, &g.Deciders[i]))
	}
	if more := len(g.Deciders) - len(out); more > 0 {
		words := plural(more, "other proxy", "other proxies")
		if g.MoreDeciders {
			words = "at least " + words
		}
		out = append(out, DenialDecider{Name: words})
	}
	return out
}

func decider(l Links, d *logline.Decider) DenialDecider {
	out := DenialDecider{Name: "a proxy that is not known"}
	switch {
	case d.Writer == mesh.WriterZtunnel && d.Node != "":
		out.Name, out.URL = "the ztunnel on "+printable(d.Node), l.Ztunnel(d.Node, "", "")
	case d.Writer == mesh.WriterWaypoint && !d.Pod.IsZero():
		out.Name = "waypoint pod " + d.Pod.NamespacedName()
	case d.Writer == mesh.WriterWaypoint:
		out.Name = "the waypoint"
	}
	if !d.Read() {
		out.Note = " (its own line was not read)"
	}
	return out
}

// sampleText is a line as far as a row has room for it.
func sampleText(l *mesh.LogLine) string {
	const most = 400
	text := printable(l.Raw)
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

// WithDenials adds what fails by the logs to what is broken by the objects. A
// page on which calls fail is not sure that all is fine.
func (m TriageModel) WithDenials(r *analysis.Report, q Query, d Denials) TriageModel {
	if m.Starting {
		return m
	}
	p := NewDenialsPanel(r.Snap, q, "denials", "Failing calls", d.In(q.Namespace))
	for i := range p.Rows {
		p.Rows[i].SeeAlso = m.Failing.causeOf(p.Rows[i].called)
	}
	m.Denials = &p
	m.Sure = m.Sure && len(p.Rows) == 0
	return m
}

// causeOf is the cause on the page that says of a Service that its traffic
// fails; zero for none.
func (f *Failing) causeOf(service mesh.Ref) CodeLink {
	id := failingID(service)
	for i := range f.Groups {
		g := &f.Groups[i]
		if slices.ContainsFunc(g.Services, func(s FailingService) bool { return s.ID == id }) {
			return CodeLink{Code: g.Code.Code, URL: g.Cause}
		}
	}
	return CodeLink{}
}

// WithDenials adds which calls to the service fail by the logs, and which that
// its own pods make: the reason of its errors is often behind it.
func (m ServiceModel) WithDenials(r *analysis.Report, q Query, d Denials) ServiceModel {
	ref := mesh.Ref{Kind: m.Kind, Namespace: m.Namespace, Name: m.Name}
	m.Denials = []DenialsPanel{NewDenialsPanel(r.Snap, q, "denials", "Failing calls", d.To(ref))}
	if from := d.From(r.Snap, ref); len(from.Failures.Groups) > 0 {
		p := NewDenialsPanel(r.Snap, q, "denials-of-pods", "Failing calls of its own pods", from)
		p.Limits, p.Unread = nil, nil // said above
		m.Denials = append(m.Denials, p)
	}
	return m
}
