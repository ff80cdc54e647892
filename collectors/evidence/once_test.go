package evidence_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// once reads the proxies of a mesh a single time, within a limit.
func once(t *testing.T, from *proxies, snap *mesh.Snapshot, limit time.Duration, r evidence.Round) *collectors.Assembler {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	sink := collectors.NewAssembler(nil, time.Now)
	s := &evidence.Sweep{
		Reader: from, Snapshot: func() *mesh.Snapshot { return snap },
		Spent: func() int64 { from.mu.Lock(); defer from.mu.Unlock(); return from.spent },
	}
	s.Once(ctx, sink, r)
	return sink
}

func TestOnceReadsEveryProxyAndReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := &proxies{takes: time.Second}
		var told []string
		a := once(t, from, twoNodes(), time.Minute, evidence.Round{Tell: func(done, all int) { told = append(told, fmt.Sprintf("%d of %d", done, all)) }})
		asked := slices.Compact(slices.Sorted(slices.Values(from.asked)))
		if len(asked) != len(from.asked) || !slices.Contains(asked, "ztunnel/node-a") || !slices.Contains(asked, "ztunnel/node-b") {
			t.Errorf("asked %v", from.asked)
		}
		for _, s := range a.Statuses() {
			if s.State != mesh.SourceOK {
				t.Errorf("%+v", s)
			}
		}
		n := len(from.asked)
		if len(a.Statuses()) != n || len(told) != n+1 || told[0] != fmt.Sprintf("0 of %d", n) || told[n] != fmt.Sprintf("%d of %d", n, n) {
			t.Errorf("%d asked, it tells %v of %v", n, told, a.Statuses())
		}
	})
}

func TestWhatIsNotReadInTimeSaysSoAndTheSuspectsAreReadFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var parts []meshtest.Part
		for i := range 40 {
			parts = append(parts, meshtest.Node(fmt.Sprintf("node-%02d", i)))
		}
		suspect := func(pod mesh.Ref) int {
			if strings.HasSuffix(pod.Name, "node-37") {
				return -1
			}
			return 0
		}
		from := &proxies{takes: 10 * time.Second}
		a := once(t, from, meshtest.Mesh(parts...), 15*time.Second, evidence.Round{Rank: suspect})
		said := make(map[string]int)
		for _, s := range a.Statuses() {
			if strings.HasPrefix(s.Name, "ztunnel/") {
				said[string(s.State)+" "+s.Detail]++
			}
		}
		want := map[string]int{
			"ok ": 13,
			"down It had not answered when the time for reading proxies was over.":   12,
			"down Its turn had not come when the time for reading proxies was over.": 15,
		}
		if diff := cmp.Diff(want, said); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if s := state(a, "ztunnel/node-37"); s.State != mesh.SourceOK {
			t.Errorf("the suspect: %+v", s)
		}
	})
}

func TestOnceAMissingRightIsTriedForFewAndTheRestIsRead(t *testing.T) {
	missing := forbidden(t)
	synctest.Test(t, func(t *testing.T) {
		parts := []meshtest.Part{meshtest.Namespace("shop"), meshtest.Waypoint("shop", "waypoint")}
		for i := range 40 {
			parts = append(parts, meshtest.Node(fmt.Sprintf("node-%02d", i)))
		}
		tried := 0
		from := &proxies{fail: func(who string) error {
			if strings.HasPrefix(who, "envoy") {
				return nil
			}
			tried++
			return missing
		}}
		a := once(t, from, meshtest.Mesh(parts...), time.Minute, evidence.Round{})
		states := make(map[string]mesh.SourceState)
		for _, s := range a.Statuses() {
			kind, _, _ := strings.Cut(s.Name, "/")
			if known, ok := states[kind]; ok && known != s.State {
				t.Errorf("%+v, and others of its kind are %s", s, known)
			}
			states[kind] = s.State
		}
		if want := map[string]mesh.SourceState{"ztunnel": mesh.SourceForbidden, "envoy": mesh.SourceOK, "istiod": mesh.SourceForbidden}; !cmp.Equal(want, states) {
			t.Errorf("%v, want %v", states, want)
		}
		if tried > 2 {
			t.Errorf("the API server was asked %d times for a right that is missing", tried)
		}
	})
}

func TestOnceWithoutPodsAsksNobody(t *testing.T) {
	from := &proxies{}
	a := once(t, from, meshtest.Mesh(meshtest.Node("node-a"), meshtest.Forbidden("pods")), time.Minute, evidence.Round{})
	if len(from.asked) > 0 || len(a.Statuses()) > 0 {
		t.Errorf("asked %v, says %v", from.asked, a.Statuses())
	}
}
