package server

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

// denialTown is a server of a mesh in which web calls orders, whose logs a test
// writes.
type denialTown struct {
	*Server
	logs *fakeLogs
	snap *mesh.Snapshot
}

func newDenialTown(parts ...meshtest.Part) *denialTown {
	logs := newFakeLogs()
	d := &denialTown{Server: New(Config{Logs: func(string) Logs { return logs }}), logs: logs}
	d.publish(parts...)
	return d
}

func (d *denialTown) publish(parts ...meshtest.Part) {
	d.snap = meshtest.Mesh(append(parts, shop("waypoint"), meshtest.Deployment("shop", "web", meshtest.OnNode("node-a")), meshtest.Node("node-a"), meshtest.Node("node-b"))...)
	d.Publish("", analysis.Assess(analysis.Input{Snap: d.snap, Now: d.snap.At}))
}

func (d *denialTown) look(wait bool) views.Denials {
	return d.worlds[""].denials.look(context.Background(), wait)
}

func (d *denialTown) stream(t *testing.T) *fakeStream {
	t.Helper()
	synctest.Wait()
	select {
	case st := <-d.logs.streams:
		return st
	default:
		t.Fatal("nobody follows any log")
		return nil
	}
}

// denied is a line of the ztunnel of a node that refused a call of web.
func (d *denialTown) denied(node string, at time.Time) mesh.LogEvent {
	target := d.snap.LogTargets(mesh.ZtunnelLogs(node))[0]
	web, orders := d.snap.Workload("shop", "web-1"), d.snap.Workload("shop", "orders-1")
	return mesh.LogEvent{Line: &mesh.LogLine{
		ID: "c/" + at.String() + "/0", Time: at, From: &target, Kind: mesh.LogZtunnelAccess, Scope: "access", Raw: "<script>alert(1)</script>",
		Connection: &mesh.ConnectionLog{
			Event: "complete", Direction: "inbound", Service: "orders.shop.svc.cluster.local",
			Source:      mesh.LogPeer{Addr: web.IPs[0] + ":40000", Workload: "web-1", Namespace: "shop", Identity: "spiffe://cluster.local/ns/shop/sa/web"},
			Destination: mesh.LogPeer{Addr: orders.IPs[0] + ":15008", Workload: "orders-1", Namespace: "shop"}, HBONEAddr: orders.IPs[0] + ":8080",
			Error: "connection closed due to policy rejection: allow policies exist, but none allowed",
		},
	}}
}

func (d *denialTown) phase(node string, phase mesh.LogPhase, detail string) mesh.LogEvent {
	target := d.snap.LogTargets(mesh.ZtunnelLogs(node))[0]
	return mesh.LogEvent{State: &mesh.LogState{From: &target, Phase: phase, Detail: detail}}
}

// later lets time pass and everybody do what is to be done.
func later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestLogsAreFollowedWhileSomebodyLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDenialTown()
		defer d.Close()
		synctest.Wait()
		if len(d.logs.streams) > 0 {
			t.Fatal("logs are followed though nobody looked")
		}
		if got := d.look(false); got.State != views.DenialsReading {
			t.Errorf("state %q before anything was read", got.State)
		}
		st := d.stream(t)
		if back := time.Since(st.wish.Since).Round(time.Minute); len(st.wish.Targets) != 4 || back != 10*time.Minute || st.wish.Once {
			t.Errorf("followed %d containers, %s back, once: %v", len(st.wish.Targets), back, st.wish.Once)
		}
		later(time.Minute)
		d.look(false)
		later(time.Minute + 59*time.Second)
		select {
		case <-st.closed:
			t.Error("closed within two minutes of the last look")
		default:
		}
		later(3 * time.Second)
		select {
		case <-st.closed:
		default:
			t.Error("still followed two minutes after the last look")
		}
		if d.look(false); len(d.logs.streams) == 0 {
			synctest.Wait()
		}
		d.stream(t)
	})
}

func TestWhatFailsIsToldTwoSecondsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDenialTown()
		defer d.Close()
		d.look(false)
		st := d.stream(t)
		_, news := d.worlds[""].denials.news.current()
		st.give(t, d.denied("node-b", time.Now()))
		synctest.Wait()
		select {
		case <-news:
		default:
			t.Error("no news of the first failure")
		}
		_, news = d.worlds[""].denials.news.current()
		st.give(t, d.denied("node-b", time.Now()))
		synctest.Wait()
		select {
		case <-news:
			t.Error("news within two seconds of the last")
		default:
		}
		later(3 * time.Second)
		select {
		case <-news:
		default:
			t.Error("no news of the second failure")
		}
		got := d.look(false)
		if got.Failures.Calls != 2 || got.Failures.Groups[0].Code != "POLICY_NONE_ALLOWED" || got.Failures.Groups[0].Deciders[0].Node != "node-b" {
			t.Errorf("failures %+v", got.Failures)
		}
	})
}

func TestANewSnapshotBringsItsOwnProxies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDenialTown()
		defer d.Close()
		d.look(false)
		st := d.stream(t)
		d.publish(meshtest.Revision(99), meshtest.Node("node-c"))
		later(2 * time.Second)
		select {
		case call := <-st.calls:
			if !strings.Contains(call, "ztunnel-node-c") {
				t.Errorf("told to %s", call)
			}
		default:
			t.Error("the proxies of the newer snapshot are not followed")
		}
	})
}

func TestARefusedStreamIsSaidAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := &limitedLogs{fakeLogs: newFakeLogs()}
		d := &denialTown{Server: New(Config{Logs: func(string) Logs { return logs }}), logs: logs.fakeLogs}
		d.publish()
		defer d.Close()
		logs.full.Store(true)
		d.look(false)
		synctest.Wait()
		if got := d.look(true); got.SourceState() != mesh.SourceDown || got.Quiet() != "" || got.Problem == "" {
			t.Errorf("state %q, quiet %q, problem %q", got.SourceState(), got.Quiet(), got.Problem)
		}
		logs.full.Store(false)
		later(6 * time.Second)
		st := d.stream(t)
		close(st.events) // breaks
		later(6 * time.Second)
		d.stream(t).give(t, d.denied("node-b", time.Now()))
		later(time.Second)
		if got := d.look(true); got.Problem != "" || got.State != views.DenialsFollowing {
			t.Errorf("after it came back: %+v", got)
		}
	})
}

// limitedLogs refuse streams while they are full.
type limitedLogs struct {
	*fakeLogs
	full atomic.Bool
}

func (l *limitedLogs) Follow(wish mesh.LogFollow) (LogStream, error) {
	if l.full.Load() {
		return nil, ErrTooManyStreams
	}
	return l.fakeLogs.Follow(wish)
}

func TestARecordingIsReadOnceAndBackFromItsMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDenialTown(meshtest.Cluster(mesh.ClusterInfo{Origin: mesh.OriginRecorded}))
		defer d.Close()
		go func() {
			st := <-d.logs.streams
			if !st.wish.Once || !st.wish.Since.Equal(d.snap.At.Add(-10*time.Minute)) {
				t.Errorf("asked for %+v", st.wish)
			}
			st.give(t, d.denied("node-b", d.snap.At.Add(-5*time.Minute)), d.denied("node-b", d.snap.At.Add(-time.Minute)))
			st.give(t, mesh.LogEvent{End: &mesh.LogEnd{Reason: "that is all"}})
		}()
		page := document(t, get(t, d.Server, "/")).Find("#denials")
		if text := page.Text(); !strings.Contains(text, "2×") || !strings.Contains(text, "of the recording") {
			t.Errorf("the first page says %q", text)
		}
		d.look(false)
		synctest.Wait()
		if len(d.logs.streams) > 0 {
			t.Error("the recording is read again")
		}
	})
}

func TestTheServicePageHasItsOwnFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDenialTown(meshtest.Service("shop", "web"))
		defer d.Close()
		d.look(false)
		d.stream(t).give(t, d.denied("node-b", time.Now()))
		later(5 * time.Second)
		orders := document(t, get(t, d.Server, "/services/shop/orders"))
		row := orders.Find("#denials .denied-call")
		if row.Length() != 1 || orders.Find("#denials-of-pods").Length() != 0 {
			t.Fatalf("%d rows of calls to orders", row.Length())
		}
		var links []string
		row.Find("a.action").Each(func(_ int, a *goquery.Selection) { links = append(links, a.AttrOr("href", "")) })
		if diff := cmp.Diff([]string{"/path?from=shop%2Fdeployment%2Fweb&to=shop%2Forders%3A80"}, links[:1]); diff != "" {
			t.Errorf("links (-want +got):\n%s", diff)
		}
		if !strings.Contains(links[1], "/logs?") || !strings.Contains(links[1], "line=c") {
			t.Errorf("the line is at %s", links[1])
		}
		if row.Find("script").Length() > 0 {
			t.Error("a line of a log is taken for markup")
		}
		web := document(t, get(t, d.Server, "/services/shop/web"))
		if web.Find("#denials .denied-call").Length() != 0 || web.Find("#denials-of-pods .denied-call").Length() != 1 {
			t.Errorf("the page of web does not have the calls of its pods: %s", web.Find("#denials-of-pods").Text())
		}
		if other := document(t, get(t, d.Server, "/?ns=legacy")); other.Find(".denied-call").Length() != 0 {
			t.Error("another namespace's triage has the failure")
		}
	})
}

func TestNoMoreProxiesAreFollowedThanTheBound(t *testing.T) {
	var nodes []meshtest.Part
	for i := range 100 {
		nodes = append(nodes, meshtest.Node("n"+string(rune('a'+i/26))+string(rune('a'+i%26))))
	}
	d := newDenialTown(nodes...)
	got := chooseProxies(d.snap)
	if len(got.targets) != maxDenialProxies || got.all != 104 {
		t.Fatalf("%d of %d proxies", len(got.targets), got.all)
	}
	for _, must := range []mesh.LogSource{mesh.WaypointLogs("shop", "waypoint"), mesh.ZtunnelLogs("node-a"), mesh.ZtunnelLogs("node-b")} {
		if !slices.ContainsFunc(got.targets, func(target mesh.LogTarget) bool { return target.Source == must }) {
			t.Errorf("%s is left out for nodes without pods of the mesh", must)
		}
	}
	said := views.Denials{State: views.DenialsFollowing, Proxies: 64, All: 103}
	if text := strings.Join(said.Limits(), " "); !strings.Contains(text, "Following 64 of 103 proxies") {
		t.Error(text)
	}
}
