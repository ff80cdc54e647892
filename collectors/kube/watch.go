package kube

import (
	"context"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"

	"github.com/waylight/waylight/collectors"
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
	// doubtfulRetry is how soon a denial of what was permitted is confirmed.
	doubtfulRetry = 5 * time.Second
	// pageSize is how many objects of a list that cannot be streamed come in one
	// answer, and are in memory as Kubernetes has them.
	pageSize = 500
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
	doubtful    atomic.Bool                 // the newest denial may be a mistake
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
	reflector.WatchListPageSize = pageSize
	delay := firstRetry
	for ctx.Err() == nil {
		began := time.Now()
		err := reflector.ListAndWatchWithContext(ctx)
		delay = w.nextDelay(delay, time.Since(began), err)
		if !collectors.Sleep(ctx, delay) {
			return
		}
	}
}

// nextDelay grows the wait between attempts that fail soon.
func (w *watcher) nextDelay(last, lasted time.Duration, err error) time.Duration {
	switch {
	case isDenied(err) && w.doubtful.Load():
		return doubtfulRetry
	case isDenied(err), apierrors.IsNotFound(err):
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
		for collectors.Sleep(ctx, expiryInterval) {
			s.expire(time.Now())
		}
	}()
	return stopped
}
