package evidence

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// first is a sink that looks at the states it is given before any other.
type first struct {
	*collectors.Assembler
	objects int // of the first step
	states  map[string]mesh.SourceState
}

func (f *first) Apply(put []mesh.Object, drop []mesh.Ref) {
	if f.objects == 0 {
		f.objects = len(put)
	}
	f.Assembler.Apply(put, drop)
}

func (f *first) Report(s mesh.SourceStatus) {
	if _, known := f.states[s.Name]; !known {
		f.states[s.Name] = s.State
	}
	f.Assembler.Report(s)
}

func TestWhatIsNotReadInTimeComesLater(t *testing.T) {
	b, err := bundle.OpenArchive(bytes.NewReader(meshtest.Recording("clean")))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	said := func(until <-chan time.Time) (*first, *mesh.Snapshot) {
		sink := &first{Assembler: collectors.NewAssembler(nil, time.Now), states: make(map[string]mesh.SourceState)}
		sink.FixAt(b.RecordedAt())
		if err := (&Recorded{Bundle: b}).load(t.Context(), sink, until); err != nil {
			t.Fatal(err)
		}
		return sink, sink.Snapshot()
	}
	atOnce := make(chan time.Time)
	close(atOnce) // it says so before anything is read
	early, later := said(atOnce)
	_, whole := said(nil)
	if diff := cmp.Diff(whole.Sources, later.Sources); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(whole.ZtunnelEvidences(), later.ZtunnelEvidences()); diff != "" {
		t.Error(diff)
	}
	if early.objects == 0 || early.states[mesh.KubernetesSource] != mesh.SourceOK {
		t.Errorf("first come %d objects, and states %v", early.objects, early.states)
	}
	starting := 0
	for _, state := range early.states {
		if state == mesh.SourceStarting {
			starting++
		}
	}
	if starting == 0 {
		t.Errorf("every proxy was read at once: %v", early.states)
	}
}
