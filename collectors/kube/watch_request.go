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
	"k8s.io/apimachinery/pkg/watch"
)

// list serves the Reflector's lists, page by page.
func (w *watcher) list(ctx context.Context, opts metav1.ListOptions) (runtime.Object, error) {
	if err := w.link.await(ctx); err != nil {
		return nil, err
	}
	unwatchable := w.unwatchable.Load()
	if unwatchable {
		opts = metav1.ListOptions{Limit: 1}
	}
	if opts.Limit > 0 {
		// With a version the API server would ignore the limit, or take the
		// version for the exact one that is asked for.
		opts.ResourceVersion = ""
	}
	page, err := w.target.list(ctx, opts)
	if err == nil && unwatchable {
		err = &deniedError{verb: "watch"}
	}
	if err != nil {
		w.failed(ctx, err)
		return nil, err
	}
	return w.store.arrivePage(page)
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
	w.unwatchable.Store(isDenied(err))
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
	if denied, ok := errors.AsType[*deniedError](err); ok {
		certain := w.reading.denied(denied.verb)
		w.doubtful.Store(!certain)
		if certain {
			w.store.clear()
		}
		return
	}
	switch {
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
