package text

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/waylight/waylight/mesh"
)

// LogWriter writes lines of logs for people: when, who writes, who calls whom,
// what became of it, and below what that means. It is for one goroutine.
type LogWriter struct {
	out   io.Writer
	color bool
	day   string
	// meant is what was said of failures and when, looked the codes of which it
	// was said where to look: once is enough.
	meant  map[string]string
	looked map[string]string
	buf    bytes.Buffer
}

// NewLogWriter writes to a terminal, with colours if those are wanted.
func NewLogWriter(out io.Writer, color bool) *LogWriter {
	return &LogWriter{out: out, color: color, meant: make(map[string]string), looked: make(map[string]string)}
}

const (
	// logIndent is where what a line means begins.
	logIndent = "    "
	// writerColumn is how wide the column of writers is. Names that are longer
	// stay whole.
	writerColumn = 16
	// maxMeant bounds what is remembered of what was said.
	maxMeant = 1000
)

// Line writes a line and what it means; late says that newer ones came before.
// The error is the writer's.
func (w *LogWriter) Line(l *mesh.LogLine, e *mesh.LogExplanation, late bool) error {
	w.buf.Reset()
	at := l.Time.UTC()
	if day := at.Format("2006-01-02"); day != w.day {
		w.day = day
		w.buf.WriteString(w.paint(dim, "── "+day+" UTC") + "\n")
	}
	mark := markOf(l, e)
	said, verdict := said(l, e)
	w.buf.WriteString(w.paint(dim, at.Format("15:04:05.000")) + " " + w.paint(mark.style, mark.sign) + " ")
	w.buf.WriteString(w.paint(dim, pad(logWriter(l.From), writerColumn)) + "  " + said)
	if verdict != "" {
		w.buf.WriteString("  " + w.paint(mark.style, verdict))
	}
	if l.Cut > 0 {
		fmt.Fprintf(&w.buf, " … (%d bytes more)", l.Cut)
	}
	if late {
		w.buf.WriteString(w.paint(dim, "  late"))
	}
	w.buf.WriteByte('\n')
	w.meaning(l, e, mark)
	_, err := w.out.Write(w.buf.Bytes())
	return err
}

// meaning explains a failure. What went well needs no second line, and what the
// first line says already is not said again.
func (w *LogWriter) meaning(l *mesh.LogLine, e *mesh.LogExplanation, m logMark) {
	if e.Code == "" {
		return
	}
	code := clean(e.Code)
	meant := e.Text
	if l.Message != "" {
		meant = strings.Replace(meant, ": "+l.Message, "", 1)
	}
	text := wrap(logIndent, code+": "+clean(meant))
	if before, said := w.meant[text]; said {
		w.buf.WriteString(logIndent + w.paint(m.style, code) + ", as at " + before + "\n")
		return
	}
	if len(w.meant) >= maxMeant {
		clear(w.meant)
	}
	w.meant[text] = l.Time.UTC().Format("15:04:05.000")
	w.buf.WriteString(strings.Replace(text, code, w.paint(m.style, code), 1))
	if e.Look != "" && w.looked[code] != e.Look {
		w.looked[code] = e.Look
		w.buf.WriteString(w.paint(dim, strings.TrimRight(wrap(logIndent, "look: "+clean(e.Look)), "\n")) + "\n")
	}
}

// logMark is the sign of what became of something, and how it is painted.
type logMark struct{ sign, style string }

// Styles of a terminal (ECMA-48, SGR).
const (
	dim    = "2"
	red    = "1;31"
	yellow = "33"
	green  = "32"
)

func markOf(l *mesh.LogLine, e *mesh.LogExplanation) logMark {
	switch {
	case e.Denied, e.Code != "", l.Connection != nil && l.Connection.Error != "":
		return logMark{"✕", red}
	case l.Kind != mesh.LogPlain:
		return logMark{"✓", green}
	case l.Level == mesh.LogError:
		return logMark{"▲", red}
	case l.Level == mesh.LogWarn:
		return logMark{"◆", yellow}
	}
	return logMark{"·", dim}
}

// paint gives text a style, where colours are wanted.
func (w *LogWriter) paint(style, s string) string {
	if !w.color || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// logWriter is who wrote a line, in as few words as tell proxies apart.
func logWriter(t *mesh.LogTarget) string {
	switch t.Writer {
	case mesh.WriterZtunnel:
		return clean("ztunnel " + cmp.Or(t.Node, t.Pod.Name))
	case mesh.WriterCNI:
		return clean("cni " + cmp.Or(t.Node, t.Pod.Name))
	case mesh.WriterIstiod:
		return clean("istiod")
	case mesh.WriterWaypoint:
		return clean(t.Pod.NamespacedName())
	}
	return clean(t.Pod.NamespacedName() + " " + t.Container)
}

// said is a line in short, and its verdict.
func said(l *mesh.LogLine, e *mesh.LogExplanation) (text, verdict string) {
	switch {
	case l.Connection != nil:
		return connectionText(l.Connection), connectionVerdict(l.Connection, e)
	case l.Request != nil:
		return requestText(l.Request), requestVerdict(l.Request, e)
	case l.Scope != "" && l.Message != "":
		return clean(l.Scope + ": " + l.Message), ""
	}
	return clean(cmp.Or(l.Message, l.Raw)), ""
}

// connectionText is "out shop/web-1 → orders.shop:80 at shop/waypoint-1".
func connectionText(c *mesh.ConnectionLog) string {
	direction := map[string]string{"outbound": "out  ", "inbound": "in   "}[c.Direction]
	at := logPeer(&c.Destination)
	port := logPort(cmp.Or(c.HBONEAddr, c.Destination.Addr))
	text := logPeer(&c.Source) + " → "
	if service := logHost(c.Service); c.Direction != "inbound" && service != "" {
		return direction + clean(text+service+port+" at "+at)
	}
	return direction + clean(text+at+port)
}

// logPeer is a pod, or an address nobody knows the pod of.
func logPeer(p *mesh.LogPeer) string {
	switch {
	case p.Workload != "" && p.Namespace != "":
		return p.Namespace + "/" + p.Workload
	case p.Workload != "":
		return p.Workload
	}
	i := strings.LastIndexByte(p.Addr, ':')
	return cmp.Or(p.Addr[:max(i, 0)], p.Addr, "?")
}

// logPort is the port of an address with its colon.
func logPort(address string) string {
	return address[max(strings.LastIndexByte(address, ':'), 0):]
}

// logHost is the host of a Service as people say it.
func logHost(host string) string {
	short, _, _ := strings.Cut(host, ".svc.")
	return short
}

func connectionVerdict(c *mesh.ConnectionLog, e *mesh.LogExplanation) string {
	switch {
	case e.Denied:
		return "denied"
	case c.Error != "" && e.Code == "":
		return clean("failed: " + c.Error)
	case c.Error != "" || c.Event == "failed":
		return "failed"
	case c.Event == "opened":
		return "opened"
	}
	var parts []string
	if c.BytesSent >= 0 && c.BytesReceived >= 0 {
		parts = append(parts, fmt.Sprintf("sent %d B, received %d B", c.BytesSent, c.BytesReceived))
	}
	if c.Duration >= 0 {
		parts = append(parts, c.Duration.String())
	}
	return strings.Join(parts, ", ")
}

// requestText is "GET orders.shop/api 10.244.1.11 → 10.244.2.5:8080".
func requestText(r *mesh.RequestLog) string {
	text := strings.TrimSpace(r.Method + " " + logHost(r.Authority) + r.Path)
	caller := mesh.LogPeer{Addr: r.DownstreamRemote}
	return clean(cmp.Or(text, "connection") + "  " + logPeer(&caller) + " → " + cmp.Or(upstream(r.UpstreamHost), "nobody"))
}

// upstream is the address of a pod. A waypoint reaches it through a listener of
// its own, whose name stands before it ("envoy://connect_originate/…").
func upstream(host string) string {
	if strings.HasPrefix(host, "envoy://") {
		return host[strings.LastIndexByte(host, '/')+1:]
	}
	return host
}

func requestVerdict(r *mesh.RequestLog, e *mesh.LogExplanation) string {
	parts := make([]string, 0, 4)
	if e.Denied {
		parts = append(parts, "denied")
	}
	if r.Status > 0 {
		parts = append(parts, strconv.Itoa(r.Status))
	}
	parts = append(parts, strings.Join(r.Flags, ","))
	if r.Duration >= 0 {
		parts = append(parts, r.Duration.String())
	}
	return clean(strings.Join(parts, " "))
}

// LogGap says in a sentence that lines are missing.
func LogGap(g *mesh.LogGap) string {
	many := "an unknown number of lines"
	switch {
	case g.Dropped == 1:
		many = "1 line"
	case g.Dropped >= 0:
		many = strconv.Itoa(g.Dropped) + " lines"
	}
	when := ""
	if !g.Oldest.IsZero() && !g.Newest.IsZero() {
		when = fmt.Sprintf(" between %s and %s", g.Oldest.UTC().Format(time.TimeOnly), g.Newest.UTC().Format(time.TimeOnly))
	}
	return clean(fmt.Sprintf("%s of %s%s missing: %s.", many, g.From.Name(), when, g.Reason))
}

// LogState says in a sentence what has become of following a source; empty for
// what needs no words.
func LogState(st *mesh.LogState) string {
	who := string(st.From.Source)
	if st.From.Container != "" {
		who = st.From.Name()
	}
	text := who + ": " + string(st.Phase)
	switch {
	case st.Phase == mesh.LogFollowing, st.Phase == mesh.LogEnded && st.Detail == "":
		return ""
	case st.Phase == mesh.LogReconnecting && st.RetryIn > 0:
		text += " in " + st.RetryIn.Round(100*time.Millisecond).String()
	}
	if st.Detail != "" {
		text += ". " + st.Detail
	}
	return clean(strings.TrimRight(text, ".") + ".")
}
