package kube

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

// reader is one kind being read in one version, in every scope.
type reader struct {
	version string
	stop    context.CancelFunc
	done    sync.WaitGroup
	stores  []*store
}

// followKinds keeps one reader for each kind that is served, until ctx ends and
// all of them have stopped.
func (s *Source) followKinds(ctx context.Context) {
	readers := make(map[string]*reader)
	defer func() {
		for _, r := range readers {
			r.stop()
			r.done.Wait()
		}
	}()
	var hurryUntil time.Time
	for s.link.await(ctx) == nil {
		interval := discoveryHurry
		if s.findKinds(ctx, readers) && !time.Now().Before(hurryUntil) {
			interval = s.discoveryInterval()
		}
		asked, ok := s.pauseDiscovery(ctx, interval)
		if !ok {
			return
		}
		if asked {
			hurryUntil = time.Now().Add(discoveryHurryFor)
		}
	}
}

// findKinds asks once what is served and reads it, and tells whether it could.
func (s *Source) findKinds(ctx context.Context, readers map[string]*reader) bool {
	found, err := s.client.discover(ctx, s.kinds)
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		s.board.unknown(explain(err, s.client.server))
		s.link.doubt()
		return false
	}
	s.reconcile(ctx, readers, found)
	return true
}

// discoveryInterval depends on whether definitions tell of themselves.
func (s *Source) discoveryInterval() time.Duration {
	if s.board.isCurrent(mesh.ResourceCRDs) && s.definitions.agree() {
		return discoverySure
	}
	return discoveryUnsure
}

// pauseDiscovery waits for the next time, or until somebody asks for it. Many
// may ask at once: when Istio is installed, when a connection is back.
func (s *Source) pauseDiscovery(ctx context.Context, interval time.Duration) (asked, ok bool) {
	timer := time.NewTimer(interval)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false, false
	case <-timer.C:
		return false, true
	case <-s.stale:
		return true, collectors.Sleep(ctx, breather)
	}
}

// rediscover asks to find out again what is served.
func (s *Source) rediscover() {
	select {
	case s.stale <- struct{}{}:
	default:
	}
}

// reconcile starts and stops readers as the kinds served ask for.
func (s *Source) reconcile(ctx context.Context, readers map[string]*reader, found served) {
	for _, k := range s.kinds {
		running, version := readers[k.Resource], found.version[k.Resource]
		switch {
		case version == "" && found.unknown[k.Resource]:
			continue
		case running != nil && running.version == version:
			continue
		case running != nil:
			s.stopReading(k, running)
			delete(readers, k.Resource)
		}
		s.definitions.read(k, version)
		if version == "" {
			s.board.absent(k)
			continue
		}
		readers[k.Resource] = s.startReading(ctx, k, version)
	}
	s.board.known()
}

// stopReading ends a kind's watches and drops its objects. Only when it is
// absent is it known that there are none; the board says so first.
func (s *Source) stopReading(k Kind, r *reader) {
	r.stop()
	r.done.Wait()
	s.board.end(k)
	for _, st := range r.stores {
		st.clear()
	}
}

func (s *Source) startReading(ctx context.Context, k Kind, version string) *reader {
	ctx, stop := context.WithCancel(ctx)
	r := &reader{version: version, stop: stop}
	for _, namespace := range s.scopes(k) {
		reading := s.board.begin(k, namespace)
		target, err := s.target(k, version, namespace)
		if err != nil {
			reading.failed(plain(err.Error()), true)
			continue
		}
		st := newStore(k, s.sink, reading)
		if k.Resource == mesh.ResourceCRDs {
			st.notify = s.definitionChanged
		}
		w := &watcher{target: target, link: s.link, reading: reading, store: st, server: s.client.server, vanished: s.rediscover}
		r.stores = append(r.stores, st)
		r.done.Go(func() { w.run(ctx) })
	}
	return r
}

// scopes are the namespaces a kind is read in one by one. Of a scope's
// Namespaces each is read by its own name.
func (s *Source) scopes(k Kind) []string {
	if len(s.namespaces) > 0 && (k.Namespaced || k.Resource == mesh.ResourceNamespaces) {
		return s.namespaces
	}
	return []string{""}
}

func (s *Source) target(k Kind, version, namespace string) (target, error) {
	if k.Resource == mesh.ResourceNamespaces && namespace != "" {
		all, err := s.client.collection(k, version, "")
		return newSingleNamespace(all, namespace), err
	}
	return s.client.collection(k, version, namespace)
}

// definitionChanged looks again at what is served when a definition says
// something else than what is read.
func (s *Source) definitionChanged(ref mesh.Ref, o mesh.Object) {
	for _, k := range s.kinds {
		if k.CRD && k.Resource == ref.Name && !s.definitions.define(k, o) {
			s.rediscover()
		}
	}
}

// definitions compares what CRDs promise with what is read.
type definitions struct {
	mu       sync.Mutex
	promised map[string]string // resource to version; empty if there is no CRD
	actual   map[string]string
}

// define notes a kind's definition, nil if there is none, and tells whether the
// kind is read accordingly.
func (d *definitions) define(k Kind, o mesh.Object) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	version := ""
	if crd, ok := o.(*mesh.CustomResourceDefinition); ok {
		i := slices.IndexFunc(k.Versions, func(v string) bool { return slices.Contains(crd.Served, v) })
		if i >= 0 {
			version = k.Versions[i]
		}
	}
	d.promised[k.Resource] = version
	return version == d.actual[k.Resource]
}

// read notes in which version a kind is read, empty if it is not.
func (d *definitions) read(k Kind, version string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.actual[k.Resource] = version
}

// agree tells whether every kind is read as its definition promises.
func (d *definitions) agree() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for resource, version := range d.promised {
		if d.actual[resource] != version {
			return false
		}
	}
	return true
}
