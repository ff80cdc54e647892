package loglevel_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/loglevel"
	"github.com/waylight/waylight/collectors/tunnel"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

const byDefault = "hickory_server::server=off,info"

// ztunnels are the ztunnels of a mesh, by pod, as a tunnel reaches them.
type ztunnels struct {
	mu    sync.Mutex
	logs  map[string]*meshtest.ZtunnelLog
	fail  error
	lost  bool          // changes are made, and their answers do not arrive
	ahead time.Duration // how far the nodes' clocks are ahead
	mute  bool          // answers do not say the time
	reads int
	meet  func() // called between a reading and what follows
}

func (z *ztunnels) ask(pod mesh.Ref, query url.Values) (tunnel.LogLevel, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if len(query) == 0 {
		z.reads++
	}
	if z.fail != nil {
		return tunnel.LogLevel{}, z.fail
	}
	status, body := z.of(pod.Name).Answer("POST", query.Encode())
	if status != 200 {
		return tunnel.LogLevel{}, fmt.Errorf("%d: %s", status, body)
	}
	if z.lost && len(query) > 0 {
		return tunnel.LogLevel{}, &tunnel.Error{Reason: tunnel.TimedOut, Pod: pod}
	}
	f, err := mesh.ParseLogFilter(strings.TrimSuffix(strings.TrimPrefix(body, "current log level is "), "\n"))
	answer := tunnel.LogLevel{Filter: f, Clock: time.Now().Add(z.ahead).Truncate(time.Second)}
	if z.mute {
		answer.Clock = time.Time{}
	}
	return answer, err
}

func (z *ztunnels) of(pod string) *meshtest.ZtunnelLog {
	if z.logs == nil {
		z.logs = make(map[string]*meshtest.ZtunnelLog)
	}
	if z.logs[pod] == nil {
		z.logs[pod] = &meshtest.ZtunnelLog{}
	}
	return z.logs[pod]
}

func (z *ztunnels) LogLevel(_ context.Context, pod mesh.Ref) (tunnel.LogLevel, error) {
	defer func() {
		if z.meet != nil {
			z.meet()
		}
	}()
	return z.ask(pod, nil)
}

func (z *ztunnels) SetLogLevel(_ context.Context, pod mesh.Ref, c mesh.LogChange, until time.Time) (tunnel.LogLevel, error) {
	return z.ask(pod, url.Values{"reset": {""}, "level": {c.Until(until)}})
}

func (z *ztunnels) ResetLogLevel(_ context.Context, pod mesh.Ref) (tunnel.LogLevel, error) {
	return z.ask(pod, url.Values{"reset": {""}})
}

// filter is what the ztunnel of node-a logs.
func (z *ztunnels) filter() string {
	z.mu.Lock()
	defer z.mu.Unlock()
	f, _ := z.of(nodeA.Name).Filter()
	return f
}

func (z *ztunnels) set(f func()) { z.mu.Lock(); defer z.mu.Unlock(); f() }

var nodeA = mesh.Ref{Kind: "Pod", Namespace: meshtest.SystemNamespace, Name: "ztunnel-node-a"}

// waylight is one Waylight that looks at a mesh of two nodes.
type waylight struct {
	*loglevel.Keeper
	sink *collectors.Assembler
	log  *bytes.Buffer
	stop func()
}

func start(t *testing.T, z *ztunnels, allowed bool) *waylight {
	t.Helper()
	snap := meshtest.Mesh(meshtest.Node("node-a"), meshtest.Node("node-b"))
	w := &waylight{sink: collectors.NewAssembler(nil, time.Now), log: new(bytes.Buffer)}
	w.Keeper = &loglevel.Keeper{
		Caller: z, Snapshot: func() *mesh.Snapshot { return snap }, Allowed: allowed,
		User: func(context.Context) (string, error) { return "jane", nil }, Log: slog.New(slog.NewTextHandler(w.log, nil)),
	}
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx, w.sink) }()
	w.stop = func() { end(); <-done }
	t.Cleanup(w.stop)
	synctest.Wait()
	return w
}

func (w *waylight) level() *mesh.ZtunnelLogLevel { return w.sink.Snapshot().LogLevel("node-a") }

func raise(t *testing.T, w *waylight, what string, d time.Duration) (*mesh.ZtunnelLogLevel, error) {
	t.Helper()
	c, err := mesh.ParseLogChange(what)
	if err != nil {
		t.Fatal(err)
	}
	return w.Change(t.Context(), loglevel.Order{Node: "node-a", Pod: nodeA, Change: c, For: d, From: "127.0.0.1:5000"})
}

func TestALevelIsRaisedAndReturnsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{}
		w := start(t, z, true)
		if l := w.level(); l == nil || l.Filter.String() != byDefault || !l.Until.IsZero() {
			t.Fatalf("at first: %+v", l)
		}
		level, err := raise(t, w, "access=debug", 15*time.Minute)
		if err != nil || level.By != "jane" || time.Until(level.Until) != 15*time.Minute {
			t.Fatalf("%+v, %v", level, err)
		}
		time.Sleep(15*time.Minute - time.Second)
		synctest.Wait()
		if got := w.level(); got.Filter.WithoutMarkers().String() != "hickory_server::server=off,access=debug,info" || got.By != "jane" || time.Since(got.At) > 5*time.Minute {
			t.Errorf("before the end: %+v", got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if z.filter() != byDefault || w.level().Filter.String() != byDefault || w.level().By != "" {
			t.Errorf("after the end: %s, %+v", z.filter(), w.level())
		}
		for _, want := range []string{"action=set", "user=jane", "node=node-a", "pod=istio-system/ztunnel-node-a", "directives=\"access=debug\"", "from=127.0.0.1:5000", "until=2000-01-01T00:15:00Z", "result=done", "action=return"} {
			if !strings.Contains(w.log.String(), want) {
				t.Errorf("the audit line lacks %s:\n%s", want, w.log)
			}
		}
	})
}

func TestATimeThatEndsWhileNoWaylightRunsIsFoundAtTheNextStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{}
		w := start(t, z, true)
		if _, err := raise(t, w, "debug", 5*time.Minute); err != nil {
			t.Fatal(err)
		}
		w.stop()
		time.Sleep(time.Hour)
		if z.filter() == byDefault {
			t.Fatal("who took it back?")
		}
		start(t, z, true)
		if z.filter() != byDefault {
			t.Errorf("after the start: %s", z.filter())
		}
	})
}

func TestAWaylightThatStartsBeforeTheEndWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{}
		w := start(t, z, true)
		if _, err := raise(t, w, "debug", time.Hour); err != nil {
			t.Fatal(err)
		}
		w.stop()
		time.Sleep(10 * time.Minute)
		again := start(t, z, true)
		if l := again.level(); l.By != "" || time.Until(l.Until) != 50*time.Minute {
			t.Errorf("%+v", l)
		}
		time.Sleep(49 * time.Minute)
		if z.filter() == byDefault {
			t.Error("it is taken back too soon")
		}
		time.Sleep(2 * time.Minute)
		if z.filter() != byDefault {
			t.Error("it is not taken back")
		}
	})
}

func TestAWaylightThatMayNotChangeLevelsOnlyLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{}
		z.of(nodeA.Name).Answer("POST", "level=debug,waylight_until_5%3Doff")
		w := start(t, z, false)
		time.Sleep(time.Hour)
		if l := w.level(); l == nil || l.Until.IsZero() {
			t.Errorf("%+v", l)
		}
		if _, changes := z.of(nodeA.Name).Filter(); changes != 1 {
			t.Errorf("%d changes", changes)
		}
		if _, err := raise(t, w, "debug", time.Hour); !errors.Is(err, loglevel.ErrNotAllowed) {
			t.Errorf("got %v", err)
		}
	})
}

func TestASecondWaylightGoesByTheClockOfTheNode(t *testing.T) {
	for words, ahead := range map[string]time.Duration{"its node is ten minutes ahead": 10 * time.Minute, "its node is an hour behind": -time.Hour} {
		t.Run(words, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				z := &ztunnels{ahead: ahead}
				first, second := start(t, z, true), start(t, z, true)
				if _, err := raise(t, first, "access=debug", 5*time.Minute); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5*time.Minute - 2*time.Second)
				synctest.Wait()
				if z.filter() == byDefault {
					t.Error("it is taken back too soon")
				}
				time.Sleep(4 * time.Second)
				synctest.Wait()
				if z.filter() != byDefault {
					t.Errorf("it is not taken back: %s", z.filter())
				}
				time.Sleep(5 * time.Minute)
				if l := second.level(); l.Filter.String() != byDefault {
					t.Errorf("the second still shows %s", l.Filter)
				}
			})
		})
	}
}

func TestAProxyThatDoesNotSayTheTimeIsMeasuredByOurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{mute: true}
		w := start(t, z, true)
		if l, err := raise(t, w, "debug", 5*time.Minute); err != nil || time.Until(l.Until) != 5*time.Minute {
			t.Fatalf("%+v, %v", l, err)
		}
		time.Sleep(5*time.Minute + time.Second)
		synctest.Wait()
		if z.filter() != byDefault {
			t.Errorf("still %s", z.filter())
		}
	})
}

func TestWhatSomebodyElseChangedMeanwhileIsNotOverwritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{}
		w := start(t, z, true)
		z.of(nodeA.Name).Answer("POST", "level=ztunnel::xds%3Dtrace")
		c, _ := mesh.ParseLogChange("access=debug")
		_, err := w.Change(t.Context(), loglevel.Order{Node: "node-a", Pod: nodeA, Change: c, For: time.Hour, Seen: byDefault})
		if !errors.Is(err, loglevel.ErrMoved) || z.filter() != "hickory_server::server=off,ztunnel::xds=trace,info" {
			t.Errorf("%v: %s", err, z.filter())
		}
		if l := w.level(); l.Filter.String() != z.filter() {
			t.Errorf("what is there now is not shown: %s", l.Filter)
		}
		if !strings.Contains(w.log.String(), "result=failed") {
			t.Errorf("no audit line: %s", w.log)
		}
	})
}

func TestAPersonResetsAndTheTimeIsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{}
		w := start(t, z, true)
		if _, err := raise(t, w, "debug", time.Hour); err != nil {
			t.Fatal(err)
		}
		l, err := w.Change(t.Context(), loglevel.Order{Node: "node-a", Pod: nodeA})
		if err != nil || l.Filter.String() != byDefault {
			t.Fatalf("%+v, %v", l, err)
		}
		time.Sleep(2 * time.Hour)
		if _, changes := z.of(nodeA.Name).Filter(); changes != 2 {
			t.Errorf("%d changes", changes)
		}
	})
}

func TestTwoWhoChangeAtOnceLeaveOneWholeChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{}
		first, second := start(t, z, true), start(t, z, true)
		var both sync.WaitGroup
		both.Go(func() { raise(t, first, "access=debug", 5*time.Minute) })
		both.Go(func() { raise(t, second, "ztunnel::xds=trace", time.Hour) })
		both.Wait()
		switch z.filter() {
		case "waylight_until_946685100=off,hickory_server::server=off,access=debug,info", "waylight_until_946688400=off,hickory_server::server=off,ztunnel::xds=trace,info":
		default:
			t.Errorf("a mixture: %s", z.filter())
		}
	})
}

func TestWhatCannotBeTakenBackIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{}
		w := start(t, z, true)
		if _, err := raise(t, w, "debug", 2*time.Minute); err != nil {
			t.Fatal(err)
		}
		z.set(func() { z.fail = &tunnel.Error{Reason: tunnel.Refused} })
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if l := w.level(); l == nil {
			t.Error("what it said stands for a while")
		}
		reads := z.reads
		if reads > 12 {
			t.Errorf("asked %d times", reads)
		}
		z.set(func() { z.fail = nil })
		time.Sleep(16 * time.Second)
		synctest.Wait()
		if z.filter() != byDefault {
			t.Errorf("still %s", z.filter())
		}
	})
}

func TestAChangeWhoseAnswerIsLostIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{lost: true}
		w := start(t, z, true)
		if _, err := raise(t, w, "debug", 2*time.Minute); err == nil {
			t.Fatal("no error")
		}
		if !strings.Contains(w.log.String(), "result=unknown") {
			t.Errorf("the audit line is sure: %s", w.log)
		}
		z.set(func() { z.lost = false })
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if l := w.level(); l.By != "jane" || l.Until.IsZero() {
			t.Errorf("it was made: %+v", l)
		}
		time.Sleep(2 * time.Minute)
		if z.filter() != byDefault {
			t.Errorf("still %s", z.filter())
		}
	})
}

func TestAChangeIsNotHalvedByWhoLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{}
		w := start(t, z, true)
		ctx, leave := context.WithCancel(t.Context())
		z.set(func() { z.meet = leave })
		c, _ := mesh.ParseLogChange("debug")
		if _, err := w.Change(ctx, loglevel.Order{Node: "node-a", Pod: nodeA, Change: c, For: time.Hour}); err != nil || z.filter() == byDefault {
			t.Errorf("%v: %s", err, z.filter())
		}
	})
}

func TestTimesOutOfBoundsAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{}
		w := start(t, z, true)
		for _, d := range []time.Duration{-time.Hour, 0, time.Second, 5 * time.Hour, 1 << 62} {
			if _, err := raise(t, w, "debug", d); err == nil {
				t.Errorf("%s is taken", d)
			}
		}
		if z.filter() != byDefault {
			t.Errorf("now %s", z.filter())
		}
	})
}

func TestZtunnelsThatMayNotBeReachedAreUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{fail: &tunnel.Error{Reason: tunnel.Forbidden}}
		w := start(t, z, true)
		time.Sleep(time.Minute)
		if l := w.level(); l != nil || z.reads != 1 {
			t.Errorf("%+v, asked %d times in the first round", l, z.reads)
		}
		z.set(func() { z.fail = nil })
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if w.level() == nil {
			t.Error("still unknown")
		}
		z.set(func() { z.fail = &tunnel.Error{Reason: tunnel.Forbidden} })
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if l := w.level(); l != nil {
			t.Errorf("still known: %+v", l)
		}
	})
}

func TestARestartOfZtunnelEndsTheChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &ztunnels{}
		w := start(t, z, true)
		if _, err := raise(t, w, "debug", time.Hour); err != nil {
			t.Fatal(err)
		}
		z.of(nodeA.Name).Restart()
		time.Sleep(2 * time.Hour)
		if _, changes := z.of(nodeA.Name).Filter(); changes != 1 || w.level().By != "" {
			t.Errorf("%d changes, by %q", changes, w.level().By)
		}
	})
}
