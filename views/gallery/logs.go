package gallery

import (
	"fmt"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

// logs shows the page of logs as it is without scripts: it does not stream here.
func logs() []Entry {
	of := func(name, parameters string, a views.LogsAnswer, events ...views.LogsEvent) Entry {
		values, _ := url.ParseQuery(parameters) // written in this package
		return state("logs/"+name, views.PageLogs, "Logs", parameters, quiet, func(r *analysis.Report, q views.Query) templ.Component {
			a.Ask, a.Events = views.ParseLogsAsk(values), events
			for _, s := range a.Ask.Sources {
				a.Sources = append(a.Sources, mesh.LogSource(s))
			}
			for _, e := range events {
				if e.Line != nil {
					a.All++
				}
			}
			return views.LogsContent(views.NewLogs(r, a, q))
		})
	}
	const node = "source=ztunnel/node-a"
	many := make([]views.LogsEvent, 500)
	for i := range many {
		many[i] = connectionLine(i, "")
	}
	return []Entry{
		of("whose", "", views.LogsAnswer{}),
		of("lines", node+"&source=waypoint/shop/waypoint", views.LogsAnswer{},
			logState(mesh.LogFollowing, ""), connectionLine(1, ""), connectionLine(2, refusedByPolicy), requestLine(3), lateLine(4), plainLine(5, "xds update")),
		of("gap", node, views.LogsAnswer{}, logGap(1234, mesh.GapLimit), connectionLine(1, ""), logGap(-1, mesh.GapRotated)),
		of("500 lines", node, views.LogsAnswer{}, many...),
		of("none", node, views.LogsAnswer{}),
		of("forbidden", node, views.LogsAnswer{}, logState(mesh.LogForbidden, "get pods/log in istio-system")),
		of("reconnecting", node, views.LogsAnswer{}, logState(mesh.LogReconnecting, "connection refused")),
		of("bad expression", node+"&include=(", views.LogsAnswer{FilterProblem: `"(" is no regular expression (RE2): missing closing ).`}, connectionLine(1, "")),
		of("bad source", "source=nonsense", views.LogsAnswer{Problem: `"nonsense" is no source of logs.`}),
		of("not wired", node, views.LogsAnswer{Unwired: true}),
		of("hostile", "source=pod/shop/"+url.QueryEscape(markup)+"/app&include="+url.QueryEscape(quoted), views.LogsAnswer{},
			plainLine(1, markup), plainLine(2, quoted), plainLine(3, longest), plainLine(4, "\x1b[31mred\u202egnp.exe")),
	}
}

const refusedByPolicy = "connection closed due to policy rejection: allow policies exist, but none allowed"

func logTarget() *mesh.LogTarget {
	return &mesh.LogTarget{
		Source: "ztunnel/node-a", Writer: mesh.WriterZtunnel, Pod: mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "ztunnel-x2k4p"},
		Node: "node-a", Container: mesh.ProxyContainer,
	}
}

func logLine(n int, raw string) views.LogsEvent {
	l := &mesh.LogLine{ID: fmt.Sprintf("containerd://1/%d/0", n), Time: mt.Now.Add(time.Duration(n) * 37 * time.Millisecond), From: logTarget(), Raw: raw, Kind: mesh.LogPlain}
	return views.LogsEvent{LogEvent: mesh.LogEvent{Line: l}}
}

func plainLine(n int, raw string) views.LogsEvent {
	e := logLine(n, raw)
	e.Line.Level, e.Line.Message = mesh.LogWarn, raw
	return e
}

func connectionLine(n int, problem string) views.LogsEvent {
	e := logLine(n, `info access connection complete src.addr=10.244.1.11:44224 direction="inbound"`)
	e.Line.Kind = mesh.LogZtunnelAccess
	e.Line.Connection = &mesh.ConnectionLog{
		Event: "complete", Direction: "inbound", Source: mesh.LogPeer{Addr: "10.244.1.11:44224", Workload: "web-6d9f8c7b5d-aax7k"},
		HBONEAddr: "10.244.1.22:8080", Service: "orders.shop.svc.cluster.local", BytesSent: 438, BytesReceived: 112, Duration: 13 * time.Millisecond, Error: problem,
	}
	e.Fields = []mesh.LogField{{Name: "src.addr", Value: "10.244.1.11:44224"}, {Name: "dst.service", Value: "orders.shop.svc.cluster.local"}}
	if problem != "" {
		e.Explained = mesh.LogExplanation{Code: "POLICY_NONE_ALLOWED", Text: "ALLOW policies apply and none admits this call.", Look: "the AuthorizationPolicies that select the pod", Denied: true}
	}
	return e
}

func requestLine(n int) views.LogsEvent {
	e := logLine(n, `"GET /api/items HTTP/1.1" 503 UF`)
	e.Line.Kind = mesh.LogEnvoyAccess
	e.Line.Request = &mesh.RequestLog{Method: "GET", Path: "/api/items", Status: 503, Flags: []string{"UF"}, Authority: "orders.shop", Duration: 10 * time.Second, BytesSent: 91}
	e.Explained = mesh.LogExplanation{Code: "HBONE_BLOCKED", Text: "Port 15008 of the pod did not answer in 10 s.", Look: "NetworkPolicies"}
	return e
}

func lateLine(n int) views.LogsEvent {
	e := plainLine(n, "this came late")
	e.Late = true
	return e
}

func logGap(n int, reason mesh.LogGapReason) views.LogsEvent {
	return views.LogsEvent{LogEvent: mesh.LogEvent{Gap: &mesh.LogGap{From: logTarget(), Oldest: mt.Now, Newest: mt.Now, Dropped: n, Reason: reason}}}
}

func logState(phase mesh.LogPhase, detail string) views.LogsEvent {
	return views.LogsEvent{LogEvent: mesh.LogEvent{State: &mesh.LogState{From: logTarget(), Phase: phase, Detail: detail}}}
}
