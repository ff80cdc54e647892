package gallery

import (
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

const (
	defaultLogs = "hickory_server::server=off,info"
	raisedLogs  = "waylight_until_1795000000=off,hickory_server::server=off,ztunnel::proxy=trace,access=debug,info"
)

func logLevel() []Entry {
	of := func(name, wish string, read views.LogLevelRead) Entry {
		return state("log level/"+name, views.PageZtunnels, "node-a", "", readInPart, func(r *analysis.Report, q views.Query) templ.Component {
			return views.LogLevelContent(views.NewLogLevel(r, "node-a", read, wished(wish), q))
		})
	}
	ask := func(name, wish string, level *mesh.ZtunnelLogLevel) Entry {
		return state("log level/"+name, views.PageZtunnels, "node-a", "", readInPart, func(r *analysis.Report, q views.Query) templ.Component {
			return views.LogConfirmContent(views.NewLogConfirm(r, "node-a", level, wished(wish), q))
		})
	}
	can := func(l *mesh.ZtunnelLogLevel) views.LogLevelRead {
		return views.LogLevelRead{Level: l, Changeable: true}
	}
	return []Entry{
		of("default", "", can(logsLevel(defaultLogs, "", 0))),
		of("raised by us", "", can(logsLevel(raisedLogs, "jane@example.com", 12*time.Minute))),
		of("raised by another", "", can(logsLevel(raisedLogs, "", 12*time.Minute))),
		of("time is over", "", can(logsLevel(raisedLogs, "", -3*time.Minute))),
		of("lowered by hand", "", can(logsLevel("hickory_server::server=off,access=off,warn", "", 0))),
		of("read only", "", views.LogLevelRead{Level: logsLevel(raisedLogs, "", 12*time.Minute)}),
		of("wrong level typed", "level=access%3Adebug", can(logsLevel(defaultLogs, "", 0))),
		of("hostile text typed", "level="+url.QueryEscape(markup), can(logsLevel(defaultLogs, markup, time.Hour))),
		of("forbidden", "", views.LogLevelRead{Failure: views.ReadForbidden, Detail: "create pods/portforward in istio-system"}),
		of("no answer", "", views.LogLevelRead{Failure: views.ReadTimedOut}),
		of("not recorded", "", views.LogLevelRead{Failure: views.ReadUnwired}),
		ask("confirm", "level=access%3Ddebug&for=30m", logsLevel(defaultLogs, "", 0)),
		ask("confirm over another's", "level=ztunnel%3A%3Axds%3Dtrace", logsLevel(raisedLogs, "", 12*time.Minute)),
		ask("confirm what changed meanwhile", "level=debug&seen=else", logsLevel(raisedLogs, "", 12*time.Minute)),
		ask("confirm a reset", "reset=1", logsLevel(raisedLogs, "", 12*time.Minute)),
		ask("confirm what changes nothing", "level=access%3Dinfo", logsLevel(defaultLogs, "", 0)),
	}
}

// wished is a wish as it stands in an address that is written here.
func wished(parameters string) views.LogLevelWish {
	v, _ := url.ParseQuery(parameters)
	return views.ParseLogLevelWish(v)
}

// logsLevel is what the ztunnel of node-a logs, for so long from now where that
// is not 0.
func logsLevel(filter, by string, left time.Duration) *mesh.ZtunnelLogLevel {
	f, err := mesh.ParseLogFilter(filter)
	if err != nil {
		panic("gallery: " + err.Error()) // filters are written here
	}
	l := &mesh.ZtunnelLogLevel{
		Meta: mesh.Meta{Kind: mesh.KindZtunnelLogLevel, Name: "node-a"}, At: mt.Now.Add(-4 * time.Second), Filter: f, By: by,
		Pod: mesh.Ref{Kind: "Pod", Namespace: mt.SystemNamespace, Name: "ztunnel-node-a"},
	}
	if left != 0 {
		l.Until = mt.Now.Add(left)
	}
	if by != "" {
		l.ChangedAt = mt.Now.Add(-3 * time.Minute)
	}
	return l
}
