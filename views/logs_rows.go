package views

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// LogsRow is a line, or a gap between lines.
type LogsRow struct {
	// Gap says what is missing here; every other field but Time is empty then.
	Gap  string
	Time string
	// Machine is the moment in full.
	Machine string
	// Role is the part its writer plays and Program what it is, which goes
	// without saying where there is no room; Place is which of them it is.
	Role, Program, Place, Container string
	// Call is empty for a line that is not of a call.
	Call string
	// Word says how the call ended, Tone the same: "bad", "warn", "good" or
	// "none".
	Word, Tone    string
	Code          string
	Meaning, Look string
	Took, Bytes   string
	Raw           string
	Late          bool
	Cut           int
	Fields        []mesh.LogField
}

// maxLogsRows is how many lines a page has that does not stream.
const maxLogsRows = 300

// logsRows are the newest lines, and how many of how many they are.
func logsRows(a LogsAnswer) ([]LogsRow, string) {
	var rows []LogsRow
	lines := 0
	for i := range a.Events {
		switch e := &a.Events[i]; {
		case e.Line != nil:
			lines++
			rows = append(rows, lineRow(e))
		case e.Gap != nil:
			rows = append(rows, LogsRow{Time: asTime(e.Gap.Oldest), Gap: gapText(e.Gap)})
		}
	}
	if left := len(rows) - maxLogsRows; left > 0 {
		for _, row := range rows[:left] {
			if row.Gap == "" {
				lines--
			}
		}
		rows = rows[left:]
	}
	if lines == a.All {
		return rows, linesText(lines)
	}
	return rows, thousands(lines) + " of " + thousands(a.All) + " lines"
}

func linesText(n int) string {
	if n == 1 {
		return "1 line"
	}
	return thousands(n) + " lines"
}

// gapText says how many lines are missing, of whom, and why.
func gapText(g *mesh.LogGap) string {
	count := thousands(g.Dropped) + " lines are"
	switch {
	case g.Dropped < 0:
		count = "An unknown number of lines is"
	case g.Dropped == 1:
		count = "1 line is"
	}
	return count + " missing of " + g.From.Name() + ": " + string(g.Reason)
}

func lineRow(e *LogsEvent) LogsRow {
	l := e.Line
	role, program, _ := strings.Cut(logRole(l), " ")
	row := LogsRow{
		Time: asTime(l.Time), Machine: l.Time.UTC().Format(time.RFC3339Nano), Role: role, Program: strings.TrimRight(" "+program, " "), Place: logPlace(l.From), Container: l.From.Name(),
		Code: e.Explained.Code, Meaning: e.Explained.Text, Look: e.Explained.Look, Raw: l.Raw, Late: e.Late, Cut: l.Cut, Fields: e.Fields,
	}
	switch {
	case l.Connection != nil:
		row.connection(l.Connection)
	case l.Request != nil:
		row.request(l.Request)
	default:
		row.plain(l)
	}
	switch {
	case e.Explained.Denied:
		row.Word, row.Tone = withStatus(l.Request, "denied"), logBad
	case e.Explained.Code != "":
		row.Word, row.Tone = withStatus(l.Request, "failed"), logBad
	}
	return row
}

// withStatus is a verdict with the status that the client saw, if it saw one.
func withStatus(r *mesh.RequestLog, word string) string {
	if r == nil || r.Status <= 0 {
		return word
	}
	return strconv.Itoa(r.Status) + " " + word
}

// Tones of a line, which its word says too.
const (
	logBad  = "bad"
	logWarn = "warn"
	logGood = "good"
	logNone = "none"
)

// logRole is the part a line's writer plays: the same ztunnel is the client's
// for one connection and the destination's for another.
func logRole(l *mesh.LogLine) string {
	if l.Connection != nil {
		switch l.Connection.Direction {
		case "outbound":
			return "client ztunnel"
		case "inbound":
			return "destination ztunnel"
		}
		return "ztunnel"
	}
	if l.From.Writer == mesh.WriterApplication {
		return "pod"
	}
	return string(l.From.Writer)
}

// logPlace is the node of a ztunnel, the pod of everything else.
func logPlace(t *mesh.LogTarget) string {
	switch {
	case (t.Writer == mesh.WriterZtunnel || t.Writer == mesh.WriterCNI) && t.Node != "":
		return t.Node
	case t.Writer == mesh.WriterApplication:
		return t.Pod.NamespacedName() + " " + t.Container
	}
	return t.Pod.Name
}

func (row *LogsRow) connection(c *mesh.ConnectionLog) {
	row.Call = cmp.Or(c.Source.Workload, c.Source.Addr, "?") + " → " + destinationOf(c)
	row.Word, row.Tone = "ok", logGood
	switch {
	case c.Error != "" || c.Event == "failed":
		row.Word, row.Tone = "failed", logBad
	case c.Event == "opened":
		row.Word, row.Tone = "opened", logNone
	}
	if row.Meaning == "" {
		row.Meaning = c.Error
	}
	if c.Duration >= 0 {
		row.Took = fmt.Sprintf("%dms", c.Duration.Milliseconds())
	}
	// The line is written from the point of view of the ztunnel's own pod; the
	// page says of every hop what went to the destination and what came back.
	row.Bytes = bothWays(c.BytesSent, c.BytesReceived)
	if c.Direction == "inbound" {
		row.Bytes = bothWays(c.BytesReceived, c.BytesSent)
	}
}

// destinationOf is the service that was called, as people write it, with the
// port; else the workload or the address.
func destinationOf(c *mesh.ConnectionLog) string {
	address := cmp.Or(c.HBONEAddr, c.Destination.Addr)
	if c.Service == "" {
		return cmp.Or(c.Destination.Workload, address, "?")
	}
	return shortHost(c.Service) + portOf(address)
}

func (row *LogsRow) request(r *mesh.RequestLog) {
	row.Call = cmp.Or(r.Method, r.Protocol) + " " + r.Authority + r.Path
	row.Word, row.Tone = strconv.Itoa(r.Status), logGood
	switch {
	case r.Status >= 500:
		row.Tone = logBad
	case r.Status >= 400:
		row.Tone = logWarn
	case r.Status <= 0 && len(r.Flags) > 0:
		row.Word, row.Tone = joined(r.Flags), logWarn
	case r.Status <= 0:
		row.Word = "done"
	}
	if row.Meaning == "" {
		row.Meaning = cmp.Or(r.Details, r.Termination)
	}
	if r.Duration >= 0 {
		row.Took = fmt.Sprintf("%dms", r.Duration.Milliseconds())
	}
	row.Bytes = bothWays(r.BytesReceived, r.BytesSent)
}

func (row *LogsRow) plain(l *mesh.LogLine) {
	row.Word, row.Tone = string(l.Level), logNone
	switch l.Level {
	case mesh.LogError:
		row.Tone = logBad
	case mesh.LogWarn:
		row.Word, row.Tone = "warning", logWarn
	}
	said := cmp.Or(l.Message, l.Raw)
	if row.Meaning == "" {
		row.Meaning = said
	} else {
		row.Meaning += " · " + said
	}
}

// logsColumns are the heads of the columns, and the ends of their classes.
var logsColumns = []struct{ Name, Label, Title string }{
	{"time", "time, UTC", "when the line was written"},
	{"where", "where", "the proxy that wrote the line; of several lines of one call, the one that decided it"},
	{"call", "client → destination", "who called whom, or the request"},
	{"verdict", "verdict", "how the call ended, or how grave the line is"},
	{"meaning", "what it means", "the code of a failure and what is known of it"},
	{"took", "took", "how long the call took"},
	{"bytes", "bytes", "↑ to the destination, ↓ back to the client"},
}

func cutText(n int) string { return thousands(n) + " more bytes of this line were cut off." }
