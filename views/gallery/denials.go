package gallery

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

// denials are the states of the panel of failing calls.
func denials() []Entry {
	following := views.Denials{State: views.DenialsFollowing, Window: logline.DefaultWindow, At: mt.Now, Proxies: 4, All: 4}
	of := func(name string, change func(*views.Denials, *mesh.Snapshot)) Entry {
		return state("triage/failing calls, "+name, views.PageTriage, "Triage", "", broken, func(r *analysis.Report, q views.Query) templ.Component {
			d := following
			change(&d, r.Snap)
			return views.TriageContent(views.NewTriage(r, q).WithDenials(r, q, d))
		})
	}
	return []Entry{
		of("refused and failed", func(d *views.Denials, s *mesh.Snapshot) { d.Failures = failures(s) }),
		of("none", func(d *views.Denials, _ *mesh.Snapshot) { d.Silent = 1 }),
		of("forbidden", func(d *views.Denials, _ *mesh.Snapshot) {
			d.Unread = unreadLogs(mesh.LogForbidden, "get pods/log in istio-system", 4)
		}),
		of("partly read", func(d *views.Denials, s *mesh.Snapshot) {
			d.Failures = failures(s)
			d.Unread = append(unreadLogs(mesh.LogReconnecting, "connection refused", 2), unreadLogs(mesh.LogForbidden, "get pods/log in shop", 1)...)
			d.Missed, d.Unlogged = 1200, []mesh.Ref{{Kind: "Gateway", Namespace: "shop", Name: "waypoint"}}
		}),
		of("too many", func(d *views.Denials, s *mesh.Snapshot) {
			for i := range 40 {
				g := failures(s).Groups[0]
				g.Destination.Ref.Name += strconv.Itoa(i)
				d.Failures.Groups = append(d.Failures.Groups, g)
			}
			d.Failures.Beyond, d.Proxies, d.All, d.Missed = 12, 64, 104, -1
		}),
		of("not wired", func(d *views.Denials, _ *mesh.Snapshot) { *d = views.Denials{State: views.DenialsUnwired} }),
		of("starting", func(d *views.Denials, _ *mesh.Snapshot) { d.State = views.DenialsReading }),
		of("broken", func(d *views.Denials, _ *mesh.Snapshot) { d.Problem = "too many streams of logs are open" }),
		of("not in the recording", func(d *views.Denials, _ *mesh.Snapshot) {
			d.Recorded, d.Unread = true, unreadLogs(mesh.LogEnded, "The recording does not hold it.", 4)
		}),
		of("hostile text", func(d *views.Denials, s *mesh.Snapshot) {
			d.Failures = failures(s)
			for i := range d.Failures.Groups {
				g := &d.Failures.Groups[i]
				g.Sample.Raw, g.Destination.Address, g.Explanation.Text, g.Code = hostileText, hostileText, hostileText, hostileText
				g.Destination.Ref, g.Destination.Pod = mesh.Ref{}, mesh.Ref{}
			}
		}),
	}
}

// hostileText is what somebody may write into a log.
const hostileText = `<script>alert(1)</script>"'><img src=x onerror=alert(1)> ` + "\u202egnp.exe\u200b" + ` javascript:alert(1) ` + "Wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"

func unreadLogs(phase mesh.LogPhase, detail string, n int) []views.UnreadLog {
	var out []views.UnreadLog
	for _, node := range []string{"node-a", "node-b", "node-c", "node-d"}[:n] {
		out = append(out, views.UnreadLog{
			Name: "istio-system/ztunnel-" + node + "/istio-proxy", Source: mesh.ZtunnelLogs(node), Phase: phase, Detail: detail,
		})
	}
	return out
}

// failures are calls that a policy refuses, and others that find no waypoint.
func failures(s *mesh.Snapshot) logline.Failures {
	end := func(kind, name string, port uint16) logline.End {
		return logline.End{Ref: mesh.Ref{Kind: kind, Namespace: "shop", Name: name}, Address: "10.244.1.11:40000", Port: port}
	}
	line := func(node, text string) *mesh.LogLine {
		from := &mesh.LogTarget{Source: mesh.ZtunnelLogs(node), Writer: mesh.WriterZtunnel, Pod: mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "ztunnel-" + node}, Node: node, Container: "istio-proxy"}
		return &mesh.LogLine{ID: node + "/2026/0", Time: s.At.Add(-4 * time.Second), From: from, Raw: text}
	}
	decider := func(node string, n int, read bool) logline.Decider {
		d := logline.Decider{Writer: mesh.WriterZtunnel, Node: node, Count: n}
		if read {
			d.Pod = mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "ztunnel-" + node}
		}
		return d
	}
	refused := logline.FailureGroup{
		Source: end("Deployment", "web", 0), Destination: end("Service", "orders", 80), Code: mesh.CodeNoneAllowed, Denied: true,
		Count: 1310, First: s.At.Add(-9 * time.Minute), Last: s.At.Add(-4 * time.Second),
		Deciders: []logline.Decider{decider("node-b", 900, true), decider("node-a", 300, true), decider("node-c", 110, true)},
		Sample:   line("node-b", `error access connection complete direction="inbound" error="connection closed due to policy rejection: allow policies exist, but none allowed"`),
		Explanation: mesh.LogExplanation{
			Text: "ALLOW policies apply to shop/orders-1:8080 and none allows shop/web-1, which is account web of shop.",
			Look: "the AuthorizationPolicies without targetRefs that select the pod",
		},
	}
	failed := logline.FailureGroup{
		Source: logline.End{Pod: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "waypoint-1"}, Waypoint: true}, Destination: end("Service", "orders", 80), Code: "WAYPOINT_NO_ENDPOINTS",
		Count: 3, First: s.At.Add(-40 * time.Second), Last: s.At.Add(-30 * time.Second),
		Deciders:    []logline.Decider{decider("node-a", 3, false)},
		Sample:      line("node-a", `error="no healthy upstream"`),
		Explanation: mesh.LogExplanation{Text: "The waypoint has no endpoint ztunnel knows: calls fail, and nothing goes around it."},
	}
	return logline.Failures{Window: logline.DefaultWindow, Groups: []logline.FailureGroup{refused, failed}, Calls: 1313}
}
