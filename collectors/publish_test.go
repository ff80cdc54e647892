package collectors_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

// publishing runs an assembler in a bubble of fake time and notes what it
// publishes.
func publishing(t *testing.T, prepare func(*collectors.Assembler), test func(t *testing.T, a *collectors.Assembler, published *[]*mesh.Snapshot)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := collectors.NewAssembler(nil, time.Now)
		prepare(a)
		var published []*mesh.Snapshot
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			a.Run(ctx, func(snap *mesh.Snapshot, _ time.Duration) { published = append(published, snap) })
		}()
		synctest.Wait()
		test(t, a, &published)
		cancel()
		<-ended
	})
}

// pass lets time go by until everything that is due has happened.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestTheFirstSnapshotComesAtOnce(t *testing.T) {
	publishing(t, func(*collectors.Assembler) {}, func(t *testing.T, _ *collectors.Assembler, published *[]*mesh.Snapshot) {
		if len(*published) != 1 {
			t.Errorf("%d snapshots, want one", len(*published))
		}
	})
}

func TestChangesAtOneTimeAreOneSnapshot(t *testing.T) {
	publishing(t, func(*collectors.Assembler) {}, func(t *testing.T, a *collectors.Assembler, published *[]*mesh.Snapshot) {
		pass(time.Second)
		for _, name := range []string{"a", "b", "c"} {
			a.Apply(put(service("shop", name)), nil)
			pass(time.Millisecond)
		}
		pass(time.Second)
		if n := len(*published); n != 2 {
			t.Fatalf("%d snapshots, want the first and one with all changes", n)
		}
		if n := len((*published)[1].Shard("shop").Services); n != 3 {
			t.Errorf("it has %d of three services", n)
		}
	})
}

func TestTheLastChangeIsAlwaysPublished(t *testing.T) {
	publishing(t, func(*collectors.Assembler) {}, func(t *testing.T, a *collectors.Assembler, published *[]*mesh.Snapshot) {
		for range 100 {
			a.Apply(put(service("shop", "x")), nil)
			pass(7 * time.Millisecond)
		}
		a.Apply(put(service("shop", "last")), nil)
		pass(time.Second)
		all := *published
		if all[len(all)-1].Service("shop", "last") == nil {
			t.Error("the last change was not published")
		}
		if len(all) > 10 {
			t.Errorf("700 ms of changes made %d snapshots", len(all))
		}
	})
}

func TestAFresherSourceAloneMakesNoSnapshot(t *testing.T) {
	ok := mesh.SourceStatus{Name: "kubernetes", State: mesh.SourceOK}
	publishing(t, func(a *collectors.Assembler) { a.Report(ok) }, func(t *testing.T, a *collectors.Assembler, published *[]*mesh.Snapshot) {
		pass(2 * time.Second)
		before := len(*published)
		ok.AsOf = time.Now()
		a.Report(ok)
		pass(2 * time.Second)
		if len(*published) != before {
			t.Error("a snapshot was made of nothing new")
		}
		a.Report(mesh.SourceStatus{Name: "kubernetes", State: mesh.SourceDown})
		pass(2 * time.Second)
		if len(*published) != before+1 {
			t.Errorf("a source that went down made %d snapshots, want one", len(*published)-before)
		}
	})
}

func TestALiveClusterAges(t *testing.T) {
	publishing(t, func(*collectors.Assembler) {}, func(t *testing.T, _ *collectors.Assembler, published *[]*mesh.Snapshot) {
		pass(time.Minute)
		if n := len(*published); n < 4 || n > 6 {
			t.Errorf("a still minute made %d snapshots", n)
		}
	})
}

func TestARecordingDoesNotAge(t *testing.T) {
	fix := func(a *collectors.Assembler) { a.FixAt(noon) }
	publishing(t, fix, func(t *testing.T, _ *collectors.Assembler, published *[]*mesh.Snapshot) {
		pass(time.Second)
		before := len(*published)
		pass(time.Hour)
		if len(*published) != before {
			t.Errorf("an hour later there are %d snapshots, were %d", len(*published), before)
		}
	})
}
