package evidence_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/collectors/tunnel"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// proxies answers for every proxy, and notes who was asked when.
type proxies struct {
	mu    sync.Mutex
	asked []string
	fail  func(who string) error
	spent int64
	size  int64         // of each answer
	takes time.Duration // to answer
	now   int           // reads under way
	most  int
}

func (p *proxies) ask(ctx context.Context, who string) error {
	p.mu.Lock()
	p.asked = append(p.asked, who)
	p.now++
	p.most = max(p.most, p.now)
	p.spent += p.size
	fail := p.fail
	p.mu.Unlock()
	select {
	case <-time.After(p.takes):
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now--
	if fail != nil {
		return fail(who)
	}
	return nil
}

func (p *proxies) Ztunnel(ctx context.Context, node string, pod mesh.Ref) (*mesh.ZtunnelDump, error) {
	if err := p.ask(ctx, "ztunnel/"+node); err != nil {
		return nil, err
	}
	return &mesh.ZtunnelDump{Node: node, Pod: pod, At: time.Now()}, nil
}

func (p *proxies) Envoy(ctx context.Context, pod mesh.Ref) (*mesh.EnvoyDump, error) {
	if err := p.ask(ctx, "envoy/"+pod.NamespacedName()); err != nil {
		return nil, err
	}
	return &mesh.EnvoyDump{Pod: pod, At: time.Now()}, nil
}

func (p *proxies) Sync(ctx context.Context, pod mesh.Ref) (*mesh.SyncEvidence, error) {
	if err := p.ask(ctx, "istiod/"+pod.Name); err != nil {
		return nil, err
	}
	return &mesh.SyncEvidence{Meta: mesh.Meta{Kind: mesh.KindSyncEvidence, Name: pod.Name}, At: time.Now()}, nil
}

func (p *proxies) count(who string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, a := range p.asked {
		if a == who {
			n++
		}
	}
	return n
}

// twoNodes is a mesh with two ztunnels, a waypoint and an istiod.
func twoNodes() *mesh.Snapshot {
	return meshtest.Mesh(meshtest.Node("node-a"), meshtest.Node("node-b"), meshtest.Namespace("shop"), meshtest.Waypoint("shop", "waypoint"))
}

// sweep runs a sweep in a bubble and gives the sink to look into.
func sweep(t *testing.T, from *proxies, snap *mesh.Snapshot) *collectors.Assembler {
	t.Helper()
	sink, _ := sweepOf(t, from, snap)
	return sink
}

func sweepOf(t *testing.T, from *proxies, snap *mesh.Snapshot) (*collectors.Assembler, *evidence.Sweep) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	sink := collectors.NewAssembler(nil, time.Now)
	s := &evidence.Sweep{
		Reader: from, Rate: 1000, Snapshot: func() *mesh.Snapshot { return snap },
		Spent: func() int64 { from.mu.Lock(); defer from.mu.Unlock(); return from.spent },
	}
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx, sink) }()
	t.Cleanup(func() { end(); <-done })
	return sink, s
}

func state(a *collectors.Assembler, source string) mesh.SourceStatus {
	s, _ := a.Statuses().Find(source)
	return s
}

func TestASweepReadsEveryProxyAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := &proxies{}
		snap := twoNodes()
		a := sweep(t, from, snap)
		time.Sleep(10 * time.Second)
		got := a.Snapshot()
		if len(got.ZtunnelEvidences()) != 2 {
			t.Errorf("%d ztunnels read of %v", len(got.ZtunnelEvidences()), from.asked)
		}
		waypoints := 0
		for _, w := range snap.Shard("shop").Workloads {
			if w.IsWaypoint() && w.Ready {
				waypoints++
				if got.EnvoyEvidence("shop", w.Name) == nil {
					t.Errorf("%s was not read", w.Name)
				}
			}
		}
		if waypoints == 0 {
			t.Fatal("the mesh has no waypoint")
		}
		for _, s := range a.Statuses() {
			if s.State != mesh.SourceOK || s.AsOf.IsZero() {
				t.Errorf("%+v", s)
			}
		}
	})
}

func TestASweepKeepsToItsBudgetOneProxyAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := &proxies{size: 60_000, takes: time.Second} // a minute each
		a := sweep(t, from, twoNodes())
		time.Sleep(30 * time.Second)
		if from.count("ztunnel/node-a") != 1 || from.count("ztunnel/node-b") != 0 {
			t.Errorf("after half a minute: %v", from.asked)
		}
		if s := state(a, "ztunnel/node-b"); s.State != mesh.SourceStarting {
			t.Errorf("who waits is %s", s.State)
		}
		time.Sleep(2 * time.Minute) // what the istiod answered meanwhile may count as well
		if from.count("ztunnel/node-b") != 1 {
			t.Errorf("after two minutes and a half: %v", from.asked)
		}
	})
}

func TestInAHurryAllAreReadAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := &proxies{size: 1_000_000, takes: time.Second} // a quarter of an hour each
		var parts []meshtest.Part
		for i := range 20 {
			parts = append(parts, meshtest.Node(fmt.Sprintf("node-%d", i)))
		}
		a, s := sweepOf(t, from, meshtest.Mesh(parts...))
		time.Sleep(time.Minute)
		if n := len(a.Snapshot().ZtunnelEvidences()); n != 1 {
			t.Errorf("%d read within a minute", n)
		}
		s.ReadAll()
		time.Sleep(10 * time.Second)
		if n := len(a.Snapshot().ZtunnelEvidences()); n != 20 {
			t.Errorf("%d read in a hurry", n)
		}
	})
}

func TestAfterAHurryWhatIsForbiddenIsAskedAgain(t *testing.T) {
	missing := forbidden(t)
	synctest.Test(t, func(t *testing.T) {
		from := &proxies{fail: func(string) error { return missing }}
		a, s := sweepOf(t, from, twoNodes())
		time.Sleep(10 * time.Second)
		from.mu.Lock()
		from.fail = nil
		from.mu.Unlock()
		s.ReadAll()
		synctest.Wait()
		if s := state(a, "ztunnel/node-b"); s.State != mesh.SourceOK {
			t.Errorf("%+v", s)
		}
	})
}

func TestASweepWithoutPodsAsksNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := &proxies{}
		a := sweep(t, from, meshtest.Mesh(meshtest.Node("node-a"), meshtest.Forbidden("pods")))
		time.Sleep(time.Minute)
		if len(from.asked) > 0 || len(a.Statuses()) > 0 {
			t.Errorf("asked %v, says %v", from.asked, a.Statuses())
		}
	})
}

func TestAProxyThatStopsAnsweringIsStaleAndThenDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := &proxies{}
		a := sweep(t, from, twoNodes())
		time.Sleep(10 * time.Second)
		from.mu.Lock()
		from.fail = func(who string) error {
			if who == "ztunnel/node-a" {
				return errors.New("config_dump: it is cut off")
			}
			return nil
		}
		from.mu.Unlock()
		time.Sleep(time.Minute)
		if s := state(a, "ztunnel/node-a"); s.State != mesh.SourceStale || s.Detail != "Config_dump: it is cut off." || s.AsOf.IsZero() || a.Snapshot().ZtunnelEvidence("node-a") == nil {
			t.Errorf("at first: %+v", s)
		}
		time.Sleep(6 * time.Minute)
		if s := state(a, "ztunnel/node-a"); s.State != mesh.SourceDown || a.Snapshot().ZtunnelEvidence("node-a") != nil {
			t.Errorf("later: %+v", s)
		}
		if s := state(a, "ztunnel/node-b"); s.State != mesh.SourceOK {
			t.Errorf("the other: %+v", s)
		}
	})
}

// forbidden is the error of a pool whose API server permits no port-forward.
func forbidden(t *testing.T) error {
	t.Helper()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no","reason":"Forbidden","code":403}`)
	}))
	defer api.Close()
	pool := tunnel.New(&rest.Config{Host: api.URL}, "test")
	defer pool.Close()
	_, err := evidence.NewLive(pool, time.Now).Ztunnel(t.Context(), "node-a", mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "ztunnel-a"})
	if failed, ok := errors.AsType[*tunnel.Error](err); !ok || failed.Reason != tunnel.Forbidden {
		t.Fatalf("got %v", err)
	}
	return err
}

func TestAMissingRightIsNamedForEachAndTriedForOne(t *testing.T) {
	missing := forbidden(t)
	synctest.Test(t, func(t *testing.T) {
		from := &proxies{fail: func(who string) error {
			if strings.HasPrefix(who, "ztunnel") {
				return missing
			}
			return nil
		}}
		a := sweep(t, from, twoNodes())
		time.Sleep(50 * time.Second)
		for _, source := range []string{"ztunnel/node-a", "ztunnel/node-b"} {
			if s := state(a, source); s.State != mesh.SourceForbidden || s.Detail != "create pods/portforward in istio-system" {
				t.Errorf("%+v", s)
			}
		}
		if n := from.count("ztunnel/node-a") + from.count("ztunnel/node-b"); n != 1 {
			t.Errorf("asked %d times within a minute", n)
		}
		from.mu.Lock()
		from.fail = nil
		from.mu.Unlock()
		time.Sleep(2 * time.Minute)
		if s := state(a, "ztunnel/node-b"); s.State != mesh.SourceOK {
			t.Errorf("with the right: %+v", s)
		}
	})
}

func TestACacheAsksOnceForMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := &proxies{takes: time.Second}
		cache := evidence.NewCache(from)
		defer cache.Close()
		pod := mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "z"}
		hasty, leave := context.WithTimeout(t.Context(), time.Millisecond)
		defer leave()
		if _, err := cache.Ztunnel(hasty, "node-a", pod); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who cannot wait gets %v", err)
		}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if d, err := cache.Ztunnel(t.Context(), "node-a", pod); err != nil || d.Node != "node-a" {
					t.Errorf("%v, %v", d, err)
				}
			})
		}
		all.Wait()
		if n := len(from.asked); n != 1 {
			t.Errorf("asked %d times", n)
		}
		cache.FreshZtunnel(t.Context(), "node-a", pod)
		if n := len(from.asked); n != 2 {
			t.Errorf("asked %d times, after somebody wanted it new", n)
		}
		time.Sleep(time.Minute)
		cache.Ztunnel(t.Context(), "node-a", pod)
		if n := len(from.asked); n != 3 {
			t.Errorf("asked %d times, after a minute", n)
		}
		time.Sleep(time.Minute)
	})
}

func TestACacheKeepsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := &proxies{fail: func(string) error { return errors.New("no") }}
		cache := evidence.NewCache(from)
		defer cache.Close()
		for range 2 {
			if _, err := cache.Sync(t.Context(), mesh.Ref{Name: "istiod"}); err == nil {
				t.Error("no error")
			}
		}
		if want := []string{"istiod/istiod", "istiod/istiod"}; !slices.Equal(from.asked, want) {
			t.Errorf("asked %v", from.asked)
		}
	})
}
