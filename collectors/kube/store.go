package kube

import (
	"hash/maphash"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

// eventLife is how long an Event is kept after it was last seen.
const eventLife = time.Hour

// store is where a Reflector puts the objects of one kind in one scope. It
// converts each as it arrives and hands it on to the sink; what it keeps is the
// names the sink holds, so that a list can tell what is gone.
type store struct {
	kind    Kind
	sink    collectors.Sink
	reading *reading
	// notify, if not nil, is told of every object that arrived, or that went,
	// which is then nil.
	notify func(mesh.Ref, mesh.Object)
	// complete, if not nil, is called after each Replace.
	complete func()

	mu   sync.Mutex
	held map[mesh.Ref]uint64 // hash of the resource version
	// broken says of objects that could not be read why.
	broken map[mesh.Ref]string
	// expiry is when an Event is dropped.
	expiry map[mesh.Ref]time.Time
}

var _ cache.TransformingStore = (*store)(nil)

func newStore(k Kind, sink collectors.Sink, r *reading) *store {
	return &store{
		kind: k, sink: sink, reading: r,
		held: make(map[mesh.Ref]uint64), broken: make(map[mesh.Ref]string), expiry: make(map[mesh.Ref]time.Time),
	}
}

// Transformer converts objects while a Reflector collects a streamed list, so
// that the collection is of mesh objects, too.
func (s *store) Transformer() cache.TransformFunc {
	return func(o any) (any, error) { return s.arrive(o), nil }
}

// arrive converts an object, unless the sink has this very version of it: when
// a list is read again after an outage, that is true of nearly all.
func (s *store) arrive(o any) *arrival {
	if a, done := o.(*arrival); done {
		return a
	}
	a := &arrival{}
	if m, ok := o.(metav1.Object); ok {
		a.ref = s.kind.Ref(m.GetNamespace(), m.GetName())
		a.version = maphash.String(seed, m.GetResourceVersion())
	}
	if a.unchanged = s.has(a.ref, a.version); a.unchanged {
		return a
	}
	switch o := o.(type) {
	case *document:
		a.object, a.err = s.kind.Decode(o.raw)
	case runtime.Object:
		a.object, a.err = s.kind.Convert(o)
	}
	if a.object != nil {
		a.ref = a.object.Ref() // shares its memory
	}
	return a
}

func (s *store) has(ref mesh.Ref, version uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, had := s.held[ref]
	return had && held == version
}

// Add implements cache.ReflectorStore.
func (s *store) Add(o any) error {
	a := s.arrive(o)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle([]*arrival{a}, nil)
	s.reading.counted(s.complaint())
	return nil
}

// Update implements cache.ReflectorStore.
func (s *store) Update(o any) error { return s.Add(o) }

// Delete implements cache.ReflectorStore.
func (s *store) Delete(o any) error {
	m, ok := o.(metav1.Object)
	if !ok {
		return nil
	}
	ref := s.kind.Ref(m.GetNamespace(), m.GetName())
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.broken, ref)
	s.settle(nil, []mesh.Ref{ref})
	s.reading.counted(s.complaint())
	return nil
}

// Replace implements cache.ReflectorStore. What is not in the list any more
// went while nobody watched.
func (s *store) Replace(list []any, _ string) error {
	arrivals := make([]*arrival, 0, len(list))
	there := make(map[mesh.Ref]bool, len(list))
	for _, o := range list {
		a := s.arrive(o)
		there[a.ref] = true
		arrivals = append(arrivals, a)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var gone []mesh.Ref
	for ref := range s.held {
		if !there[ref] {
			gone = append(gone, ref)
		}
	}
	for ref := range s.broken {
		if !there[ref] {
			delete(s.broken, ref)
		}
	}
	s.settle(arrivals, gone)
	s.reading.replaced(s.complaint())
	if s.complete != nil {
		s.complete()
	}
	return nil
}

// Resync implements cache.ReflectorStore; there is nobody to remind.
func (s *store) Resync() error { return nil }

// clear drops everything: the kind is not served or not permitted any more.
func (s *store) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := make([]mesh.Ref, 0, len(s.held))
	for ref := range s.held {
		gone = append(gone, ref)
	}
	clear(s.broken)
	s.settle(nil, gone)
}

// expire drops Events last seen an eventLife before now.
func (s *store) expire(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gone []mesh.Ref
	for ref, at := range s.expiry {
		if !at.After(now) {
			gone = append(gone, ref)
		}
	}
	s.settle(nil, gone)
}

// settle brings the sink up to date in one step. It is locked.
func (s *store) settle(arrivals []*arrival, gone []mesh.Ref) {
	var put []mesh.Object
	var drop []mesh.Ref
	for _, a := range arrivals {
		switch s.take(a) {
		case taken:
			put = append(put, a.object)
			s.tell(a.ref, a.object)
		case refused:
			gone = append(gone, a.ref)
		case current:
		}
	}
	for _, ref := range gone {
		delete(s.expiry, ref)
		if _, had := s.held[ref]; had {
			delete(s.held, ref)
			drop = append(drop, ref)
			s.tell(ref, nil)
		}
	}
	if len(put)+len(drop) > 0 {
		s.sink.Apply(put, drop)
	}
}

// reception is what becomes of an arrival.
type reception int

const (
	taken   reception = iota
	current           // the sink has this very version
	refused           // unreadable, too old or not kept: whatever the sink has is not current
)

func (s *store) take(a *arrival) reception {
	if a.unchanged {
		return current
	}
	if a.err != nil {
		s.broken[a.ref] = plain(a.err.Error())
		return refused
	}
	delete(s.broken, a.ref)
	if a.object == nil || s.expired(a) {
		return refused
	}
	s.held[a.ref] = a.version
	return taken
}

// expired notes an Event's time and tells whether it is over.
func (s *store) expired(a *arrival) bool {
	event, ok := a.object.(*mesh.Event)
	if !ok {
		return false
	}
	seen := event.Last
	if seen.IsZero() {
		seen = event.Created
	}
	end := seen.Add(eventLife)
	s.expiry[a.ref] = end
	return !end.After(time.Now())
}

func (s *store) tell(ref mesh.Ref, o mesh.Object) {
	if s.notify != nil {
		s.notify(ref, o)
	}
}

// complaint is how many objects could not be read, and why the first of them
// by name could not.
func (s *store) complaint() (broken int, reason string) {
	var first mesh.Ref
	for ref := range s.broken {
		if first.IsZero() || ref.Compare(first) < 0 {
			first = ref
		}
	}
	return len(s.broken), s.broken[first]
}
