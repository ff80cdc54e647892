package kube

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"

	"github.com/waylight/waylight/mesh"
)

// Patience of a watcher with its kind; with the connection it has the link.
const (
	// firstRetry and slowestRetry bound the wait after a failed request.
	// client-go's own goes up to a minute, too long for an incident.
	firstRetry   = 500 * time.Millisecond
	slowestRetry = 4 * time.Second
	// deniedRetry is how soon a granted right is noticed. Every denial is a
	// line in the cluster's audit log, so it is not a matter of seconds. A kind
	// that is not there is discovery's to find.
	deniedRetry = 15 * time.Second
	// watchSpan is how long a watch lasts, and up to half as long again so that
	// they do not all end at once. The API server checks rights only when a watch
	// begins, and a lost connection of HTTP/1.1 shows only when one is made anew;
	// going on from the last resource version costs next to nothing.
	watchSpan = 90 * time.Second
	// expiryInterval is how often Events are checked for their age.
	expiryInterval = time.Minute
)

// target is what a watcher reads.
type target interface {
	list(ctx context.Context, opts metav1.ListOptions) (runtime.Object, error)
	watch(ctx context.Context, opts metav1.ListOptions) (watch.Interface, error)
}

// watcher keeps the objects of one kind in one scope current in a store.
type watcher struct {
	target  target
	link    *link
	reading *reading
	store   *store
	server  string
	// vanished is called when the API server does not know the kind.
	vanished func()

	// unwatchable tells that the newest watch was denied. If a list is not, the
	// right to watch is the one that lacks, and full lists would be wasted.
	unwatchable atomic.Bool
	stream      atomic.Pointer[timedStream] // the newest watch
}

// run watches until ctx ends.
func (w *watcher) run(ctx context.Context) {
	if w.store.kind.Resource == mesh.ResourceEvents {
		expiring := startExpiry(ctx, w.store)
		defer func() { <-expiring }()
	}
	w.store.complete = w.limit
	lw := &cache.ListWatch{ListWithContextFunc: w.list, WatchFuncWithContext: w.watch}
	reflector := cache.NewReflectorWithOptions(lw, nil, w.store, cache.ReflectorOptions{
		Name: w.store.kind.Resource,
		// Used while a watch that was once established is refused a connection.
		Backoff: &wait.Backoff{Duration: firstRetry, Factor: 2, Jitter: 0.1, Steps: 10, Cap: slowestRetry},
	})
	delay := firstRetry
	for ctx.Err() == nil {
		began := time.Now()
		err := reflector.ListAndWatchWithContext(ctx)
		delay = nextDelay(delay, time.Since(began), err)
		if !pause(ctx, delay) {
			return
		}
	}
}

// nextDelay grows the wait between attempts that fail soon.
func nextDelay(last, lasted time.Duration, err error) time.Duration {
	var denied *deniedError
	switch {
	case errors.As(err, &denied), apierrors.IsNotFound(err):
		return deniedRetry
	case lasted > slowestRetry:
		return firstRetry
	}
	return min(2*last, slowestRetry)
}

// startExpiry drops old Events until ctx ends; the channel closes after that.
func startExpiry(ctx context.Context, s *store) <-chan struct{} {
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for pause(ctx, expiryInterval) {
			s.expire(time.Now())
		}
	}()
	return stopped
}

// list serves the Reflector's lists.
func (w *watcher) list(ctx context.Context, opts metav1.ListOptions) (runtime.Object, error) {
	if err := w.link.await(ctx); err != nil {
		return nil, err
	}
	unwatchable := w.unwatchable.Load()
	if unwatchable {
		opts = metav1.ListOptions{Limit: 1}
	}
	out, err := w.target.list(ctx, opts)
	if err == nil && unwatchable {
		err = &deniedError{verb: "watch"}
	}
	if err != nil {
		w.failed(ctx, err)
		return nil, err
	}
	return out, nil
}

// watch serves the Reflector's watches. A failed one that was to begin with the
// objects is not reported: a list follows at once, and its result counts.
func (w *watcher) watch(ctx context.Context, opts metav1.ListOptions) (watch.Interface, error) {
	if err := w.link.await(ctx); err != nil {
		return nil, err
	}
	initial := beginsWithObjects(opts)
	ctx, cancel := context.WithCancel(ctx)
	stream, err := w.target.watch(ctx, opts)
	var denied *deniedError
	w.unwatchable.Store(errors.As(err, &denied))
	switch {
	case err == nil:
		return w.opened(stream, initial, cancel), nil
	case initial && transportFailed(err):
		// The Reflector would wait for this connection without an end.
		err = errConnectionLost
	case !initial:
		w.failed(ctx, err)
	}
	cancel()
	return nil, err
}

func (w *watcher) opened(stream watch.Interface, initial bool, cancel func()) watch.Interface {
	timed := &timedStream{Interface: stream, ended: func() { cancel(); w.reading.ended() }}
	w.reading.watching(initial)
	w.stream.Store(timed)
	if !initial {
		w.limit()
	}
	return timed
}

// limit lets the newest watch end after its span. For one that begins with the
// objects that counts from their end: nobody knows how long they take.
func (w *watcher) limit() {
	if s := w.stream.Load(); s != nil {
		s.limit(watchSpan + rand.N(watchSpan/2)) //nolint:gosec // spreads load, guards nothing
	}
}

// failed says what follows from a failed request.
func (w *watcher) failed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	var denied *deniedError
	switch {
	case errors.As(err, &denied):
		if w.reading.denied(denied.verb) {
			w.store.clear()
		}
		return
	case apierrors.IsNotFound(err):
		if w.reading.vanished() {
			w.store.clear()
			w.vanished()
		}
		return
	case isExpired(err):
		return // the Reflector starts over
	}
	way := transportFailed(err)
	w.reading.failed(explain(err, w.server), !way)
	if way {
		w.link.doubt()
	}
}

func beginsWithObjects(opts metav1.ListOptions) bool {
	return opts.SendInitialEvents != nil && *opts.SendInitialEvents
}

func isExpired(err error) bool { return apierrors.IsResourceExpired(err) || apierrors.IsGone(err) }

// timedStream is a watch that can be given an end.
type timedStream struct {
	watch.Interface

	ended func()
	once  sync.Once
	timer atomic.Pointer[time.Timer]
}

func (s *timedStream) limit(span time.Duration) {
	if old := s.timer.Swap(time.AfterFunc(span, s.Interface.Stop)); old != nil {
		old.Stop()
	}
}

// Stop implements watch.Interface. Reflectors call it at the end of every
// watch, and of some twice.
func (s *timedStream) Stop() {
	s.once.Do(func() {
		if t := s.timer.Load(); t != nil {
			t.Stop()
		}
		s.Interface.Stop()
		s.ended()
	})
}
