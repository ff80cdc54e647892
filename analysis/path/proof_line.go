package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
)

// showing is a line and what it shows of one hop.
type showing struct {
	said
	passed bool
	own    bool // of the hop's own proxy
}

// agrees tells that the line shows what the hop is said to do. A refusal by a
// policy and any other failure are not the same, nor are two failures of which
// one is known to have another reason.
func (s *showing) agrees(h *Hop) bool {
	switch h.Result {
	case HopPass:
		return s.passed
	case HopDeny:
		return !s.passed && s.means.Denied
	case HopFail:
		ours, theirs := reasonKind(h.Code), reasonKind(s.means.Code)
		return !s.passed && !s.means.Denied && (ours == theirs || ours == "" || theirs == "")
	}
	return false
}

// words says what a line shows.
func (s *showing) words() string {
	if s.passed {
		return "a call like this passed"
	}
	text := strings.TrimSuffix(s.means.Text, ".")
	if text == "" {
		return "a call like this failed"
	}
	return strings.ToLower(text[:1]) + text[1:]
}

// reasonKind groups codes of failures that mean the same trouble; empty for
// those that say little.
func reasonKind(code string) string {
	for _, k := range []struct{ kind, prefixes string }{
		{"certificate", "CERT_ CA_ TLS_ ROOT_CERT_ PEER_"},
		{"network", "HBONE_ NETPOL_"},
		{"waypoint", "WAYPOINT_"},
		{"endpoints", "NO_HEALTHY_ SERVICE_NO_ENDPOINTS SUBSET_ TRAFFIC_POLICY_LOCAL_"},
		{"workload", "XDS_UNKNOWN_ OUTSIDE_DISCOVERY_ ENROLLED_NOT_"},
		{"fault", "FAULT_"},
		{"route", "ROUTE_ CLUSTER_"},
	} {
		for prefix := range strings.FieldsSeq(k.prefixes) {
			if strings.HasPrefix(code, prefix) {
				return k.kind
			}
		}
	}
	return ""
}

// about are the lines that show something of a hop, newest first: its own
// proxy's, and of what happens behind it those of the proxy before.
func (p *prover) about(e *end, i int) []showing {
	var out []showing
	h := &e.hops[i]
	for _, s := range p.lines(h) {
		if p.matches(&s, e, i) {
			out = appendShown(out, s, ownShows(&s, e, i), true)
		}
	}
	if before := lastProxy(e.hops[:i]); before >= 0 && (h.Kind == HopWaypoint || h.Kind == HopDestinationZtunnel) {
		for _, s := range p.lines(&e.hops[before]) {
			if p.matches(&s, e, before) && (h.Kind == HopWaypoint || wentTo(&s, e.legs[i].toward)) {
				out = appendShown(out, s, behindShows(&s, h), false)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b showing) int { return b.line.Time.Compare(a.line.Time) })
	return out
}

// shows is what a line tells of a hop.
type shows int

const (
	nothing shows = iota
	passes
	stops
)

func appendShown(out []showing, s said, what shows, own bool) []showing {
	if what == nothing {
		return out
	}
	return append(out, showing{s, what == passes, own})
}

// ownShows is what a hop's own proxy tells of it.
func ownShows(s *said, e *end, i int) shows {
	switch {
	case !s.failed(), s.means.Elsewhere:
		return passes
	case s.means.Code == mesh.CodePolicyChanged, s.means.Code == mesh.CodeDrained:
		return nothing // it had been let through before
	case e.hops[i].Kind == HopDestinationZtunnel && strings.HasPrefix(s.means.Code, "APP_"):
		return passes
	case s.call.Forwarded && e.hops[i].Kind == HopWaypoint && !s.means.Denied:
		return passes // what failed came after
	case !s.means.Denied && i+1 < len(e.hops) && stopped(&e.hops[i+1]):
		return passes // ztunnel writes of what it cannot reach, which is the next hop's
	}
	return stops
}

// behindShows is what a proxy tells of the next one.
func behindShows(s *said, next *Hop) shows {
	switch {
	case !s.failed() && next.Kind == HopDestinationZtunnel && s.line.Connection != nil:
		return passes // it answered 200 to the CONNECT
	case s.failed() && (s.means.Elsewhere || stopped(next)):
		return stops
	}
	return nothing
}

// failed tells that the call of a line failed.
func (s *said) failed() bool {
	return s.means.Code != "" || s.line.Connection != nil && s.line.Connection.Error != ""
}

func stopped(h *Hop) bool { return h.Result == HopDeny || h.Result == HopFail }

// lastProxy is the last of hops whose log can be read, -1 for none.
func lastProxy(hops []Hop) int {
	for i, h := range slices.Backward(hops) {
		if (h.Kind == HopSourceZtunnel || h.Kind == HopWaypoint) && h.Result != HopSkipped {
			return i
		}
	}
	return -1
}

// lines are those of a hop's own proxy that are about calls.
func (p *prover) lines(h *Hop) []said {
	var source mesh.LogSource
	switch h.Kind {
	case HopSourceZtunnel, HopDestinationZtunnel:
		source = mesh.ZtunnelLogs(h.Node)
	case HopWaypoint:
		source = mesh.WaypointLogs(h.Ref.Namespace, h.Ref.Name)
	default:
		return nil
	}
	if list, known := p.read[source]; known {
		return list
	}
	var out []said
	for _, l := range p.logs.Lines(source) {
		if call, ok := logline.CallOf(p.snap, l); ok && !call.Tunnel {
			out = append(out, said{l, call, logline.Explain(l)})
		}
	}
	p.read[source] = out
	return out
}

// matches tells that a line is about such a call as it is at one of its hops.
func (p *prover) matches(s *said, e *end, i int) bool {
	h, leg := &e.hops[i], e.legs[i]
	if !sentBy(&s.call.Source, leg.senders) {
		return false
	}
	switch h.Kind {
	case HopDestinationZtunnel:
		return !s.call.Front && sentTo(&s.call.Destination, leg.toward)
	case HopSourceZtunnel:
		return s.call.Front && (p.asks(s) || p.to.kind == toEndpoints && sentTo(&s.call.Destination, e.toward))
	}
	return s.call.Front && p.asks(s) && p.sameRequest(s)
}

// asks tells that a line is about a call to what was asked about, addressed in
// the same way.
func (p *prover) asks(s *said) bool {
	d := &s.call.Destination
	if p.to.target != nil && p.to.kind == toService {
		return d.Ref == p.to.target.ref && d.Port == p.to.number()
	}
	addressed := s.line.Connection == nil || s.line.Connection.Service == ""
	return p.to.pod != nil && p.to.kind == toPod && addressed && d.Pod == p.to.pod.Ref() && d.Port == p.to.number()
}

// sameRequest compares what a waypoint decides by, as far as its log has it:
// headers and token are not in there.
func (p *prover) sameRequest(s *said) bool {
	if s.call.Method == "" {
		return true
	}
	path, _, _ := strings.Cut(s.call.Path, "?")
	asked, _, _ := strings.Cut(p.request.Path, "?")
	return s.call.Method == p.request.Method && path == asked
}

func sentBy(from *logline.End, pods []*mesh.Workload) bool {
	return slices.ContainsFunc(pods, func(w *mesh.Workload) bool { return w.Ref() == from.Pod })
}

func sentTo(to *logline.End, b *backend) bool {
	if b == nil || b.workload == nil || to.Pod != b.workload.Ref() {
		return false
	}
	at, err := netip.ParseAddrPort(to.Address)
	return err == nil && at.Port() == b.port
}

// wentTo tells where the proxy before a backend sent a call.
func wentTo(s *said, b *backend) bool {
	if r := s.line.Request; r != nil {
		return b != nil && strings.HasSuffix(r.UpstreamHost, "/"+netip.AddrPortFrom(b.ip(), b.port).String())
	}
	return sentTo(&s.call.Destination, b)
}

// maxEvidenceText bounds what is quoted of a line, in bytes.
const maxEvidenceText = 300

// lineEvidence quotes a line.
func lineEvidence(l *mesh.LogLine) Evidence {
	return Evidence{Source: l.From.SourceName(), Text: quotedLine(l), Time: lineTime(l)}
}

// quotedLine is the part of a line that tells how the call went.
func quotedLine(l *mesh.LogLine) string {
	text := l.Message
	switch {
	case l.Connection != nil && l.Connection.Error != "":
		text = fmt.Sprintf("connection %s error=%q", l.Connection.Event, l.Connection.Error)
	case l.Connection != nil:
		text = "connection " + l.Connection.Event
	case l.Request != nil:
		r := l.Request
		text = strings.TrimSpace(fmt.Sprintf("%q %d %s %s", r.Method+" "+r.Path+" "+r.Protocol, r.Status, strings.Join(r.Flags, ","), r.Details))
	}
	if len(text) > maxEvidenceText {
		text = strings.ToValidUTF8(text[:maxEvidenceText], "") + "…"
	}
	return text
}

func lineTime(l *mesh.LogLine) string { return l.Time.UTC().Format(time.RFC3339Nano) }
