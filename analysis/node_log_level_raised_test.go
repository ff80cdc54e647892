package analysis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// logs is a ztunnel whose level was read.
func logs(filter string, opts ...mt.Option) mt.Part { return mt.ZtunnelLogs("node-a", filter, opts...) }

// startedWith gives the ztunnel of a node a RUST_LOG.
func startedWith(level string) mt.Part {
	return mt.Node("node-a", mt.Ztunnel(mt.With(func(w *mesh.Workload) {
		w.Containers = []mesh.Container{{Name: "istio-proxy", Ready: true, Env: map[string]string{"RUST_LOG": level}}}
	})))
}

func TestNodeLogLevelRaised(t *testing.T) {
	fires := []string{"info Node node-a"}
	testCheck(t, "NODE_LOG_LEVEL_RAISED", []checkCase{
		{name: "a module is raised", parts: []mt.Part{mt.Node("node-a"), logs("hickory_server::server=off,access=debug,info")}, want: fires},
		{name: "everything is raised", parts: []mt.Part{mt.Node("node-a"), logs("hickory_server::server=off,trace")}, want: fires},
		{name: "raised through Waylight, for a while", parts: []mt.Part{mt.Node("node-a"), logs("waylight_until_1764000000=off,hickory_server::server=off,debug")}, want: fires},
		{name: "the access log is off", parts: []mt.Part{mt.Node("node-a"), logs("hickory_server::server=off,access=off,info")}, want: fires},
		{name: "info where RUST_LOG is warn", parts: []mt.Part{startedWith("warn"), logs("hickory_server::server=off,info")}, want: fires},
		{name: "silent: the level was not read", parts: []mt.Part{mt.Node("node-a"), mt.ProxiesRead()}},
		{name: "silent: the default", parts: []mt.Part{mt.Node("node-a"), logs("hickory_server::server=off,info")}},
		{name: "silent: the default in another order", parts: []mt.Part{mt.Node("node-a"), logs("info,hickory_server::server=off")}},
		{name: "silent: a module named at the level it has anyway", parts: []mt.Part{mt.Node("node-a"), logs("hickory_server::server=off,access=info,info")}},
		{name: "silent: only the time is left of it", parts: []mt.Part{mt.Node("node-a"), logs("waylight_until_1764000000=off,hickory_server::server=off,info")}},
		{name: "silent: debug is what it was started with", parts: []mt.Part{startedWith("debug"), logs("hickory_server::server=off,debug")}},
		{name: "silent: what it was started with cannot be read", parts: []mt.Part{startedWith("debug=no"), logs("hickory_server::server=off,debug")}},
		{name: "silent: the pod was replaced since", parts: []mt.Part{mt.Node("node-a"), logs("hickory_server::server=off,debug", mt.With(func(l *mesh.ZtunnelLogLevel) { l.Pod.Name = "ztunnel-before" }))}},
	})
}

func TestNodeLogLevelRaisedSaysWhoAndUntilWhen(t *testing.T) {
	const raised = "waylight_until_1764000000=off,hickory_server::server=off,access=debug,info"
	set := func(until time.Time, by string) mt.Option {
		return mt.With(func(l *mesh.ZtunnelLogLevel) { l.Until, l.By, l.ChangedAt = until, by, mt.Now.Add(-time.Minute) })
	}
	tests := []struct {
		words  string
		part   mt.Part
		detail string
		reset  bool
	}{
		{"by this Waylight", logs(raised, set(mt.Now.Add(time.Minute), "jane")), "jane set it through this Waylight at ", false},
		{"by one that is gone", logs(raised, set(mt.Now.Add(time.Minute), "")), "by whom is not known any more", false},
		{"its time is over", logs(raised, set(mt.Now.Add(-time.Minute), "")), "until ", true},
		{"by istioctl", logs("hickory_server::server=off,access=debug,info"), "not set through Waylight", true},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			f := logFinding(t, assess(mt.Node("node-a"), tt.part))
			if !strings.Contains(f.Detail, tt.detail) || f.Fix.Mutates != tt.reset {
				t.Errorf("%q, %+v", f.Detail, f.Fix)
			}
			if f.Summary != "The ztunnel of node-a logs more than by default: access is debug instead of info." {
				t.Error(f.Summary)
			}
		})
	}
}

func logFinding(t *testing.T, r *analysis.Report) analysis.Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.Code == "NODE_LOG_LEVEL_RAISED" {
			return f
		}
	}
	t.Fatal("it is not found")
	return analysis.Finding{}
}
