package server

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/server/browsertest"
)

// callers are two Deployments that call orders.
func callers() meshtest.Part {
	return meshtest.Parts(meshtest.Deployment("shop", "web"), meshtest.Deployment("shop", "other"))
}

// linesOfCalls are what a ztunnel and the waypoint write of calls of web and of
// another to orders, and of themselves. What goes on from the waypoint names
// nobody; which call it is of only its group tells.
func linesOfCalls(s *mesh.Snapshot) []mesh.LogEvent {
	ip := func(pod string) string { return s.Workload("shop", pod).IPs[0] }
	waypoint, vip := s.Waypoint("shop", "waypoint").Pods[0], s.Service("shop", "orders").VIPs[0]
	n := 0
	event := func(raw string) mesh.LogEvent {
		n++
		return lineAt(ztunnelTarget(), n*5, raw)
	}
	connection := func(raw, pod, from, to string) mesh.LogEvent {
		e := event(raw)
		e.Line.Kind = mesh.LogZtunnelAccess
		e.Line.Connection = &mesh.ConnectionLog{
			Event: "complete", Direction: "inbound", Error: raw, HBONEAddr: to + ":8080",
			Source: mesh.LogPeer{Addr: from + ":40000", Workload: pod, Namespace: "shop"}, Destination: mesh.LogPeer{Addr: to + ":15008"},
		}
		return e
	}
	request := func(raw, from, to string) mesh.LogEvent {
		e := event(raw)
		e.Line.Kind, e.Line.From = mesh.LogEnvoyAccess, &mesh.LogTarget{Source: "waypoint/shop/waypoint", Writer: mesh.WriterWaypoint, Pod: waypoint.Ref(), Container: "istio-proxy"}
		e.Line.Request = &mesh.RequestLog{
			Method: "GET", Status: 503, Details: raw, DownstreamRemote: from + ":40000", DownstreamLocal: vip + ":80",
			UpstreamCluster: "inbound-vip|80|http|orders.shop.svc.cluster.local", UpstreamHost: "envoy://connect_originate/" + to + ":8080",
		}
		return e
	}
	by := func(raw, from, to string) []mesh.LogEvent {
		first, second := request(raw+" at the waypoint", ip(from), to), connection(raw+" at the pod", waypoint.Name, waypoint.IPs[0], to)
		second.Line.Time = first.Line.Time
		return []mesh.LogEvent{first, second}
	}
	plain, broken := event("proxy started"), event("xds connection lost")
	plain.Line.Level, broken.Line.Level = mesh.LogInfo, mesh.LogWarn
	out := append(by("web", "web-1", ip("orders-1")), by("other", "other-1", ip("orders-2"))...)
	return append(out, connection("by addresses alone", "", ip("web-1"), ip("orders-1")), plain, broken)
}

func TestOnlyLinesOfTheCallAreRead(t *testing.T) {
	s := meshtest.Mesh(shop("waypoint"), callers())
	query := LogQuery{Call: &path.Request{From: "shop/web-1", To: "shop/orders:80"}}
	r := LineReader{Call: query.Lines(s), Filter: LineFilter{OnlyCall: true}}
	var got []string
	for _, e := range linesOfCalls(s) {
		if l, wanted := r.Read(&e); wanted {
			got = append(got, fmt.Sprintf("%s: %s", l.Raw, l.OfCall))
		}
	}
	want := []string{"web at the waypoint: yes", "web at the pod: yes", "by addresses alone: yes", "xds connection lost: unknown"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	if r.Others != 3 {
		t.Errorf("%d lines of other calls are counted, want 3", r.Others)
	}
}

func TestAPageOfACallHidesOtherCallsAndCountsThem(t *testing.T) {
	p := serveLogs(t, newFakeLogs(), nil, callers())
	p.Tab = browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	const call = "/logs?from=shop/web-1&to=shop/orders:80"
	events := linesOfCalls(meshtest.Mesh(callers(), shop("waypoint"), meshtest.Node("node-a")))
	p.Do(t, chromedp.Navigate(p.web.URL+call+"&flat=1"))
	p.stream(t).give(t, events...)
	p.waitForText(t, "[data-logs-others]", "3 lines of other calls hidden")
	p.waitForText(t, "[data-logs-count]", "4 of 7 lines")
	p.WaitFor(t, "no row is of another call", meanings+`.every((text) => !text.startsWith("other"))`)

	p.Do(t, chromedp.Click("[data-tool=calls]"))
	p.waitForText(t, "[data-logs-count]", "7 lines")
	p.waitForText(t, "[data-logs-others]", "shown too")
	p.WaitFor(t, "the address has the choice", `new URLSearchParams(location.search).get("calls") === "all" && document.querySelector("[data-tool=calls]").getAttribute("aria-checked") === "false"`)

	p.Do(t, chromedp.Reload())
	p.stream(t).give(t, events...)
	p.waitForText(t, "[data-logs-count]", "7 lines")
	p.Do(t, chromedp.Click("[data-tool=calls]"))
	p.waitForText(t, "[data-logs-others]", "3 lines of other calls hidden")
	p.typed(t, "include", "xds")
	p.waitForText(t, "[data-logs-others]", "0 lines of other calls hidden")
	p.waitForRows(t, "xds connection lost")
	p.contented(t)
}

func TestAPageOfACallWithoutScripts(t *testing.T) {
	p := serveLogs(t, newFakeLogs(), linesOfCalls(meshtest.Mesh(callers(), shop("waypoint"), meshtest.Node("node-a"))), callers())
	p.Tab = browsertest.Start(t).Open(t, browsertest.Look{Width: 1400})
	p.WithoutScripts(t)
	p.Do(t, chromedp.Navigate(p.web.URL+"/logs?from=shop/web-1&to=shop/orders:80"))
	const rows = `document.querySelectorAll(".logs-fold").length`
	if !browsertest.Eval[bool](t, p.Tab, rows+` === 4 && document.querySelector("[data-logs-others]").textContent === "3 lines of other calls hidden"`) {
		t.Error("lines of other calls are shown, or not counted")
	}
	p.Do(t, chromedp.Click("[data-tool=calls]"))
	p.WaitFor(t, "the link shows all", rows+` === 7 && location.search.includes("calls=all") && document.querySelector("[data-tool=calls]").getAttribute("aria-checked") === "false" && !document.querySelector("form [name=calls]").disabled`)
}

func TestCallsOfAStream(t *testing.T) {
	for asked, want := range map[string]string{"": "false ", "calls=all": "false ", "calls=this": "true ", "calls=mine": `false "mine" are no calls: write this or all`} {
		v, err := url.ParseQuery("from=shop/web-1&to=shop/orders:80&" + asked)
		if err != nil {
			t.Fatal(err)
		}
		q, err := ParseLogQuery(v)
		got := fmt.Sprintf("%t ", q.Filter.OnlyCall)
		if err != nil {
			got += err.Error()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", asked, got, want)
		}
	}
}
