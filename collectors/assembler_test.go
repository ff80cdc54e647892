package collectors_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// clock is a clock that is set by hand.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

func newAssembler() (*collectors.Assembler, *clock) {
	c := &clock{now: noon}
	return collectors.NewAssembler(nil, c.read), c
}

func service(namespace, name string) *mesh.Service {
	return &mesh.Service{Meta: mesh.Meta{Kind: "Service", Namespace: namespace, Name: name}}
}

func put(objects ...mesh.Object) []mesh.Object { return objects }

func TestObjectsComeAndGo(t *testing.T) {
	a, _ := newAssembler()
	a.Apply(put(service("shop", "web"), service("shop", "orders"), service("payments", "ledger")), nil)
	a.Apply(put(service("shop", "catalog")), []mesh.Ref{service("shop", "web").Ref(), service("nowhere", "x").Ref()})
	snap := a.Snapshot()
	var got []string
	for _, sh := range snap.Shards {
		for _, svc := range sh.Services {
			got = append(got, svc.Ref().NamespacedName())
		}
	}
	if diff := cmp.Diff([]string{"payments/ledger", "shop/catalog", "shop/orders"}, got); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
}

func TestANewerObjectReplacesTheOlder(t *testing.T) {
	a, _ := newAssembler()
	older, newer := service("shop", "web"), service("shop", "web")
	a.Apply(put(older), nil)
	before := a.Snapshot()
	a.Apply(put(newer), nil)
	if a.Snapshot().Service("shop", "web") != newer {
		t.Error("the newer object is not shown")
	}
	if before.Service("shop", "web") != older {
		t.Error("a snapshot changed after it was made")
	}
}

func TestOnlyChangedNamespacesAreRebuilt(t *testing.T) {
	a, _ := newAssembler()
	a.Apply(put(service("shop", "web"), service("payments", "ledger")), nil)
	before := a.Snapshot()
	a.Apply(put(service("shop", "orders")), []mesh.Ref{service("payments", "not-there").Ref()})
	after := a.Snapshot()
	if before.Shard("payments") != after.Shard("payments") {
		t.Error("a namespace in which nothing changed was rebuilt")
	}
	if before.Shard("shop") == after.Shard("shop") {
		t.Error("a namespace that changed kept its shard")
	}
}

func TestWhereObjectsLive(t *testing.T) {
	a, _ := newAssembler()
	a.Apply(put(
		&mesh.Namespace{Meta: mesh.Meta{Kind: "Namespace", Name: "shop", Labels: map[string]string{"a": "b"}}},
		&mesh.Node{Meta: mesh.Meta{Kind: "Node", Name: "node-a"}},
		&mesh.GatewayClass{Meta: mesh.Meta{Kind: "GatewayClass", Name: "istio-waypoint"}},
	), nil)
	snap := a.Snapshot()
	if _, known := snap.NamespaceLabels("shop"); !known {
		t.Error("the Namespace is not in its own shard")
	}
	if snap.Node("node-a") == nil || snap.GatewayClass("istio-waypoint") == nil {
		t.Error("cluster-scoped objects are missing")
	}
	a.Apply(nil, []mesh.Ref{{Kind: "Namespace", Name: "shop"}, {Kind: "Node", Name: "node-a"}})
	if snap := a.Snapshot(); snap.Node("node-a") != nil || len(snap.Shards) != 0 {
		t.Errorf("after they are gone there are node %v and shards %v", snap.Node("node-a"), snap.Namespaces())
	}
}

func TestSnapshotsOfALiveCluster(t *testing.T) {
	c := &clock{now: noon}
	a := collectors.NewAssembler([]string{"shop"}, c.read)
	info := mesh.ClusterInfo{Name: "lab", Origin: mesh.OriginLive}
	a.Describe(info)
	first := a.Snapshot()
	c.now = noon.Add(time.Minute)
	second := a.Snapshot()
	if !first.At.Equal(noon) || !second.At.Equal(c.now) || second.Revision != first.Revision+1 {
		t.Errorf("revision %d at %v, then %d at %v", first.Revision, first.At, second.Revision, second.At)
	}
	if second.Cluster != info || !second.InScope("shop") || second.InScope("payments") {
		t.Errorf("cluster %+v, scope %v", second.Cluster, second.Scope)
	}
}

func TestSnapshotsOfARecording(t *testing.T) {
	a, _ := newAssembler()
	at := noon.AddDate(-1, 0, 0)
	a.FixAt(at)
	a.Report(mesh.SourceStatus{Name: "kubernetes", State: mesh.SourceOK})
	snap := a.Snapshot()
	if !snap.At.Equal(at) || !snap.Sources[0].Since.Equal(at) {
		t.Errorf("it speaks of %v, and its source of %v", snap.At, snap.Sources[0].Since)
	}
}

func TestReports(t *testing.T) {
	ok := func(asOf time.Time) mesh.SourceStatus {
		return mesh.SourceStatus{Name: "kubernetes", State: mesh.SourceOK, AsOf: asOf}
	}
	down := mesh.SourceStatus{Name: "kubernetes", State: mesh.SourceDown, Detail: "refused"}
	later := noon.Add(time.Minute)
	tests := []struct {
		name          string
		first, second mesh.SourceStatus
		want          mesh.SourceStatus
	}{
		{"the same state is only fresher", ok(noon), ok(later), mesh.SourceStatus{Name: "kubernetes", State: mesh.SourceOK, AsOf: later, Since: noon}},
		{"another state begins now and keeps when it was current", ok(noon), down, mesh.SourceStatus{Name: "kubernetes", State: mesh.SourceDown, Detail: "refused", AsOf: noon, Since: later}},
		{"another detail is another state", down, mesh.SourceStatus{Name: "kubernetes", State: mesh.SourceDown, Detail: "timed out"}, mesh.SourceStatus{Name: "kubernetes", State: mesh.SourceDown, Detail: "timed out", Since: later}},
		{"a source may know since when", ok(noon), mesh.SourceStatus{Name: "kubernetes", State: mesh.SourceStale, Since: noon.Add(time.Second)}, mesh.SourceStatus{Name: "kubernetes", State: mesh.SourceStale, AsOf: noon, Since: noon.Add(time.Second)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, c := newAssembler()
			a.Report(tt.first)
			c.now = later
			a.Report(tt.second)
			if diff := cmp.Diff(mesh.Sources{tt.want}, a.Statuses()); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSourcesAreSorted(t *testing.T) {
	a, _ := newAssembler()
	for _, name := range []string{"prometheus", "kubernetes", "kubernetes/pods"} {
		a.Report(mesh.SourceStatus{Name: name, State: mesh.SourceOK})
	}
	if got := a.Snapshot().Sources.Kind("pods").Name; got != "kubernetes/pods" {
		t.Errorf("pods are told by %s", got)
	}
	if diff := cmp.Diff(a.Snapshot().Sources, a.Statuses()); diff != "" {
		t.Errorf("snapshot and statuses differ:\n%s", diff)
	}
}

// TestNoSnapshotShowsHalfAStep moves two objects together while snapshots are
// made.
func TestNoSnapshotShowsHalfAStep(t *testing.T) {
	a := collectors.NewAssembler(nil, time.Now)
	versioned := func(name string, n int) *mesh.Service {
		s := service("shop", name)
		s.Type = strconv.Itoa(n)
		return s
	}
	a.Apply(put(versioned("a", 0), versioned("b", 0)), nil)
	var writers sync.WaitGroup
	writers.Go(func() {
		for n := range 500 {
			a.Apply(put(versioned("a", n), versioned("b", n)), nil)
			a.Report(mesh.SourceStatus{Name: "kubernetes", State: mesh.SourceOK, Detail: strconv.Itoa(n)})
		}
	})
	writers.Go(func() {
		for n := range 500 {
			a.Apply(put(service("other", strconv.Itoa(n))), []mesh.Ref{service("other", strconv.Itoa(n-1)).Ref()})
		}
	})
	for range 200 {
		snap := a.Snapshot()
		if x, y := snap.Service("shop", "a").Type, snap.Service("shop", "b").Type; x != y {
			t.Fatalf("a is of step %s and b of step %s", x, y)
		}
		if n := len(snap.Shard("other").Services); n > 1 {
			t.Fatalf("%d services where one replaces the other", n)
		}
	}
	writers.Wait()
}
